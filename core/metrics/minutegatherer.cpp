// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/metrics/minutegatherer.h"

namespace pmdaemon {

using namespace std::chrono_literals;

std::optional<MetricsMinute> MinuteGatherer::moveTo(WallTime time)
{
    const WallTime end = std::chrono::floor<std::chrono::minutes>(time) + 1min;
    if (end == m_end)
        return std::nullopt;
    std::optional<MetricsMinute> over;
    if (!m_system.cpu.isEmpty()) {
        over = MetricsMinute{m_end, systemMinute(), {}};
        for (auto process = m_processes.cbegin(); process != m_processes.cend(); ++process)
            over->processes.append(processMinute(process.key(), process.value()));
    }
    m_end = end;
    m_system = {};
    m_processes.clear();
    return over;
}

void MinuteGatherer::add(const ProcessSample &sample)
{
    Process &process = m_processes[sample.id];
    process.cpu.add(sample.cpu);
    process.memory.add(double(sample.memory));
}

void MinuteGatherer::add(const SystemMetrics &metrics)
{
    m_system.cpu.add(metrics.cpuUsage);
    m_system.memory.add(double(metrics.memoryTotal - metrics.memoryAvailable));
    m_system.load.add(metrics.loadOne);
    m_system.networkRx.add(double(metrics.networkRxPerSecond));
    m_system.networkTx.add(double(metrics.networkTxPerSecond));
}

SystemMinute MinuteGatherer::systemMinute() const
{
    return {m_system.cpu.spread(), m_system.memory.spread(), m_system.load.spread().mean,
            m_system.networkRx.spread().mean, m_system.networkTx.spread().mean};
}

ProcessMinute MinuteGatherer::processMinute(ProcessId id, const Process &process)
{
    return {id, process.cpu.spread(), process.memory.spread()};
}

std::optional<MetricsMinute> MinuteGatherer::currentSystem() const
{
    if (m_system.cpu.isEmpty())
        return std::nullopt;
    return MetricsMinute{m_end, systemMinute(), {}};
}

std::optional<MetricsMinute> MinuteGatherer::currentProcess(ProcessId id) const
{
    const auto process = m_processes.constFind(id);
    if (process == m_processes.cend())
        return std::nullopt;
    return MetricsMinute{m_end, {}, {processMinute(id, *process)}};
}

} // namespace pmdaemon
