// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/metrics.h"

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

/// The figures of one minute of the wall clock, which ends at `time`.
struct MetricsMinute
{
    WallTime time{};
    SystemMinute system;
    QList<ProcessMinute> processes;

    bool operator==(const MetricsMinute &) const = default;
};

} // namespace pmdaemon

Q_DECLARE_METATYPE(pmdaemon::MetricsMinute)
