// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/restarttracker.h"

#include <QTest>

using namespace pmdaemon;
using Verdict = RestartDecision::Verdict;

namespace {

/// One run after another: how long it was, and what has to follow.
struct Run
{
    std::int64_t uptime = 0;
    RestartDecision expected;
    bool requested = false;
    double jitter = 0;
    int exitCode = 1;
};

constexpr RestartDecision restartAfter(std::int64_t delay)
{
    return {Verdict::Restart, delay};
}

constexpr RestartDecision stayDown{Verdict::StayDown, 0};
constexpr RestartDecision giveUp{Verdict::GiveUp, 0};

} // namespace

class TestRestartTracker : public QObject
{
    Q_OBJECT

private slots:
    void decides_data();
    void decides();
    void startsOverAfterReset();
    void takesANewPolicyBetweenRuns();
    void staysWithinCapOverManyRuns();
};

void TestRestartTracker::decides_data()
{
    QTest::addColumn<RestartPolicy>("policy");
    QTest::addColumn<std::vector<Run>>("runs");
    const auto row = [](const char *name, const RestartPolicy &policy, std::vector<Run> runs) {
        QTest::newRow(name) << policy << std::move(runs);
    };

    RestartPolicy policy;
    row("first failure at once, then doubling", policy,
        {{10, restartAfter(0)},
         {10, restartAfter(100)},
         {10, restartAfter(200)},
         {10, restartAfter(400)}});
    row("after a stable run at once, then doubling from the start", policy,
        {{10, restartAfter(0)},
         {10, restartAfter(100)},
         {1'000, restartAfter(0)},
         {999, restartAfter(100)},
         {999, restartAfter(200)}});
    row("stable runs only", policy, {{5'000, restartAfter(0)}, {5'000, restartAfter(0)}});
    row("requested", policy, {{5'000, stayDown, true}, {0, stayDown, true}});
    row("jitter spreads by a fifth", policy,
        {{0, restartAfter(0), false, 1},
         {0, restartAfter(120), false, 1},
         {0, restartAfter(160), false, -1},
         {0, restartAfter(440), false, 0.5}});

    policy.restartDelay = 300;
    row("restart delay is the least", policy,
        {{10, restartAfter(300)},
         {10, restartAfter(300)},
         {10, restartAfter(300)},
         {10, restartAfter(400)},
         {5'000, restartAfter(300)}});
    policy.backoffBase = 0;
    row("backoff off", policy, {{0, restartAfter(300)}, {0, restartAfter(300)}});

    policy = {};
    policy.backoffCap = 250;
    row("cap", policy,
        {{0, restartAfter(0)},
         {0, restartAfter(100)},
         {0, restartAfter(200)},
         {0, restartAfter(250)},
         {0, restartAfter(250)},
         {0, restartAfter(300), false, 1}});

    policy = {};
    policy.maxRestarts = 2;
    policy.backoffBase = 0;
    row("gives up after two restarts", policy,
        {{0, restartAfter(0)}, {0, restartAfter(0)}, {0, giveUp}});
    row("a stable run gives two more", policy,
        {{0, restartAfter(0)},
         {0, restartAfter(0)},
         {1'000, restartAfter(0)},
         {0, restartAfter(0)},
         {0, restartAfter(0)},
         {0, giveUp}});
    policy.maxRestarts = 0;
    row("no restart after an unstable run", policy, {{1'000, restartAfter(0)}, {0, giveUp}});
    policy.maxRestarts = RestartPolicy::Unlimited;
    row("unlimited", policy, std::vector<Run>(100, Run{0, restartAfter(0)}));

    policy = {};
    policy.autorestart = false;
    row("no autorestart", policy, {{10, stayDown}, {10'000, stayDown}});
    const auto exited = [](int code, RestartDecision expected) {
        return Run{.uptime = 10'000, .expected = expected, .exitCode = code};
    };
    policy = {};
    policy.onlyAfterFailure = true;
    row("only after failures", policy,
        {exited(1, restartAfter(0)), exited(EndedRun::NoExitCode, restartAfter(0)),
         exited(0, stayDown)});
    policy = {};
    policy.addStopCode(0);
    policy.addStopCode(255);
    row("codes to stop at", policy,
        {exited(1, restartAfter(0)), exited(EndedRun::NoExitCode, restartAfter(0)),
         exited(0, stayDown), exited(255, stayDown)});
    policy = {};
    policy.minUptime = 0;
    row("every run is stable", policy, std::vector<Run>(30, Run{0, restartAfter(0)}));
}

void TestRestartTracker::decides()
{
    QFETCH(RestartPolicy, policy);
    QFETCH(std::vector<Run>, runs);
    RestartTracker tracker(policy);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const auto decision = tracker.afterExit(
            {runs[i].uptime, runs[i].exitCode, runs[i].requested}, runs[i].jitter);
        QVERIFY2(decision == runs[i].expected,
                 qPrintable(QStringLiteral("run %1: verdict %2, delay %3")
                                .arg(i)
                                .arg(static_cast<int>(decision.verdict))
                                .arg(decision.delay)));
    }
}

void TestRestartTracker::startsOverAfterReset()
{
    RestartTracker tracker;
    for (int i = 0; i < 5; ++i)
        tracker.afterExit({}, 0);
    QCOMPARE(tracker.unstableRuns(), 5);
    tracker.reset();
    QCOMPARE(tracker.unstableRuns(), 0);
    QVERIFY(tracker.afterExit({}, 0) == restartAfter(0));
    QVERIFY(tracker.afterExit({}, 0) == restartAfter(100));
}

void TestRestartTracker::takesANewPolicyBetweenRuns()
{
    RestartTracker tracker;
    tracker.afterExit({}, 0);
    RestartPolicy policy;
    policy.maxRestarts = 1;
    tracker.setPolicy(policy);
    QVERIFY(tracker.afterExit({}, 0) == giveUp);
}

void TestRestartTracker::staysWithinCapOverManyRuns()
{
    RestartPolicy policy;
    policy.maxRestarts = RestartPolicy::Unlimited;
    RestartTracker tracker(policy);
    for (int i = 0; i < 10'000; ++i)
        QVERIFY(tracker.afterExit({}, 1).delay <= policy.backoffCap * 12 / 10);
}

QTEST_GUILESS_MAIN(TestRestartTracker)
#include "tst_restarttracker.moc"
