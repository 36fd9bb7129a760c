// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

namespace pmdaemon {

#ifdef PMDAEMON_FAULT_POINTS
/// For tests: where $PMDAEMON_FAULT names this point, the process is killed here. Of all that get
/// there only the first one, which makes it, where $PMDAEMON_FAULT_ONCE names a file.
void faultPoint(const char *name);
#else
inline void faultPoint(const char *) {}
#endif

} // namespace pmdaemon
