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
    m_next.setSingleShot(true);
    m_timeout.setSingleShot(true);
    connect(&m_next, &QTimer::timeout, this, &HealthMonitor::probe);
    connect(&m_timeout, &QTimer::timeout, this, &HealthMonitor::onTimeout);
    connect(&process, &ManagedProcess::statusChanged, this,
            [this](const StatusChange &change) { onStatus(change.process.status); });
    connect(&process, &ManagedProcess::resumed, this,
            [this] { onStatus(m_process.entry().status); });
}

HealthMonitor::~HealthMonitor() = default;

void HealthMonitor::onStatus(ProcessStatus status)
{
    end();
    const std::optional<HealthCheckSpec> &check = m_process.spec().healthCheck;
    if (status == ProcessStatus::Online && check && check->enabled) {
        m_spec = *check;
        begin();
    }
}

void HealthMonitor::begin()
{
    m_online.start();
    m_tracker.emplace(m_spec, m_process.entry().health);
    m_probe = m_makeProbe(m_spec, m_process.launched(), m_process.entry().port);
    connect(m_probe.get(), &HealthProbe::finished, this, &HealthMonitor::onFinished);
    m_next.start(m_tracker->period(age()));
}

void HealthMonitor::end()
{
    m_next.stop();
    m_timeout.stop();
    m_tracker.reset();
    if (!m_probe)
        return;
    m_probe->disconnect(this);
    m_probe->abort();
    m_probe.release()->deleteLater(); // it may be on the stack
}

void HealthMonitor::probe()
{
    m_look.start();
    m_timeout.start(m_spec.timeout);
    m_probe->start();
}

void HealthMonitor::onTimeout()
{
    m_probe->abort();
    ProbeResult late{
        ProbeOutcome::Failed, {}, tr("no answer within %1 ms").arg(m_spec.timeout.count())};
    if (m_spec.type == CheckType::Http)
        late.details.insert(u"status_code"_s, QJsonValue::Null);
    if (m_spec.type == CheckType::Script)
        late.details.insert(u"exit_code"_s, QJsonValue::Null);
    onFinished(late);
}

void HealthMonitor::onFinished(ProbeResult result)
{
    m_timeout.stop();
    const milliseconds took{m_look.elapsed()};
    const HealthTracker::Verdict verdict = m_tracker->add(result.outcome, age());
    const milliseconds period = m_tracker->period(age());
    m_next.start(period - took % period); // a run whose time passed meanwhile is left out
    HealthUpdate update;
    update.status = verdict.status;
    update.type = m_spec.type;
    update.details = m_probe->subject();
    update.details.insert(u"response_time"_s, qint64{took.count()});
    for (auto it = result.details.begin(); it != result.details.end(); ++it)
        update.details.insert(it.key(), it.value());
    if (!result.error.isEmpty())
        update.details.insert(u"error"_s, result.error);
    // From here on a slot may end what is watched.
    if (verdict.counted)
        m_process.report(ProcessEvent::Kind::HealthCheckFailed,
                         {{u"consecutive_failures"_s, m_tracker->consecutiveFailures()},
                          {u"retries"_s, m_spec.retries},
                          {u"error"_s, result.error}});
    m_process.applyHealth(update);
    if (verdict.restart && m_process.isRunning())
        m_process.restart(RestartReason::Health);
}

} // namespace pmdaemon

#include "moc_healthmonitor.cpp"
