// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/healthmonitor.h"

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

HealthMonitor::HealthMonitor(ManagedProcess &process, ProbeFactory makeProbe)
    : QObject(&process)
    , m_process(process)
    , m_makeProbe(std::move(makeProbe))
{
    connect(&process, &ManagedProcess::executed, this, &HealthMonitor::onExecuted);
    connect(&process, &ManagedProcess::statusChanged, this,
            [this](const StatusChange &change) { onStatus(change.process.status); });
    connect(&process, &ManagedProcess::resumed, this,
            [this] { onStatus(m_process.entry().status); });
}

HealthMonitor::~HealthMonitor() = default;

void HealthMonitor::onExecuted()
{
    end();
    if (const auto plan = startupProbe(m_process.spec()))
        begin(*plan);
}

void HealthMonitor::onStatus(ProcessStatus status)
{
    if (status == ProcessStatus::Starting && m_process.isGettingReady())
        return; // it is told of once more after executed()
    end();
    if (status != ProcessStatus::Online)
        return;
    for (const ProbePlan &plan : onlineProbes(m_process.spec()))
        begin(plan);
}

void HealthMonitor::begin(const ProbePlan &plan)
{
    const HealthStatus known = plan.tellsHealth ? m_process.entry().health : HealthStatus::Unknown;
    auto &cycle = m_cycles.emplace_back(std::make_unique<ProbeCycle>(
        plan.check, known, m_makeProbe(plan.check, m_process.launched(), m_process.entry().port)));
    connect(cycle.get(), &ProbeCycle::looked, this,
            [this, plan](const ProbeCycle::Look &look) { onLooked(plan, look); });
}

void HealthMonitor::end()
{
    for (auto &cycle : std::exchange(m_cycles, {})) {
        cycle->disconnect(this);
        cycle->end();
        cycle.release()->deleteLater(); // it may be on the stack
    }
}

/// The plan is a copy: a slot may end the cycle that it belongs to.
void HealthMonitor::onLooked(ProbePlan plan, const ProbeCycle::Look &look)
{
    if (look.verdict.counted || look.impossible)
        m_process.report(ProcessEvent::Kind::HealthCheckFailed,
                         {{u"consecutive_failures"_s,
                           look.impossible ? plan.check.retries : look.consecutiveFailures},
                          {u"retries"_s, plan.check.retries},
                          {u"error"_s, look.error}});
    if (look.impossible)
        m_process.remark(tr("its health is not known: %1").arg(look.error));
    if (m_process.isGettingReady()) {
        if (look.verdict.status == HealthStatus::Healthy)
            m_process.confirm(ManagedProcess::Awaited::StartupProbe);
        else if (look.verdict.restart && plan.restarts)
            return m_process.failStartup(look.error);
    }
    if (plan.tellsHealth)
        m_process.applyHealth(look.update);
    if (look.verdict.restart && plan.restarts && m_process.isRunning())
        m_process.restart(RestartReason::Health);
}

} // namespace pmdaemon

#include "moc_healthmonitor.cpp"
