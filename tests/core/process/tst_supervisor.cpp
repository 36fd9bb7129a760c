// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "tests/support/comparenames.h"
#include "tests/support/supervisorstage.h"

#include <QSignalSpy>
#include <QTcpServer>

using namespace pmdaemon;
using namespace pmdaemon::test;
using namespace Qt::Literals::StringLiterals;

namespace {

/// What an earlier daemon left of a `web` that ran.
KnownProcess knownWeb()
{
    KnownProcess known;
    known.spec = SupervisorStage::spec(u"web"_s);
    known.entry.id = ProcessId{5};
    known.entry.name = known.entry.app = u"web"_s;
    known.entry.status = ProcessStatus::Online;
    known.wanted = Wanted::Up;
    return known;
}

constexpr ResumedRun running{.phase = ResumedRun::Phase::Running, .pid = 4711};

} // namespace

class TestSupervisor : public QObject
{
    Q_OBJECT

private slots:
    void namesTheAppThatListensOnAPort()
    {
        SupervisorStage stage;
        ProcessSpec front = stage.spec(u"front"_s);
        ListenSpec listen;
        listen.host = u"127.0.0.1"_s;
        listen.port = 4711;
        front.listen = {listen};
        QVERIFY(stage.supervisor.create(front));
        stage.busyPorts = {4711};
        ProcessSpec web = stage.spec(u"web"_s);
        web.port = PortSpec{PortSpec::Kind::Single, 4711, 4711};
        const Result<CommandResult> started = stage.answer(stage.executor.apply(web));
        QCOMPARE(codeOf(started), u"port_in_use"_s);
        QVERIFY2(started.error().message.contains(u"front listens on"_s),
                 qPrintable(started.error().message));
        QCOMPARE(started.error().details["holder"_L1], QJsonValue(u"front"_s));
    }

    void namesInstances()
    {
        SupervisorStage stage;
        QVERIFY(stage.supervisor.create(stage.spec(u"web"_s, 3)));
        QVERIFY(stage.supervisor.create(stage.spec(u"db"_s)));
        QCOMPARE(stage.names(), (QStringList{u"web-0"_s, u"web-1"_s, u"web-2"_s, u"db"_s}));
        QCOMPARE(stage.supervisor.resolve(u"web").size(), 3);
        QCOMPARE(stage.supervisor.resolve(u"web-1").size(), 1);
        QCOMPARE(stage.supervisor.resolve(u"3").first()->entry().name, u"db"_s);
        QCOMPARE(stage.supervisor.resolve(u"namespace:default").size(), 4);
        QCOMPARE(stage.supervisor.resolve(u"all").size(), 4);
    }

    void refusesBadNames_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("empty") << QString();
        QTest::newRow("digits") << u"123"_s;
        QTest::newRow("slash") << u"a/b"_s;
        QTest::newRow("dot first") << u".web"_s;
        QTest::newRow("two dots") << u"a..b"_s;
        QTest::newRow("markup") << u"<img>"_s;
        QTest::newRow("letter of another script") << u"w\u00e9b"_s;
        QTest::newRow("65") << QString(65, u'a');
        QTest::newRow("reserved") << u"all"_s;
    }
    void refusesBadNames()
    {
        QFETCH(const QString, name);
        SupervisorStage stage;
        const auto created = stage.supervisor.create(stage.spec(name));
        QCOMPARE(codeOf(created), u"invalid_config"_s);
        QVERIFY(created.error().message.startsWith("name:"_L1));
        QVERIFY(stage.names().isEmpty());
    }

    void takesGoodNames()
    {
        SupervisorStage stage;
        for (const QString &name : {u"a"_s, u"1a"_s, u"web.api_2-x"_s, QString(64, u'a')})
            QVERIFY(stage.supervisor.create(stage.spec(name)));
    }

    void aNameBelongsToOne()
    {
        SupervisorStage stage;
        QVERIFY(stage.supervisor.create(stage.spec(u"web"_s, 2)));
        for (const QString &name : {u"web"_s, u"web-0"_s})
            QCOMPARE(codeOf(stage.supervisor.create(stage.spec(name))), u"already_exists"_s);
        QVERIFY(stage.supervisor.create(stage.spec(u"db-1"_s)));
        QCOMPARE(codeOf(stage.supervisor.create(stage.spec(u"db"_s, 2))), u"already_exists"_s);
        QCOMPARE(stage.names().size(), 3);
    }

    void refusesTooMany()
    {
        SupervisorStage stage;
        for (const int instances : {0, -1, Supervisor::MaxProcesses + 1, 2'000'000'000})
            QCOMPARE(codeOf(stage.supervisor.create(stage.spec(u"web"_s, instances))),
                     u"invalid_config"_s);
    }

    void refusesTooFewPorts()
    {
        SupervisorStage stage;
        ProcessSpec web = stage.spec(u"web"_s, 3);
        web.port = PortSpec{PortSpec::Kind::Single, 3000, 3000};
        QCOMPARE(codeOf(stage.supervisor.create(web)), u"invalid_config"_s);
    }

    void idsAreNeverUsedAgain()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"a"_s)));
        QVERIFY(stage.answer(Action::Delete, u"a"_s));
        const Result<CommandResult> again = stage.answer(stage.start(u"a"_s));
        QCOMPARE(again->processes.first().id, ProcessId{1});
    }

    void launchesFewPerTurn()
    {
        SupervisorStage stage;
        const Reply<CommandResult> reply = stage.start(u"web"_s, 1'000);
        int most = 0;
        int before = 0;
        const auto online = [&] {
            return int(std::count_if(stage.runners.all().begin(), stage.runners.all().end(),
                                     [](const auto *runner) { return runner->starts > 0; }));
        };
        while (!reply.isFinished()) {
            QCoreApplication::processEvents();
            const int now = online();
            most = std::max(most, now - before);
            before = now;
        }
        QCOMPARE(online(), 1'000);
        QVERIFY2(most <= 2, qPrintable(QString::number(most)));
        QCOMPARE(reply.result()->processes.size(), 1'000);
        QCOMPARE(reply.result()->message, u"1000 process(es) started"_s);
    }

    void portIsTakenAtStartAndGivenBackAtTheEnd()
    {
        SupervisorStage stage;
        ProcessSpec web = stage.spec(u"web"_s, 2);
        web.port = PortSpec{PortSpec::Kind::Range, 3000, 3001};
        const Result<CommandResult> started = stage.answer(stage.executor.apply(web));
        QCOMPARE(started->processes[1].port, std::optional(3001));
        QVERIFY(stage.runners.of(u"web-1"_s)->launched.environment.contains(u"PORT=3001"_s));

        ProcessSpec other = stage.spec(u"other"_s);
        other.port = PortSpec{PortSpec::Kind::Single, 3000, 3000};
        const Result<CommandResult> refused = stage.answer(stage.executor.apply(other));
        QCOMPARE(codeOf(refused), u"port_in_use"_s);
        QVERIFY(refused.error().message.contains("web-0"_L1));
        QCOMPARE(stage.status(u"other"_s), ProcessStatus::Errored);

        QVERIFY(stage.answer(Action::Stop, u"web-0"_s));
        QVERIFY(stage.answer(Action::Start, u"other"_s));
    }

    void aPortInUseByItsOwnProcessIsNotAskedForAgain()
    {
        SupervisorStage stage(FakeProcessRunner::Mode::Manual);
        int looks = 0;
        Supervisor supervisor(
            {.launch = {stage.home.path(), QProcessEnvironment::systemEnvironment()},
             .makeRunner = stage.runners.factory(),
             .isPortFree = [&looks](int) { return ++looks == 1; }}); // then the program has it
        ProcessSpec web = stage.spec(u"web"_s);
        web.port = PortSpec{PortSpec::Kind::Single, 3000, 3000};
        ManagedProcess *const process = supervisor.create(web)->first();
        process->start();
        process->stop();
        process->start(); // waits for a launch twice
        ManagedProcess *const next = supervisor.create(stage.spec(u"next"_s))->first();
        next->start();
        QTRY_VERIFY(stage.runners.of(u"next"_s) != nullptr);
        QCOMPARE(stage.runners.of(u"web"_s)->starts, 1);
        QCOMPARE(process->entry().status, ProcessStatus::Starting);
        stage.runners.of(u"web"_s)->comeUp();
        QCOMPARE(process->entry().status, ProcessStatus::Online);
    }

    void nothingNewIsLaunchedBeforeItIsStored()
    {
        SupervisorStage stage;
        QPromise<Result<void>> stored;
        stored.start();
        int asked = 0;
        stage.supervisor.storeBeforeLaunch([&] {
            ++asked;
            return stored.future();
        });
        const Reply<CommandResult> started = stage.start(u"web"_s, 3);
        QTRY_COMPARE(asked, 1); // for the three of them
        QCoreApplication::processEvents();
        QVERIFY(!stage.runners.of(u"web-0"_s));
        stored.addResult(Result<void>{});
        stored.finish();
        QVERIFY(stage.answer(started));
        QVERIFY(stage.answer(Action::Restart, u"web"_s)); // known since then
        QCOMPARE(asked, 1);
    }

    void whatCannotBeStoredIsLaunchedAllTheSame()
    {
        SupervisorStage stage;
        stage.supervisor.storeBeforeLaunch(
            [] { return readyReply<void>(fail(ErrorCode::StorageFull, u"the disk is full"_s)); });
        QVERIFY(stage.answer(stage.start(u"web"_s)));
    }

    void commandsWaitUntilEachSlotHasTold()
    {
        SupervisorStage stage(FakeProcessRunner::Mode::Manual);
        stage.supervisor.restore({knownWeb()}, 6, true);
        const Reply<CommandResult> stopped = stage.run(Action::Stop, u"web"_s);
        QCoreApplication::processEvents();
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Online);
        FakeProcessRunner &runner = *stage.runners.all().first();
        runner.finishResume(running);
        QTRY_COMPARE(runner.stops, 1);
        runner.finishStop();
        QVERIFY(stage.answer(stopped));
    }

    void aSlotThatTellsNothingIsNotWaitedForLong()
    {
        SupervisorStage stage(FakeProcessRunner::Mode::Manual);
        stage.supervisor.restore({knownWeb()}, 6, true);
        QSignalSpy restored(&stage.supervisor, &Supervisor::restored);
        QTRY_COMPARE(restored.size(), 1);
        QVERIFY(!stage.supervisor.isRestoring());
        stage.runners.all().first()->finishResume(running);
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Online);
        QCOMPARE(restored.size(), 1);
    }

    void stopAllWaitsUntilEachSlotHasTold()
    {
        SupervisorStage stage(FakeProcessRunner::Mode::Manual);
        KnownProcess known = knownWeb();
        known.entry.status = ProcessStatus::Stopped; // its start was not stored any more
        stage.supervisor.restore({known}, 6, true);
        const QFuture<void> stopped = stage.supervisor.stopAll();
        FakeProcessRunner &runner = *stage.runners.all().first();
        runner.finishResume(running);
        QTRY_COMPARE(runner.stops, 1);
        QVERIFY(!stopped.isFinished());
        runner.finishStop();
        QTRY_VERIFY(stopped.isFinished());
    }

    void stopsByTheCommandOfTheApp()
    {
        SupervisorStage stage(FakeProcessRunner::Mode::Manual);
        stage.scripts.mode = FakeProcessRunner::Mode::Manual;
        ProcessSpec spec = stage.spec(u"db"_s);
        spec.stopCommand = u"/bin/true --stop {pid}"_s;
        const auto started = stage.executor.apply(spec);
        QTRY_VERIFY(stage.runners.of(u"db"_s));
        stage.runners.of(u"db"_s)->comeUp();
        QVERIFY(stage.answer(started));
        const QString pid = QString::number(stage.runners.of(u"db"_s)->pid());
        const auto stopped = stage.run(Action::Stop, u"db"_s);
        FakeProcessRunner *const command = stage.scripts.of(u"/bin/true --stop "_s + pid);
        QVERIFY(command);
        QCOMPARE(command->launched.arguments, (QStringList{u"--stop"_s, pid}));
        QVERIFY(!command->launched.environment.isEmpty()); // the app's
        QCOMPARE(stage.runners.of(u"db"_s)->stopPolicy.signal, 0);
        command->comeUp();
        command->exitWith(3);
        QCOMPARE(stage.runners.of(u"db"_s)->stopPolicy.signal, spec.killSignal); // it failed
        stage.runners.of(u"db"_s)->finishStop();
        QVERIFY(stage.answer(stopped));
    }

    void anAddressBelongsToOneApp()
    {
        SupervisorStage stage;
        ProcessSpec spec = stage.spec(u"a"_s);
        spec.listen = {{{}, 0, stage.home.filePath(u"web.sock"_s)}};
        QVERIFY(stage.answer(stage.executor.apply(spec)));
        QVERIFY(QFile::exists(spec.listen[0].path));
        const auto first = stage.runners.of(u"a"_s)->launched.sockets;
        QCOMPARE(first.size(), 1);
        QCOMPARE(first[0].name, u"web.sock"_s);
        ProcessSpec other = spec;
        other.name = u"b"_s;
        QCOMPARE(codeOf(stage.answer(stage.executor.apply(other))), u"port_in_use"_s);
        QVERIFY(stage.answer(Action::Restart, u"a"_s));
        QCOMPARE(stage.runners.of(u"a"_s)->launched.sockets, first); // the same open one
        QVERIFY(stage.answer(Action::Delete, u"a"_s));
        QVERIFY(!QFile::exists(spec.listen[0].path));
        QVERIFY(stage.answer(stage.executor.apply(other)));
    }

    void takesTheSocketsOfAnEarlierDaemon()
    {
        QTemporaryDir folder;
        const QList<ListenSpec> listen{{{}, 0, folder.filePath(u"x"_s)}};
        QMap<QByteArray, int> stored;
        SocketKeeper keeper;
        keeper.store = [&](const QByteArray &name, int fd) { stored.insert(name, fd); };
        keeper.drop = [&](const QByteArray &name) { stored.remove(name); };
        ListenSockets first(keeper);
        const auto opened = first.open(listen);
        QVERIFY(opened);
        QCOMPARE(stored.size(), 1);
        keeper.kept.emplace(stored.firstKey(), (*opened)[0].descriptor);
        keeper.kept.emplace("listen-of-nobody", nullptr);
        stored.insert("listen-of-nobody", -1);
        ListenSockets next(keeper);
        const auto taken = next.open(listen);
        QVERIFY(taken); // where nothing could be opened anew
        QCOMPARE((*taken)[0].descriptor, (*opened)[0].descriptor);
        next.keepOnly(listen);
        QCOMPARE(stored.size(), 1);
        next.keepOnly({});
        QVERIFY(stored.isEmpty());
    }

    void saysWhoseAddressCannotBeOpened()
    {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        ListenSockets sockets{SocketKeeper{}};
        const auto opened = sockets.open({{u"127.0.0.1"_s, server.serverPort(), {}}});
        QCOMPARE(opened.error().code, ErrorCode::PortInUse);
        QVERIFY(opened.error().message.contains(QString::number(server.serverPort())));
        const auto folder = sockets.open({{{}, 0, u"/nonexistent/x"_s}});
        QCOMPARE(folder.error().code, ErrorCode::StartFailed);
    }

    void stopsAllInParallel()
    {
        SupervisorStage stage(FakeProcessRunner::Mode::Manual);
        stage.start(u"web"_s, 3);
        QTRY_COMPARE(stage.runners.of(u"web-2"_s) != nullptr, true);
        for (FakeProcessRunner *runner : stage.runners.all())
            runner->comeUp();
        const QFuture<void> stopped = stage.supervisor.stopAll();
        for (FakeProcessRunner *runner : stage.runners.all())
            QCOMPARE(runner->stops, 1);
        for (FakeProcessRunner *runner : stage.runners.all()) {
            QCoreApplication::processEvents();
            QVERIFY(!stopped.isFinished());
            runner->finishStop();
        }
        QTRY_VERIFY(stopped.isFinished());
        QVERIFY(stage.supervisor.stopAll().isFinished());
    }

    void stopAllOfNothingFinishes()
    {
        SupervisorStage stage;
        const QFuture<void> stopped = stage.supervisor.stopAll();
        QTRY_VERIFY(stopped.isFinished());
    }

    void logsFollowTheLaunchNotTheName()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"web"_s)));
        QVERIFY(stage.supervisor.redefine(stage.spec(u"web"_s, 2)));
        const ManagedProcess *first = stage.supervisor.resolve(u"web-0").first();
        QVERIFY(stage.supervisor.logFilesOf(*first).out.endsWith("/web-out.log"_L1));
    }

    void anExitCodeToStopAtIsNoFailure()
    {
        SupervisorStage stage;
        ProcessSpec job = stage.spec(u"job"_s);
        job.stopExitCodes = {3};
        QVERIFY(stage.answer(stage.executor.apply(job)));
        stage.journal.take();
        stage.runners.of(u"job"_s)->exitWith(3);
        QCOMPARE(stage.journal.take(), (QStringList{u"stopped"_s, u"!stopped"_s}));
    }
};

QTEST_GUILESS_MAIN(TestSupervisor)
#include "tst_supervisor.moc"
