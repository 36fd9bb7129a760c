// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/cronexpression.h"
#include "core/process/clockalarm.h"
#include "core/process/managedprocess.h"

namespace pmdaemon {

/// Goes off at each time of an expression. What the daemon slept through does not come later.
class CronAlarm : public QObject
{
    Q_OBJECT

public:
    /// `name`: whose alarm it is, for a warning where it cannot be kept.
    CronAlarm(const CronExpression &when, const QTimeZone &zone, const QString &name);

signals:
    void due();

private:
    void wait();
    void onDue();

    const CronExpression m_when;
    const QTimeZone m_zone;
    const QString m_name;
    ClockAlarm m_alarm;
};

/// What is done to one process at which times, unless nobody wants it to run: it is started at
/// those of `schedule`, and restarted at those of `cron_restart`, also when it has ended by itself.
class Timetable : public QObject
{
    Q_OBJECT

public:
    explicit Timetable(ManagedProcess &process);

private:
    void restart();
    void run();
    void runQueued();

    ManagedProcess &m_process;
    std::unique_ptr<CronAlarm> m_restarts;
    std::unique_ptr<CronAlarm> m_runs;
    bool m_isQueued = false; ///< another run follows the one that is under way
};

/// Of a process whose app has one; else null.
std::unique_ptr<Timetable> timetableOf(ManagedProcess &process);

} // namespace pmdaemon
