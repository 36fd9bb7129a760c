// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/state/openstate.h"

#include <QDeadlineTimer>
#include <QMutex>
#include <QPromise>
#include <QThread>
#include <QWaitCondition>

#include <functional>
#include <memory>
#include <vector>

namespace pmdaemon {

/// The thread that owns the database. Changes that wait while it is busy are committed together;
/// what cannot be stored is kept and tried again. First it checks all of the database and makes a
/// backup. Its calls back come on its own thread.
class StateWorker
{
public:
    struct Listener
    {
        std::function<void(Error)> failed; ///< once, until recovered
        std::function<void()> recovered;
        std::function<void(Error)> historyLost;
    };

    StateWorker(StateFiles files, std::unique_ptr<Database> database, bool safeMode,
                Listener listener);
    /// Stores what waits, answers all that was asked, and closes the database.
    ~StateWorker();
    StateWorker(const StateWorker &) = delete;
    StateWorker &operator=(const StateWorker &) = delete;

    Reply<void> save(StateChange change);
    /// Reads what is stored by then.
    template <typename T>
    Reply<T> read(std::function<Result<T>(Database &)> work)
    {
        auto promise = std::make_shared<QPromise<Result<T>>>();
        promise->start();
        Reply<T> reply = promise->future();
        post({.change = {}, .saved = {}, .task = [this, promise, work = std::move(work)] {
                  promise->addResult(reopen().and_then([&] { return work(*m_database); }));
                  promise->finish();
              }});
        return reply;
    }
    /// Writes in a transaction of its own, after all that was saved before; not tried again.
    Reply<void> write(std::function<Result<void>(Database &)> work);
    /// From now on there are backups again.
    Reply<void> leaveSafeMode();

private:
    struct Job
    {
        StateChange change;
        QPromise<Result<void>> saved;
        std::function<void()> task; ///< instead of a change
    };

    void post(Job job);
    void run();
    std::vector<Job> nextJobs();
    bool isOver();
    void work(std::vector<Job> jobs);
    void commit(std::vector<Job *> &saves);
    Result<void> store();
    Result<void> reopen();
    void checkAtStart();
    bool leavePastBehind(const Error &damage);
    void maintain();
    void backUp(milliseconds age);

    const StateFiles m_files;
    const Listener m_listener;
    std::unique_ptr<Database> m_database;
    bool m_safeMode;

    QMutex m_mutex; ///< of the two that follow
    std::vector<Job> m_jobs;
    bool m_stopping = false;
    QWaitCondition m_wake;

    StateChange m_pending; ///< accepted, and not yet durable
    std::optional<Error> m_failure;
    QDeadlineTimer m_retry{QDeadlineTimer::Forever}; ///< when what is pending is tried again
    qsizetype m_newEvents = 0; ///< since the last time that old ones were forgotten
    WallTime m_pruned{};
    WallTime m_backedUp{};
    bool m_isBackedUp = false; ///< all but the past
    std::unique_ptr<QThread> m_thread;
};

} // namespace pmdaemon
