// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/restarttracker.h"

namespace pmdaemon {

namespace {

constexpr double jitterShare = 0.2;

int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/// The wait before the restart that follows `restarts` restarts in a row.
int64_t backoff(const RestartPolicy &policy, int restarts, double jitter)
{
    if (restarts == 0 || policy.backoffBase <= 0)
        return 0;
    int64_t delay = policy.backoffBase;
    for (int i = 1; i < restarts && delay < policy.backoffCap; ++i)
        delay *= 2;
    if (delay > policy.backoffCap)
        delay = policy.backoffCap;
    return delay + static_cast<int64_t>(static_cast<double>(delay) * jitterShare * jitter);
}

} // namespace

RestartTracker::RestartTracker(RestartPolicy policy)
    : m_policy(policy)
{}

RestartDecision RestartTracker::afterExit(const EndedRun &run, double jitter)
{
    using Verdict = RestartDecision::Verdict;
    const bool isEnd = run.exitCode >= 0 && (m_policy.isStopCode(run.exitCode) ||
                                             (run.exitCode == 0 && m_policy.onlyAfterFailure));
    if (run.requested || !m_policy.autorestart || isEnd)
        return {Verdict::StayDown, 0};
    if (run.uptime >= m_policy.minUptime) {
        reset();
    } else {
        ++m_unstableRuns;
        if (m_policy.maxRestarts != RestartPolicy::Unlimited &&
            m_unstableRuns > m_policy.maxRestarts)
            return {Verdict::GiveUp, 0};
    }
    const int64_t delay = larger(m_policy.restartDelay, backoff(m_policy, m_restarts, jitter));
    ++m_restarts;
    return {Verdict::Restart, delay};
}

} // namespace pmdaemon
