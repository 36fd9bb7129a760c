// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/model/walltime.h"

#include <QTest>

using namespace pmdaemon;

class TestWallTime : public QObject
{
    Q_OBJECT

private slots:
    void writesUtcWithMilliseconds()
    {
        QCOMPARE(toRfc3339(WallTime{milliseconds{1705329025123}}),
                 QStringLiteral("2024-01-15T14:30:25.123Z"));
        QCOMPARE(toRfc3339(WallTime{milliseconds{1705329025000}}),
                 QStringLiteral("2024-01-15T14:30:25.000Z"));
    }

    void readsWhatItWritesOffsetsAndNumbers()
    {
        const WallTime time{milliseconds{1705329025123}};
        QCOMPARE(wallTimeFromString(toRfc3339(time)), time);
        QCOMPARE(wallTimeFromString(u"2024-01-15T15:30:25.123+01:00"), time);
        QCOMPARE(wallTimeFromString(u"1705329025123"), time);
    }

    void refusesWhatMeansAnotherMomentElsewhere()
    {
        QVERIFY(!wallTimeFromString(u"2024-01-15T14:30:25"));
        QVERIFY(!wallTimeFromString(u"yesterday"));
        QVERIFY(!wallTimeFromString(u""));
    }
};

QTEST_GUILESS_MAIN(TestWallTime)
#include "tst_walltime.moc"
