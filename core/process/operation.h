// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/command.h"
#include "core/model/result.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <map>

namespace pmdaemon {

class ManagedProcess;
class Supervisor;

/// A command on its way: waits until each of its processes has got where it should be, then answers
/// once and deletes itself. Answers ShuttingDown when it is destroyed before.
class Operation : public QObject
{
    Q_OBJECT

public:
    enum class Goal { Online, Down, Removed };

    Operation(Action action, Supervisor &supervisor);
    ~Operation() override;

    Action action() const { return m_action; }
    Reply<CommandResult> reply() const { return m_promise.future(); }

    /// Call it before asking the process for what leads there.
    void await(ManagedProcess &process, Goal goal);
    /// Nothing has to be waited for.
    void done(const ManagedProcess &process);
    void failed(const QString &process, const Error &error);
    /// It answers no sooner, and with this error if there is one.
    void awaitStored(const Reply<void> &stored);
    /// It is answered as soon as what it begins is stored, and goes on.
    void answerEarly() { m_answersEarly = true; }
    /// It is answered by then, with Timeout, and goes on.
    void answerWithin(milliseconds limit);
    /// What it leads to is stored as well, when all have settled, before it answers.
    void storeAtEnd(std::function<Reply<void>()> persist) { m_persist = std::move(persist); }
    /// It answers when all have settled and everybody who holds it has released it, in a later turn
    /// at the earliest. Its maker holds it from the beginning.
    void hold() { ++m_holders; }
    void release();

signals:
    void settled(pmdaemon::ProcessId id, bool reached);

private:
    struct Failure
    {
        QString process;
        Error error;
    };

    void onStatus(const ProcessEntry &entry, const Error &reason);
    void onRemoved(ProcessId id);
    void onTimeout();
    void settle(ProcessId id, std::optional<Error> error);
    void finishIfDone();
    bool hasMoreToStore() const;
    void finish();
    void answer(const Result<CommandResult> &result);
    Result<CommandResult> result() const;
    Result<CommandResult> resultSoFar() const;
    Error failure() const;

    Action m_action;
    Supervisor &m_supervisor;
    QPromise<Result<CommandResult>> m_promise;
    std::map<ProcessId, Goal> m_pending;
    std::map<ProcessId, ProcessEntry> m_entries; ///< of all that take part
    std::map<ProcessId, ProcessEntry> m_done;
    QList<Failure> m_failures;
    std::optional<Error> m_notStored;
    std::function<Reply<void>()> m_persist; ///< once
    QTimer m_deadline;
    milliseconds m_longest{0}; ///< that one of them may take to come down
    milliseconds m_sum{0};
    bool m_isInTurn = false;
    bool m_answersEarly = false;
    int m_holders = 1;
    bool m_finishing = false;
};

} // namespace pmdaemon
