// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <stdint.h>

namespace pmdaemon {

/// How long to wait before something that ended is started again: `first`, doubling up to 5 s with
/// each short life. Pure: times are given, in milliseconds.
class Backoff
{
public:
    static constexpr int64_t step = 100;
    static constexpr int64_t cap = 5'000;
    static constexpr int64_t longLife = 10'000;

    constexpr Backoff() = default; ///< the first time at once
    explicit constexpr Backoff(int64_t first)
        : m_first(first)
        , m_next(first)
    {}

    /// `lifetime` of what just ended.
    constexpr int64_t afterEnd(int64_t lifetime)
    {
        if (lifetime >= longLife)
            m_next = m_first;
        const int64_t delay = m_next;
        m_next = delay < step ? step : delay * 2 < cap ? delay * 2 : cap;
        return delay;
    }

private:
    int64_t m_first = 0;
    int64_t m_next = 0;
};

} // namespace pmdaemon
