// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/state/statestore.h"

#include "core/state/stateworker.h"

namespace pmdaemon {

Result<std::unique_ptr<StateStore>> StateStore::open(const QString &home)
{
    return openState(StateFiles(home), wallNow()).map([&home](OpenedState &&opened) {
        return std::unique_ptr<StateStore>(new StateStore(home, std::move(opened)));
    });
}

Result<void> StateStore::restoreBackup(const QString &home)
{
    return pmdaemon::restoreBackup(StateFiles(home), wallNow());
}

Result<std::optional<SafeMode>> StateStore::inspect(const QString &home)
{
    return inspectState(StateFiles(home), wallNow());
}

StateStore::StateStore(const QString &home, OpenedState opened)
    : m_safeMode(std::move(opened.safeMode))
    , m_state(std::move(opened.state))
{
    const StateFiles files(home);
    // From the worker's thread to this one.
    const auto later = [this](auto emission) {
        QMetaObject::invokeMethod(this, std::move(emission), Qt::QueuedConnection);
    };
    m_worker = std::make_unique<StateWorker>(
        files, std::move(opened.database), m_safeMode.has_value(),
        StateWorker::Listener{
            .failed =
                [this, later](Error error) {
                    later([=, this] {
                        m_failure = error;
                        emit failed(error);
                    });
                },
            .recovered =
                [this, later] {
                    later([this] {
                        m_failure.reset();
                        emit recovered();
                    });
                },
            .historyLost = [this,
                            later](Error error) { later([=, this] { emit historyLost(error); }); },
        });
}

StateStore::~StateStore() = default;

QStringList StateStore::problems() const
{
    QStringList problems;
    if (m_safeMode)
        problems.append(describe(*m_safeMode));
    if (m_failure)
        problems.append(m_failure->message);
    return problems;
}

StoredState StateStore::load()
{
    return std::exchange(m_state, {});
}

Reply<void> StateStore::save(StateChange change)
{
    return m_worker->save(std::move(change));
}

Reply<EventPage> StateStore::events(const EventQuery &query, const QList<ProcessId> &ids)
{
    return m_worker->read<EventPage>(
        [query, ids](Database &database) { return readEvents(database, query, ids); });
}

Reply<MetricsSeries> StateStore::metrics(const MetricsQuery &query)
{
    return m_worker->read<MetricsSeries>(
        [query](Database &database) { return readMetrics(database, query); });
}

Reply<void> StateStore::takeSnapshot(const QString &name, WallTime time)
{
    return m_worker->write(
        [name, time](Database &database) { return writeSnapshot(database, name, time); });
}

Reply<void> StateStore::removeSnapshot(const QString &name)
{
    return m_worker->write(
        [name](Database &database) { return pmdaemon::removeSnapshot(database, name); });
}

Reply<QList<SnapshotInfo>> StateStore::snapshots()
{
    return m_worker->read<QList<SnapshotInfo>>(
        [](Database &database) { return readSnapshots(database); });
}

Reply<QList<StoredProcess>> StateStore::snapshot(const QString &name)
{
    return m_worker->read<QList<StoredProcess>>(
        [name](Database &database) { return readSnapshot(database, name); });
}

Reply<void> StateStore::leaveSafeMode()
{
    m_safeMode.reset();
    return m_worker->leaveSafeMode();
}

} // namespace pmdaemon
