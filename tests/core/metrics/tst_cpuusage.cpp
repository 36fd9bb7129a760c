// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/metrics/cpuusage.h"

#include <QTest>

using namespace pmdaemon;
using std::chrono::milliseconds;

class TestCpuUsage : public QObject
{
    Q_OBJECT

    static CpuReading reading(int cpuMs, int wallMs)
    {
        return {milliseconds(cpuMs), std::chrono::steady_clock::time_point(milliseconds(wallMs))};
    }

private slots:
    void isZeroBeforeTwoSamples()
    {
        CpuUsage usage;
        QCOMPARE(usage.update(reading(5'000, 1'000)), 0.0);
    }

    void isPercentOfOneCore_data()
    {
        QTest::addColumn<int>("cpu");
        QTest::addColumn<int>("wall");
        QTest::addColumn<double>("percent");
        QTest::newRow("idle") << 0 << 1'000 << 0.0;
        QTest::newRow("one core") << 1'000 << 1'000 << 100.0;
        QTest::newRow("passes 100") << 3'500 << 1'000 << 350.0;
        QTest::newRow("one decimal") << 123 << 1'999 << 6.2;
        QTest::newRow("a descendant's time is gone") << -700 << 1'000 << 0.0;
    }
    void isPercentOfOneCore()
    {
        QFETCH(int, cpu);
        QFETCH(int, wall);
        QFETCH(double, percent);
        CpuUsage usage;
        usage.update(reading(1'000, 1'000));
        QCOMPARE(usage.update(reading(1'000 + cpu, 1'000 + wall)), percent);
    }

    void goesOnAfterCpuTimeWentBack()
    {
        CpuUsage usage;
        usage.update(reading(1'000, 1'000));
        QCOMPARE(usage.update(reading(400, 2'000)), 0.0);
        QCOMPARE(usage.update(reading(900, 3'000)), 50.0);
    }

    void repeatsItselfForStretchesTooShort()
    {
        CpuUsage usage;
        usage.update(reading(0, 0));
        QCOMPARE(usage.update(reading(250, 1'000)), 25.0);
        QCOMPARE(usage.update(reading(251, 1'001)), 25.0);
        QCOMPARE(usage.peek(reading(251, 1'000)), 25.0);
        // The short one was not taken for a start.
        QCOMPARE(usage.update(reading(750, 2'000)), 50.0);
    }

    void peekingLeavesThePeriodWhole()
    {
        CpuUsage usage;
        usage.update(reading(0, 0));
        QCOMPARE(usage.peek(reading(400, 500)), 80.0);
        QCOMPARE(usage.update(reading(500, 1'000)), 50.0);
    }
};

QTEST_GUILESS_MAIN(TestCpuUsage)
#include "tst_cpuusage.moc"
