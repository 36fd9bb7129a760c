// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/metrics/cpuusage.h"

#include <algorithm>
#include <cmath>

namespace pmdaemon {

bool CpuUsage::isTooSoon(const CpuReading &reading) const
{
    return m_previous && reading.at - m_previous->at < minimum;
}

double CpuUsage::update(const CpuReading &reading)
{
    m_percent = peek(reading);
    if (!isTooSoon(reading))
        m_previous = reading;
    return m_percent;
}

double CpuUsage::peek(const CpuReading &reading) const
{
    if (!m_previous || isTooSoon(reading))
        return m_percent;
    const std::chrono::duration<double> cpu = reading.cpu - m_previous->cpu;
    const std::chrono::duration<double> wall = reading.at - m_previous->at;
    return std::max(0.0, std::round(cpu / wall * 1'000) / 10);
}

} // namespace pmdaemon
