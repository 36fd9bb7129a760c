// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/metrics/systemusage.h"

#include <QStringBuilder>

#include <algorithm>
#include <cmath>

namespace pmdaemon {

SystemReading readSystem(const QByteArray &procRoot, const QByteArray &diskPath)
{
    const auto read = [&procRoot](const char *name) { return procfs::readFile(procRoot + name); };
    SystemReading reading;
    reading.cpu = procfs::parseStat(read("/stat"));
    reading.memory = procfs::parseMemInfo(read("/meminfo"));
    reading.load = procfs::parseLoadAverage(read("/loadavg"));
    reading.traffic = procfs::parseNetDev(read("/net/dev"));
    reading.uptime = procfs::parseUptime(read("/uptime"));
    reading.disk = procfs::diskOf(diskPath);
    reading.at = std::chrono::steady_clock::now();
    return reading;
}

SystemMetrics SystemUsage::update(const SystemReading &reading)
{
    const SystemMetrics metrics = peek(reading);
    m_previous = reading;
    return metrics;
}

SystemMetrics SystemUsage::peek(const SystemReading &reading) const
{
    SystemMetrics metrics;
    metrics.cpuCores = reading.cpu.cores;
    metrics.memoryTotal = reading.memory.total;
    metrics.memoryAvailable = reading.memory.available;
    metrics.swapTotal = reading.memory.swapTotal;
    metrics.swapUsed = reading.memory.swapTotal - reading.memory.swapFree;
    metrics.loadOne = reading.load.one;
    metrics.loadFive = reading.load.five;
    metrics.loadFifteen = reading.load.fifteen;
    metrics.uptime = reading.uptime;
    metrics.diskTotal = reading.disk.total;
    metrics.diskUsed = reading.disk.used;
    if (!m_previous)
        return metrics;

    const double ticks = double(reading.cpu.total - m_previous->cpu.total);
    const double busy = double(reading.cpu.busy - m_previous->cpu.busy);
    if (ticks > 0)
        metrics.cpuUsage = std::clamp(std::round(busy / ticks * 1'000) / 10, 0.0, 100.0);
    const double seconds = std::chrono::duration<double>(reading.at - m_previous->at).count();
    const auto rate = [seconds](qint64 from, qint64 to) {
        return seconds > 0 && to > from ? qint64(std::llround(double(to - from) / seconds)) : 0;
    };
    metrics.networkRxPerSecond = rate(m_previous->traffic.received, reading.traffic.received);
    metrics.networkTxPerSecond = rate(m_previous->traffic.sent, reading.traffic.sent);
    return metrics;
}

} // namespace pmdaemon
