// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

namespace pmdaemon {

#ifdef PMDAEMON_FAULT_POINTS
/// For tests: where $PMDAEMON_FAULT names this point, the process is killed here.
void faultPoint(const char *name);
#else
inline void faultPoint(const char *) {}
#endif

} // namespace pmdaemon
