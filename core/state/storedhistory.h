// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/metrics.h"
#include "core/model/processevent.h"

#include <QList>

#include <optional>

namespace pmdaemon {

/// Lowest, mean and highest of a figure within a minute.
struct Spread
{
    double low = 0;
    double mean = 0;
    double high = 0;

    bool operator==(const Spread &) const = default;
};

struct ProcessMinute
{
    ProcessId id{};
    Spread cpu;    ///< as ProcessSample
    Spread memory; ///< bytes

    bool operator==(const ProcessMinute &) const = default;
};

struct SystemMinute
{
    Spread cpu;    ///< percent of all cores
    Spread memory; ///< used bytes
    double load = 0;
    double networkRx = 0; ///< bytes per second
    double networkTx = 0;

    bool operator==(const SystemMinute &) const = default;
};

/// The figures of one minute, which ends at `time`.
struct MetricsMinute
{
    WallTime time{};
    SystemMinute system;
    QList<ProcessMinute> processes;

    bool operator==(const MetricsMinute &) const = default;
};

/// Newest first. Seven days and 100,000 events are kept.
struct EventQuery
{
    std::optional<ProcessId> process;
    std::optional<WallTime> since; ///< inclusive, as `until`
    std::optional<WallTime> until;
    std::optional<qint64> before; ///< the cursor of the page before
    int limit = 1'000;
};

struct EventPage
{
    QList<ProcessEvent> events;
    std::optional<qint64> cursor; ///< there may be older ones: ask again with it as `before`

    bool operator==(const EventPage &) const = default;
};

/// Minutes that end within [from, to]; without a process the system's. 24 hours are kept.
struct MetricsQuery
{
    std::optional<ProcessId> process;
    WallTime from{};
    WallTime to{};
};

/// The means as Backend gives them, and beside each the extremes of its minute.
struct MetricsSeries
{
    History mean;
    QList<double> cpuLow;
    QList<double> cpuHigh;
    QList<qint64> memoryLow;
    QList<qint64> memoryHigh;

    bool operator==(const MetricsSeries &) const = default;
};

} // namespace pmdaemon
