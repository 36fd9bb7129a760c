// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/supervisor.h"
#include "core/state/statestore.h"

#include <QBasicTimer>

#include <map>
#include <set>

namespace pmdaemon {

/// Stores what a Supervisor's next incarnation has to know, as it changes. What only happened, and
/// can be told again by the runners, is gathered for a moment; what was asked for is stored as soon
/// as persisted() is called.
class StateRecorder : public QObject
{
    Q_OBJECT

public:
    /// Both outlive it.
    StateRecorder(StateStore &store, Supervisor &supervisor);

    /// Finished when everything that has changed up to now is durable; the errors of
    /// StateStore::save().
    Reply<void> persisted();
    void record(const MetricsMinute &minute);

protected:
    void timerEvent(QTimerEvent *event) override;

private:
    void noteLater();
    void commit();
    /// What the runners need not tell again.
    void forget(const std::map<ProcessId, quint64> &positions);

    StateStore &m_store;
    Supervisor &m_supervisor;
    std::set<ProcessId> m_changed;
    QList<ProcessEvent> m_events;
    QList<MetricsMinute> m_minutes;
    QBasicTimer m_timer;
};

/// What the store keeps of a process.
StoredProcess storedProcess(const ManagedProcess &process, Wanted wanted);
KnownProcess knownProcess(const StoredProcess &stored);

} // namespace pmdaemon
