// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/journalrecord.h"
#include "core/slot/restarttracker.h"

namespace pmdaemon {

/// How a process ended, and what it took.
struct ExitStatus
{
    ExitHow how = ExitHow::Unknown;
    int32_t status = 0;      ///< exit code or signal
    uint32_t userTime = 0;   ///< ms of CPU
    uint32_t systemTime = 0; ///< likewise
};

/// As a RestartTracker wants it.
inline int exitCodeOf(const ExitedRecord &exited)
{
    return exited.how == ExitHow::Exited ? exited.status & 0xff : EndedRun::NoExitCode;
}

/// Of our child that has ended, which stays to be reaped.
ExitStatus statusOfChild(int pidfd);
/// Reaps it.
void reap(int pidfd);

/// Of a process that somebody else reaps or has reaped: looked for in /proc, in what the kernel
/// keeps for the pidfd (-1 = none), in the keeper's journal.
ExitStatus statusOfOrphan(int pidfd, int32_t pid, uint64_t startTime, int slotFolder);

} // namespace pmdaemon
