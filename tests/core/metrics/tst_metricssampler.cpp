// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/metrics/metricssampler.h"

#include <QDir>
#include <QProcess>
#include <QSignalSpy>
#include <QTest>

#include <ctime>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

const ProcessId self{1};
const ProcessId other{2};
const ProcessId unknown{99};
constexpr milliseconds fast{100};
constexpr milliseconds slow{3'600'000};

qsizetype openFiles()
{
    return QDir(u"/proc/self/fd"_s).entryList(QDir::AllEntries | QDir::System).size();
}

} // namespace

class TestMetricsSampler : public QObject
{
    Q_OBJECT

    struct Fixture
    {
        MetricsSampler sampler{u"/proc"_s, u"/"_s};
        QSignalSpy frames{&sampler, &MetricsSampler::processFrame};
        QSignalSpy system{&sampler, &MetricsSampler::systemSampled};

        MetricsFrame frame(qsizetype i) const { return frames.at(i).at(0).value<MetricsFrame>(); }
        SystemMetrics metrics(qsizetype i) const
        {
            return system.at(i).at(0).value<SystemMetrics>();
        }
    };

private slots:
    void theFirstFrameComesInTheNextTurn()
    {
        Fixture f;
        f.sampler.track(self, ::getpid(), wallNow() - milliseconds(5'000));
        f.sampler.setProcessWatches({{slow, {unknown, self}}});
        f.sampler.setSystemWatches({slow});
        QCOMPARE(f.frames.count(), 0);
        QTRY_COMPARE(f.frames.count(), 1);
        QCOMPARE(f.system.count(), 1);
        const MetricsFrame frame = f.frame(0);
        QCOMPARE(frame.interval, slow);
        QCOMPARE(frame.processes.size(), 2);
        QCOMPARE(frame.processes[0].id, self);
        QVERIFY(frame.processes[0].memory > 1'000'000);
        QVERIFY(frame.processes[0].uptime >= milliseconds(5'000));
        QCOMPARE(frame.processes[0].cpu, 0.0);
        QCOMPARE(frame.processes[1], ProcessSample{unknown});
        QCOMPARE(f.metrics(0).interval, slow);
        QVERIFY(f.metrics(0).memoryTotal > 0);
        QVERIFY(f.metrics(0).diskTotal > 0);
    }

    void eachIntervalHasFramesOfItsOwn()
    {
        Fixture f;
        f.sampler.track(self, ::getpid(), wallNow());
        f.sampler.setProcessWatches({{fast, {self}}, {slow, {}}});
        QTRY_VERIFY(f.frames.count() >= 5);
        QCOMPARE(f.frame(0).interval, fast);
        QCOMPARE(f.frame(1).interval, slow);
        QVERIFY(f.frame(1).processes.isEmpty());
        for (qsizetype i = 2; i < f.frames.count(); ++i)
            QCOMPARE(f.frame(i).interval, fast);
        QCOMPARE(f.system.count(), 0);
    }

    void anIntervalThatGoesOnHasNoSecondFirstFrame()
    {
        Fixture f;
        f.sampler.setProcessWatches({{slow, {self}}});
        QTRY_COMPARE(f.frames.count(), 1);
        f.sampler.setProcessWatches({{slow, {self, other}}, {slow * 2, {self}}});
        QTRY_COMPARE(f.frames.count(), 2);
        QCOMPARE(f.frame(1).interval, slow * 2);
        f.sampler.setSystemWatches({slow});
        QTRY_COMPARE(f.system.count(), 1);
        QCOMPARE(f.frames.count(), 2);
    }

    void cpuIsMeasuredOverTheInterval()
    {
        Fixture f;
        QProcess burner;
        burner.start(u"/bin/sh"_s, {u"-c"_s, u"while :; do :; done"_s});
        QVERIFY(burner.waitForStarted());
        f.sampler.track(self, burner.processId(), wallNow());
        f.sampler.setProcessWatches({{fast, {self}}});
        QTRY_VERIFY(f.frames.count() >= 4);
        QCOMPARE(f.frame(0).processes[0].cpu, 0.0);
        // One thread; how much of a core it gets depends on who else is there.
        QTRY_VERIFY(f.frame(f.frames.count() - 1).processes[0].cpu > 5);
        for (qsizetype i = 0; i < f.frames.count(); ++i)
            QVERIFY(f.frame(i).processes[0].cpu < 130);
        burner.kill();
        QVERIFY(burner.waitForFinished());
        // Nobody has told the sampler yet.
        const qsizetype seen = f.frames.count();
        QTRY_VERIFY(f.frames.count() > seen + 1);
        QCOMPARE(f.frame(f.frames.count() - 1).processes[0], ProcessSample{self});
        f.sampler.track(self, 0, {});
        QCOMPARE(f.sampler.sampleNow(self), ProcessSample{self});
    }

    void nothingWatchedNothingOpenNothingRuns()
    {
        Fixture f;
        f.sampler.track(self, ::getpid(), wallNow());
        QCoreApplication::processEvents();
        const qsizetype before = openFiles();
        f.sampler.setProcessWatches({{fast, {self}}});
        f.sampler.setSystemWatches({fast});
        QTRY_VERIFY(f.frames.count() > 2);
        QVERIFY(openFiles() > before);
        f.sampler.setProcessWatches({});
        f.sampler.setSystemWatches({});
        QCOMPARE(openFiles(), before);
        const qsizetype frames = f.frames.count();
        const qsizetype system = f.system.count();
        Fixture witness;
        witness.sampler.setSystemWatches({fast});
        QTRY_VERIFY(witness.system.count() > 3);
        QCOMPARE(f.frames.count(), frames);
        QCOMPARE(f.system.count(), system);
        QVERIFY(f.sampler.sampleNow(self).memory > 0);
        QCOMPARE(openFiles(), before);
    }

    void onlyWhatIsWatchedStaysOpen()
    {
        Fixture f;
        QProcess cat;
        cat.start(u"cat"_s, {});
        QVERIFY(cat.waitForStarted());
        f.sampler.track(self, ::getpid(), wallNow());
        f.sampler.track(other, cat.processId(), wallNow());
        f.sampler.setProcessWatches({{slow, {other}}});
        QTRY_COMPARE(f.frames.count(), 1);
        const qsizetype one = openFiles();
        f.sampler.setProcessWatches({{slow, {other}}, {slow * 2, {self}}});
        QTRY_COMPARE(f.frames.count(), 2);
        QVERIFY(openFiles() > one);
        f.sampler.setProcessWatches({{slow, {other}}});
        QCOMPARE(openFiles(), one);
        cat.kill();
        QVERIFY(cat.waitForFinished());
    }

    void historyIsKeptWithoutWatchers()
    {
        Fixture f;
        const WallTime start = wallNow();
        f.sampler.track(self, ::getpid(), start);
        f.sampler.track(other, 0, {});
        f.sampler.keepHistory(fast);
        const auto past = [&f](ProcessId id) {
            return f.sampler.history().process(id, {}, wallNow() + slow, milliseconds(0));
        };
        QTRY_VERIFY_WITH_TIMEOUT(!past(self).time.isEmpty(), 20'000);
        QVERIFY(past(self).memory[0] > 1'000'000);
        QVERIFY(past(other).time.isEmpty());
        const History system = f.sampler.history().system({}, wallNow() + slow, milliseconds(0));
        QVERIFY(!system.time.isEmpty());
        QVERIFY(system.memory[0] > 0);
        QCOMPARE(f.frames.count(), 0);
        QCOMPARE(f.system.count(), 0);
        f.sampler.untrack(self);
        QVERIFY(past(self).time.isEmpty());
    }

    void aWatcherMayLeaveWhileItIsServed()
    {
        Fixture f;
        f.sampler.track(self, ::getpid(), wallNow());
        connect(&f.sampler, &MetricsSampler::processFrame, this, [&f](const MetricsFrame &frame) {
            if (frame.processes.isEmpty())
                f.sampler.setProcessWatches({});
            else
                f.sampler.setProcessWatches({{fast, {}}});
        });
        f.sampler.setSystemWatches({fast});
        f.sampler.setProcessWatches({{fast, {self}}, {fast * 2, {self}}});
        QTRY_VERIFY(f.system.count() > 5);
        f.sampler.setSystemWatches({});
        f.sampler.setProcessWatches({{fast, {self}}});
        QTRY_VERIFY(f.frames.count() > 2);
    }

    void aRestartedProcessBeginsAnew()
    {
        Fixture f;
        f.sampler.track(self, ::getpid(), wallNow() - milliseconds(100'000));
        f.sampler.setProcessWatches({{slow, {self}}});
        QTRY_COMPARE(f.frames.count(), 1);
        QVERIFY(f.sampler.sampleNow(self).uptime >= milliseconds(100'000));
        f.sampler.track(self, ::getpid(), wallNow() + milliseconds(100'000));
        const ProcessSample sample = f.sampler.sampleNow(self);
        QVERIFY(sample.uptime < milliseconds(100'000));
        QVERIFY(sample.uptime >= milliseconds(0));
        QCOMPARE(sample.cpu, 0.0);
    }

    void trackingTheSameRunAgainChangesNothing()
    {
        Fixture f;
        const WallTime started = wallNow();
        f.sampler.track(self, ::getpid(), started);
        f.sampler.setProcessWatches({{fast, {self}}});
        QTRY_VERIFY(f.frames.count() > 1);
        const qsizetype before = openFiles();
        f.sampler.track(self, ::getpid(), started);
        QCOMPARE(openFiles(), before);
        f.sampler.track(self, ::getpid(), started + milliseconds(1));
        QVERIFY(openFiles() < before);
    }

    void singleQuestionsHaveRatesFromTheSecondOn()
    {
        Fixture f;
        f.sampler.track(self, ::getpid(), wallNow());
        QCOMPARE(f.sampler.sampleNow(self).cpu, 0.0);
        QCOMPARE(f.sampler.systemNow().cpuUsage, 0.0);
        const std::clock_t start = std::clock();
        while (std::clock() - start < CLOCKS_PER_SEC / 5)
            continue;
        QVERIFY(f.sampler.sampleNow(self).cpu > 0);
        QVERIFY(f.sampler.systemNow().cpuUsage > 0);
        QCOMPARE(f.sampler.sampleNow(unknown), ProcessSample{unknown});
    }
};

QTEST_GUILESS_MAIN(TestMetricsSampler)
#include "tst_metricssampler.moc"
