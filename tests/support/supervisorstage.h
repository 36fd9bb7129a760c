// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/commandexecutor.h"
#include "tests/support/fakeprocessrunner.h"
#include "tests/support/processjournal.h"

#include <QAbstractEventDispatcher>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

namespace pmdaemon::test {

/// The word of the Error's code; empty for a success.
template <typename T>
QString codeOf(const Result<T> &result)
{
    return result ? QString() : QString(toString(result.error().code));
}

/// A Supervisor and its commands over fake runners.
struct SupervisorStage
{
    explicit SupervisorStage(FakeProcessRunner::Mode mode = FakeProcessRunner::Mode::Obedient)
    {
        runners.mode = mode;
    }

    /// For the processes made from now on.
    void useProbes(ProbeFactory factory) { makeProbe = std::move(factory); }

    static ProcessSpec spec(const QString &name, int instances = 1)
    {
        ProcessSpec made;
        made.name = name;
        made.script = QStringLiteral("/bin/true");
        made.instances = instances;
        return made;
    }

    Reply<CommandResult> start(const QString &name, int instances = 1)
    {
        return executor.apply(spec(name, instances));
    }

    Reply<CommandResult> run(Action action, const QString &target)
    {
        Command command;
        command.action = action;
        command.target = target;
        return executor.execute(command);
    }

    /// Waits for it.
    static Result<CommandResult> answer(const Reply<CommandResult> &reply)
    {
        if (!QTest::qWaitFor([&] { return reply.isFinished(); }, 20'000))
            return fail(ErrorCode::Timeout, QStringLiteral("the reply did not come"));
        return reply.result();
    }
    Result<CommandResult> answer(Action action, const QString &target)
    {
        return answer(run(action, target));
    }

    /// Until nothing more is due: what has not happened by then does not happen by itself.
    static void settle()
    {
        while (QAbstractEventDispatcher::instance()->processEvents(QEventLoop::AllEvents)) {
        }
    }

    ProcessStatus status(const QString &name) const
    {
        const QList<ManagedProcess *> found = supervisor.resolve(name);
        return found.isEmpty() ? ProcessStatus::Stopped : found.first()->entry().status;
    }

    QStringList names() const
    {
        QStringList all;
        for (const ManagedProcess *process : supervisor.processes())
            all.append(process->entry().name);
        return all;
    }

    QTemporaryDir home;
    QSet<int> busyPorts;
    ProbeFactory makeProbe;
    FakeRunners runners;
    FakeRunners scripts; ///< of commands and probes, by command line
    Supervisor supervisor{
        {.launch = {home.path(), QProcessEnvironment::systemEnvironment()},
         .makeRunner = runners.factory(),
         .makeProbeRunner = scripts.factory(),
         .isPortFree = [this](int port) { return !busyPorts.contains(port); },
         .makeProbe = [this](const HealthCheckSpec &check, const LaunchSpec &launch,
                             std::optional<int> port) { return makeProbe(check, launch, port); }}};
    CommandExecutor executor{supervisor};
    ProcessJournal journal{supervisor};
};

} // namespace pmdaemon::test
