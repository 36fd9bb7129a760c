// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/logindex.h"
#include "tests/support/comparenames.h"
#include "tests/support/supervisorstage.h"

#include <QDir>
#include <QFile>

#include <csignal>

using namespace pmdaemon;
using namespace pmdaemon::test;
using namespace Qt::Literals::StringLiterals;

namespace {

using Mode = FakeProcessRunner::Mode;

PortSpec portsFrom(int first, int last = 0)
{
    return last ? PortSpec{PortSpec::Kind::Range, first, last}
                : PortSpec{PortSpec::Kind::Single, first, first};
}

QList<int> portsOf(const SupervisorStage &stage, const QString &target)
{
    QList<int> ports;
    for (const ManagedProcess *process : stage.supervisor.resolve(target))
        ports.append(process->entry().port.value_or(0));
    return ports;
}

} // namespace

/// What a command may say besides what is to be done to whom.
class TestCommandOptions : public QObject
{
    Q_OBJECT

private slots:
    void restartsOnAnotherPortUntilTheNextRestart()
    {
        SupervisorStage stage;
        ProcessSpec web = stage.spec(u"web"_s);
        web.port = portsFrom(3000);
        QVERIFY(stage.answer(stage.executor.apply(web)));
        const auto restart = [&](const std::optional<PortSpec> &port) {
            return stage.answer(stage.executor.execute(
                {.action = Action::Restart, .target = u"web"_s, .port = port}));
        };
        QCOMPARE(restart(portsFrom(4000))->processes.first().port, std::optional(4000));
        stage.supervisor.resolve(u"web"_s).first()->restart(RestartReason::Memory);
        QTRY_COMPARE(stage.status(u"web"_s), ProcessStatus::Online);
        QCOMPARE(portsOf(stage, u"web"_s), QList<int>{4000});
        QCOMPARE(restart({})->processes.first().port, std::optional(3000));
        // Nor does one stay that the definition does not have at all.
        QVERIFY(stage.answer(stage.start(u"plain"_s)));
        const auto restartPlain = [&](const std::optional<PortSpec> &port) {
            return stage.answer(stage.executor.execute(
                {.action = Action::Restart, .target = u"plain"_s, .port = port}));
        };
        QCOMPARE(restartPlain(portsFrom(4500))->processes.first().port, std::optional(4500));
        QCOMPARE(restartPlain({})->processes.first().port, std::nullopt);
    }

    void startsOnAnotherPort()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        QVERIFY(stage.answer(Action::Stop, u"web"_s));
        QVERIFY(stage.answer(stage.executor.execute(
            {.action = Action::Start, .target = u"web"_s, .port = portsFrom(4000)})));
        QCOMPARE(portsOf(stage, u"web"_s), QList<int>{4000});
    }

    void givesARangeToTheInstancesAndOnePortToOne()
    {
        SupervisorStage stage;
        ProcessSpec web = stage.spec(u"web"_s, 2);
        web.port = portsFrom(3000, 3001);
        QVERIFY(stage.answer(stage.executor.apply(web)));
        const auto restart = [&](const QString &target, const PortSpec &port) {
            return codeOf(stage.answer(stage.executor.execute(
                {.action = Action::Restart, .target = target, .port = port})));
        };
        QCOMPARE(restart(u"web"_s, portsFrom(4000)), u"invalid_message"_s); // one for two
        QCOMPARE(restart(u"web"_s, portsFrom(4000, 4001)), QString());
        QCOMPARE(portsOf(stage, u"web"_s), (QList<int>{4000, 4001}));
        QCOMPARE(restart(u"web-1"_s, portsFrom(5000)), QString());
        QCOMPARE(portsOf(stage, u"web"_s), (QList<int>{4000, 5000}));
        QVERIFY(stage.answer(stage.start(u"other"_s)));
        QCOMPARE(restart(u"all"_s, portsFrom(6000, 6002)), u"invalid_message"_s);
    }

    void anOtherPortOutlivesTheDaemon()
    {
        SupervisorStage stage(Mode::Manual);
        KnownProcess known;
        known.spec = stage.spec(u"web"_s, 2);
        known.spec.port = portsFrom(3000, 3001);
        known.entry.id = ProcessId{5};
        known.entry.name = u"web-1"_s;
        known.entry.app = u"web"_s;
        known.entry.instance = 1;
        known.entry.status = ProcessStatus::Online;
        known.entry.port = 4001;
        known.wanted = Wanted::Up;
        stage.supervisor.restore({known}, 6, true);
        FakeProcessRunner &runner = *stage.runners.all().first();
        runner.finishResume({.phase = ResumedRun::Phase::Running, .pid = 4711});
        ManagedProcess &process = *stage.supervisor.processes().first();
        process.restart(RestartReason::Health);
        runner.mode = Mode::Obedient;
        runner.finishStop();
        QTRY_COMPARE(process.entry().status, ProcessStatus::Online);
        QCOMPARE(process.entry().port, std::optional(4001));
    }

    void stopsByTheSignalOfTheCommand()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        const FakeProcessRunner &runner = *stage.runners.of(u"web"_s);
        const auto carryOut = [&](Action action, const QString &signal) {
            return codeOf(stage.answer(
                stage.executor.execute({.action = action, .target = u"web"_s, .signal = signal})));
        };
        QCOMPARE(carryOut(Action::Restart, u"HUP"_s), QString());
        QCOMPARE(runner.stopPolicy.signal, SIGHUP);
        QCOMPARE(carryOut(Action::Restart, {}), QString());
        QCOMPARE(runner.stopPolicy.signal, SIGTERM);
        QCOMPARE(carryOut(Action::Stop, u"SIGINT"_s), QString());
        QCOMPARE(runner.stopPolicy.signal, SIGINT);
    }

    void answersWhenBegun()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        FakeProcessRunner *runner = stage.runners.of(u"web"_s);
        runner->mode = Mode::Manual;
        const Result<CommandResult> begun = stage.answer(
            stage.executor.execute({.action = Action::Stop, .target = u"web"_s, .waits = false}));
        QVERIFY(begun);
        QCOMPARE(begun->processes.first().status, ProcessStatus::Stopping);
        runner->finishStop();
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Stopped);
    }

    void answersInTime()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        FakeProcessRunner *runner = stage.runners.of(u"web"_s);
        runner->mode = Mode::Manual;
        QCOMPARE(codeOf(stage.answer(stage.executor.execute(
                     {.action = Action::Stop, .target = u"web"_s, .timeout = milliseconds{1}}))),
                 u"timeout"_s);
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Stopping);
        runner->finishStop();
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Stopped);
    }

    void startsAsManyAsTheCommandSays()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        QVERIFY(stage.answer(Action::Stop, u"web"_s));
        const Result<CommandResult> started = stage.answer(
            stage.executor.execute({.action = Action::Start, .target = u"web"_s, .instances = 3}));
        QVERIFY(started);
        QCOMPARE(started->processes.size(), 3);
        for (const ManagedProcess *process : stage.supervisor.processes())
            QVERIFY(process->isRunning());
    }

    void deletesLogsWhereAskedTo()
    {
        SupervisorStage stage;
        ProcessSpec web = stage.spec(u"web"_s);
        web.logFile = stage.home.filePath(u"both.log"_s);
        ProcessSpec other = stage.spec(u"other"_s);
        other.outFile = web.logFile;
        for (const ProcessSpec &spec : {web, other})
            QVERIFY(stage.answer(stage.executor.apply(spec)));
        for (const QString &name :
             {web.logFile, rotatedLogFile(web.logFile, 1), logIndexFile(web.logFile)}) {
            QFile file(name);
            QVERIFY(file.open(QIODevice::WriteOnly) && file.write("x\n") == 2);
        }
        const auto remove = [&](const QString &target, bool keepsLogs) {
            return codeOf(stage.answer(stage.executor.execute(
                {.action = Action::Delete, .target = target, .keepsLogs = keepsLogs})));
        };
        QCOMPARE(remove(u"web"_s, false), QString());
        QVERIFY(QFile::exists(web.logFile)); // the other one writes there, too
        QCOMPARE(remove(u"other"_s, true), QString());
        QVERIFY(QFile::exists(web.logFile));
        QVERIFY(stage.answer(stage.executor.apply(web)));
        QCOMPARE(remove(u"web"_s, false), QString());
        QVERIFY(QDir(stage.home.path()).entryList({u"both.log*"_s}).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestCommandOptions)
#include "tst_commandoptions.moc"
