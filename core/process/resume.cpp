// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/managedprocess.h"

#include <algorithm>

// Going on with what an earlier daemon left.

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;
using enum ProcessStatus;

namespace {

std::optional<int> portIn(const QStringList &environment)
{
    constexpr auto prefix = "PORT="_L1;
    const auto found =
        std::find_if(environment.begin(), environment.end(),
                     [prefix](const QString &entry) { return entry.startsWith(prefix); });
    bool isNumber = false;
    const int port = found == environment.end() ? 0 : found->mid(prefix.size()).toInt(&isNumber);
    return isNumber ? std::optional(port) : std::nullopt;
}

} // namespace

void ManagedProcess::resume(const LaunchSpec &launch, quint64 position)
{
    m_isResuming = true;
    m_launch = m_runner->launchedBefore(launch);
    m_halting = m_entry.status == Stopping;
    if (m_entry.status == Starting)
        m_awaited = awaitedOfSpec();
    if (m_entry.status == Restarting)
        m_restartReason = m_runReason = RestartReason::Crash;
    m_runner->resume(m_launch, position);
}

void ManagedProcess::onResumed(const ResumedRun &run)
{
    const Telling telling(*this);
    m_isResuming = false;
    switch (run.phase) {
    case ResumedRun::Phase::Running:
        m_runnerState = RunnerState::Running;
        goOnRunning(run);
        break;
    case ResumedRun::Phase::Waiting:
        m_runnerState = RunnerState::Waiting;
        if (m_halting)
            stopRunner();
        break;
    case ResumedRun::Phase::Idle:
        m_runnerState = RunnerState::Idle;
        goOnWithout();
        break;
    }
    emit resumed();
}

void ManagedProcess::goOnRunning(const ResumedRun &run)
{
    if (run.pid != 0) { // else started() or exited() is still to come
        m_entry.pid = run.pid;
        m_entry.startedAt = run.startedAt;
        if (m_spec.port && !m_entry.port) // it got one just before the earlier daemon ended
            m_entry.port = portIn(m_launch.environment);
    }
    if (run.stopping || m_halting) {
        if (!m_halting) {
            if (isDown())
                apply(Trigger::Start);
            apply(Trigger::Stop);
        }
        tell(m_entry);
        m_halting = true;
        if (!run.stopping)
            stopRunner();
        return;
    }
    if (run.pid == 0)
        return;
    if (m_entry.status == Online) {
        tell(m_entry);
        return;
    }
    if (m_entry.status == Starting && awaitedOfSpec() != 0) {
        if (m_awaited != 0)
            awaitReady(m_awaited);
        else
            becomeUp(wallNow());
        return;
    }
    // What was told is stored later than what happened, so there may be less than there is.
    if (isDown())
        apply(Trigger::Start);
    if (m_entry.status == Restarting)
        apply(Trigger::Launch);
    if (const int awaited = awaitedOfSpec())
        awaitReady(awaited);
    else
        apply(Trigger::Up);
}

/// Nothing runs and nothing waits: what should is started anew.
void ManagedProcess::goOnWithout()
{
    if (isDown())
        return;
    if (m_halting) {
        gone();
        return;
    }
    if (m_entry.status == Online)
        apply(Trigger::Respawn);
    if (m_entry.status == Restarting)
        apply(Trigger::Gone);
    emit launchWanted();
}

} // namespace pmdaemon
