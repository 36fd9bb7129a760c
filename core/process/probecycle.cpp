// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/probecycle.h"

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

ProbeCycle::ProbeCycle(const HealthCheckSpec &spec, HealthStatus known,
                       std::unique_ptr<HealthProbe> probe)
    : m_spec(spec)
    , m_tracker(spec, known)
    , m_probe(std::move(probe))
{
    m_next.setSingleShot(true);
    m_timeout.setSingleShot(true);
    connect(&m_next, &QTimer::timeout, this, &ProbeCycle::probe);
    connect(&m_timeout, &QTimer::timeout, this, &ProbeCycle::onTimeout);
    connect(m_probe.get(), &HealthProbe::finished, this, &ProbeCycle::onFinished);
    m_age.start();
    m_next.start(m_tracker.period(age()));
}

ProbeCycle::~ProbeCycle()
{
    end();
}

void ProbeCycle::end()
{
    m_next.stop();
    m_timeout.stop();
    if (!m_probe)
        return;
    m_probe->disconnect(this);
    m_probe->abort();
    m_probe.release()->deleteLater(); // it may be on the stack
}

void ProbeCycle::probe()
{
    m_look.start();
    m_timeout.start(m_spec.timeout);
    m_probe->start();
}

void ProbeCycle::onTimeout()
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

void ProbeCycle::onFinished(const ProbeResult &result)
{
    m_timeout.stop();
    const milliseconds took{m_look.elapsed()};
    Look look;
    look.verdict = m_tracker.add(result.outcome, age());
    look.consecutiveFailures = m_tracker.consecutiveFailures();
    look.error = result.error;
    m_notRun = result.outcome == ProbeOutcome::NotRun ? m_notRun + 1 : 0;
    look.impossible = m_notRun == m_spec.retries;
    const milliseconds period = m_tracker.period(age());
    m_next.start(period - took % period);
    look.update.status = look.verdict.status;
    look.update.type = m_spec.type;
    look.update.details = m_probe->subject();
    look.update.details.insert(u"response_time"_s, qint64{took.count()});
    for (auto it = result.details.begin(); it != result.details.end(); ++it)
        look.update.details.insert(it.key(), it.value());
    if (!result.error.isEmpty())
        look.update.details.insert(u"error"_s, result.error);
    emit looked(look);
}

} // namespace pmdaemon

#include "moc_probecycle.cpp"
