// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/timetable.h"

#include "core/config/specvalues.h"

#include <QLoggingCategory>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

Q_LOGGING_CATEGORY(lcCron, "pmdaemon.process", QtInfoMsg)

/// Null where the process has no such times.
std::unique_ptr<CronAlarm> alarmFor(const QString &times, const ManagedProcess &process)
{
    const auto when = CronExpression::parse(times);
    const auto zone = timeZoneNamed(process.spec().cronTimezone);
    if (times.isEmpty() || !when || !zone) // the fields accept nothing else
        return nullptr;
    return std::make_unique<CronAlarm>(*when, *zone, process.entry().name);
}

} // namespace

CronAlarm::CronAlarm(const CronExpression &when, const QTimeZone &zone, const QString &name)
    : m_when(when)
    , m_zone(zone)
    , m_name(name)
{
    connect(&m_alarm, &ClockAlarm::due, this, &CronAlarm::onDue);
    connect(&m_alarm, &ClockAlarm::clockChanged, this, &CronAlarm::wait);
    wait();
}

void CronAlarm::wait()
{
    const std::optional<WallTime> next = m_when.next(wallNow(), m_zone);
    if (next && !m_alarm.set(*next))
        qCWarning(lcCron, "%s: its times cannot be kept, the machine is short of timers",
                  qPrintable(m_name));
}

void CronAlarm::onDue()
{
    wait();
    emit due();
}

Timetable::Timetable(ManagedProcess &process)
    : m_process(process)
    , m_restarts(alarmFor(process.spec().cronRestart, process))
    , m_runs(alarmFor(process.spec().schedule, process))
{
    if (m_restarts)
        connect(m_restarts.get(), &CronAlarm::due, this, &Timetable::restart);
    if (!m_runs)
        return;
    connect(m_runs.get(), &CronAlarm::due, this, &Timetable::run);
    // Later: the event that belongs to the end is still to come.
    connect(&process, &ManagedProcess::statusChanged, this, &Timetable::runQueued,
            Qt::QueuedConnection);
}

void Timetable::restart()
{
    if (m_process.isWanted())
        m_process.restart(RestartReason::Cron);
}

void Timetable::run()
{
    if (!m_process.isWanted())
        return;
    if (m_process.isDown())
        return m_process.start();
    const Overlap overlap = m_process.spec().overlap;
    if (overlap == Overlap::Kill)
        return m_process.restart(RestartReason::Cron);
    m_isQueued = overlap == Overlap::Queue;
    m_process.report(ProcessEvent::Kind::RunOverlapped,
                     {{u"overlap"_s, OverlapValue::write(overlap)}});
}

void Timetable::runQueued()
{
    if (m_isQueued && m_process.isDown() && std::exchange(m_isQueued, false) &&
        m_process.isWanted())
        m_process.start();
}

std::unique_ptr<Timetable> timetableOf(ManagedProcess &process)
{
    const ProcessSpec &spec = process.spec();
    if (spec.cronRestart.isEmpty() && spec.schedule.isEmpty())
        return nullptr;
    return std::make_unique<Timetable>(process);
}

} // namespace pmdaemon

#include "moc_timetable.cpp"
