// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/cronexpression.h"
#include "core/process/clockalarm.h"
#include "core/process/managedprocess.h"

namespace pmdaemon {

/// Restarts one process at the times of its `cron_restart`, also when it has ended by itself; not
/// when nobody wants it to run. What the daemon slept through does not come later.
class CronRestart : public QObject
{
    Q_OBJECT

public:
    CronRestart(ManagedProcess &process, const CronExpression &when, const QTimeZone &zone);

private:
    void wait();
    void restart();

    ManagedProcess &m_process;
    const CronExpression m_when;
    const QTimeZone m_zone;
    ClockAlarm m_alarm;
};

/// Of a process whose app has one; else null.
std::unique_ptr<CronRestart> cronRestartOf(ManagedProcess &process);

} // namespace pmdaemon
