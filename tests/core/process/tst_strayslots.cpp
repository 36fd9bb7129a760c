// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/strayslots.h"
#include "tests/support/fakeprocessrunner.h"

#include <QDir>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

using namespace pmdaemon;
using namespace pmdaemon::test;
using namespace Qt::Literals::StringLiterals;

namespace {

/// A home with the slots 3 and 4, of which 3 is known.
struct Stage
{
    explicit Stage(milliseconds reprieve = milliseconds{0})
        : strays(home.path(), factory(), reprieve)
    {
        QDir(home.path()).mkpath(u"slots/3"_s);
        QDir(home.path()).mkpath(u"slots/4"_s);
        strays.find({ProcessId{3}});
    }

    ProcessRunnerFactory factory()
    {
        runners.mode = FakeProcessRunner::Mode::Manual;
        return runners.factory();
    }
    FakeProcessRunner &stray() { return *runners.all().first(); }
    /// Discarded, that is, and deleted.
    bool isGone() const { return runners.all().isEmpty(); }

    void find(ResumedRun::Phase phase)
    {
        ResumedRun run;
        run.phase = phase;
        run.pid = phase == ResumedRun::Phase::Running ? 4711 : 0;
        stray().finishResume(run);
    }

    QTemporaryDir home;
    FakeRunners runners;
    StraySlots strays;
};

} // namespace

class TestStraySlots : public QObject
{
    Q_OBJECT

private slots:
    void asksTheUnknownSlotsOnly()
    {
        Stage stage;
        QCOMPARE(stage.runners.all().size(), 1);
        QCOMPARE(stage.stray().launched.id, ProcessId{4});
        QCOMPARE(stage.stray().resumes, 1);
        QCOMPARE(stage.stray().discards, 0);
    }

    void emptiedSlotsVanishAtOnce()
    {
        Stage stage(milliseconds{1'000'000});
        stage.find(ResumedRun::Phase::Idle);
        QCOMPARE(stage.stray().discards, 1);
        QTRY_VERIFY(stage.isGone());
    }

    void theirPastIsNoEnd()
    {
        Stage stage(milliseconds{1'000'000});
        stage.stray().comeUp();
        stage.stray().finishStop();
        QCOMPARE(stage.stray().discards, 0);
    }

    void whatRunsIsStoppedAfterAWhile()
    {
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"Slot 4 runs a program"_s));
        Stage stage;
        stage.find(ResumedRun::Phase::Running);
        QCOMPARE(stage.stray().stops, 0);
        QTRY_COMPARE(stage.stray().stops, 1);
        // It may have crashed and come up again before it heard of that.
        stage.stray().exitWith(1, FakeProcessRunner::restartLater());
        QCOMPARE(stage.stray().discards, 0);
        stage.stray().respawn();
        stage.stray().finishStop();
        QCOMPARE(stage.stray().discards, 1);
        QTRY_VERIFY(stage.isGone());
    }

    void whatWaitsForItsRestartIsTakenBack()
    {
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"Slot 4 runs a program"_s));
        Stage stage;
        stage.find(ResumedRun::Phase::Waiting);
        QTRY_VERIFY(stage.isGone());
    }
};

QTEST_GUILESS_MAIN(TestStraySlots)
#include "tst_strayslots.moc"
