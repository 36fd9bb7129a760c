// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/specfields.h"
#include "tests/support/comparenames.h"
#include "tests/support/supervisorstage.h"

#include <QSignalSpy>

using namespace pmdaemon;
using namespace pmdaemon::test;
using namespace Qt::Literals::StringLiterals;

namespace {

ProcessSpec everySecond()
{
    ProcessSpec spec = SupervisorStage::spec(u"job"_s);
    spec.cronRestart = u"* * * * * *"_s;
    return spec;
}

ProcessSpec scheduled(Overlap overlap = Overlap::Skip)
{
    ProcessSpec spec = SupervisorStage::spec(u"job"_s);
    spec.schedule = u"* * * * * *"_s;
    spec.overlap = overlap;
    return spec;
}

int startsOf(const SupervisorStage &stage, const QString &name = u"job"_s)
{
    const FakeProcessRunner *runner = stage.runners.of(name);
    return runner ? runner->starts : 0;
}

FakeProcessRunner *jobOf(SupervisorStage &stage)
{
    return stage.runners.of(u"job"_s);
}

} // namespace

class TestTimetable : public QObject
{
    Q_OBJECT

private slots:
    void restartsWhenItIsTime()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.executor.apply(everySecond())));
        QTRY_VERIFY(stage.runners.of(u"job"_s)->starts >= 3);
        QVERIFY(stage.journal.take().contains(u"!restarted"_s));
    }

    void startsWhatHasEndedByItself()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.executor.apply(everySecond())));
        stage.runners.of(u"job"_s)->exitWith(0);
        QCOMPARE(stage.status(u"job"_s), ProcessStatus::Stopped);
        QTRY_COMPARE(stage.status(u"job"_s), ProcessStatus::Online);
    }

    void leavesWhatWasStoppedAlone()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.executor.apply(everySecond())));
        ProcessSpec other = everySecond();
        other.name = u"other"_s;
        QVERIFY(stage.answer(stage.executor.apply(other)));
        QVERIFY(stage.answer(Action::Stop, u"job"_s));
        const int starts = stage.runners.of(u"job"_s)->starts;
        // The other's next times say that this one's have come, too.
        QTRY_VERIFY(stage.runners.of(u"other"_s)->starts >= 3);
        QCOMPARE(stage.runners.of(u"job"_s)->starts, starts);
    }

    void aNewDefinitionHoldsAtOnce()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.start(u"job"_s)));
        QVERIFY(stage.supervisor.redefine(everySecond()));
        QTRY_VERIFY(stage.runners.of(u"job"_s)->starts >= 2);
        QVERIFY(stage.supervisor.redefine(stage.spec(u"job"_s)));
        const int starts = stage.runners.of(u"job"_s)->starts;
        ClockAlarm alarm;
        QSignalSpy later(&alarm, &ClockAlarm::due);
        QVERIFY(alarm.set(wallNow() + milliseconds(1'100)));
        QTRY_COMPARE(later.size(), 1);
        QCOMPARE(stage.runners.of(u"job"_s)->starts, starts);
    }

    void waitsForTheTimeOfItsSchedule()
    {
        SupervisorStage stage;
        const auto applied = stage.answer(stage.executor.apply(scheduled()));
        QVERIFY(applied);
        QCOMPARE(applied->processes.size(), 1);
        QCOMPARE(startsOf(stage), 0);
        QCOMPARE(stage.status(u"job"_s), ProcessStatus::Stopped);
        QVERIFY(stage.supervisor.processes()[0]->isWanted());
        for (int run = 1; run <= 2; ++run) {
            QTRY_COMPARE(startsOf(stage), run);
            QCOMPARE(stage.status(u"job"_s), ProcessStatus::Online);
            QVERIFY(!jobOf(stage)->launched.restart.autorestart); // it is to end by itself
            jobOf(stage)->exitWith(0);
            QCOMPARE(stage.status(u"job"_s), ProcessStatus::Stopped);
        }
    }

    void waitsAlsoAfterARunThatFailed()
    {
        SupervisorStage stage;
        ProcessSpec spec = scheduled();
        spec.schedule = u"0 0 29 2 *"_s;
        QVERIFY(stage.answer(stage.executor.apply(spec)));
        QVERIFY(stage.answer(Action::Start, u"job"_s));
        jobOf(stage)->exitWith(1);
        QCOMPARE(stage.status(u"job"_s), ProcessStatus::Errored);
        QVERIFY(stage.answer(stage.executor.execute({.action = Action::Start,
                                                     .target = u"job"_s,
                                                     .config = specToJson(spec),
                                                     .instances = {},
                                                     .signal = {}})));
        QCOMPARE(stage.status(u"job"_s), ProcessStatus::Stopped);
        QCOMPARE(startsOf(stage), 1);
    }

    void runsAtOnceWhenItIsToldTo()
    {
        SupervisorStage stage;
        ProcessSpec spec = scheduled();
        spec.schedule = u"0 0 29 2 *"_s;
        QVERIFY(stage.answer(stage.executor.apply(spec)));
        QVERIFY(stage.answer(Action::Start, u"job"_s));
        QCOMPARE(startsOf(stage), 1);
    }

    void runsNothingThatWasStopped()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.executor.apply(scheduled())));
        QTRY_COMPARE(startsOf(stage), 1);
        QVERIFY(stage.answer(Action::Stop, u"job"_s));
        ProcessSpec other = scheduled();
        other.name = u"other"_s;
        QVERIFY(stage.answer(stage.executor.apply(other)));
        for (int run = 1; run <= 2; ++run) {
            QTRY_COMPARE(startsOf(stage, u"other"_s), run);
            stage.runners.of(u"other"_s)->exitWith(0);
        }
        QCOMPARE(startsOf(stage), 1);
    }

    void leavesATimeOutWhileItRuns()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.executor.apply(scheduled())));
        QTRY_VERIFY(stage.journal.of(u"job"_s).contains(u"!run_overlapped"_s));
        QCOMPARE(startsOf(stage), 1);
        QCOMPARE(stage.journal.lastDetails()["overlap"_L1], QJsonValue(u"skip"_s));
    }

    void runsOnceMoreWhenItHasEnded()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.executor.apply(scheduled(Overlap::Queue))));
        QTRY_VERIFY(stage.journal.of(u"job"_s).contains(u"!run_overlapped"_s));
        QCOMPARE(startsOf(stage), 1);
        jobOf(stage)->exitWith(0);
        QCOMPARE(startsOf(stage), 1); // the event of its end comes first
        stage.settle();
        QCOMPARE(startsOf(stage), 2);
    }

    void endsWhatStillRuns()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.executor.apply(scheduled(Overlap::Kill))));
        QTRY_VERIFY(startsOf(stage) >= 2);
        QVERIFY(jobOf(stage)->stops >= 1);
        QVERIFY(!stage.journal.of(u"job"_s).contains(u"!run_overlapped"_s));
    }

    void aRunUnderWayOutlivesANewDefinition()
    {
        SupervisorStage stage;
        QVERIFY(stage.answer(stage.executor.apply(scheduled())));
        QTRY_COMPARE(startsOf(stage), 1);
        ProcessSpec changed = scheduled();
        changed.schedule = u"0 0 29 2 *"_s;
        changed.args = {u"--new"_s};
        QVERIFY(stage.answer(stage.executor.apply(changed)));
        QCOMPARE(stage.status(u"job"_s), ProcessStatus::Online);
        QCOMPARE(jobOf(stage)->stops, 0);
    }

    void anAlarmForThePastGoesOffAtOnce()
    {
        ClockAlarm alarm;
        QSignalSpy due(&alarm, &ClockAlarm::due);
        QVERIFY(alarm.set(wallNow() - milliseconds(5'000)));
        QTRY_COMPARE(due.size(), 1);
        QVERIFY(alarm.set(wallNow() + milliseconds(50)));
        QTRY_COMPARE(due.size(), 2);
    }
};

QTEST_GUILESS_MAIN(TestTimetable)
#include "tst_timetable.moc"
