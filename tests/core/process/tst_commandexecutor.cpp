// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/specfields.h"
#include "tests/support/comparenames.h"
#include "tests/support/supervisorstage.h"

#include <QJsonArray>
#include <QJsonDocument>

using namespace pmdaemon;
using namespace pmdaemon::test;
using namespace Qt::Literals::StringLiterals;

namespace {

using Mode = FakeProcessRunner::Mode;

QJsonObject trueConfig()
{
    return {{u"script"_s, u"/bin/true"_s}};
}

Command withConfig(Action action, const QString &target, const QJsonObject &config)
{
    Command command;
    command.action = action;
    command.target = target;
    command.config = config;
    return command;
}

Command scaleTo(const QString &target, int instances)
{
    Command command;
    command.action = Action::Scale;
    command.target = target;
    command.instances = instances;
    return command;
}

} // namespace

class TestCommandExecutor : public QObject
{
    Q_OBJECT

private slots:
    void startsANewAppFromAConfig()
    {
        SupervisorStage stage;
        const Result<CommandResult> started =
            stage.answer(stage.executor.execute(withConfig(Action::Start, u"web"_s, trueConfig())));
        QVERIFY2(started, started ? "" : qPrintable(started.error().message));
        QCOMPARE(started->message, u"web started"_s);
        QCOMPARE(started->processes.size(), 1);
        QCOMPARE(started->processes.first().status, ProcessStatus::Online);
        QCOMPARE(stage.journal.take(), (QStringList{u"starting"_s, u"online"_s, u"!started"_s}));
    }

    void refusesToStart_data()
    {
        QTest::addColumn<QString>("target");
        QTest::addColumn<QJsonObject>("config");
        QTest::addColumn<QString>("code");
        const QJsonObject other{{u"script"_s, u"/bin/false"_s}};
        QTest::newRow("running") << u"web"_s << QJsonObject{} << u"already_running"_s;
        QTest::newRow("running, same config") << u"web"_s << trueConfig() << u"already_running"_s;
        QTest::newRow("another config") << u"web"_s << other << u"already_exists"_s;
        QTest::newRow("unknown") << u"nobody"_s << QJsonObject{} << u"not_found"_s;
        QTest::newRow("another name in the config")
            << u"api"_s << QJsonObject{{u"name"_s, u"app"_s}, {u"script"_s, u"/bin/true"_s}}
            << u"invalid_config"_s;
        QTest::newRow("no script")
            << u"api"_s << QJsonObject{{u"args"_s, u"x"_s}} << u"invalid_config"_s;
        QTest::newRow("unknown key")
            << u"api"_s << QJsonObject{{u"script"_s, u"/bin/true"_s}, {u"scirpt"_s, 1}}
            << u"invalid_config"_s;
    }
    void refusesToStart()
    {
        QFETCH(const QString, target);
        QFETCH(const QJsonObject, config);
        QFETCH(const QString, code);
        SupervisorStage stage;
        QVERIFY(stage.answer(
            stage.executor.execute(withConfig(Action::Start, u"web"_s, trueConfig()))));
        stage.journal.take();
        const Result<CommandResult> refused =
            config.isEmpty()
                ? stage.answer(Action::Start, target)
                : stage.answer(stage.executor.execute(withConfig(Action::Start, target, config)));
        QVERIFY(!refused);
        QCOMPARE(codeOf(refused), code);
        QCOMPARE(stage.names(), QStringList{u"web"_s});
        QCOMPARE(stage.journal.take(), QStringList());
    }

    void startIsAnsweredWhenOnline()
    {
        SupervisorStage stage(Mode::Manual);
        const Reply<CommandResult> reply = stage.start(u"web"_s);
        QTRY_VERIFY(stage.runners.of(u"web"_s));
        QVERIFY(!reply.isFinished());
        stage.runners.of(u"web"_s)->comeUp();
        QVERIFY(stage.answer(reply));
    }

    void aStartThatIsPutOffIsAnsweredAndTriedAgain()
    {
        SupervisorStage stage(FakeProcessRunner::Mode::Manual);
        const Reply<CommandResult> reply = stage.start(u"web"_s);
        QTRY_VERIFY(stage.runners.of(u"web"_s));
        stage.runners.of(u"web"_s)->putOffStart({ErrorCode::StartFailed, u"no process left."_s});
        const Result<CommandResult> answer = stage.answer(reply);
        QCOMPARE(codeOf(answer), u"start_failed"_s);
        QCOMPARE(answer.error().message, u"no process left. It is tried again."_s);
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Restarting);
        stage.runners.of(u"web"_s)->respawn();
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Online);
    }

    void failedStartIsErroredWithTheReason()
    {
        SupervisorStage stage;
        ProcessSpec spec = stage.spec(u"web"_s);
        spec.script = u"/no/such/program"_s;
        const Result<CommandResult> failed = stage.answer(stage.executor.apply(spec));
        QCOMPARE(codeOf(failed), u"start_failed"_s);
        QVERIFY(failed.error().message.contains("/no/such/program"_L1));
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Errored);
        QCOMPARE(stage.journal.take(), (QStringList{u"starting"_s, u"errored"_s}));
    }

    void stopIsAnsweredWhenGone()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        FakeProcessRunner *runner = stage.runners.of(u"web"_s);
        runner->mode = Mode::Manual;
        const Reply<CommandResult> reply = stage.run(Action::Stop, u"web"_s);
        const Reply<CommandResult> second = stage.run(Action::Stop, u"web"_s);
        QCoreApplication::processEvents();
        QVERIFY(!reply.isFinished());
        runner->finishStop();
        QCOMPARE(stage.answer(reply)->processes.first().status, ProcessStatus::Stopped);
        QVERIFY(stage.answer(second));
        QCOMPARE(codeOf(stage.answer(Action::Stop, u"web"_s)), u"not_running"_s);
        QVERIFY(stage.answer(Action::Stop, u"all"_s));
    }

    void stopDuringStart()
    {
        SupervisorStage stage;
        const Reply<CommandResult> started = stage.start(u"web"_s);
        const Reply<CommandResult> stopped = stage.run(Action::Stop, u"web"_s);
        QVERIFY(stage.answer(stopped));
        QCOMPARE(codeOf(stage.answer(started)), u"start_failed"_s);
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Stopped);
    }

    void startDuringStopFailsTheStop()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        FakeProcessRunner *runner = stage.runners.of(u"web"_s);
        runner->mode = Mode::Manual;
        const Reply<CommandResult> stopped = stage.run(Action::Stop, u"web"_s);
        const Reply<CommandResult> started = stage.run(Action::Start, u"web"_s);
        runner->mode = Mode::Obedient;
        runner->finishStop();
        QVERIFY(stage.answer(started));
        QCOMPARE(codeOf(stage.answer(stopped)), u"stop_failed"_s);
    }

    void deleteWhileWaitingForARestart()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        stage.runners.of(u"web"_s)->exitWith(1, FakeProcessRunner::restartLater());
        stage.journal.take();
        const Result<CommandResult> deleted = stage.answer(Action::Delete, u"web"_s);
        QCOMPARE(deleted->message, u"web deleted"_s);
        QCOMPARE(stage.journal.take(),
                 (QStringList{u"stopping"_s, u"stopped"_s, u"!stopped"_s, u"!deleted"_s}));
        QVERIFY(stage.names().isEmpty());
        QTRY_VERIFY(stage.runners.all().isEmpty());
    }

    void deletedOnesAreOutOfReach()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        stage.runners.of(u"web"_s)->mode = Mode::Manual;
        const Reply<CommandResult> deleted = stage.run(Action::Delete, u"web"_s);
        QCOMPARE(codeOf(stage.answer(Action::Start, u"web"_s)), u"not_found"_s);
        QCOMPARE(codeOf(stage.answer(Action::Delete, u"web"_s)), u"not_found"_s);
        QCOMPARE(codeOf(stage.answer(stage.start(u"web"_s))), u"already_exists"_s);
        stage.runners.of(u"web"_s)->finishStop();
        QVERIFY(stage.answer(deleted));
        QVERIFY(stage.answer(stage.start(u"web"_s)));
    }

    void restartsAnErroredOne()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        stage.runners.of(u"web"_s)->exitWith(1, FakeProcessRunner::giveUp());
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Errored);
        QVERIFY(stage.answer(Action::Restart, u"web"_s));
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Online);
    }

    void triesAllTargetsAndReportsEach()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"a"_s)));
        QVERIFY(stage.answer(stage.start(u"b"_s)));
        QVERIFY(stage.answer(stage.start(u"c"_s)));
        stage.runners.of(u"b"_s)->startError = Error{ErrorCode::StartFailed, u"no luck"_s};
        const Result<CommandResult> failed = stage.answer(Action::Restart, u"all"_s);
        QCOMPARE(codeOf(failed), u"start_failed"_s);
        QCOMPARE(failed.error().message, u"b: no luck"_s);
        QCOMPARE(failed.error().details["failed"_L1],
                 QJsonValue(QJsonArray{QJsonObject{{u"process"_s, u"b"_s},
                                                   {u"code"_s, u"start_failed"_s},
                                                   {u"message"_s, u"no luck"_s}}}));
        QCOMPARE(failed.error().details["done"_L1], QJsonValue(QJsonArray{u"a"_s, u"c"_s}));
        QCOMPARE(stage.status(u"c"_s), ProcessStatus::Online);
    }

    void reloadGoesInstanceByInstance()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s, 3)));
        for (FakeProcessRunner *runner : stage.runners.all())
            runner->mode = Mode::Manual;
        stage.journal.take();
        const Reply<CommandResult> reloaded = stage.run(Action::Reload, u"web"_s);
        for (const QString &name : {u"web-0"_s, u"web-1"_s, u"web-2"_s}) {
            FakeProcessRunner *runner = stage.runners.of(name);
            QTRY_COMPARE(runner->stops, 1);
            int down = 0;
            for (const ManagedProcess *process : stage.supervisor.processes())
                down += process->isRunning() ? 0 : 1;
            QCOMPARE(down, 1);
            runner->finishStop();
            QTRY_COMPARE(runner->starts, 2);
            QVERIFY(!reloaded.isFinished());
            runner->comeUp();
        }
        QVERIFY(stage.answer(reloaded));
        QCOMPARE(stage.journal.of(u"web-1"_s).mid(3),
                 (QStringList{u"restarting"_s, u"starting"_s, u"online"_s, u"!restarted"_s,
                              u"!reloaded"_s}));
    }

    void reloadEndsWithTheFirstThatFails()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s, 2)));
        stage.runners.of(u"web-0"_s)->startError = Error{ErrorCode::StartFailed, u"broken"_s};
        QCOMPARE(codeOf(stage.answer(Action::Reload, u"web"_s)), u"start_failed"_s);
        QCOMPARE(stage.status(u"web-0"_s), ProcessStatus::Errored);
        QCOMPARE(stage.runners.of(u"web-1"_s)->starts, 1);
    }

    void deleteIsAnsweredWhenTheRemovalIsStored()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        // Each commit holds what there is when it is asked for, and ends when the test says so.
        struct Commit
        {
            QStringList names;
            QPromise<Result<void>> promise;
        };
        std::vector<Commit> commits;
        CommandExecutor executor(stage.supervisor, [&] {
            Commit &commit = commits.emplace_back(Commit{stage.names(), {}});
            commit.promise.start();
            return commit.promise.future();
        });
        const auto finish = [&commits](std::size_t i) {
            commits[i].promise.addResult(Result<void>());
            commits[i].promise.finish();
        };
        Command command;
        command.action = Action::Delete;
        command.target = u"web"_s;
        const Reply<CommandResult> deleted = executor.execute(command);
        QTRY_COMPARE(stage.names(), QStringList());
        finish(0);
        QTRY_COMPARE(commits.size(), 2u);
        QCOMPARE(commits[1].names, QStringList());
        QVERIFY(!deleted.isFinished());
        finish(1);
        QVERIFY(stage.answer(deleted));
    }

    void reloadPassesOverWhatIsDeletedMeanwhile()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s, 2)));
        for (FakeProcessRunner *runner : stage.runners.all())
            runner->mode = Mode::Manual;
        const Reply<CommandResult> reloaded = stage.run(Action::Reload, u"web"_s);
        const Reply<CommandResult> deleted = stage.run(Action::Delete, u"web-1"_s);
        FakeProcessRunner *first = stage.runners.of(u"web-0"_s);
        first->finishStop();
        QTRY_COMPARE(first->starts, 2);
        first->comeUp();
        QVERIFY(stage.answer(reloaded));
        QCOMPARE(stage.runners.of(u"web-1"_s)->starts, 1);
        stage.runners.of(u"web-1"_s)->finishStop();
        QVERIFY(stage.answer(deleted));
        QCOMPARE(stage.names(), QStringList{u"web-0"_s});
    }

    void reloadPassesOverWhatIsStoppedMeanwhile()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s, 2)));
        for (FakeProcessRunner *runner : stage.runners.all())
            runner->mode = Mode::Manual;
        const Reply<CommandResult> reloaded = stage.run(Action::Reload, u"web"_s);
        const Reply<CommandResult> stopped = stage.run(Action::Stop, u"web-1"_s);
        stage.runners.of(u"web-1"_s)->finishStop();
        QVERIFY(stage.answer(stopped));
        FakeProcessRunner *first = stage.runners.of(u"web-0"_s);
        first->finishStop();
        QTRY_COMPARE(first->starts, 2);
        first->comeUp();
        QVERIFY(stage.answer(reloaded));
        QCOMPARE(stage.runners.of(u"web-1"_s)->starts, 1);
        QCOMPARE(stage.status(u"web-1"_s), ProcessStatus::Stopped);
    }

    void applyGoesOnWhereAReloadFailed()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s, 3)));
        const ProcessSpec before = stage.supervisor.resolve(u"web-2"_s).first()->spec();
        ProcessSpec changed = before;
        changed.args = {u"--new"_s};
        stage.runners.of(u"web-0"_s)->startError = Error{ErrorCode::StartFailed, u"broken"_s};
        const ApplyRequest request{{specToJson(changed)}, {}, false};
        const auto apply = [&](const ApplyRequest &each) {
            const Reply<ApplyReport> reply = stage.executor.apply(each);
            return QTest::qWaitFor([&] { return reply.isFinished(); }) ? reply.result()->apps[0]
                                                                       : AppChange();
        };
        QVERIFY(apply(request).error);
        QCOMPARE(stage.status(u"web-0"_s), ProcessStatus::Errored);
        QVERIFY(stage.supervisor.resolve(u"web-2"_s).first()->spec() == before);
        stage.runners.of(u"web-0"_s)->startError.reset();
        ApplyRequest look = request;
        look.dryRun = true;
        QVERIFY(apply(look).kind == AppChange::Kind::Changed);
        QVERIFY(apply(look).restarts);
        QVERIFY(!apply(request).error);
        for (const QString &name : {u"web-0"_s, u"web-1"_s, u"web-2"_s}) {
            QCOMPARE(stage.status(name), ProcessStatus::Online);
            QCOMPARE(stage.runners.of(name)->launched.arguments, changed.args);
        }
        QVERIFY(apply(look).kind == AppChange::Kind::Unchanged);
    }

    void applyStartsWhatHasFailedAgain()
    {
        SupervisorStage stage;
        stage.runners.startError = Error{ErrorCode::StartFailed, u"broken"_s};
        QVERIFY(!stage.answer(stage.start(u"web"_s)));
        stage.runners.of(u"web"_s)->startError.reset();
        const Reply<ApplyReport> reply =
            stage.executor.apply(ApplyRequest{{specToJson(stage.spec(u"web"_s))}, {}, false});
        QTRY_VERIFY(reply.isFinished());
        QVERIFY(!reply.result()->apps[0].error);
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Online);
    }

    void whatCouldNotBeLaunchedAnewGoesOn_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QJsonValue>("value");
        QTest::addColumn<QString>("code");
        QTest::newRow("script") << u"script"_s << QJsonValue(u"/no/such"_s) << u"start_failed"_s;
        QTest::newRow("cwd") << u"cwd"_s << QJsonValue(u"/no/such"_s) << u"start_failed"_s;
        QTest::newRow("env_file") << u"env_file"_s << QJsonValue(u"/no/such"_s)
                                  << u"start_failed"_s;
        QTest::newRow("port") << u"port"_s << QJsonValue(4000) << u"port_in_use"_s;
    }
    void whatCouldNotBeLaunchedAnewGoesOn()
    {
        QFETCH(QString, key);
        QFETCH(QJsonValue, value);
        QFETCH(QString, code);
        SupervisorStage stage(Mode::Obedient);
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        stage.busyPorts = {4000};
        const ProcessSpec before = stage.supervisor.resolve(u"web"_s).first()->spec();
        QJsonObject config = specToJson(before);
        config.insert(key, value);
        const Reply<ApplyReport> applied = stage.executor.apply(ApplyRequest{{config}, {}, false});
        QTRY_VERIFY(applied.isFinished());
        const std::optional<Error> error = applied.result()->apps[0].error;
        QVERIFY(error);
        QCOMPARE(QString(toString(error->code)), code);
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Online);
        QCOMPARE(stage.runners.of(u"web"_s)->stops, 0);
        QVERIFY(stage.supervisor.resolve(u"web"_s).first()->spec() == before);
    }

    void aRestartThatCannotBeginEndsNothing()
    {
        SupervisorStage stage(Mode::Obedient);
        QTemporaryDir folder;
        ProcessSpec spec = stage.spec(u"web"_s);
        spec.cwd = folder.path();
        QVERIFY(stage.answer(stage.executor.apply(spec)));
        QVERIFY(folder.remove());
        QCOMPARE(codeOf(stage.answer(Action::Restart, u"web"_s)), u"start_failed"_s);
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Online);
    }

    void reloadTakesANewConfig()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        QJsonObject config = trueConfig();
        config.insert(u"args"_s, QJsonArray{u"--new"_s});
        config.insert(u"instances"_s, 2);
        const Result<CommandResult> reloaded =
            stage.answer(stage.executor.execute(withConfig(Action::Reload, u"web"_s, config)));
        QVERIFY2(reloaded, reloaded ? "" : qPrintable(reloaded.error().message));
        QCOMPARE(stage.names(), (QStringList{u"web-0"_s, u"web-1"_s}));
        for (const FakeProcessRunner *runner : stage.runners.all())
            QCOMPARE(runner->launched.arguments, QStringList{u"--new"_s});
    }

    void badReloadChangesNothing()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        stage.journal.take();
        const QJsonObject config{{u"script"_s, u"/bin/true"_s}, {u"instances"_s, u"many"_s}};
        QCOMPARE(codeOf(stage.answer(
                     stage.executor.execute(withConfig(Action::Reload, u"web"_s, config)))),
                 u"invalid_config"_s);
        QCOMPARE(stage.journal.take(), QStringList());
        QCOMPARE(stage.runners.of(u"web"_s)->starts, 1);
    }

    void reloadReadsTheFileAgain()
    {
        SupervisorStage stage;
        const QString path = stage.home.filePath(u"ecosystem.json"_s);
        const auto write = [&](const QJsonArray &apps) {
            QFile file(path);
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(QJsonDocument(QJsonObject{{u"apps"_s, apps}}).toJson());
        };
        ProcessSpec spec = stage.spec(u"web"_s);
        spec.configFile = path;
        QVERIFY(stage.answer(stage.executor.apply(spec)));
        write({QJsonObject{{u"name"_s, u"web"_s},
                           {u"script"_s, u"/bin/true"_s},
                           {u"args"_s, QJsonArray{u"again"_s}}}});
        const Result<CommandResult> reloaded = stage.answer(Action::Reload, u"web"_s);
        QVERIFY2(reloaded, reloaded ? "" : qPrintable(reloaded.error().message));
        QCOMPARE(stage.runners.of(u"web"_s)->launched.arguments, QStringList{u"again"_s});
        write({QJsonObject{{u"name"_s, u"api"_s}, {u"script"_s, u"/bin/true"_s}}});
        QCOMPARE(codeOf(stage.answer(Action::Reload, u"web"_s)), u"not_found"_s);
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Online);
    }

    void anAppliedDefinitionChangesOnlyWhatIsOtherwise()
    {
        SupervisorStage stage;
        ProcessSpec spec = stage.spec(u"web"_s, 2);
        QVERIFY(stage.answer(stage.executor.apply(spec)));
        QVERIFY(stage.answer(stage.executor.apply(spec)));
        QCOMPARE(stage.runners.of(u"web-0"_s)->starts, 1);
        QVERIFY(stage.answer(Action::Stop, u"web-1"_s));
        spec.args = QStringList{u"again"_s};
        spec.instances = 3;
        QVERIFY(stage.answer(stage.executor.apply(spec)));
        QCOMPARE(stage.runners.of(u"web-0"_s)->starts, 2);
        QCOMPARE(stage.runners.of(u"web-0"_s)->launched.arguments, spec.args);
        QCOMPARE(stage.status(u"web-1"_s), ProcessStatus::Stopped);
        QCOMPARE(stage.status(u"web-2"_s), ProcessStatus::Online);
        QVERIFY(stage.answer(Action::Start, u"web-1"_s));
        QCOMPARE(stage.runners.of(u"web-1"_s)->launched.arguments, spec.args);
        spec.instances = 0;
        QCOMPARE(codeOf(stage.answer(stage.executor.apply(spec))), u"invalid_config"_s);
    }

    void scalesUpAndDown()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        const qint64 pid = stage.runners.of(u"web"_s)->pid();
        const auto scaled = [&](int instances) {
            return stage.answer(stage.executor.execute(scaleTo(u"web"_s, instances)));
        };
        QCOMPARE(scaled(3)->processes.size(), 3);
        QCOMPARE(stage.names(), (QStringList{u"web-0"_s, u"web-1"_s, u"web-2"_s}));
        QStringList gone;
        connect(&stage.supervisor, &Supervisor::happened, this, [&gone](const ProcessEvent &event) {
            if (event.kind == ProcessEvent::Kind::Deleted)
                gone.append(event.name);
        });
        QCOMPARE(scaled(1)->message, u"web is the only instance now"_s);
        QCOMPARE(stage.names(), QStringList{u"web"_s});
        QCOMPARE(gone, (QStringList{u"web-1"_s, u"web-2"_s}));
        QCOMPARE(stage.supervisor.processes().first()->entry().pid, std::optional(pid));
        QCOMPARE(codeOf(scaled(0)), u"invalid_config"_s);
        QCOMPARE(codeOf(scaled(-3)), u"invalid_config"_s);
        QCOMPARE(codeOf(stage.answer(Action::Scale, u"web"_s)), u"invalid_message"_s);
        QVERIFY(stage.answer(stage.start(u"db"_s)));
        QCOMPARE(codeOf(stage.answer(stage.executor.execute(scaleTo(u"all"_s, 2)))),
                 u"invalid_message"_s);
    }

    void sendsSignals()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        Command command;
        command.action = Action::Signal;
        command.target = u"web"_s;
        for (const QString &name : {u"SIGHUP"_s, u"HUP"_s, u"1"_s}) {
            command.signal = name;
            QVERIFY(stage.answer(stage.executor.execute(command)));
        }
        QCOMPARE(stage.runners.of(u"web"_s)->signalsSent, (QList<int>{1, 1, 1}));
        command.signal = u"SIGNOTHING"_s;
        QCOMPARE(codeOf(stage.answer(stage.executor.execute(command))), u"invalid_message"_s);
        command.signal = u"HUP"_s;
        QVERIFY(stage.answer(Action::Stop, u"web"_s));
        QCOMPARE(codeOf(stage.answer(stage.executor.execute(command))), u"not_running"_s);
    }

    void resetsRestarts()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        QVERIFY(stage.answer(Action::Restart, u"web"_s));
        QCOMPARE(stage.supervisor.processes().first()->entry().restarts, 1);
        QCOMPARE(stage.answer(Action::Reset, u"web"_s)->processes.first().restarts, 0);
    }

    void flushEmptiesTheLogs()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        const QString path = stage.supervisor.logFilesOf(*stage.supervisor.processes().first()).out;
        QVERIFY(QDir().mkpath(QFileInfo(path).path()));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("a line\n") == 7 && file.flush());
        const Result<CommandResult> flushed = stage.answer(Action::Flush, u"web"_s);
        QVERIFY2(flushed, flushed ? "" : qPrintable(flushed.error().message));
        QCOMPARE(QFileInfo(path).size(), 0);
    }

    void everythingIsRefusedWhileShuttingDown()
    {
        SupervisorStage stage;
        stage.executor.close();
        QCOMPARE(codeOf(stage.answer(stage.start(u"web"_s))), u"shutting_down"_s);
        QCOMPARE(codeOf(stage.answer(Action::Stop, u"all"_s)), u"shutting_down"_s);
    }

    void openCommandsAreAnsweredWhenTheSupervisorDies()
    {
        Reply<CommandResult> reply;
        {
            SupervisorStage stage(Mode::Manual);
            reply = stage.start(u"web"_s);
        }
        QVERIFY(reply.isFinished());
        QCOMPARE(codeOf(reply.result()), u"shutting_down"_s);
    }

    void appliesAFileAndChangesNothingElse()
    {
        SupervisorStage stage;
        ProcessSpec kept = stage.spec(u"kept"_s);
        ProcessSpec changed = stage.spec(u"changed"_s, 2);
        ProcessSpec gone = stage.spec(u"gone"_s);
        for (ProcessSpec *spec : {&kept, &changed, &gone}) {
            spec->configFile = u"/e.json"_s;
            QVERIFY(stage.answer(stage.executor.apply(*spec)));
        }
        const qint64 keptPid = stage.supervisor.resolve(u"kept"_s).first()->entry().pid.value();
        changed.nice = 5;
        ApplyRequest request{.apps = {}, .files = {u"/e.json"_s}, .dryRun = true};
        for (const ProcessSpec &spec : {kept, changed, stage.spec(u"new"_s)})
            request.apps.append(specToJson(spec));
        const auto answerTo = [&] {
            const Reply<ApplyReport> reply = stage.executor.apply(request);
            return QTest::qWaitFor([&] { return reply.isFinished(); }, 20'000)
                       ? reply.result()
                       : fail(ErrorCode::Timeout, u"no answer"_s);
        };
        const Result<ApplyReport> planned = answerTo();
        QVERIFY2(planned, planned ? "" : qPrintable(planned.error().message));
        QCOMPARE(planned->apps.size(), 4);
        QCOMPARE(stage.names(),
                 (QStringList{u"kept"_s, u"changed-0"_s, u"changed-1"_s, u"gone"_s}));

        request.dryRun = false;
        const Result<ApplyReport> done = answerTo();
        QVERIFY2(done, done ? "" : qPrintable(done.error().message));
        QCOMPARE(done->apps, planned->apps);
        QCOMPARE(stage.names(), (QStringList{u"kept"_s, u"changed-0"_s, u"changed-1"_s, u"new"_s}));
        QCOMPARE(stage.supervisor.resolve(u"kept"_s).first()->entry().pid, keptPid);
        QCOMPARE(stage.runners.of(u"changed-1"_s)->starts, 2);
        QCOMPARE(stage.runners.of(u"changed-1"_s)->launched.limits.nice, 5);
        QCOMPARE(stage.status(u"new"_s), ProcessStatus::Online);
    }

    void changesWhatNeedsNoRestartInPlace()
    {
        SupervisorStage stage;
        ProcessSpec app = stage.spec(u"web"_s);
        QVERIFY(stage.answer(stage.executor.apply(app)));
        app.maxMemoryRestart = 1'000'000;
        app.nameSpace = u"shop"_s;
        const Reply<ApplyReport> reply =
            stage.executor.apply(ApplyRequest{{specToJson(app)}, {}, false});
        QTRY_VERIFY(reply.isFinished());
        QVERIFY(reply.result());
        QCOMPARE(stage.runners.of(u"web"_s)->starts, 1);
        QCOMPARE(stage.supervisor.resolve(u"web"_s).first()->entry().nameSpace, u"shop"_s);
        QCOMPARE(stage.supervisor.resolve(u"web"_s).first()->spec().maxMemoryRestart, 1'000'000);
    }

    void aFailureWhileApplyingLeavesTheOthersAlone()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"good"_s)));
        ProcessSpec bad = stage.spec(u"bad"_s);
        bad.script = u"/no/such/program"_s;
        const Reply<ApplyReport> reply = stage.executor.apply(ApplyRequest{
            {specToJson(bad), specToJson(stage.spec(u"good"_s)), specToJson(stage.spec(u"new"_s))},
            {},
            false});
        QTRY_VERIFY(reply.isFinished());
        const Result<ApplyReport> report = reply.result();
        QVERIFY(report);
        QCOMPARE(report->apps.size(), 3);
        QCOMPARE(report->apps[0].error.value_or(Error{}).code, ErrorCode::StartFailed);
        QVERIFY(!report->apps[1].error && !report->apps[2].error);
        QCOMPARE(stage.status(u"good"_s), ProcessStatus::Online);
        QCOMPARE(stage.status(u"new"_s), ProcessStatus::Online);
    }

    void nothingIsAppliedWhereAnythingIsWrong()
    {
        SupervisorStage stage;
        const Reply<ApplyReport> reply = stage.executor.apply(
            ApplyRequest{{specToJson(stage.spec(u"new"_s)), {{u"name"_s, u"bad"_s}}}, {}, false});
        QTRY_VERIFY(reply.isFinished());
        QCOMPARE(reply.result().error().code, ErrorCode::InvalidConfig);
        QVERIFY(stage.names().isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestCommandExecutor)
#include "tst_commandexecutor.moc"
