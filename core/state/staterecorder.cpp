// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/state/staterecorder.h"

#include <QTimerEvent>

#include <memory>
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
    connect(&store, &StateStore::recovered, this, &StateRecorder::onRecovered);
    connect(&supervisor, &Supervisor::happened, this, [this](const ProcessEvent &event) {
        m_events.append(event);
        noteLater();
    });
}

void StateRecorder::onRecovered()
{
    if (m_last && m_last->result)
        m_last->result = Result<void>();
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
    if (!m_last)
        return readyReply<void>({});
    if (m_last->result) // also where that was quicker than this
        return readyReply<void>(*m_last->result);
    QPromise<Result<void>> &promise = m_last->waiting.emplace_back();
    promise.start();
    return promise.future();
}

void StateRecorder::commit()
{
    m_timer.stop();
    auto made = std::make_shared<Commit>();
    StateChange change;
    change.events = std::exchange(m_events, {});
    change.metrics = std::exchange(m_minutes, {});
    for (const ProcessId id : std::exchange(m_changed, {})) {
        const ManagedProcess *const process = m_supervisor.process(id);
        if (!process) {
            change.remove(id);
            continue;
        }
        change.put(storedProcess(*process, m_supervisor.wanted(*process)));
        made->positions.emplace(id, process->position());
    }
    m_last = made;
    m_store.save(std::move(change)).then(this, [this, made](const Result<void> &result) {
        onSaved(*made, result);
    });
}

void StateRecorder::onSaved(Commit &commit, const Result<void> &result)
{
    commit.result = result;
    for (QPromise<Result<void>> &promise : commit.waiting) {
        promise.addResult(result);
        promise.finish();
    }
    if (!result)
        return;
    for (const auto &[id, position] : commit.positions) {
        if (ManagedProcess *const process = m_supervisor.process(id))
            process->forget(position);
    }
}

} // namespace pmdaemon

#include "moc_staterecorder.cpp"
