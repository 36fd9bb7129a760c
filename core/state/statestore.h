// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/result.h"
#include "core/state/storedstate.h"

#include <QObject>

#include <memory>

namespace pmdaemon {

class StateWorker;
struct OpenedState;

/// What the daemon must still know when it is started again: `<home>/state.db`, an SQLite database.
/// One store per home, whose lock the caller holds; see RunDirectory. Only opening touches the disk
/// on the caller's thread; everything else is done by a thread of the store, in the order in which
/// it was asked for. Replies are finished on that thread; continue with `.then(context, …)`.
class StateStore : public QObject
{
    Q_OBJECT

public:
    /// Makes the database if there is none. One that is damaged, or from a newer version, is kept
    /// aside, and the store opens empty: see safeMode(). StorageFull, AlreadyRunning or StartFailed
    /// where nothing can be opened; then nothing was changed.
    static Result<std::unique_ptr<StateStore>> open(const QString &home);
    /// Puts the last backup in the place of the database, which is kept as `state.db.replaced-…`.
    /// NotFound without one, AlreadyRunning while a store has the database open.
    static Result<void> restoreBackup(const QString &home);
    /// Looks at all of the database without opening a store: the safe mode that it is in, or would
    /// be opened in (`file` empty: nothing was kept aside yet). Changes nothing. AlreadyRunning
    /// while a store has it open, StorageFull where it cannot be read.
    static Result<std::optional<SafeMode>> inspect(const QString &home);
    /// Blocks until what was given to save() is stored, or has failed once more.
    ~StateStore() override;

    const std::optional<SafeMode> &safeMode() const { return m_safeMode; }
    /// What is wrong with the store now, in words; nothing = it is well.
    QStringList problems() const;
    /// What was stored when it was opened; once, later it is empty.
    StoredState load();

    /// Finished when the change is durable. StorageFull when it could not be stored: it is kept in
    /// memory and tried again with all later ones until it is, or the store is closed. An empty
    /// change waits for those before it.
    Reply<void> save(StateChange change);

    /// Of `ids`, and of all that were called query.process; of everything where both are empty.
    Reply<EventPage> events(const EventQuery &query, const QList<ProcessId> &ids = {});
    Reply<MetricsSeries> metrics(const MetricsQuery &query);

    /// Keeps the definitions and wanted states that were saved before under `name`.
    Reply<void> takeSnapshot(const QString &name, WallTime time);
    Reply<void> removeSnapshot(const QString &name);
    Reply<QList<SnapshotInfo>> snapshots();
    Reply<QList<StoredProcess>> snapshot(const QString &name);

    /// Accepts the loss: from now on it is a store like any other.
    Reply<void> leaveSafeMode();

signals:
    /// Saved changes cannot be stored, until recovered().
    void failed(const pmdaemon::Error &error);
    void recovered();
    /// Events and figures were damaged, and were left behind in the file that `details` {file}
    /// names; processes and what is saved are not touched by it.
    void historyLost(const pmdaemon::Error &error);

private:
    StateStore(const QString &home, OpenedState opened);

    std::optional<SafeMode> m_safeMode;
    std::optional<Error> m_failure; ///< of the last save, until one succeeds
    StoredState m_state;
    std::unique_ptr<StateWorker> m_worker;
};

} // namespace pmdaemon
