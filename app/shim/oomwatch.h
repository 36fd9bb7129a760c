// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <stdint.h>

namespace pmdaemon {

/// Tells whether the kernel killed something for want of memory in a process' cgroup.
class OomWatch
{
public:
    OomWatch() { m_file[0] = '\0'; }

    /// Remembers the process' cgroup (version 2, or the memory controller of version 1) and how
    /// many were killed in it so far.
    void begin(int32_t pid);
    /// More were killed since then.
    bool hasKilled() const;

private:
    int64_t kills() const;

    int64_t m_before = 0;
    char m_file[1024]; ///< empty = there is none
};

} // namespace pmdaemon
