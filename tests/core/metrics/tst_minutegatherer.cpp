// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/metrics/minutegatherer.h"

#include <QTest>

using namespace pmdaemon;
using namespace std::chrono_literals;

namespace {

const WallTime minute{std::chrono::milliseconds{1'700'000'040'000}};
const ProcessId web{7};
const ProcessId worker{3};

SystemMetrics systemAt(double cpu, qint64 used)
{
    SystemMetrics metrics;
    metrics.cpuUsage = cpu;
    metrics.memoryTotal = 8'000;
    metrics.memoryAvailable = 8'000 - used;
    metrics.loadOne = cpu / 100;
    metrics.networkRxPerSecond = 2 * used;
    metrics.networkTxPerSecond = 4 * used;
    return metrics;
}

} // namespace

class TestMinuteGatherer : public QObject
{
    Q_OBJECT

private slots:
    void givesAMinuteWhenTheNextBegins()
    {
        MinuteGatherer gatherer;
        QVERIFY(!gatherer.moveTo(minute));
        gatherer.add({web, 10, 1'000});
        gatherer.add({worker, 0, 50});
        gatherer.add(systemAt(30, 100));
        QVERIFY(!gatherer.moveTo(minute + 59'999ms));
        gatherer.add({web, 40, 500});
        gatherer.add(systemAt(10, 300));

        const std::optional<MetricsMinute> over = gatherer.moveTo(minute + 1min);
        QVERIFY(over);
        QCOMPARE(over->time, minute + 1min);
        QCOMPARE(over->system, (SystemMinute{{10, 20, 30}, {100, 200, 300}, 0.2, 400, 800}));
        const QList<ProcessMinute> expected{{worker, {0, 0, 0}, {50, 50, 50}},
                                            {web, {10, 25, 40}, {500, 750, 1'000}}};
        QCOMPARE(over->processes, expected);
        QVERIFY(!gatherer.moveTo(minute + 61s));
        QVERIFY(!gatherer.currentSystem());
        QVERIFY(!gatherer.currentProcess(web));
    }

    void theMinuteThatIsNotOverCanBeSeen()
    {
        MinuteGatherer gatherer;
        QVERIFY(!gatherer.moveTo(minute + 5s));
        gatherer.add({web, 10, 1'000});
        QCOMPARE(gatherer.currentProcess(web)->time, minute + 1min);
        QCOMPARE(gatherer.currentProcess(web)->processes.first().cpu, (Spread{10, 10, 10}));
        QVERIFY(!gatherer.currentProcess(worker));
        QVERIFY(!gatherer.currentSystem());
        gatherer.add(systemAt(30, 100));
        QCOMPARE(gatherer.currentSystem()->system.memory, (Spread{100, 100, 100}));
    }

    void aMinuteWithoutFiguresOfTheSystemIsLeftOut()
    {
        MinuteGatherer gatherer;
        QVERIFY(!gatherer.moveTo(minute));
        gatherer.add({web, 10, 1'000});
        QVERIFY(!gatherer.moveTo(minute + 1min));
        QVERIFY(!gatherer.currentProcess(web));
    }

    void aClockSetBackBeginsAnotherMinute()
    {
        MinuteGatherer gatherer;
        QVERIFY(!gatherer.moveTo(minute));
        gatherer.add(systemAt(30, 100));
        QCOMPARE(gatherer.moveTo(minute - 1h)->time, minute + 1min);
        gatherer.add(systemAt(50, 100));
        QCOMPARE(gatherer.moveTo(minute)->system.cpu.mean, 50.0);
    }

    void whoIsRemovedHasNoFigures()
    {
        MinuteGatherer gatherer;
        QVERIFY(!gatherer.moveTo(minute));
        gatherer.add({web, 10, 1'000});
        gatherer.add(systemAt(30, 100));
        gatherer.remove(web);
        QVERIFY(gatherer.moveTo(minute + 1min)->processes.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestMinuteGatherer)
#include "tst_minutegatherer.moc"
