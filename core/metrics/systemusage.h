// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/metrics/procfs.h"
#include "core/model/metrics.h"

#include <optional>

namespace pmdaemon {

/// What the kernel told about the machine at one moment.
struct SystemReading
{
    procfs::CpuTicks cpu;
    procfs::Memory memory;
    procfs::Load load;
    procfs::Traffic traffic;
    procfs::Disk disk;
    qint64 uptime = 0;
    std::chrono::steady_clock::time_point at;
};

/// Below `procRoot`, and of the file system that holds `diskPath`.
SystemReading readSystem(const QByteArray &procRoot, const QByteArray &diskPath);

/// Makes figures of readings: those that are rates are since the reading before, 0 at the first.
/// Counters that went back (an interface is gone) count as no traffic.
class SystemUsage
{
public:
    SystemMetrics update(const SystemReading &reading);
    /// What update() would answer, without keeping the reading.
    SystemMetrics peek(const SystemReading &reading) const;
    bool hasReading() const { return m_previous.has_value(); }

private:
    std::optional<SystemReading> m_previous;
};

} // namespace pmdaemon
