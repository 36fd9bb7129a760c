// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/ecosystem.h"
#include "core/model/command.h"
#include "core/process/applyplan.h"
#include "core/process/operation.h"
#include "core/process/supervisor.h"

#include <QCoreApplication>

#include <map>
#include <memory>
#include <utility>

namespace pmdaemon {

/// What the protocol's commands mean, as docs/websocket.md says under `command`, carried out by a
/// Supervisor.
class CommandExecutor
{
    Q_DECLARE_TR_FUNCTIONS(pmdaemon::CommandExecutor)

public:
    /// Nothing is answered before what it changed is durable; without `persist` nothing is stored.
    explicit CommandExecutor(Supervisor &supervisor, Persist persist = {});

    /// Answered when the operation has really finished. A command that is refused has changed
    /// nothing.
    Reply<CommandResult> execute(const Command &command);
    /// Makes this the definition of its app: a new one is started, one that is defined otherwise is
    /// reloaded, though what is stopped stays so; nothing is done to one defined exactly so.
    Reply<CommandResult> apply(const ProcessSpec &spec);
    /// Makes all the apps of the request what it says; one that fails leaves the others alone, and
    /// its error is in the report. InvalidConfig, and nothing is done, where anything is wrong.
    Reply<ApplyReport> apply(const ApplyRequest &request);
    /// From now on everything is answered with ShuttingDown.
    void close() { m_closed = true; }

private:
    using Processes = QList<ManagedProcess *>;
    /// The ecosystem file of an app, and the environment that was chosen in it.
    using FileKey = std::pair<QString, QString>;
    using ReadFiles = std::map<FileKey, Result<Ecosystem>>;
    /// One app that a reload is for: its new definition and which of its instances begin anew.
    struct Reload
    {
        ProcessSpec spec;
        Processes rolled;
    };

    Reply<CommandResult> carryOut(std::function<Result<Operation *>()> begin,
                                  const Command &command);
    Result<Operation *> begin(const Command &command);
    Result<Operation *> startCommand(const Command &command);
    Result<Operation *> startSpec(const ProcessSpec &spec);
    Result<Operation *> applySpec(const ProcessSpec &spec);
    /// A plan that is being carried out.
    struct ApplyRun
    {
        ApplyPlan plan;
        QList<Reply<CommandResult>> replies; ///< of the apps that have had their turn
        QPromise<Result<ApplyReport>> done;
    };
    static constexpr int appliedPerTurn = 8;
    Reply<ApplyReport> carryOut(ApplyPlan plan);
    void carryOutMore(const std::shared_ptr<ApplyRun> &run);
    Result<Operation *> carryOut(const AppChange &change, const ProcessSpec *spec);
    static bool hasFailed(const ManagedProcess &process);
    QSet<QString> unsettledApps(const QMap<QString, ProcessSpec> &current) const;
    Result<void> checkPlan(const ApplyPlan &plan) const;
    Operation *beginAll(const Processes &processes);
    static void begin(Operation &operation, ManagedProcess &process);
    Result<Operation *> startProcesses(const Processes &processes, const Command &command);
    Result<Operation *> stop(const Command &command);
    Result<Operation *> restart(const Command &command);
    Result<Operation *> remove(const Command &command);
    Result<Operation *> reload(const Command &command) { return reloadFrom({}, command); }
    Result<Operation *> reloadFrom(const ReadFiles &files, const Command &command);
    Result<Operation *> scale(const Command &command);
    Result<Operation *> signal(const Command &command);
    Result<Operation *> sendLine(const Command &command);
    Result<Operation *> sendToAll(const Command &command,
                                  const std::function<Result<void>(ManagedProcess &)> &send);
    Result<Operation *> reset(const Command &command);
    Result<Operation *> flush(const Command &command);

    Result<Processes> find(const QString &target) const;
    static Result<void> takePorts(const Command &command, const Processes &processes);
    static Result<std::optional<int>> signalOf(const Command &command);
    Result<Operation *> startScaled(const Command &command);
    Result<ProcessSpec> scaledSpec(const Command &command) const;
    void deleteLogsOf(const Processes &processes, Operation &operation);
    Result<ProcessSpec> readConfig(const Command &command, const QString &name) const;
    static FileKey fileOf(const ProcessSpec &spec);
    QFuture<ReadFiles> readFilesOf(const QString &target) const;
    Result<ProcessSpec> reloadedSpec(const Command &command, const ProcessSpec &current,
                                     const ReadFiles &files) const;
    Result<QList<Reload>> planReloads(const Command &command, const ReadFiles &files) const;
    Result<void> checkReload(const ProcessSpec &spec) const;
    Operation *roll(const QList<Reload> &plans);
    std::optional<Error> whyNotRolled(const Reload &plan) const;
    static Error goesOn(Error error);
    Result<void> checkSettled(const QString &app) const;
    void resize(Operation &operation, const ProcessSpec &spec);
    Operation *newOperation(Action action);
    static tl::unexpected<Error> isClosed();
    Reply<CommandResult> answer(const Result<Operation *> &operation,
                                const Command &command = {}) const;

    Supervisor &m_supervisor;
    Persist m_persist;
    bool m_closed = false;
};

} // namespace pmdaemon
