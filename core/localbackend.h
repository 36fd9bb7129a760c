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

    /// The start command with a configuration that was read already.
    Reply<CommandResult> start(const ProcessSpec &spec);
    /// Stops everything, in parallel; finished when no managed process is left. New commands are
    /// answered with ShuttingDown from now on.
    QFuture<void> shutdown();

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
    ProcessDetail detailOf(const ManagedProcess &process);
    Result<ManagedProcess *> one(const QString &target) const;

    std::unique_ptr<Supervisor> m_supervisor;
    std::unique_ptr<CommandExecutor> m_executor;
    std::unique_ptr<MetricsSampler> m_sampler;
    std::unique_ptr<LogTail> m_tail;
    QThreadPool m_logReaders;
    std::map<milliseconds, QList<ProcessFilter>> m_sampledFor;
    QList<milliseconds> m_owedFrames; ///< intervals that run already and somebody joined
    bool m_updatePending = false;
};

} // namespace pmdaemon
