// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/strayslots.h"

#include "core/process/slotdirectory.h"

#include <QLoggingCategory>
#include <QTimer>

namespace pmdaemon {

namespace {
Q_LOGGING_CATEGORY(lcShim, "pmdaemon.shim", QtInfoMsg)
}

StraySlots::StraySlots(QString home, ProcessRunnerFactory makeRunner, milliseconds reprieve,
                       QObject *parent)
    : QObject(parent)
    , m_home(std::move(home))
    , m_makeRunner(std::move(makeRunner))
    , m_reprieve(reprieve)
{}

StraySlots::~StraySlots() = default;

void StraySlots::find(const QSet<ProcessId> &known)
{
    for (const ProcessId id : SlotDirectory::all(m_home)) {
        if (!known.contains(id))
            take(id);
    }
}

void StraySlots::take(ProcessId id)
{
    ProcessRunner *const runner = m_strays.emplace(id, m_makeRunner()).first->second.get();
    connect(runner, &ProcessRunner::resumed, this,
            [this, id](const ResumedRun &run) { onResumed(id, run); });
    LaunchSpec launch;
    launch.id = id;
    launch.name = tr("slot %1").arg(toInt(id));
    runner->resume(launch, 0);
}

void StraySlots::onResumed(ProcessId id, const ResumedRun &run)
{
    if (run.phase == ResumedRun::Phase::Idle)
        return drop(id);
    const auto stray = m_strays.find(id);
    if (stray == m_strays.end())
        return;
    qCWarning(lcShim).noquote()
        << tr("Slot %1 runs a program that nothing is known of; it is stopped in %2 s")
               .arg(toInt(id))
               .arg(m_reprieve.count() / 1000);
    // What its past was is of no interest.
    ProcessRunner *const runner = stray->second.get();
    connect(runner, &ProcessRunner::exited, this, [this, id](const ProcessExit &exit) {
        if (exit.next.verdict != RestartDecision::Verdict::Restart)
            drop(id);
    });
    connect(runner, &ProcessRunner::startFailed, this, [this, id] { drop(id); });
    connect(runner, &ProcessRunner::waitCancelled, this, [this, id] { drop(id); });
    QTimer::singleShot(m_reprieve, runner, [runner] { runner->stop({}); });
}

/// Nothing runs there any more.
void StraySlots::drop(ProcessId id)
{
    auto stray = m_strays.extract(id);
    if (stray.empty())
        return;
    ProcessRunner *const gone = stray.mapped().release();
    gone->discard();
    gone->deleteLater(); // it is on the stack
}

} // namespace pmdaemon

#include "moc_strayslots.cpp"
