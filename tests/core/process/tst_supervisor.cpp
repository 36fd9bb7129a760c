// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "tests/support/comparenames.h"
#include "tests/support/supervisorstage.h"

#include <QSignalSpy>

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
