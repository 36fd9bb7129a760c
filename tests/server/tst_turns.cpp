// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/ws/turns.h"

#include <QCoreApplication>
#include <QTest>

using namespace pmdaemon;

class TestTurns : public QObject
{
    Q_OBJECT

private slots:
    void beginsOneTaskPerTurnOfTheEventLoop()
    {
        Turns turns([] { return true; });
        int begun = 0;
        for (int i = 0; i < 3; ++i)
            QVERIFY(turns.add([&] {
                ++begun;
                turns.finish();
            }));
        QCOMPARE(begun, 1); // nothing else waited: at once
        for (int i = 2; i <= 3; ++i) {
            QCoreApplication::sendPostedEvents(&turns);
            QCOMPARE(begun, i);
        }
        QCoreApplication::sendPostedEvents(&turns);
        QVERIFY(turns.add([&] { ++begun; }));
        QCOMPARE(begun, 4);
    }

    void waitsForTheTaskThatRuns()
    {
        Turns turns([] { return true; });
        int begun = 0;
        QVERIFY(turns.add([&] { ++begun; }));
        QVERIFY(turns.add([&] { ++begun; }));
        turns.goOn(); // is not for this
        QCoreApplication::sendPostedEvents(&turns);
        QCOMPARE(begun, 1);
        turns.finish();
        QTRY_COMPARE(begun, 2);
    }

    void beginsNothingWhileItMayNot()
    {
        bool may = false;
        Turns turns([&] { return may; });
        int begun = 0;
        QVERIFY(turns.add([&] { ++begun; }));
        turns.goOn();
        QCOMPARE(begun, 0);
        may = true;
        turns.goOn();
        QCOMPARE(begun, 1);
    }

    void letsABoundedNumberWait()
    {
        Turns turns([] { return true; });
        std::size_t added = 0;
        while (added < 2 * Turns::MaxWaiting && turns.add([] {}))
            ++added;
        QCOMPARE(added, Turns::MaxWaiting + 1); // and the one that runs
    }
};

QTEST_GUILESS_MAIN(TestTurns)
#include "tst_turns.moc"
