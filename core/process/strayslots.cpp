// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/strayslots.h"

#include <QLoggingCategory>

#include <csignal>

namespace pmdaemon {

namespace {
Q_LOGGING_CATEGORY(lcShim, "pmdaemon.shim", QtInfoMsg)
}

StraySlots::StraySlots(QString home, QString runDirectory, std::function<void(ProcessId)> forget,
                       QObject *parent)
    : QObject(parent)
    , m_home(std::move(home))
    , m_runDirectory(std::move(runDirectory))
    , m_forget(std::move(forget))
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &StraySlots::end);
    connect(&m_shims, &ExitWatch::allEnded, this, &StraySlots::remove);
}

void StraySlots::find(const QSet<ProcessId> &known)
{
    for (const ProcessId id : SlotDirectory::all(m_home)) {
        if (known.contains(id))
            continue;
        const SlotDirectory slot(m_home, m_runDirectory, id);
        if (slot.holder() == 0) {
            slot.remove();
            continue;
        }
        m_strays.append(id);
        qCWarning(lcShim).noquote()
            << tr("%1 runs a program that nothing is known of; it is stopped in %2 s")
                   .arg(slot.path())
                   .arg(reprieve.count() / 1000);
    }
    if (!m_strays.isEmpty())
        m_timer.start(reprieve);
}

/// A shim that is told to end stops its program first.
void StraySlots::end()
{
    std::vector<ProcessHandle> shims;
    for (const ProcessId id : std::as_const(m_strays)) {
        m_forget(id);
        const SlotDirectory slot(m_home, m_runDirectory, id);
        auto shim = ProcessHandle::open(static_cast<pid_t>(slot.holder()));
        if (shim && slot.holder() == shim->pid() && shim->signal(SIGTERM) == 0)
            shims.push_back(std::move(*shim));
    }
    if (shims.empty())
        remove();
    else
        m_shims.watch(std::move(shims));
}

void StraySlots::remove()
{
    for (const ProcessId id : std::exchange(m_strays, {}))
        SlotDirectory(m_home, m_runDirectory, id).remove();
}

} // namespace pmdaemon

#include "moc_strayslots.cpp"
