// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processentry.h"

#include <QList>

namespace pmdaemon {

/// The figures of one process together with its descendants.
struct ProcessSample
{
    ProcessId id{};
    double cpu = 0;         ///< percent of one core, may pass 100; 0 before two samples
    qint64 memory = 0;      ///< resident bytes
    milliseconds uptime{0}; ///< 0 when not running

    bool operator==(const ProcessSample &) const = default;
};

/// One tick of everybody who watches at `interval`: all processes that one of them watches, running
/// or not, by ascending id.
struct MetricsFrame
{
    WallTime time{};
    milliseconds interval{0};
    QList<ProcessSample> processes;

    bool operator==(const MetricsFrame &) const = default;
};

/// The machine's figures: bytes, bytes per second, seconds of uptime, percent of all cores.
struct SystemMetrics
{
    WallTime time{};
    milliseconds interval{0};
    double cpuUsage = 0;
    int cpuCores = 0;
    qint64 memoryTotal = 0;
    qint64 memoryAvailable = 0; ///< MemAvailable of /proc/meminfo; used = total − available
    qint64 swapTotal = 0;
    qint64 swapUsed = 0;
    double loadOne = 0;
    double loadFive = 0;
    double loadFifteen = 0;
    qint64 uptime = 0;
    qint64 diskTotal = 0; ///< of the file system that holds the daemon's home
    qint64 diskUsed = 0;
    qint64 networkRxPerSecond = 0; ///< all interfaces but loopback
    qint64 networkTxPerSecond = 0;

    bool operator==(const SystemMetrics &) const = default;
};

/// A stretch of the past at equal steps, oldest first; all lists have one length. The lists from
/// memoryUsed on are empty for a process, and `memory` is for one what memoryUsed is for the
/// system.
struct History
{
    milliseconds step{0};
    QList<qint64> time; ///< milliseconds since 1970, the end of each step
    QList<double> cpu;
    QList<qint64> memory;
    QList<double> load;
    QList<qint64> networkRx;
    QList<qint64> networkTx;

    bool operator==(const History &) const = default;
};

} // namespace pmdaemon

Q_DECLARE_METATYPE(pmdaemon::MetricsFrame)
Q_DECLARE_METATYPE(pmdaemon::SystemMetrics)
