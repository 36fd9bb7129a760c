// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/metrics/metricsminute.h"
#include "core/model/eventpage.h"

#include <QList>

#include <optional>

namespace pmdaemon {

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
