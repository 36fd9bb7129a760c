// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/backend.h"
#include "core/process/processrunner.h"

#include <functional>
#include <memory>

namespace pmdaemon {

using ProcessRunnerFactory = std::function<std::unique_ptr<ProcessRunner>()>;

/// The Backend of the process that supervises: a Supervisor, a MetricsSampler and a LogTail behind
/// the common seam. Always Live, role Admin.
class LocalBackend : public Backend
{
    Q_OBJECT

public:
    /// `home` is absolute and exists. Each managed process gets a runner of its own.
    LocalBackend(const QString &home, ProcessRunnerFactory makeRunner, QObject *parent = nullptr);
    ~LocalBackend() override;

    Reply<CommandResult> command(Command command) override;
    Reply<QList<ProcessDetail>> processInfo(QString target) override;
    Reply<SystemInfo> systemInfo() override;
    Reply<History> history(QString process, WallTime from, WallTime to, milliseconds step) override;
    Reply<LogPage> logs(LogQuery query) override;

    /// Stops everything, in parallel; finished when no managed process is left. New commands are
    /// answered with ShuttingDown from now on.
    QFuture<void> shutdown();

protected:
    void interestChanged() override;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace pmdaemon
