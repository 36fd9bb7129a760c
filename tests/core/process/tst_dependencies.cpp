// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/specfields.h"
#include "tests/support/comparenames.h"
#include "tests/support/supervisorstage.h"

using namespace pmdaemon;
using namespace pmdaemon::test;
using namespace Qt::Literals::StringLiterals;

namespace {

using Mode = FakeProcessRunner::Mode;
using enum DependencyCondition;

ProcessSpec dependent(const QString &name, const QMap<QString, DependencyCondition> &on)
{
    ProcessSpec spec = SupervisorStage::spec(name);
    spec.dependsOn = on;
    return spec;
}

struct SilentProbe : HealthProbe
{
    void start() override {}
    void abort() override {}
    QJsonObject subject() const override { return {}; }
};

/// "web" was started, which waits for "db".
struct PairStage : SupervisorStage
{
    explicit PairStage(DependencyCondition condition = Started, int instances = 1)
        : SupervisorStage(Mode::Manual)
    {
        if (!supervisor.create(spec(u"db"_s, instances)))
            qFatal("db cannot be made");
        webStarted = executor.apply(dependent(u"web"_s, {{u"db"_s, condition}}));
    }

    ManagedProcess &process(const QString &name) { return *supervisor.resolve(name).first(); }
    /// Waits until it is launched.
    FakeProcessRunner &runner(const QString &name)
    {
        if (!QTest::qWaitFor([&] { return runners.of(name); }, 20'000))
            qFatal("%s is not launched", qPrintable(name));
        return *runners.of(name);
    }
    /// After all that is due.
    bool isLaunched(const QString &name)
    {
        settle();
        return runners.of(name);
    }
    QString reason(const QString &name) { return process(name).entry().reason.value_or(QString()); }

    Reply<CommandResult> webStarted;
};

} // namespace

class TestDependencies : public QObject
{
    Q_OBJECT

private slots:
    void startsTheOthersFirst()
    {
        PairStage stage;
        FakeProcessRunner &db = stage.runner(u"db"_s);
        QVERIFY(stage.process(u"db"_s).isWanted());
        QVERIFY(!stage.isLaunched(u"web"_s));
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Starting);
        QCOMPARE(stage.reason(u"web"_s), u"waits for db to be started"_s);
        db.comeUp();
        stage.runner(u"web"_s).comeUp();
        QVERIFY(stage.answer(stage.webStarted));
        QCOMPARE(stage.reason(u"web"_s), QString());
    }

    void waitsForAllInstances()
    {
        PairStage stage(Started, 2);
        stage.runner(u"db-0"_s).comeUp();
        QVERIFY(!stage.isLaunched(u"web"_s));
        stage.runner(u"db-1"_s).comeUp();
        stage.runner(u"web"_s);
    }

    void whatHasNoHealthCheckIsHealthyWhenItIsUp()
    {
        PairStage stage(Healthy);
        stage.runner(u"db"_s).comeUp();
        stage.runner(u"web"_s);
    }

    void waitsForHealth()
    {
        SupervisorStage stage(Mode::Manual);
        stage.useProbes([](const HealthCheckSpec &, const LaunchSpec &, std::optional<int>) {
            return std::make_unique<SilentProbe>();
        });
        ProcessSpec db = stage.spec(u"db"_s);
        db.healthCheck.emplace();
        db.healthCheck->startPeriod = milliseconds{60'000};
        QVERIFY(stage.supervisor.create(db));
        stage.executor.apply(dependent(u"web"_s, {{u"db"_s, Healthy}}));
        QTRY_VERIFY(stage.runners.of(u"db"_s));
        stage.runners.of(u"db"_s)->comeUp();
        stage.settle();
        QVERIFY(!stage.runners.of(u"web"_s));
        HealthUpdate update;
        update.status = HealthStatus::Healthy;
        stage.supervisor.resolve(u"db"_s).first()->applyHealth(update);
        QTRY_VERIFY(stage.runners.of(u"web"_s));
    }

    void waitsForTheEnd_data()
    {
        QTest::addColumn<DependencyCondition>("condition");
        QTest::addColumn<int>("code");
        QTest::addColumn<bool>("goesOn");
        QTest::newRow("success, any end will do") << Completed << 0 << true;
        QTest::newRow("failure, any end will do") << Completed << 1 << true;
        QTest::newRow("success") << CompletedSuccessfully << 0 << true;
        QTest::newRow("failure") << CompletedSuccessfully << 1 << false;
    }
    void waitsForTheEnd()
    {
        QFETCH(DependencyCondition, condition);
        QFETCH(int, code);
        QFETCH(bool, goesOn);
        PairStage stage(condition);
        stage.runner(u"db"_s).comeUp();
        QVERIFY(!stage.isLaunched(u"web"_s));
        stage.runner(u"db"_s).exitWith(code);
        QCOMPARE(stage.isLaunched(u"web"_s), goesOn);
    }

    void aFailureIsToldAndRecoveredFrom()
    {
        PairStage stage(CompletedSuccessfully);
        stage.runner(u"db"_s).comeUp();
        stage.runner(u"db"_s).exitWith(1);
        const Result<CommandResult> answer = stage.answer(stage.webStarted);
        QCOMPARE(codeOf(answer), u"start_failed"_s);
        QVERIFY2(answer.error().message.contains(
                     u"waits for db to be completed_successfully, but that has failed"_s),
                 qPrintable(answer.error().message));
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Starting);
        stage.run(Action::Start, u"db"_s);
        QTRY_COMPARE(stage.runner(u"db"_s).starts, 2);
        stage.runner(u"db"_s).comeUp();
        stage.runner(u"db"_s).exitWith(0);
        stage.runner(u"web"_s);
    }

    void aMissingOneIsToldAndWaitedFor()
    {
        SupervisorStage stage(Mode::Obedient);
        const Result<CommandResult> answer =
            stage.answer(stage.executor.apply(dependent(u"web"_s, {{u"db"_s, Started}})));
        QCOMPARE(codeOf(answer), u"start_failed"_s);
        QVERIFY2(answer.error().message.contains(u"waits for db, which does not exist"_s),
                 qPrintable(answer.error().message));
        QVERIFY(stage.answer(stage.start(u"db"_s)));
        QTRY_COMPARE(stage.status(u"web"_s), ProcessStatus::Online);
    }

    void aCrashLeavesDependentsAlone()
    {
        PairStage stage;
        stage.runner(u"db"_s).comeUp();
        stage.runner(u"web"_s).comeUp();
        stage.runner(u"db"_s).crashWith(11, FakeProcessRunner::restartLater());
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Online);
        stage.runner(u"db"_s).respawn();
        QCOMPARE(stage.runner(u"web"_s).starts, 1);
        QCOMPARE(stage.runner(u"web"_s).stops, 0);
    }

    void whoAsksAgainIsToldAgain()
    {
        PairStage stage(CompletedSuccessfully);
        stage.runner(u"db"_s).comeUp();
        stage.runner(u"db"_s).exitWith(1);
        QCOMPARE(codeOf(stage.answer(stage.webStarted)), u"start_failed"_s);
        const Result<CommandResult> again = stage.answer(Action::Restart, u"web"_s);
        QCOMPARE(codeOf(again), u"start_failed"_s);
        QVERIFY2(again.error().message.contains(u"waits for db"_s),
                 qPrintable(again.error().message));
    }

    void dependenciesMayTurnRound()
    {
        SupervisorStage stage(Mode::Obedient);
        ProcessSpec web = stage.spec(u"web"_s);
        ProcessSpec db = dependent(u"db"_s, {{u"web"_s, Started}});
        QVERIFY(stage.answer(stage.executor.apply(web)));
        QVERIFY(stage.answer(stage.executor.apply(db)));
        web.dependsOn.insert(u"db"_s, Started);
        db.dependsOn.clear();
        const Reply<ApplyReport> reply =
            stage.executor.apply(ApplyRequest{{specToJson(web), specToJson(db)}, {}, false});
        QTRY_VERIFY(reply.isFinished());
        const Result<ApplyReport> report = reply.result();
        QVERIFY2(report, report ? "" : qPrintable(report.error().message));
        for (const AppChange &change : report->apps)
            QVERIFY2(!change.error, change.error ? qPrintable(change.error->message) : "");
        QVERIFY(stage.supervisor.resolve(u"web"_s).first()->spec().dependsOn.contains(u"db"_s));
    }

    void whatWaitsCanBeStopped()
    {
        PairStage stage;
        QVERIFY(stage.answer(Action::Stop, u"web"_s));
        stage.runner(u"db"_s).comeUp();
        QVERIFY(!stage.isLaunched(u"web"_s));
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Stopped);
    }

    void stopsInReverse_data()
    {
        QTest::addColumn<Action>("action");
        QTest::newRow("stop") << Action::Stop;
        QTest::newRow("delete") << Action::Delete;
    }
    void stopsInReverse()
    {
        QFETCH(Action, action);
        PairStage stage;
        stage.runner(u"db"_s).comeUp();
        stage.runner(u"web"_s).comeUp();
        FakeProcessRunner &db = stage.runner(u"db"_s);
        const Reply<CommandResult> stopped = stage.run(action, u"all"_s);
        if (action == Action::Stop)
            QVERIFY(!stage.process(u"db"_s).isWanted());
        QCOMPARE(stage.runner(u"web"_s).stops, 1);
        stage.settle();
        QCOMPARE(db.stops, 0);
        stage.runner(u"web"_s).finishStop();
        QTRY_COMPARE(db.stops, 1);
        db.finishStop();
        QVERIFY(stage.answer(stopped));
    }

    void aStopInReverseIsTakenBackByAStart()
    {
        PairStage stage;
        stage.runner(u"db"_s).comeUp();
        stage.runner(u"web"_s).comeUp();
        stage.run(Action::Stop, u"all"_s);
        stage.process(u"db"_s).start();
        stage.runner(u"web"_s).finishStop();
        stage.settle();
        QCOMPARE(stage.runner(u"db"_s).stops, 0);
        QCOMPARE(stage.status(u"db"_s), ProcessStatus::Online);
    }

    void everythingComesDownInReverse()
    {
        PairStage stage;
        stage.runner(u"db"_s).comeUp();
        stage.runner(u"web"_s).comeUp();
        const QFuture<void> down = stage.supervisor.stopAll();
        stage.settle();
        QCOMPARE(stage.runner(u"db"_s).stops, 0);
        stage.runner(u"web"_s).finishStop();
        QTRY_COMPARE(stage.runner(u"db"_s).stops, 1);
        stage.runner(u"db"_s).finishStop();
        QTRY_VERIFY(down.isFinished());
        QVERIFY(stage.process(u"db"_s).isWanted());
    }

    void stoppingTheOtherAloneStopsNothingElse()
    {
        PairStage stage;
        stage.runner(u"db"_s).comeUp();
        stage.runner(u"web"_s).comeUp();
        const Reply<CommandResult> stopped = stage.run(Action::Stop, u"db"_s);
        stage.runner(u"db"_s).finishStop();
        QVERIFY(stage.answer(stopped));
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Online);
    }

    void whatWasStoppedStaysSo()
    {
        PairStage stage(Completed);
        stage.runner(u"db"_s).comeUp();
        const Reply<CommandResult> stopped = stage.run(Action::Stop, u"db"_s);
        stage.runner(u"db"_s).finishStop();
        QVERIFY(stage.answer(stopped));
        const Result<CommandResult> web = stage.answer(stage.webStarted);
        QCOMPARE(codeOf(web), u"start_failed"_s);
        QVERIFY2(web.error().message.contains(u"but db is stopped"_s),
                 qPrintable(web.error().message));
        stage.settle();
        QCOMPARE(stage.status(u"db"_s), ProcessStatus::Stopped);
        QCOMPARE(stage.runner(u"db"_s).starts, 1);
        QCOMPARE(stage.reason(u"web"_s),
                 u"waits for db to be completed, but db is stopped; start it"_s);
        stage.run(Action::Restart, u"web"_s); // who asks for it asks for the other
        QTRY_COMPARE(stage.runner(u"db"_s).starts, 2);
    }

    void aRestartThatNobodyAskedForStartsNothingElse()
    {
        PairStage stage;
        stage.runner(u"db"_s).comeUp();
        stage.runner(u"web"_s).comeUp();
        const Reply<CommandResult> stopped = stage.run(Action::Stop, u"db"_s);
        stage.runner(u"db"_s).finishStop();
        QVERIFY(stage.answer(stopped));
        stage.process(u"web"_s).restart(RestartReason::Watch);
        stage.runner(u"web"_s).finishStop();
        stage.settle();
        QCOMPARE(stage.status(u"db"_s), ProcessStatus::Stopped);
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Starting);
    }

    void aChainIsToldByItsRoot()
    {
        SupervisorStage stage(Mode::Obedient);
        ProcessSpec bad = stage.spec(u"bad"_s);
        bad.script = u"/no/such/script"_s;
        QVERIFY(stage.supervisor.create(bad));
        QVERIFY(stage.supervisor.create(dependent(u"mid"_s, {{u"bad"_s, Started}})));
        const Result<CommandResult> leaf =
            stage.answer(stage.executor.apply(dependent(u"leaf"_s, {{u"mid"_s, Started}})));
        QCOMPARE(codeOf(leaf), u"start_failed"_s);
        QVERIFY2(leaf.error().message.contains(u"waits for mid to be started, which waits for bad "
                                               "to be started, but that has failed"_s),
                 qPrintable(leaf.error().message));
        bad.script = u"/bin/true"_s;
        QVERIFY(stage.answer(stage.executor.apply(bad)));
        stage.run(Action::Start, u"bad"_s);
        QTRY_COMPARE(stage.status(u"leaf"_s), ProcessStatus::Online);
    }

    void whatFailedIsToldThoughAnotherIsOnItsWay()
    {
        SupervisorStage stage(Mode::Manual);
        ProcessSpec bad = stage.spec(u"bad"_s);
        bad.script = u"/no/such/script"_s;
        QVERIFY(stage.supervisor.create(bad));
        QVERIFY(stage.supervisor.create(stage.spec(u"a"_s)));
        const Result<CommandResult> web = stage.answer(
            stage.executor.apply(dependent(u"web"_s, {{u"a"_s, Started}, {u"bad"_s, Started}})));
        QVERIFY2(web.error().message.contains(u"waits for bad"_s), qPrintable(web.error().message));
    }

    void namesAppsAndNotInstances()
    {
        SupervisorStage stage(Mode::Obedient);
        QVERIFY(stage.supervisor.create(stage.spec(u"db"_s, 2)));
        const Result<void> checked =
            stage.supervisor.checkDefinition(dependent(u"web"_s, {{u"db-0"_s, Started}}));
        QCOMPARE(codeOf(checked), u"invalid_config"_s);
        QVERIFY2(checked.error().message.contains(u"name its app, db,"_s),
                 qPrintable(checked.error().message));
    }

    void refusesCycles()
    {
        SupervisorStage stage(Mode::Obedient);
        QVERIFY(stage.supervisor.create(dependent(u"db"_s, {{u"web"_s, Started}})));
        const Result<void> checked =
            stage.supervisor.checkDefinition(dependent(u"web"_s, {{u"db"_s, Started}}));
        QCOMPARE(codeOf(checked), u"invalid_config"_s);
        QVERIFY2(checked.error().message.contains(u"db → web → db"_s),
                 qPrintable(checked.error().message));
    }
};

QTEST_GUILESS_MAIN(TestDependencies)
#include "tst_dependencies.moc"
