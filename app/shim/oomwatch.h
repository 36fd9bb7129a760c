// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <limits.h>
#include <stdint.h>

namespace pmdaemon {

/// Tells whether the kernel killed something for want of memory in a process' cgroup.
class OomWatch
{
public:
    /// Remembers the process' cgroup (version 2, or the memory controller of version 1) and how
    /// many were killed in it so far.
    void begin(int32_t pid);
    /// More were killed since then.
    bool hasKilled() const;

private:
    int64_t kills() const;

    char m_file[PATH_MAX] = {}; ///< empty = there is none
    int64_t m_before = 0;
};

} // namespace pmdaemon
