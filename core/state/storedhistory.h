// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/metrics/metricsminute.h"
#include "core/model/processevent.h"

#include <QList>

#include <optional>

namespace pmdaemon {

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
