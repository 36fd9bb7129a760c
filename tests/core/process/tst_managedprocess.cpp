// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/managedprocess.h"
#include "tests/support/comparenames.h"
#include "tests/support/fakeprocessrunner.h"
#include "tests/support/processjournal.h"

#include <QTest>

using namespace pmdaemon;
using namespace pmdaemon::test;
using namespace Qt::Literals::StringLiterals;

namespace {

using Decision = RestartDecision;
constexpr Decision stayDown{};

/// One ManagedProcess over a runner that the test moves by hand.
struct Stage
{
    explicit Stage(FakeProcessRunner::Mode mode = FakeProcessRunner::Mode::Manual,
                   ProcessStatus status = ProcessStatus::Stopped)
    {
        auto made = std::make_unique<FakeProcessRunner>(mode);
        runner = made.get();
        ProcessEntry entry;
        entry.id = ProcessId{7};
        entry.name = u"web"_s;
        entry.app = u"web"_s;
        entry.status = status;
        process = std::make_unique<ManagedProcess>(entry, ProcessSpec{}, std::move(made));
        journal = std::make_unique<ProcessJournal>(*process);
        QObject::connect(process.get(), &ManagedProcess::launchWanted, process.get(),
                         [this] { ++launchesWanted; });
    }
    ~Stage() { QVERIFY2(runner->misuse.isEmpty(), qPrintable(runner->misuse)); }

    void launch(std::optional<int> port = {})
    {
        LaunchSpec spec;
        spec.program = u"/bin/true"_s;
        spec.name = u"web"_s;
        process->launch(spec, port);
    }
    void bringUp(std::optional<int> port = {})
    {
        process->start();
        launch(port);
        runner->comeUp();
        journal->take();
    }
    template <typename Change>
    void define(Change change)
    {
        ProcessSpec spec = process->spec();
        change(spec);
        process->redefine(spec, u"web"_s);
        journal->take();
    }
    ProcessStatus status() const { return process->entry().status; }

    FakeProcessRunner *runner = nullptr;
    std::unique_ptr<ManagedProcess> process;
    std::unique_ptr<ProcessJournal> journal;
    int launchesWanted = 0;
};

} // namespace

class TestManagedProcess : public QObject
{
    Q_OBJECT

private slots:
    void everyCellOfTheTable_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QStringList>("to"); // in the order of Trigger; "" = nothing
        const QString s = u"starting"_s;
        const QString o = u"online"_s;
        const QString e = u"errored"_s;
        const QString p = u"stopping"_s;
        const QString r = u"restarting"_s;
        const QString d = u"stopped"_s;
        // Start Stop Restart Launch Up LaunchFailed Gone Ended Failed Respawn
        QTest::newRow("stopped") << d << QStringList{s, {}, s, {}, {}, {}, {}, {}, {}, {}};
        QTest::newRow("starting") << s << QStringList{{}, p, r, {}, o, e, {}, d, e, r};
        QTest::newRow("online") << o << QStringList{{}, p, r, {}, {}, {}, {}, d, e, r};
        QTest::newRow("stopping") << p << QStringList{r, {}, r, {}, {}, {}, d, {}, {}, {}};
        QTest::newRow("errored") << e << QStringList{s, d, s, {}, {}, {}, {}, {}, {}, {}};
        QTest::newRow("restarting") << r << QStringList{{}, p, {}, s, {}, {}, s, {}, {}, {}};
    }
    void everyCellOfTheTable()
    {
        QFETCH(const QString, from);
        QFETCH(const QStringList, to);
        for (int trigger = 0; trigger < to.size(); ++trigger)
            QCOMPARE(transition(*processStatusFromString(from), static_cast<Trigger>(trigger)),
                     processStatusFromString(to[trigger]));
    }

    void startsThroughStarting()
    {
        Stage stage;
        stage.process->start();
        QCOMPARE(stage.launchesWanted, 1);
        stage.launch(3000);
        stage.runner->comeUp();
        QCOMPARE(stage.journal->take(), (QStringList{u"starting"_s, u"online"_s, u"!started"_s}));
        QCOMPARE(stage.journal->changes[0].previous, ProcessStatus::Stopped);
        const ProcessEntry &entry = stage.process->entry();
        QCOMPARE(entry.pid, std::optional(stage.runner->pid()));
        QVERIFY(entry.startedAt);
        const QJsonObject details = stage.journal->lastDetails();
        QCOMPARE(details["pid"_L1].toInteger(), stage.runner->pid());
        QCOMPARE(details["port"_L1], QJsonValue(3000));
        QVERIFY(details["startup_time"_L1].toInteger(-1) >= 0);
    }

    void stopsThroughStopping()
    {
        Stage stage;
        stage.bringUp();
        stage.process->stop();
        QCOMPARE(stage.journal->take(), QStringList{u"stopping"_s});
        stage.runner->finishStop();
        QCOMPARE(stage.journal->take(), (QStringList{u"stopped"_s, u"!stopped"_s}));
        QCOMPARE(stage.journal->lastDetails()["signal"_L1], QJsonValue(u"SIGTERM"_s));
        QCOMPARE(stage.journal->lastDetails()["exit_code"_L1], QJsonValue(QJsonValue::Null));
        QVERIFY(!stage.process->entry().pid);
        QVERIFY(!stage.process->entry().startedAt);
        QVERIFY(!stage.process->entry().port);
    }

    void saysWhenItHadToKill()
    {
        Stage stage;
        stage.bringUp();
        stage.process->stop();
        stage.runner->finishStop(true);
        QVERIFY(stage.process->entry().reason.value_or(QString()).contains("killed"_L1));
    }

    void restartsByHand()
    {
        Stage stage;
        stage.bringUp();
        stage.process->restart(RestartReason::Manual);
        stage.runner->finishStop();
        stage.launch();
        stage.runner->comeUp();
        QCOMPARE(stage.journal->take(),
                 (QStringList{u"restarting"_s, u"starting"_s, u"online"_s, u"!restarted"_s}));
        const QJsonObject details = stage.journal->lastDetails();
        QCOMPARE(details["reason"_L1], QJsonValue(u"manual"_s));
        QCOMPARE(details["restarts"_L1], QJsonValue(1));
    }

    void crashIsToldAndRestarted()
    {
        Stage stage;
        stage.bringUp(3000);
        stage.runner->crashWith(11, FakeProcessRunner::restartLater());
        QCOMPARE(stage.journal->take(), (QStringList{u"restarting"_s, u"!crashed"_s}));
        const QJsonObject crash = stage.journal->lastDetails();
        QCOMPARE(crash["signal"_L1], QJsonValue(u"SIGSEGV"_s));
        QCOMPARE(crash["uptime"_L1], QJsonValue(20));
        QCOMPARE(crash["restarts"_L1], QJsonValue(0));
        stage.runner->respawn();
        QCOMPARE(stage.journal->take(), (QStringList{u"starting"_s, u"online"_s, u"!restarted"_s}));
        QCOMPARE(stage.journal->lastDetails()["reason"_L1], QJsonValue(u"crash"_s));
        QCOMPARE(stage.process->entry().restarts, 1);
        QCOMPARE(stage.process->entry().port, std::optional(3000));
        QCOMPARE(stage.launchesWanted, 1); // the runner does it by itself
    }

    void unrequestedExitZeroIsNoCrash()
    {
        Stage stage;
        stage.bringUp();
        stage.runner->exitWith(0, FakeProcessRunner::restartLater());
        QCOMPARE(stage.journal->take(), (QStringList{u"restarting"_s, u"!stopped"_s}));
        QCOMPARE(stage.journal->lastDetails()["exit_code"_L1], QJsonValue(0));
        stage.runner->respawn();
        stage.journal->take();
        stage.runner->exitWith(0, stayDown);
        QCOMPARE(stage.journal->take(), (QStringList{u"stopped"_s, u"!stopped"_s}));
    }

    void failureWithoutAutorestartIsErrored()
    {
        Stage stage;
        stage.bringUp();
        stage.runner->exitWith(3, stayDown);
        QCOMPARE(stage.journal->take(), (QStringList{u"errored"_s, u"!crashed"_s}));
        QVERIFY(stage.process->entry().reason->contains("code 3"_L1));
    }

    void givesUpAsErrored()
    {
        Stage stage;
        stage.bringUp();
        stage.runner->exitWith(1, FakeProcessRunner::giveUp());
        QCOMPARE(stage.journal->take(), (QStringList{u"errored"_s, u"!crashed"_s}));
        QVERIFY(stage.process->entry().reason->contains("gave up"_L1));
        QCOMPARE(stage.runner->starts, 1);
    }

    void spawnFailureIsErroredAndNotTriedAgain()
    {
        Stage stage;
        stage.process->start();
        stage.runner->startError = Error{ErrorCode::StartFailed, u"Permission denied"_s};
        stage.launch();
        QCOMPARE(stage.journal->take(), (QStringList{u"starting"_s, u"errored"_s}));
        QCOMPARE(stage.process->entry().reason, std::optional(u"Permission denied"_s));
        QCOMPARE(stage.launchesWanted, 1);
        QCOMPARE(stage.runner->starts, 1);
    }

    void failedRespawnIsErrored()
    {
        Stage stage;
        stage.bringUp();
        stage.runner->exitWith(1, FakeProcessRunner::restartLater());
        stage.journal->take();
        stage.runner->failStart({ErrorCode::StartFailed, u"No such file"_s});
        QCOMPARE(stage.journal->take(), (QStringList{u"starting"_s, u"errored"_s}));
    }

    void stopBeforeTheLaunch()
    {
        Stage stage;
        stage.process->start();
        stage.process->stop();
        QCOMPARE(stage.journal->take(),
                 (QStringList{u"starting"_s, u"stopping"_s, u"stopped"_s, u"!stopped"_s}));
        stage.launch(); // its turn in the queue comes all the same
        QCOMPARE(stage.runner->starts, 0);
    }

    void stopDuringExec()
    {
        Stage stage;
        stage.process->start();
        stage.launch();
        stage.process->stop();
        stage.runner->comeUp(); // it was too late to prevent that
        QCOMPARE(stage.status(), ProcessStatus::Stopping);
        stage.runner->finishStop();
        QCOMPARE(stage.journal->take(), (QStringList{u"starting"_s, u"stopping"_s, u"="_s,
                                                     u"!started"_s, u"stopped"_s, u"!stopped"_s}));
    }

    void runsThatCameBeforeARestartWasHeardAreTold()
    {
        Stage stage;
        stage.bringUp();
        stage.process->restart(RestartReason::Manual);
        stage.journal->take();
        for (int i = 0; i < 2; ++i) {
            stage.runner->exitWith(1, FakeProcessRunner::restartLater());
            QCOMPARE(stage.journal->take(), QStringList{u"!crashed"_s});
            stage.runner->respawn();
            QCOMPARE(stage.journal->take(), (QStringList{u"="_s, u"!restarted"_s}));
            QCOMPARE(stage.journal->lastDetails()["reason"_L1], QJsonValue(u"crash"_s));
            QCOMPARE(stage.status(), ProcessStatus::Restarting);
        }
        stage.runner->finishStop();
        QCOMPARE(stage.journal->take(), QStringList{u"starting"_s});
        stage.launch();
        stage.runner->comeUp();
        QCOMPARE(stage.journal->take(), (QStringList{u"online"_s, u"!restarted"_s}));
        QCOMPARE(stage.journal->lastDetails()["reason"_L1], QJsonValue(u"manual"_s));
        QCOMPARE(stage.journal->lastDetails()["restarts"_L1], QJsonValue(3));
    }

    void aStopWhileResumingIsForWhatIsFound()
    {
        Stage stage;
        stage.process->recall(true, false);
        stage.process->resume({}, 0);
        stage.runner->comeUp(); // the past
        stage.process->stop();
        QCOMPARE(stage.status(), ProcessStatus::Stopping);
        QCOMPARE(stage.runner->stops, 0);
        ResumedRun run;
        run.phase = ResumedRun::Phase::Running;
        run.pid = stage.runner->pid();
        stage.runner->finishResume(run);
        QCOMPARE(stage.runner->stops, 1);
        stage.runner->finishStop();
        QCOMPARE(stage.status(), ProcessStatus::Stopped);
    }

    void aStartThatIsPutOffWaitsAndMayBeStopped()
    {
        Stage stage;
        stage.process->start();
        stage.launch();
        const Error error{ErrorCode::StartFailed, u"no process left"_s};
        stage.runner->putOffStart(error);
        QCOMPARE(stage.status(), ProcessStatus::Restarting);
        QCOMPARE(stage.process->entry().reason, error.message);
        stage.runner->respawn();
        QCOMPARE(stage.status(), ProcessStatus::Online);
        QCOMPARE(stage.process->entry().restarts, 0);

        stage.runner->exitWith(1, FakeProcessRunner::restartLater());
        stage.runner->putOffStart(error);
        QCOMPARE(stage.status(), ProcessStatus::Restarting);
        stage.process->stop();
        QCOMPARE(stage.status(), ProcessStatus::Stopped);
    }

    void aStartThatWasPutOffBeforeItWasStoredComesUp()
    {
        Stage stage;
        stage.process->resume({}, 0);
        stage.runner->putOffStart({ErrorCode::StartFailed, u"no process left"_s}); // the past
        stage.runner->finishResume({.phase = ResumedRun::Phase::Waiting});
        QCOMPARE(stage.status(), ProcessStatus::Restarting);
        stage.runner->respawn();
        QCOMPARE(stage.status(), ProcessStatus::Online);
    }

    void whatIsFoundStoppingHasItsPid()
    {
        Stage stage;
        stage.process->recall(false, false);
        stage.process->resume({}, 0);
        stage.runner->finishResume({.phase = ResumedRun::Phase::Running,
                                    .pid = 4'711,
                                    .startedAt = WallTime(milliseconds(5)),
                                    .stopping = true});
        QCOMPARE(stage.status(), ProcessStatus::Stopping);
        QCOMPARE(stage.process->entry().pid, 4'711);
        QCOMPARE(stage.process->entry().startedAt, WallTime(milliseconds(5)));
        QCOMPARE(stage.runner->stops, 0);
    }

    void spawnFailureWhileStoppingIsStopped()
    {
        Stage stage;
        stage.process->start();
        stage.launch();
        stage.process->stop();
        stage.runner->failStart({ErrorCode::StartFailed, u"No such file"_s});
        QCOMPARE(stage.status(), ProcessStatus::Stopped);
    }

    void stopWhileWaitingForARestart()
    {
        Stage stage;
        stage.bringUp();
        stage.runner->exitWith(1, FakeProcessRunner::restartLater());
        stage.journal->take();
        stage.process->stop();
        QCOMPARE(stage.journal->take(), (QStringList{u"stopping"_s, u"stopped"_s, u"!stopped"_s}));
    }

    void startSkipsTheBackoff()
    {
        Stage stage;
        stage.bringUp();
        stage.runner->exitWith(1, FakeProcessRunner::restartLater());
        stage.journal->take();
        stage.process->start();
        QCOMPARE(stage.status(), ProcessStatus::Starting);
        stage.launch();
        stage.runner->comeUp();
        QCOMPARE(stage.journal->take(), (QStringList{u"starting"_s, u"online"_s, u"!started"_s}));
        QCOMPARE(stage.process->entry().restarts, 0);
    }

    void startOverridesAStopOnItsWay()
    {
        Stage stage;
        stage.bringUp();
        stage.process->stop();
        stage.process->start();
        QCOMPARE(stage.status(), ProcessStatus::Restarting);
        stage.runner->finishStop();
        stage.launch();
        stage.runner->comeUp();
        QCOMPARE(stage.status(), ProcessStatus::Online);
        QCOMPARE(stage.runner->stops, 1);
    }

    void stopOverridesARestartOnItsWay()
    {
        Stage stage;
        stage.bringUp();
        stage.process->restart(RestartReason::Manual);
        stage.process->stop();
        stage.runner->finishStop();
        QCOMPARE(stage.status(), ProcessStatus::Stopped);
        QCOMPARE(stage.launchesWanted, 1);
        QCOMPARE(stage.runner->stops, 1);
    }

    void restartOfAnErroredOneStartsIt()
    {
        Stage stage;
        stage.bringUp();
        stage.runner->exitWith(1, stayDown);
        stage.journal->take();
        stage.process->restart(RestartReason::Manual);
        stage.launch();
        stage.runner->comeUp();
        QCOMPARE(stage.journal->take(), (QStringList{u"starting"_s, u"online"_s, u"!restarted"_s}));
        QVERIFY(!stage.process->entry().reason);
    }

    void manualStartResetsRestarts()
    {
        Stage stage;
        stage.bringUp();
        for (int i = 0; i < 5; ++i) {
            stage.runner->exitWith(1, FakeProcessRunner::restartLater());
            stage.runner->respawn();
        }
        QCOMPARE(stage.process->entry().restarts, 5);
        stage.process->stop();
        stage.runner->finishStop();
        QCOMPARE(stage.process->entry().restarts, 5);
        stage.process->start();
        QCOMPARE(stage.process->entry().restarts, 0);
        QVERIFY(!stage.process->entry().signal);
    }

    void memoryLimitRestarts()
    {
        Stage stage;
        ProcessSpec spec;
        spec.maxMemoryRestart = 1'000;
        stage.process->redefine(spec, u"web"_s);
        stage.bringUp();
        stage.process->checkLimits({.memory = 1'000});
        QCOMPARE(stage.journal->take(), QStringList());
        stage.process->checkLimits({.memory = 1'001});
        stage.process->checkLimits({.memory = 1'002}); // told once
        QCOMPARE(stage.journal->take(),
                 (QStringList{u"!memory_limit_exceeded"_s, u"restarting"_s}));
        QCOMPARE(stage.journal->lastDetails()["memory"_L1], QJsonValue(1'001));
        QCOMPARE(stage.journal->lastDetails()["limit"_L1], QJsonValue(1'000));
        stage.runner->finishStop();
        stage.launch();
        stage.runner->comeUp();
        QCOMPARE(stage.journal->lastDetails()["reason"_L1], QJsonValue(u"memory"_s));
    }

    void healthEndsWithTheRun()
    {
        Stage stage;
        stage.bringUp();
        HealthUpdate update;
        update.status = HealthStatus::Healthy;
        stage.process->applyHealth(update);
        stage.process->applyHealth(update);
        QCOMPARE(stage.journal->take(), (QStringList{u"="_s, u"~healthy"_s}));
        QCOMPARE(stage.journal->health.last().id, ProcessId{7});
        stage.process->stop();
        QCOMPARE(stage.journal->take(), (QStringList{u"stopping"_s, u"~unknown"_s}));
        QCOMPARE(stage.process->entry().health, HealthStatus::Unknown);
        stage.process->applyHealth(update); // a late probe
        QCOMPARE(stage.process->entry().health, HealthStatus::Unknown);
    }

    void ordersWhatASlotCauses()
    {
        Stage stage(FakeProcessRunner::Mode::Obedient);
        ManagedProcess &process = *stage.process;
        QObject::connect(&process, &ManagedProcess::statusChanged, &process,
                         [&](const StatusChange &change) {
                             if (change.process.status == ProcessStatus::Online)
                                 process.stop();
                         });
        process.start();
        stage.launch();
        QCOMPARE(stage.journal->take(), (QStringList{u"starting"_s, u"online"_s, u"!started"_s,
                                                     u"stopping"_s, u"stopped"_s, u"!stopped"_s}));
    }

    void keepsOrderInACrashStorm()
    {
        Stage stage;
        stage.bringUp();
        const QStringList round{u"restarting"_s, u"!crashed"_s, u"starting"_s, u"online"_s,
                                u"!restarted"_s};
        for (int i = 1; i <= 200; ++i) {
            stage.runner->exitWith(1, FakeProcessRunner::restartLater());
            stage.runner->respawn();
            QCOMPARE(stage.journal->take(), round);
            QCOMPARE(stage.journal->lastDetails()["restarts"_L1], QJsonValue(i));
        }
    }

    void isOnlineWhenItSaysSo()
    {
        Stage stage;
        stage.define([](ProcessSpec &spec) { spec.waitReady = true; });
        stage.process->start();
        stage.launch();
        stage.runner->comeUp();
        QCOMPARE(stage.journal->take(), (QStringList{u"starting"_s, u"="_s}));
        QVERIFY(stage.process->isGettingReady());
        QVERIFY(stage.process->entry().pid);
        stage.runner->sayReady();
        QCOMPARE(stage.journal->take(), (QStringList{u"online"_s, u"!started"_s}));
        stage.runner->sayReady();
        QCOMPARE(stage.journal->take(), QStringList());
    }

    void isTakenForReadyWhenItSaysNothing()
    {
        Stage stage;
        stage.define([](ProcessSpec &spec) {
            spec.waitReady = true;
            spec.listenTimeout = milliseconds{1};
        });
        QList<Error> late;
        connect(stage.process.get(), &ManagedProcess::notReady, this,
                [&late](const Error &error) { late.append(error); });
        stage.process->start();
        stage.launch();
        stage.runner->comeUp();
        QTRY_COMPARE(stage.status(), ProcessStatus::Online);
        QCOMPARE(late.size(), 1);
        QCOMPARE(late[0].code, ErrorCode::Timeout);
        QVERIFY(stage.process->entry().reason.value_or(QString()).contains("1 ms"_L1));
    }

    void mayDieBeforeItIsReady()
    {
        Stage stage;
        stage.define([](ProcessSpec &spec) { spec.waitReady = true; });
        stage.process->start();
        stage.launch();
        stage.runner->comeUp();
        stage.journal->take();
        stage.runner->exitWith(1, FakeProcessRunner::restartLater());
        QCOMPARE(stage.journal->take(), (QStringList{u"restarting"_s, u"!crashed"_s}));
        stage.runner->respawn();
        QVERIFY(stage.process->isGettingReady()); // this run has to say so as well
        stage.runner->sayReady();
        QCOMPARE(stage.status(), ProcessStatus::Online);
        QCOMPARE(stage.process->entry().restarts, 1);
    }

    void canBeStoppedBeforeItIsReady()
    {
        Stage stage;
        stage.define([](ProcessSpec &spec) { spec.waitReady = true; });
        stage.process->start();
        stage.launch();
        stage.runner->comeUp();
        stage.process->stop();
        stage.runner->sayReady(); // too late
        QCOMPARE(stage.status(), ProcessStatus::Stopping);
        stage.runner->finishStop();
        QCOMPARE(stage.status(), ProcessStatus::Stopped);
    }

    void hearsOfReadinessWhileNoDaemonLived()
    {
        Stage stage(FakeProcessRunner::Mode::Manual, ProcessStatus::Starting);
        stage.define([](ProcessSpec &spec) { spec.waitReady = true; });
        stage.process->recall(true, false);
        stage.process->resume({}, 5);
        stage.runner->sayReady();
        stage.runner->finishResume({ResumedRun::Phase::Running, 77, wallNow(), false});
        QCOMPARE(stage.status(), ProcessStatus::Online);
        QVERIFY(stage.journal->take().contains(u"!started"_s));
    }

    void goesOnWaitingForReadinessAfterTheDaemonDied()
    {
        Stage stage(FakeProcessRunner::Mode::Manual, ProcessStatus::Starting);
        stage.define([](ProcessSpec &spec) { spec.waitReady = true; });
        stage.process->recall(true, false);
        stage.process->resume({}, 5);
        stage.runner->finishResume({ResumedRun::Phase::Running, 77, wallNow(), false});
        QVERIFY(stage.process->isGettingReady());
        stage.runner->sayReady();
        QCOMPARE(stage.status(), ProcessStatus::Online);
    }

    void asksForItsStopCommand()
    {
        Stage stage;
        int wanted = 0;
        connect(stage.process.get(), &ManagedProcess::stopCommandWanted, this,
                [&wanted] { ++wanted; });
        LaunchSpec launch;
        launch.stopCommand = u"app --stop"_s;
        launch.stop.signal = 2;
        stage.process->start();
        stage.process->launch(launch, {});
        stage.runner->comeUp();
        stage.process->stop();
        QCOMPARE(wanted, 1);
        QCOMPARE(stage.runner->stopPolicy.signal, 0);
        stage.process->stopBySignal(); // the command failed
        QCOMPARE(stage.runner->stopPolicy.signal, 2);
        stage.runner->finishStop();
        QCOMPARE(stage.status(), ProcessStatus::Stopped);
        const int stops = stage.runner->stops;
        stage.process->stopBySignal();
        QCOMPARE(stage.runner->stops, stops);
    }

    void restartsWhatTakesTooMuchCpuForAMinute()
    {
        Stage stage;
        stage.define([](ProcessSpec &spec) { spec.maxCpuPercent = 50; });
        stage.bringUp();
        stage.process->checkLimits({.cpu = 99});
        stage.process->checkLimits({.cpu = 50}); // not more than it may
        stage.process->checkLimits({.cpu = 99});
        QCOMPARE(stage.journal->take(), QStringList()); // not for a minute yet
        QCOMPARE(stage.status(), ProcessStatus::Online);
    }

    void signalNeedsAProcess()
    {
        Stage stage;
        QCOMPARE(stage.process->sendSignal(1).error().code, ErrorCode::NotRunning);
        stage.bringUp();
        QVERIFY(stage.process->sendSignal(1));
        QCOMPARE(stage.runner->signalsSent, QList<int>{1});
    }
};

QTEST_GUILESS_MAIN(TestManagedProcess)
#include "tst_managedprocess.moc"
