// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/metrics/metricsminute.h"

#include <QMap>

#include <algorithm>
#include <limits>
#include <optional>

namespace pmdaemon {

/// The samples of a minute as they come.
class SpreadGatherer
{
public:
    void add(double value)
    {
        m_low = std::min(m_low, value);
        m_high = std::max(m_high, value);
        m_sum += value;
        ++m_count;
    }
    bool isEmpty() const { return m_count == 0; }
    /// Zeros where there is no sample.
    Spread spread() const { return isEmpty() ? Spread{} : Spread{m_low, m_sum / m_count, m_high}; }

private:
    double m_low = std::numeric_limits<double>::max();
    double m_high = std::numeric_limits<double>::lowest();
    double m_sum = 0;
    int m_count = 0;
};

/// Gathers samples into minutes of the wall clock. Those of one tick are added behind one moveTo().
class MinuteGatherer
{
public:
    /// What follows is of `time`. Gives the minute before, if it is over and has samples of the
    /// system; a clock that was set back begins another minute, too.
    std::optional<MetricsMinute> moveTo(WallTime time);
    void add(const ProcessSample &sample);
    void add(const SystemMetrics &metrics);
    void remove(ProcessId id) { m_processes.remove(id); }

    /// The minute that is not over yet; nothing without samples of that thing.
    std::optional<MetricsMinute> currentSystem() const;
    std::optional<MetricsMinute> currentProcess(ProcessId id) const;

private:
    struct Process
    {
        SpreadGatherer cpu;
        SpreadGatherer memory;
    };
    struct System
    {
        SpreadGatherer cpu;
        SpreadGatherer memory;
        SpreadGatherer load;
        SpreadGatherer networkRx;
        SpreadGatherer networkTx;
    };

    SystemMinute systemMinute() const;
    static ProcessMinute processMinute(ProcessId id, const Process &process);

    WallTime m_end{};
    System m_system;
    QMap<ProcessId, Process> m_processes;
};

} // namespace pmdaemon
