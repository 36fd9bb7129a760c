// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/processrunner.h"

namespace pmdaemon {

void ProcessRunner::resume(const LaunchSpec &, quint64)
{
    emit resumed({});
}

} // namespace pmdaemon

#include "moc_processrunner.cpp"
