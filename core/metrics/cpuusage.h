// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <optional>

namespace pmdaemon {

/// CPU time used so far, and when that was read.
struct CpuReading
{
    std::chrono::nanoseconds cpu{0};
    std::chrono::steady_clock::time_point at;
};

/// Percent of one core between two readings, to one decimal, never negative.
class CpuUsage
{
public:
    /// Shorter stretches tell nothing: the last answer holds.
    static constexpr std::chrono::milliseconds minimum{50};

    /// Since the reading before this one; 0.0 at the first.
    double update(const CpuReading &reading);
    /// What update() would answer, without keeping the reading.
    double peek(const CpuReading &reading) const;

private:
    bool isTooSoon(const CpuReading &reading) const;

    std::optional<CpuReading> m_previous;
    double m_percent = 0;
};

} // namespace pmdaemon
