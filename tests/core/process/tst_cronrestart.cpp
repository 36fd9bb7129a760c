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

ProcessSpec everySecond()
{
    ProcessSpec spec = SupervisorStage::spec(u"job"_s);
    spec.cronRestart = u"* * * * * *"_s;
    return spec;
}

} // namespace

class TestCronRestart : public QObject
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

QTEST_GUILESS_MAIN(TestCronRestart)
#include "tst_cronrestart.moc"
