// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/healthtracker.h"
#include "tests/support/comparenames.h"

#include <QTest>

using namespace pmdaemon;
using enum ProbeOutcome;

namespace {

HealthCheckSpec spec(int retries = 3, int threshold = 1)
{
    HealthCheckSpec made;
    made.interval = milliseconds{10'000};
    made.retries = retries;
    made.successThreshold = threshold;
    return made;
}

constexpr milliseconds late{60'000};

} // namespace

class TestHealthTracker : public QObject
{
    Q_OBJECT

private slots:
    void isUnknownUntilAFirstSuccess()
    {
        HealthTracker tracker(spec());
        QCOMPARE(tracker.add(Failed, late).status, HealthStatus::Unknown);
        QCOMPARE(tracker.add(Passed, late).status, HealthStatus::Healthy);
    }

    void isUnhealthyAfterTheRetries()
    {
        HealthTracker tracker(spec(3));
        tracker.add(Passed, late);
        QCOMPARE(tracker.add(Failed, late), (HealthTracker::Verdict{HealthStatus::Healthy, true}));
        QCOMPARE(tracker.add(Failed, late).status, HealthStatus::Healthy);
        QCOMPARE(tracker.consecutiveFailures(), 2);
        QCOMPARE(tracker.add(Failed, late),
                 (HealthTracker::Verdict{HealthStatus::Unhealthy, true, true}));
        QCOMPARE(tracker.add(Failed, late),
                 (HealthTracker::Verdict{HealthStatus::Unhealthy, true, false}));
    }

    void goesOnWithWhatIsKnown()
    {
        HealthCheckSpec slow = spec(2);
        slow.startPeriod = milliseconds{60'000};
        HealthTracker healthy(slow, HealthStatus::Healthy);
        QCOMPARE(healthy.period(milliseconds{0}), slow.interval); // no grace, and a period's pause
        QCOMPARE(healthy.add(Failed, milliseconds{0}),
                 (HealthTracker::Verdict{HealthStatus::Healthy, true}));
        QCOMPARE(healthy.add(Failed, milliseconds{0}),
                 (HealthTracker::Verdict{HealthStatus::Unhealthy, true, true}));
        // Who found that did not live to restart it.
        HealthTracker unhealthy(slow, HealthStatus::Unhealthy);
        QVERIFY(!unhealthy.add(Failed, milliseconds{0}).restart);
        QVERIFY(unhealthy.add(Failed, milliseconds{0}).restart);
        QVERIFY(!unhealthy.add(Failed, milliseconds{0}).restart);
    }

    void aSuccessForgetsFailures()
    {
        HealthTracker tracker(spec(2));
        for (int i = 0; i < 10; ++i) {
            QCOMPARE(tracker.add(Failed, late).restart, false);
            QCOMPARE(tracker.add(Passed, late).status, HealthStatus::Healthy);
        }
    }

    void needsSuccessesInARowToRecover()
    {
        HealthTracker tracker(spec(1, 2));
        QCOMPARE(tracker.add(Failed, late).status, HealthStatus::Unhealthy);
        QCOMPARE(tracker.add(Passed, late).status, HealthStatus::Unhealthy);
        QCOMPARE(tracker.add(Failed, late).status, HealthStatus::Unhealthy);
        QCOMPARE(tracker.add(Passed, late).status, HealthStatus::Unhealthy);
        QCOMPARE(tracker.add(Passed, late).status, HealthStatus::Healthy);
    }

    void restartsOnlyWhereWanted()
    {
        HealthCheckSpec quiet = spec(1);
        quiet.onUnhealthy = HealthCheckSpec::OnUnhealthy::None;
        QCOMPARE(HealthTracker(quiet).add(Failed, late),
                 (HealthTracker::Verdict{HealthStatus::Unhealthy, true, false}));
    }

    void aProbeThatCannotRunNeverCounts()
    {
        HealthTracker tracker(spec(2));
        tracker.add(Passed, late);
        tracker.add(Failed, late);
        for (int i = 0; i < 10; ++i)
            QCOMPARE(tracker.add(NotRun, late),
                     (HealthTracker::Verdict{HealthStatus::Unknown, false, false}));
        QCOMPARE(tracker.consecutiveFailures(), 1);
    }

    void failuresInTheGraceDoNotCount()
    {
        HealthCheckSpec slow = spec(1);
        slow.startPeriod = milliseconds{20'000};
        HealthTracker tracker(slow);
        QCOMPARE(tracker.add(Failed, milliseconds{19'999}), HealthTracker::Verdict{});
        QCOMPARE(tracker.add(Failed, milliseconds{20'000}).status, HealthStatus::Unhealthy);
        HealthTracker quick(slow);
        quick.add(Passed, milliseconds{10});
        QCOMPARE(quick.add(Failed, milliseconds{20}).status, HealthStatus::Unhealthy);
    }

    void probesOftenInTheGrace()
    {
        HealthTracker tracker(spec());
        QCOMPARE(tracker.period(milliseconds{0}), milliseconds{1'000});
        QCOMPARE(tracker.period(milliseconds{10'000}), milliseconds{10'000});
        tracker.add(Passed, milliseconds{0});
        QCOMPARE(tracker.period(milliseconds{0}), milliseconds{10'000});
        HealthCheckSpec fast = spec();
        fast.interval = milliseconds{50};
        QCOMPARE(HealthTracker(fast).period(milliseconds{0}), milliseconds{50});
        fast.interval = milliseconds{0};
        QVERIFY(HealthTracker(fast).period(milliseconds{0}).count() > 0);
    }
};

QTEST_GUILESS_MAIN(TestHealthTracker)
#include "tst_healthtracker.moc"
