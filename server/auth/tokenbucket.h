// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <algorithm>
#include <chrono>

namespace pmdaemon {

/// Lets `rate` things a second pass, and `burst` of them at once after a quiet time.
class TokenBucket
{
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    TokenBucket(double rate, double burst)
        : m_rate(rate)
        , m_burst(burst)
        , m_tokens(burst)
    {}

    /// Whether one more may pass at `now`, which never goes back.
    bool take(TimePoint now)
    {
        refill(now);
        if (m_tokens < 1)
            return false;
        m_tokens -= 1;
        return true;
    }
    bool isEmpty(TimePoint now)
    {
        refill(now);
        return m_tokens < 1;
    }
    bool isFull(TimePoint now)
    {
        refill(now);
        return m_tokens >= m_burst;
    }

private:
    void refill(TimePoint now)
    {
        if (m_last != TimePoint{}) {
            const std::chrono::duration<double> passed = now - m_last;
            m_tokens = std::min(m_burst, m_tokens + passed.count() * m_rate);
        }
        m_last = now;
    }

    double m_rate;
    double m_burst;
    double m_tokens;
    TimePoint m_last{};
};

} // namespace pmdaemon
