// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/ws/subscriptionstate.h"
#include "tests/support/fakebackend.h"

#include <QJsonArray>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

Subscribe subscribe(const QList<EventType> &events, std::optional<QStringList> names = {})
{
    Subscribe message;
    message.events = events;
    message.filter.names = std::move(names);
    return message;
}

} // namespace

class TestSubscriptionState : public QObject
{
    Q_OBJECT

private slots:
    void setsTheListedEventsAndLeavesTheOthers()
    {
        SubscriptionState state;
        state.apply(subscribe({EventType::ProcessStatus, EventType::ProcessEvent}));
        state.apply(subscribe({EventType::ProcessStatus}, QStringList{u"web"_s}));
        QCOMPARE(state.stream(EventType::ProcessStatus)->filter.names, QStringList{u"web"_s});
        QVERIFY(!state.stream(EventType::ProcessEvent)->filter.names);
        QVERIFY(!state.stream(EventType::LogMessage));
    }

    void keepsIntervalsForMetricsOnly()
    {
        SubscriptionState state;
        Subscribe message = subscribe({EventType::ProcessStatus, EventType::ProcessMetrics});
        message.interval = milliseconds{250};
        state.apply(message);
        // Equal streams share frames: what does not matter must not make them differ.
        QCOMPARE(state.stream(EventType::ProcessStatus)->interval, milliseconds{0});
        QCOMPARE(state.stream(EventType::ProcessMetrics)->interval, milliseconds{250});
    }

    void ignoresNamesForTheMachine()
    {
        SubscriptionState state;
        state.apply(subscribe({EventType::SystemMetrics}, QStringList{}));
        QVERIFY(!state.stream(EventType::SystemMetrics)->filter.names);
    }

    void unsubscribesEverything()
    {
        SubscriptionState state;
        state.apply(subscribe({EventType::ProcessStatus, EventType::LogMessage}));
        state.apply(Unsubscribe{});
        for (const EventType event : allEventTypes)
            QVERIFY(!state.stream(event));
    }

    void takesNamesOutAgain()
    {
        SubscriptionState state;
        state.apply(subscribe({EventType::ProcessStatus}, QStringList{u"a"_s, u"b"_s}));
        state.apply(subscribe({EventType::ProcessEvent}));
        Unsubscribe message;
        message.processes = QStringList{u"a"_s};
        state.apply(message);
        QCOMPARE(state.stream(EventType::ProcessStatus)->filter.names, QStringList{u"b"_s});
        const Stream events = *state.stream(EventType::ProcessEvent);
        QVERIFY(!events.matches(FakeBackend::entry(1, u"a"_s)));
        QVERIFY(events.matches(FakeBackend::entry(2, u"c"_s)));
        message.processes = QStringList{u"b"_s};
        state.apply(message);
        QVERIFY(!state.stream(EventType::ProcessStatus));
        state.apply(subscribe({EventType::ProcessEvent}));
        QVERIFY(state.stream(EventType::ProcessEvent)->matches(FakeBackend::entry(1, u"a"_s)));
    }

    void takesInstancesOutOfTheirApp()
    {
        SubscriptionState state;
        state.apply(subscribe({EventType::ProcessStatus, EventType::SystemMetrics},
                              QStringList{u"web"_s, u"worker-1"_s}));
        Unsubscribe message;
        message.processes = QStringList{u"web-0"_s};
        state.apply(message);
        ProcessEntry instance = FakeBackend::entry(1, u"web-0"_s);
        instance.app = u"web"_s;
        QVERIFY(!state.stream(EventType::ProcessStatus)->matches(instance));
        instance.name = u"web-1"_s;
        QVERIFY(state.stream(EventType::ProcessStatus)->matches(instance));
        // The machine has no name that could be taken out.
        QVERIFY(state.stream(EventType::SystemMetrics)->except.isEmpty());
        message.processes = QStringList{u"worker"_s};
        state.apply(message);
        instance = FakeBackend::entry(2, u"worker-1"_s);
        instance.app = u"worker"_s;
        QVERIFY(!state.stream(EventType::ProcessStatus)->matches(instance));
    }

    void countsTheNamesThatAClientMadeItHold()
    {
        SubscriptionState state;
        state.apply(subscribe({EventType::ProcessStatus}));
        Unsubscribe message;
        for (int i = 0; i < 3; ++i) {
            message.processes = QStringList{u"a"_s, u"b%1"_s.arg(i)};
            state.apply(message);
        }
        QCOMPARE(state.mostNames(), 4);
    }

    void replacesTheDefaultAsAWhole()
    {
        SubscriptionState state = SubscriptionState::defaults();
        QVERIFY(!state.stream(EventType::LogMessage));
        QCOMPARE(state.stream(EventType::SystemMetrics)->interval, milliseconds{2'000});
        SubscriptionState other = state;
        state.apply(subscribe({EventType::LogMessage}));
        QVERIFY(!state.stream(EventType::ProcessStatus));
        Unsubscribe one;
        one.events = QList{EventType::SystemMetrics};
        other.apply(one);
        QVERIFY(!other.stream(EventType::ProcessStatus));
    }

    void filtersLines()
    {
        Stream stream{.event = EventType::LogMessage, .filter = {}, .except = {}};
        LogLine line;
        line.level = LogLevel::Info;
        line.message = "Größe 5";
        QVERIFY(stream.matches(line));
        stream.level = LogLevel::Warn;
        QVERIFY(!stream.matches(line));
        stream.level = LogLevel::Info;
        stream.grep = u"größe"_s;
        QVERIFY(!stream.matches(line)); // as written
        stream.grep = u"Größe"_s;
        QVERIFY(stream.matches(line));
    }

    void tellsItsState()
    {
        SubscriptionState state;
        Subscribe message = subscribe({EventType::ProcessMetrics, EventType::LogMessage});
        message.level = LogLevel::Error;
        state.apply(message);
        const QJsonObject json = state.toJson();
        QCOMPARE(json[u"events"_s].toArray(), (QJsonArray{u"process_metrics"_s, u"log_message"_s}));
        const QJsonObject all = json[u"subscriptions"_s].toObject();
        QCOMPARE(all[u"process_metrics"_s][u"interval"_s], QJsonValue(1'000));
        QVERIFY(all[u"process_metrics"_s].toObject().contains(u"processes"_s));
        QVERIFY(all[u"process_metrics"_s][u"processes"_s].isNull());
        QCOMPARE(all[u"log_message"_s][u"level"_s], QJsonValue(u"error"_s));
    }
};

QTEST_GUILESS_MAIN(TestSubscriptionState)
#include "tst_subscriptionstate.moc"
