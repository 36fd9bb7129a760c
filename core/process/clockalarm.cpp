// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/clockalarm.h"

#include <QSocketNotifier>

#include <cerrno>
#include <sys/timerfd.h>
#include <unistd.h>

namespace pmdaemon {

ClockAlarm::ClockAlarm(QObject *parent)
    : QObject(parent)
{}

ClockAlarm::~ClockAlarm() = default;

bool ClockAlarm::set(WallTime time)
{
    if (!m_timer) {
        m_timer.reset(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
        if (!m_timer)
            return false;
        m_notifier = std::make_unique<QSocketNotifier>(m_timer.get(), QSocketNotifier::Read);
        connect(m_notifier.get(), &QSocketNotifier::activated, this, &ClockAlarm::onReadable);
    }
    const qint64 moment = time.time_since_epoch().count();
    itimerspec when = {};
    when.it_value.tv_sec = moment / 1'000;
    when.it_value.tv_nsec = moment % 1'000 * 1'000'000;
    return ::timerfd_settime(m_timer.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when,
                             nullptr) == 0;
}

void ClockAlarm::onReadable()
{
    quint64 times = 0;
    const ssize_t got = ::read(m_timer.get(), &times, sizeof times);
    if (got == sizeof times)
        emit due();
    else if (got < 0 && errno == ECANCELED)
        emit clockChanged();
}

} // namespace pmdaemon

#include "moc_clockalarm.cpp"
