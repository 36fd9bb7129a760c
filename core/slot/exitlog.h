// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <stdint.h>
#include <sys/types.h>

namespace pmdaemon {

/// `<home>/keeper/exits`: how orphans ended, for the shims that take over their slots. The layout
/// is that of ExitRecord. Who reaps writes: the keeper, and the daemon for what descends from it.
class ExitLog
{
public:
    /// Past this size the file is replaced by one with its newest half.
    static constexpr int64_t maxSize = 1024 * 1024;

    /// `folder`: `<home>/keeper`, open. False and errno.
    bool open(int folder);
    void close();
    /// The next child that has ended, not reaped yet; 0 = none.
    static pid_t nextDead(int *code, int *status);
    /// Appends how a dead child ended. False and errno: nothing was written.
    bool append(pid_t pid, int code, int status);

private:
    bool shorten();

    int m_folder = -1;
    int m_file = -1;
    uint64_t m_bootId = 0;
};

} // namespace pmdaemon
