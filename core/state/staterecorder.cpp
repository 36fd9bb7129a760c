// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/state/staterecorder.h"

#include <QTimerEvent>

#include <utility>

namespace pmdaemon {

namespace {
constexpr int gatherMs = 50;
}

StoredProcess storedProcess(const ManagedProcess &process, Wanted wanted)
{
    const ProcessEntry &entry = process.entry();
    return {.id = entry.id,
            .name = entry.name,
            .instance = entry.instance,
            .spec = process.spec(),
            .wanted = wanted,
            .done = process.isDone(),
            .status = entry.status,
            .port = entry.port,
            .restarts = entry.restarts,
            .exitCode = entry.exitCode,
            .signal = entry.signal,
            .reason = entry.reason,
            .createdAt = entry.createdAt,
            .health = entry.health,
            .journalSeq = qint64(process.position())};
}

KnownProcess knownProcess(const StoredProcess &stored)
{
    ProcessEntry entry;
    entry.id = stored.id;
    entry.name = stored.name;
    entry.app = stored.spec.name;
    entry.instance = stored.instance;
    entry.nameSpace = stored.spec.nameSpace;
    entry.status = stored.status;
    entry.port = stored.port;
    entry.restarts = stored.restarts;
    entry.exitCode = stored.exitCode;
    entry.signal = stored.signal;
    entry.reason = stored.reason;
    entry.createdAt = stored.createdAt;
    entry.health = stored.health;
    return {entry, stored.spec, stored.wanted, stored.done, quint64(stored.journalSeq)};
}

StateRecorder::StateRecorder(StateStore &store, Supervisor &supervisor)
    : m_store(store)
    , m_supervisor(supervisor)
{
    connect(&supervisor, &Supervisor::changed, this, [this](ProcessId id) {
        m_changed.insert(id);
        noteLater();
    });
    connect(&supervisor, &Supervisor::removed, this, [this](ProcessId id) {
        m_changed.insert(id);
        noteLater();
    });
    connect(&supervisor, &Supervisor::happened, this, [this](const ProcessEvent &event) {
        m_events.append(event);
        noteLater();
    });
}

void StateRecorder::record(const MetricsMinute &minute)
{
    m_minutes.append(minute);
    noteLater();
}

void StateRecorder::noteLater()
{
    if (!m_timer.isActive())
        m_timer.start(gatherMs, this);
}

void StateRecorder::timerEvent(QTimerEvent *event)
{
    if (event->timerId() == m_timer.timerId())
        commit();
}

Reply<void> StateRecorder::persisted()
{
    if (m_timer.isActive())
        commit();
    return m_store.save({}); // answered when all before it is stored, or cannot be
}

void StateRecorder::commit()
{
    m_timer.stop();
    StateChange change;
    change.events = std::exchange(m_events, {});
    change.metrics = std::exchange(m_minutes, {});
    std::map<ProcessId, quint64> positions; // contained in it
    for (const ProcessId id : std::exchange(m_changed, {})) {
        const ManagedProcess *const process = m_supervisor.process(id);
        if (!process) {
            change.remove(id);
            continue;
        }
        change.put(storedProcess(*process, m_supervisor.wanted(*process)));
        positions.emplace(id, process->position());
    }
    m_store.save(std::move(change)).then(this, [this, positions](const Result<void> &result) {
        if (result)
            forget(positions);
    });
}

void StateRecorder::forget(const std::map<ProcessId, quint64> &positions)
{
    for (const auto &[id, position] : positions) {
        if (ManagedProcess *const process = m_supervisor.process(id))
            process->forget(position);
    }
}

} // namespace pmdaemon

#include "moc_staterecorder.cpp"
