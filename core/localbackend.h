// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/backend.h"
#include "core/process/supervisor.h"

#include <QThreadPool>

#include <memory>

namespace pmdaemon {

class CommandExecutor;
class LogTail;
class MetricsSampler;
class StateRecorder;
class StateStore;

/// The Backend of the process that supervises: a Supervisor, a MetricsSampler and a LogTail behind
/// the common seam. Always Live, role Admin.
class LocalBackend : public Backend
{
    Q_OBJECT

public:
    /// `home` is absolute and exists. Each managed process gets a runner of its own.
    LocalBackend(const QString &home, ProcessRunnerFactory makeRunner, QObject *parent = nullptr);
    /// For tests: `procRoot` stands for /proc.
    LocalBackend(Surroundings surroundings, const QString &procRoot, QObject *parent = nullptr);
    ~LocalBackend() override;

    Reply<CommandResult> command(Command command) override;
    Reply<QList<ProcessDetail>> processInfo(QString target) override;
    Reply<SystemInfo> systemInfo() override;
    Reply<History> history(QString process, WallTime from, WallTime to, milliseconds step) override;
    Reply<LogPage> logs(LogQuery query) override;
    Reply<ApplyReport> apply(ApplyRequest request) override;
    Reply<EventPage> events(EventQuery query) override;

    /// Goes on with what is stored, and stores from now on what has to be known later. Once, before
    /// anything else; the store outlives this. command(), processInfo() and systemInfo() are
    /// answered when each process has told what became of it.
    void restore(StateStore &store);
    /// Finished when all that has happened so far is stored, or cannot be.
    Reply<void> persisted();

    /// How often figures are kept for history(): each second, unless told otherwise.
    void keepHistory(milliseconds interval);

    /// See CommandExecutor::apply().
    Reply<CommandResult> apply(const ProcessSpec &spec);
    /// New commands are answered with ShuttingDown from now on.
    void close();
    /// Stops everything, in parallel; finished when no managed process is left. What is wanted to
    /// run stays wanted.
    QFuture<void> stopAll();

protected:
    void interestChanged() override;

private:
    void onStatus(const StatusChange &change);
    void onUpdated(const ProcessEntry &entry);
    void onRemoved(ProcessId id);
    void onFrame(const MetricsFrame &frame);
    /// Once per event-loop turn, however many processes came, went or changed.
    void updateWatchesLater();
    void updateWatches();
    void updateLogSources();
    void sendFirstFrames();
    QList<ProcessId> idsOf(const QList<ProcessFilter> &filters) const;
    QList<ProcessId> limitedIds() const;
    Result<QList<ProcessDetail>> detailsOf(const QString &target);
    Reply<EventPage> pastEvents(EventQuery query);
    ProcessDetail detailOf(const ManagedProcess &process);
    SystemInfo systemNow() const;
    Result<ManagedProcess *> one(const QString &target) const;

    std::unique_ptr<Supervisor> m_supervisor;
    StateStore *m_store = nullptr;             ///< none before restore()
    std::unique_ptr<StateRecorder> m_recorder; ///< as m_store
    std::unique_ptr<CommandExecutor> m_executor;
    std::unique_ptr<MetricsSampler> m_sampler;
    std::unique_ptr<LogTail> m_tail;
    QThreadPool m_logReaders;
    std::map<milliseconds, QList<ProcessFilter>> m_sampledFor;
    QList<milliseconds> m_owedFrames; ///< intervals that run already and somebody joined
    bool m_updatePending = false;
};

} // namespace pmdaemon
