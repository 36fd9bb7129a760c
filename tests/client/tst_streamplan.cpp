// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "client/streamplan.h"

#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {
ProcessFilter named(const QStringList &names)
{
    return {.names = names, .nameSpaces = {}};
}
ProcessFilter inNameSpace(const QString &nameSpace)
{
    return {.names = {}, .nameSpaces = {nameSpace}};
}
} // namespace

class TestStreamPlan : public QObject
{
    Q_OBJECT

private slots:
    void wantsNothingForNoInterest();
    void unitesFilters_data();
    void unitesFilters();
    void takesTheFinestInterval();
    void sendsOnlyWhatChanges();
    void asksForBatchesOfLines();
    void givesCoarseWatchersTheirRhythm();
    void givesANewWatcherTheNextFrame();
    void doesNotBurstAfterAPause();
};

void TestStreamPlan::wantsNothingForNoInterest()
{
    QCOMPARE(planFor({}), StreamPlan{});
    QVERIFY(streamChanges({}, {}).isEmpty());
}

void TestStreamPlan::unitesFilters_data()
{
    QTest::addColumn<QList<ProcessFilter>>("filters");
    QTest::addColumn<ProcessFilter>("all");
    const ProcessFilter everything;
    const ProcessFilter both{.names = QStringList{u"a"_s}, .nameSpaces = {u"x"_s}};
    QTest::newRow("one stays as it is") << QList{both} << both;
    QTest::newRow("names") << QList{named({u"a"_s}), named({u"b"_s, u"a"_s})}
                           << named({u"a"_s, u"b"_s});
    QTest::newRow("no one and a name") << QList{named({}), named({u"a"_s})} << named({u"a"_s});
    QTest::newRow("namespaces") << QList{inNameSpace(u"x"_s), inNameSpace(u"y"_s)}
                                << ProcessFilter{.names = {}, .nameSpaces = {u"x"_s, u"y"_s}};
    QTest::newRow("everything wins") << QList{named({u"a"_s}), everything} << everything;
    QTest::newRow("name or namespace") << QList{named({u"a"_s}), inNameSpace(u"x"_s)} << everything;
    QTest::newRow("both in one") << QList{both, named({u"a"_s})} << everything;
}

void TestStreamPlan::unitesFilters()
{
    QFETCH(QList<ProcessFilter>, filters);
    QFETCH(ProcessFilter, all);
    QCOMPARE(unionOf(filters), all);
}

void TestStreamPlan::takesTheFinestInterval()
{
    Interest interest;
    interest.processMetrics[5000ms] = {named({u"a"_s})};
    interest.processMetrics[1000ms] = {named({u"b"_s})};
    interest.systemMetrics = {500ms, 2000ms};
    const StreamPlan plan = planFor(interest);
    QCOMPARE(plan.processes->interval, 1000ms);
    QVERIFY(plan.processes->filter == named({u"a"_s, u"b"_s}) ||
            plan.processes->filter == named({u"b"_s, u"a"_s}));
    QCOMPARE(plan.system, 500ms);
    QVERIFY(!plan.logs);
}

void TestStreamPlan::sendsOnlyWhatChanges()
{
    StreamPlan from;
    from.system = 1000ms;
    from.logs = ProcessFilter{};
    StreamPlan to;
    to.system = 1000ms;
    to.processes = {named({u"a"_s}), 2000ms};
    const QList<ClientMessage> messages = streamChanges(from, to);
    QCOMPARE(messages.size(), 2);
    const auto &subscribe = std::get<Subscribe>(messages[0]);
    QVERIFY(subscribe.events == QList{EventType::ProcessMetrics});
    QCOMPARE(subscribe.filter, named({u"a"_s}));
    QCOMPARE(subscribe.interval, 2000ms);
    QVERIFY(std::get<Unsubscribe>(messages[1]).events == QList{EventType::LogMessage});
}

void TestStreamPlan::asksForBatchesOfLines()
{
    StreamPlan to;
    to.logs = named({u"a"_s});
    const QList<ClientMessage> messages = streamChanges({}, to);
    QCOMPARE(messages.size(), 1);
    QVERIFY(std::get<Subscribe>(messages[0]).batch);
    QCOMPARE(std::get<Subscribe>(messages[0]).filter, named({u"a"_s}));
}

void TestStreamPlan::givesCoarseWatchersTheirRhythm()
{
    IntervalThinner thinner;
    thinner.setIntervals({1000ms, 5000ms});
    int fine = 0;
    int coarse = 0;
    for (int i = 0; i < 60; ++i) {
        const milliseconds jitter{i % 3 * 7};
        const auto due = thinner.due(IntervalThinner::TimePoint{} + 1000ms * i + jitter);
        fine += static_cast<int>(due.count(1000ms));
        coarse += static_cast<int>(due.count(5000ms));
    }
    QCOMPARE(fine, 60);
    QCOMPARE(coarse, 12);
}

void TestStreamPlan::givesANewWatcherTheNextFrame()
{
    IntervalThinner thinner;
    const IntervalThinner::TimePoint start;
    thinner.setIntervals({1000ms});
    QCOMPARE(thinner.due(start), QList{1000ms});
    thinner.setIntervals({1000ms, 60'000ms});
    QCOMPARE(thinner.due(start + 1000ms), (QList<milliseconds>{1000ms, 60'000ms}));
    QCOMPARE(thinner.due(start + 2000ms), QList{1000ms});
}

void TestStreamPlan::doesNotBurstAfterAPause()
{
    IntervalThinner thinner;
    const IntervalThinner::TimePoint start;
    thinner.setIntervals({100ms, 1000ms});
    thinner.due(start);
    QCOMPARE(thinner.due(start + 1h).size(), 2);
    QCOMPARE(thinner.due(start + 1h + 100ms), QList{100ms});
}

QTEST_GUILESS_MAIN(TestStreamPlan)
#include "tst_streamplan.moc"
