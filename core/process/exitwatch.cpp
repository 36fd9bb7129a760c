// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/exitwatch.h"

#include <utility>

namespace pmdaemon {

ExitWatch::~ExitWatch()
{
    stop();
}

void ExitWatch::watch(std::vector<ProcessHandle> processes)
{
    stop();
    m_processes = std::move(processes);
    arm();
}

void ExitWatch::stop()
{
    if (m_notifier) {
        m_notifier->setEnabled(false);
        std::exchange(m_notifier, nullptr)->deleteLater(); // it may be what called
    }
    m_processes.clear();
}

void ExitWatch::arm()
{
    m_notifier = new QSocketNotifier(m_processes.back().fd(), QSocketNotifier::Read, this);
    connect(m_notifier, &QSocketNotifier::activated, this, &ExitWatch::next);
}

void ExitWatch::next()
{
    auto processes = std::exchange(m_processes, {});
    stop();
    while (!processes.empty() && processes.back().hasEnded())
        processes.pop_back();
    if (processes.empty())
        emit allEnded();
    else
        watch(std::move(processes));
}

} // namespace pmdaemon

#include "moc_exitwatch.cpp"
