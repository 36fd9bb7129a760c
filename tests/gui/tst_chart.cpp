// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/charts/chart.h"
#include "gui/charts/systemchart.h"
#include "gui/charts/timeseries.h"
#include "tests/support/fakebackend.h"

#include <QElapsedTimer>
#include <QTest>

#include <cmath>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

class TestChart : public QObject
{
    Q_OBJECT

private slots:
    void breaksTheLineWhereSamplesAreMissing()
    {
        const double nan = std::nan("");
        QCOMPARE(splitAtGaps({}, 2).size(), 0);
        QCOMPARE(splitAtGaps({{-3, 1}, {-2, 1}, {-1, 1}}, 2).size(), 1);
        const auto runs = splitAtGaps({{-9, 1}, {-8, 1}, {-3, 1}, {-2, nan}, {-1, 1}}, 2);
        QCOMPARE(runs.size(), 3);
        QCOMPARE(runs[0].size(), 2);
    }

    void keepsPeaksWhenItThinsOut()
    {
        QList<QPointF> points;
        for (int i = 0; i < 3'600; ++i)
            points.append({double(i), i == 1'234 ? 99.0 : 1.0});
        const QList<QPointF> thin = decimated(points, 100);
        QVERIFY(thin.size() <= 200);
        QVERIFY(thin.contains(QPointF(1'234, 99)));
        QVERIFY(std::is_sorted(thin.begin(), thin.end(),
                               [](const QPointF &a, const QPointF &b) { return a.x() < b.x(); }));
        QCOMPARE(decimated(points, 2'000), points);
    }

    void drawsNothingWhileHiddenAndOnceWhenShown()
    {
        Chart chart;
        const int series = chart.addSeries(u"CPU"_s);
        for (int i = 0; i < 50; ++i)
            chart.setPoints(series, {{-1, 1}, {0, double(i)}}, {});
        QCoreApplication::processEvents();
        QCOMPARE(chart.drawCount(), 0);
        chart.resize(400, 200);
        chart.show();
        QTRY_COMPARE(chart.drawCount(), 1);
    }

    void drawsAtMostOncePerSecond()
    {
        Chart chart;
        const int series = chart.addSeries(u"CPU"_s);
        chart.resize(400, 200);
        chart.show();
        QElapsedTimer clock;
        clock.start();
        for (int i = 0; chart.drawCount() < 3; ++i) {
            chart.setPoints(series, {{-1, 1}, {0, double(i)}}, {});
            QTest::qWait(5);
            QVERIFY(clock.elapsed() < 30'000);
        }
        // Two pauses lie between three drawings. A slow machine makes them longer, and a coarse
        // timer up to a twentieth shorter.
        QVERIFY(clock.elapsed() >= 1'600);
    }

    void beginsWithTheBackendsPast()
    {
        FakeBackend backend;
        const qint64 now = wallNow().time_since_epoch().count();
        for (int i = 120; i > 0; --i) {
            backend.past.time.append(now - i * 1'000);
            backend.past.cpu.append(10);
            backend.past.memory.append(600);
        }
        SystemChart chart(backend);
        QTRY_COMPARE(chart.sampleCount(), std::size_t(120));
        backend.tickSystem(milliseconds{1'000});
        QCOMPARE(chart.sampleCount(), std::size_t(121));
        backend.tickSystem(milliseconds{5'000});
        QCOMPARE(chart.sampleCount(), std::size_t(121));
    }

    void forgetsWhatIsOlderThanFiveMinutes()
    {
        FakeBackend backend;
        SystemChart chart(backend);
        SystemMetrics metrics = backend.system;
        metrics.interval = milliseconds{1'000};
        for (int second = 0; second < 1'000; ++second) {
            metrics.time = WallTime{milliseconds{second * 1'000}};
            emit backend.systemMetrics(metrics);
        }
        QCOMPARE(chart.sampleCount(), std::size_t(301));
        // The daemon's clock was set back: what lies in its future goes.
        metrics.time = WallTime{milliseconds{900'000}};
        emit backend.systemMetrics(metrics);
        QVERIFY(chart.sampleCount() < 301);
    }
};

QTEST_MAIN(TestChart)
#include "tst_chart.moc"
