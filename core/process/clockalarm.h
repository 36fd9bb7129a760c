// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/walltime.h"
#include "core/slot/uniquefd.h"

#include <QObject>

#include <memory>

class QSocketNotifier;

namespace pmdaemon {

/// Goes off at a time of day, however the clock is set meanwhile (timerfd_create(2),
/// CLOCK_REALTIME). Costs nothing until then.
class ClockAlarm : public QObject
{
    Q_OBJECT

public:
    explicit ClockAlarm(QObject *parent = nullptr);
    ~ClockAlarm() override;

    /// Instead of a time that was set before. False where the machine has no more timers.
    bool set(WallTime time);

signals:
    /// It is that time or later.
    void due();
    /// Somebody has set the clock: the alarm is off, what it was set for may be another time now.
    void clockChanged();

private:
    void onReadable();

    UniqueFd m_timer;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace pmdaemon
