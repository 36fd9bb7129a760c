// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/healthtracker.h"

#include <algorithm>

namespace pmdaemon {

namespace {
constexpr milliseconds gracePeriod{1'000};
}

HealthTracker::HealthTracker(const HealthCheckSpec &spec, HealthStatus known)
    : m_spec(spec)
    , m_status(known)
    , m_passedOnce(known != HealthStatus::Unknown)
{}

bool HealthTracker::isGrace(milliseconds age) const
{
    return !m_passedOnce && age < std::max(m_spec.startPeriod, m_spec.interval);
}

milliseconds HealthTracker::period(milliseconds age) const
{
    const milliseconds period =
        isGrace(age) ? std::min(m_spec.interval, gracePeriod) : m_spec.interval;
    return std::max(period, milliseconds{1});
}

HealthTracker::Verdict HealthTracker::add(ProbeOutcome outcome, milliseconds age)
{
    Verdict verdict;
    switch (outcome) {
    case ProbeOutcome::Passed:
        m_passedOnce = true;
        m_failures = 0;
        if (++m_successes >= m_spec.successThreshold)
            m_status = HealthStatus::Healthy;
        break;
    case ProbeOutcome::Failed:
        m_successes = 0;
        if (isGrace(age))
            break;
        verdict.counted = true;
        if (++m_failures < m_spec.retries)
            break;
        verdict.restart = m_failures == m_spec.retries &&
                          m_spec.onUnhealthy == HealthCheckSpec::OnUnhealthy::Restart;
        m_status = HealthStatus::Unhealthy;
        break;
    case ProbeOutcome::NotRun:
        m_status = HealthStatus::Unknown;
        break;
    }
    verdict.status = m_status;
    return verdict;
}

} // namespace pmdaemon
