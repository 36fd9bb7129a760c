// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <stdint.h>
#include <time.h>

namespace pmdaemon {

inline int64_t clockMs(clockid_t clock)
{
    timespec now = {};
    clock_gettime(clock, &now);
    return int64_t(now.tv_sec) * 1'000 + now.tv_nsec / 1'000'000;
}

/// ms since 1970
inline int64_t wallMs()
{
    return clockMs(CLOCK_REALTIME);
}

/// ms since the machine started, sleep included
inline int64_t bootMs()
{
    return clockMs(CLOCK_BOOTTIME);
}

/// The same in microseconds.
inline int64_t bootUs()
{
    timespec now = {};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return int64_t(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000;
}

} // namespace pmdaemon
