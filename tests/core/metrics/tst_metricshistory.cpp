// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/metrics/historyring.h"
#include "core/metrics/metricshistory.h"

#include <QTest>

#include <set>

using namespace pmdaemon;

namespace {

constexpr qint64 start = 1'700'000'040'000; // a whole minute
const ProcessId web{7};

WallTime at(qint64 ms)
{
    return WallTime{milliseconds{start + ms}};
}

void addSeconds(MetricsHistory &history, int from, int to)
{
    for (int second = from; second < to; ++second)
        history.add(at(second * 1'000LL), {web, double(second % 10), second * 4096LL});
}

} // namespace

class TestMetricsHistory : public QObject
{
    Q_OBJECT

private slots:
    void keepsSecondsAsTheyCame()
    {
        MetricsHistory history;
        addSeconds(history, 0, 5);
        const History seconds = history.process(web, at(0), at(60'000), milliseconds(1'000));
        QCOMPARE(seconds.step, milliseconds(1'000));
        QCOMPARE(seconds.time, (QList<qint64>{start + 1'000, start + 2'000, start + 3'000,
                                              start + 4'000, start + 5'000}));
        QCOMPARE(seconds.cpu, (QList<double>{0, 1, 2, 3, 4}));
        QCOMPARE(seconds.memory, (QList<qint64>{0, 4096, 8192, 12288, 16384}));
        QVERIFY(seconds.load.isEmpty());
    }

    void aLongerPeriodStandsInEachOfItsSeconds()
    {
        MetricsHistory history;
        history.add(at(1'900), {web, 10, 4096}, milliseconds(2'000));
        history.add(at(3'905), {web, 30, 8192}, milliseconds(2'000));
        history.add(at(4'905), {web, 50, 8192});
        const History seconds = history.process(web, at(0), at(60'000), milliseconds(1'000));
        QCOMPARE(seconds.cpu, (QList<double>{10, 10, 30, 30, 50}));
        QCOMPARE(seconds.time.first(), start + 1'000);
        QCOMPARE(history.process(web, at(0), at(60'000), milliseconds(10'000)).cpu,
                 QList<double>{26});
    }

    void aShorterPeriodIsPartOfItsSecond()
    {
        MetricsHistory history;
        for (const int ms : {100, 600, 1'100})
            history.add(at(ms), {web, double(ms), 4096}, milliseconds(500));
        QCOMPARE(history.process(web, at(0), at(60'000), milliseconds(1'000)).cpu,
                 (QList<double>{350, 1'100}));
    }

    void coarseStepsAreMeans()
    {
        MetricsHistory history;
        addSeconds(history, 0, 120);
        const History tens = history.process(web, at(0), at(29'999), milliseconds(10'000));
        QCOMPARE(tens.step, milliseconds(10'000));
        QCOMPARE(tens.time, (QList<qint64>{start + 10'000, start + 20'000, start + 30'000}));
        QCOMPARE(tens.cpu, (QList<double>{4.5, 4.5, 4.5}));
        QCOMPARE(tens.memory, (QList<qint64>{18'432, 59'392, 100'352}));
    }

    void theMinuteThatIsNotOverIsOneStep()
    {
        MetricsHistory history;
        QVERIFY(!history.moveTo(at(0)));
        QVERIFY(history.currentProcess(web).time.isEmpty());
        QVERIFY(history.currentSystem().time.isEmpty());
        addSeconds(history, 0, 10);
        SystemMetrics metrics;
        metrics.cpuUsage = 12.345;
        metrics.memoryTotal = 8'000;
        metrics.memoryAvailable = 5'000;
        history.add(at(0), metrics);
        QCOMPARE(history.currentProcess(web).step, milliseconds(60'000));
        QCOMPARE(history.currentProcess(web).time, QList<qint64>{start + 60'000});
        QCOMPARE(history.currentProcess(web).cpu, QList<double>{4.5});
        QCOMPARE(history.currentProcess(web).memory, QList<qint64>{18'432});
        QCOMPARE(history.currentSystem().time, QList<qint64>{start + 60'000});
        QCOMPARE(history.currentSystem().cpu, QList<double>{12.35});
        QCOMPARE(history.currentSystem().memory, QList<qint64>{3'000});
        QCOMPARE(history.currentSystem().networkTx, QList<qint64>{0});
        QCOMPARE(history.moveTo(at(60'000))->processes.size(), 1);
        history.add(at(60'000), {web, 1, 4096});
        history.remove(web);
        QVERIFY(history.currentProcess(web).time.isEmpty());
    }

    void stepsWithoutSamplesAreLeftOut()
    {
        MetricsHistory history;
        addSeconds(history, 0, 3);
        addSeconds(history, 5, 7);
        const History seconds = history.process(web, at(0), at(60'000), milliseconds(1'000));
        QCOMPARE(seconds.time, (QList<qint64>{start + 1'000, start + 2'000, start + 3'000,
                                              start + 6'000, start + 7'000}));
    }

    void choosesTheRing_data()
    {
        QTest::addColumn<int>("seconds");
        QTest::addColumn<int>("from");
        QTest::addColumn<int>("step");
        QTest::addColumn<int>("ring");
        QTest::newRow("asked for") << 5 << 0 << 10'000 << 10'000;
        QTest::newRow("next coarser") << 5 << 0 << 1'001 << 10'000;
        QTest::newRow("finer than any") << 5 << 0 << 1 << 1'000;
        QTest::newRow("coarser than any") << 5 << 0 << 3'600'000 << 10'000;
        QTest::newRow("finest, all still there") << 500 << -100'000 << 0 << 1'000;
        QTest::newRow("finest that reaches back") << 1'000 << 0 << 0 << 10'000;
        QTest::newRow("recent") << 1'000 << 900 << 0 << 1'000;
        QTest::newRow("long ago") << 8'000 << 0 << 0 << 10'000;
    }
    void choosesTheRing()
    {
        QFETCH(int, seconds);
        QFETCH(int, from);
        QFETCH(int, step);
        QFETCH(int, ring);
        MetricsHistory history;
        addSeconds(history, 0, seconds);
        QCOMPARE(history.process(web, at(from * 1'000LL), at(1e9), milliseconds(step)).step,
                 milliseconds(ring));
    }

    void theRingsAreBounded()
    {
        MetricsHistory history;
        addSeconds(history, 0, 2'000);
        const History seconds = history.process(web, at(0), at(1e9), milliseconds(1'000));
        QCOMPARE(seconds.time.size(), 601); // and the one that is not over
        QCOMPARE(seconds.time.last(), start + 2'000'000);
        QCOMPARE(seconds.time.first(), start + 1'400'000);
        QCOMPARE(seconds.cpu.last(), 9.0);
    }

    void picksAStretch()
    {
        MetricsHistory history;
        addSeconds(history, 0, 100);
        const History part = history.process(web, at(10'500), at(12'500), milliseconds(1'000));
        QCOMPARE(part.time, (QList<qint64>{start + 11'000, start + 12'000, start + 13'000}));
        QVERIFY(history.process(web, at(200'000), at(300'000), milliseconds(0)).time.isEmpty());
        QVERIFY(history.process(web, at(20'000), at(10'000), milliseconds(0)).time.isEmpty());
    }

    void aClockSetBackTakesTheFutureAway()
    {
        MetricsHistory history;
        addSeconds(history, 0, 700);
        addSeconds(history, 650, 660);
        const History seconds = history.process(web, at(0), at(1e9), milliseconds(1'000));
        QCOMPARE(seconds.time.last(), start + 660'000);
        QVERIFY(std::is_sorted(seconds.time.begin(), seconds.time.end()));
        QCOMPARE(std::adjacent_find(seconds.time.begin(), seconds.time.end()), seconds.time.end());
        addSeconds(history, -100, -98);
        QCOMPARE(history.process(web, at(-1e9), at(1e9), milliseconds(1'000)).time.size(), 2);
    }

    void aLongGapForgetsTheFineRing()
    {
        MetricsHistory history;
        addSeconds(history, 0, 100);
        addSeconds(history, 5'000, 5'003);
        QCOMPARE(history.process(web, at(0), at(1e9), milliseconds(1'000)).time.size(), 3);
        const History all = history.process(web, at(0), at(1e9), milliseconds(0));
        QCOMPARE(all.step, milliseconds(10'000));
        QCOMPARE(all.time.size(), 11);
    }

    void unknownAndRemovedProcessesAreEmpty()
    {
        MetricsHistory history;
        addSeconds(history, 0, 5);
        QVERIFY(history.process(ProcessId{8}, at(0), at(1e9), milliseconds(0)).time.isEmpty());
        history.remove(web);
        QVERIFY(history.process(web, at(0), at(1e9), milliseconds(0)).time.isEmpty());
    }

    void theSystemHasAllLists()
    {
        MetricsHistory history;
        SystemMetrics metrics;
        metrics.cpuUsage = 12.3;
        metrics.memoryTotal = 8'000'000'000;
        metrics.memoryAvailable = 5'000'000'000;
        metrics.loadOne = 0.52;
        metrics.networkRxPerSecond = 1'000'000;
        metrics.networkTxPerSecond = 2'000;
        history.add(at(0), metrics);
        const History system = history.system(at(0), at(1'000), milliseconds(0));
        QCOMPARE(system.cpu, QList<double>{12.3});
        QCOMPARE(system.memory, QList<qint64>{3'000'000'000});
        QCOMPARE(system.load, QList<double>{0.52});
        QCOMPARE(system.networkRx, QList<qint64>{1'000'000});
        QCOMPARE(system.networkTx, QList<qint64>{2'000});
        history.add(at(1'000), metrics);
        QCOMPARE(history.system(at(0), at(5'000), milliseconds(0)).cpu,
                 (QList<double>{12.3, 12.3}));
    }

    void aRingMatchesAPlainSet()
    {
        HistoryRing<1> ring(10, 7);
        std::set<qint64> expected; // the numbers of the steps; their samples are the same
        quint32 state = 1;
        qint64 time = 0;
        for (int i = 0; i < 5'000; ++i) {
            state = state * 1'664'525 + 1'013'904'223;
            const qint64 jump = state >> 28;
            time = std::max<qint64>(0, jump == 15 ? time - 40 : time + jump * jump / 2);
            const qint64 number = time / 10;
            expected.erase(expected.upper_bound(number), expected.end());
            expected.insert(number);
            ring.add(time, {double(number)});
            std::vector<qint64> visited;
            ring.forEach(0, time, [&visited](qint64 end, const auto &sample) {
                visited.push_back(end / 10 - 1);
                QCOMPARE(sample[0], double(visited.back()));
            });
            // After the clock was set back there may be less than seven; never what is not there.
            QVERIFY(
                std::includes(expected.begin(), expected.end(), visited.begin(), visited.end()));
            QCOMPARE(visited.back(), number);
            if (visited.size() > 1 && expected.contains(visited.front()))
                QCOMPARE(qint64(visited.size()),
                         std::distance(expected.find(visited.front()), expected.end()));
            QVERIFY(visited.size() <= 8);
        }
    }
};

QTEST_GUILESS_MAIN(TestMetricsHistory)
#include "tst_metricshistory.moc"
