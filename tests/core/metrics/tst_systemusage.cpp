// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/metrics/systemusage.h"

#include <QTest>

using namespace pmdaemon;

class TestSystemUsage : public QObject
{
    Q_OBJECT

    static SystemReading reading()
    {
        return readSystem(QFile::encodeName(QFINDTESTDATA("fixtures/proc")), "/");
    }

private slots:
    void reportsWhatTheFilesHold()
    {
        SystemUsage usage;
        const SystemMetrics metrics = usage.update(reading());
        QCOMPARE(metrics.cpuCores, 2);
        QCOMPARE(metrics.memoryTotal, 8'000'000LL * 1024);
        QCOMPARE(metrics.memoryAvailable, 6'000'000LL * 1024);
        QCOMPARE(metrics.swapTotal, 2'000'000LL * 1024);
        QCOMPARE(metrics.swapUsed, 500'000LL * 1024);
        QCOMPARE(metrics.loadFifteen, 2.0);
        QCOMPARE(metrics.uptime, 86'405);
        QVERIFY(metrics.diskTotal > 0);
        // Rates need two readings.
        QCOMPARE(metrics.cpuUsage, 0.0);
        QCOMPARE(metrics.networkRxPerSecond, 0);
    }

    void ratesAreBetweenTwoReadings()
    {
        SystemUsage usage;
        SystemReading now = reading();
        usage.update(now);
        now.at += milliseconds(2'000);
        now.cpu.total += 400;
        now.cpu.busy += 101;
        now.traffic.received += 5'000;
        now.traffic.sent += 1;
        for (const SystemMetrics &metrics : {usage.peek(now), usage.update(now)}) {
            QCOMPARE(metrics.cpuUsage, 25.3);
            QCOMPARE(metrics.networkRxPerSecond, 2'500);
            QCOMPARE(metrics.networkTxPerSecond, 1);
        }
        now.at += milliseconds(1'000);
        QCOMPARE(usage.update(now).networkRxPerSecond, 0);
    }

    void anInterfaceThatWentIsNoTraffic()
    {
        SystemUsage usage;
        SystemReading now = reading();
        usage.update(now);
        now.at += milliseconds(1'000);
        now.traffic.received = 10;
        QCOMPARE(usage.update(now).networkRxPerSecond, 0);
    }

    void aRootWithoutFilesIsZeros()
    {
        SystemUsage usage;
        SystemMetrics metrics = usage.update(readSystem("/no/such/root", "/no/such/disk"));
        QCOMPARE(metrics, SystemMetrics());
    }
};

QTEST_GUILESS_MAIN(TestSystemUsage)
#include "tst_systemusage.moc"
