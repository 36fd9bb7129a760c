// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/cronrestart.h"

#include <QLoggingCategory>

namespace pmdaemon {

namespace {

Q_LOGGING_CATEGORY(lcCron, "pmdaemon.process", QtInfoMsg)

} // namespace

CronRestart::CronRestart(ManagedProcess &process, const CronExpression &when, const QTimeZone &zone)
    : m_process(process)
    , m_when(when)
    , m_zone(zone)
{
    connect(&m_alarm, &ClockAlarm::due, this, &CronRestart::restart);
    connect(&m_alarm, &ClockAlarm::clockChanged, this, &CronRestart::wait);
    wait();
}

void CronRestart::wait()
{
    const std::optional<WallTime> next = m_when.next(wallNow(), m_zone);
    if (next && !m_alarm.set(*next))
        qCWarning(lcCron, "%s: cron_restart cannot be kept, the machine is short of timers",
                  qPrintable(m_process.entry().name));
}

void CronRestart::restart()
{
    wait();
    if (m_process.isWanted())
        m_process.restart(RestartReason::Cron);
}

std::unique_ptr<CronRestart> cronRestartOf(ManagedProcess &process)
{
    const ProcessSpec &spec = process.spec();
    const auto when = CronExpression::parse(spec.cronRestart);
    const auto zone = timeZoneNamed(spec.cronTimezone);
    if (spec.cronRestart.isEmpty() || !when || !zone) // the fields accept nothing else
        return nullptr;
    return std::make_unique<CronRestart>(process, *when, *zone);
}

} // namespace pmdaemon

#include "moc_cronrestart.cpp"
