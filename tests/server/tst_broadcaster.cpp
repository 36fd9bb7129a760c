// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/ws/broadcaster.h"
#include "tests/support/fakebackend.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

/// Keeps the frames it gets.
class Recorder : public Subscriber
{
public:
    void deliver(SendQueue::Kind, const QByteArray &frames) override { got.append(frames); }
    void deliverLogs(const LogBatch &batch, const QByteArray &frames, bool) override
    {
        lines += static_cast<int>(batch.lines.size());
        got.append(frames);
    }
    QList<QByteArray> got;
    int lines = 0;
};

struct Fixture
{
    Fixture()
    {
        backend.add(FakeBackend::entry(1, u"web"_s));
        backend.add(FakeBackend::entry(2, u"worker"_s));
    }
    static SubscriptionState to(const QList<EventType> &events,
                                std::optional<QStringList> names = {}, int interval = 1'000)
    {
        SubscriptionState state;
        Subscribe message;
        message.events = events;
        message.filter.names = std::move(names);
        message.interval = milliseconds{interval};
        state.apply(message);
        return state;
    }

    FakeBackend backend;
    MessageEncoder encoder{"boot"};
    Broadcaster broadcaster{backend, encoder};
};

LogBatch batchOf(int id, const QString &name, std::initializer_list<QByteArray> texts)
{
    LogBatch batch{ProcessId{id}, name, 0, 0, {}};
    for (const QByteArray &text : texts) {
        LogLine &line = batch.lines.emplaceBack();
        line.seq = batch.lines.size();
        line.message = text;
    }
    return batch;
}

} // namespace

class TestBroadcaster : public QObject
{
    Q_OBJECT

private slots:
    void sendsTheSameBytesToAGroup()
    {
        Fixture f;
        Recorder a, b, other;
        const auto all = Fixture::to({EventType::ProcessMetrics});
        f.broadcaster.update(&a, all);
        f.broadcaster.update(&b, all);
        f.broadcaster.update(&other,
                             Fixture::to({EventType::ProcessMetrics}, QStringList{u"web"_s}));
        f.backend.tick(milliseconds{1'000});
        QCOMPARE(a.got.size(), 1);
        QCOMPARE(a.got.first().constData(), b.got.first().constData()); // not a copy
        QVERIFY(a.got.first().contains("worker"));
        QVERIFY(other.got.first().contains("web") && !other.got.first().contains("worker"));
    }

    void encodesAStatusOnceForEveryGroup()
    {
        Fixture f;
        Recorder a, b, none;
        f.broadcaster.update(&a, Fixture::to({EventType::ProcessStatus}));
        f.broadcaster.update(&b, Fixture::to({EventType::ProcessStatus}, QStringList{u"web"_s}));
        f.broadcaster.update(&none, Fixture::to({EventType::ProcessStatus}, QStringList{}));
        f.backend.setStatus(1, ProcessStatus::Stopping);
        QCOMPARE(a.got.size(), 1);
        QCOMPARE(a.got.first().constData(), b.got.first().constData());
        QVERIFY(none.got.isEmpty());
    }

    void watchesEachStreamOnceAndOnlyWhileWanted()
    {
        Fixture f;
        Recorder a, b;
        const auto state = Fixture::to(
            {EventType::ProcessMetrics, EventType::SystemMetrics, EventType::LogMessage}, {}, 500);
        f.broadcaster.update(&a, state);
        f.broadcaster.update(&b, state);
        const auto changes = f.backend.interests.size();
        QCOMPARE(f.backend.interest().processMetrics.at(milliseconds{500}).size(), 1);
        QCOMPARE(f.backend.interest().systemMetrics, QList{milliseconds{500}});
        f.broadcaster.remove(&a);
        QCOMPARE(f.backend.interests.size(), changes);
        f.broadcaster.remove(&b);
        QVERIFY(f.backend.interest() == Interest());
    }

    void goesOnWatchingWhileAFilterChanges()
    {
        Fixture f;
        Recorder a;
        f.broadcaster.update(&a, Fixture::to({EventType::ProcessMetrics}));
        f.broadcaster.update(&a, Fixture::to({EventType::ProcessMetrics}, QStringList{u"web"_s}));
        for (const Interest &interest : f.backend.interests)
            QVERIFY(interest.processMetrics.contains(milliseconds{1'000}));
    }

    void keepsIntervalsApart()
    {
        Fixture f;
        Recorder fast, slow;
        f.broadcaster.update(&fast, Fixture::to({EventType::SystemMetrics}, {}, 100));
        f.broadcaster.update(&slow, Fixture::to({EventType::SystemMetrics}, {}, 1'000));
        f.backend.tickSystem(milliseconds{100});
        QCOMPARE(fast.got.size(), 1);
        QVERIFY(slow.got.isEmpty());
    }

    void givesALatecomerTheFrameOfTheGroup()
    {
        Fixture f;
        Recorder first, late;
        const auto state = Fixture::to({EventType::ProcessMetrics});
        f.broadcaster.update(&first, state);
        f.broadcaster.sendFirstFrame(&first, EventType::ProcessMetrics);
        QTRY_COMPARE(first.got.size(), 1); // the Backend's own
        f.broadcaster.update(&late, state);
        f.broadcaster.sendFirstFrame(&late, EventType::ProcessMetrics);
        QCOMPARE(late.got, first.got);
    }

    void givesANewGroupAtAnOldIntervalWhatIsKnown()
    {
        Fixture f;
        const Watch window = f.backend.watchProcessMetrics({}, milliseconds{1'000});
        f.backend.tick(milliseconds{1'000});
        f.backend.firstFrameAtOnce = false;
        Recorder a;
        f.broadcaster.update(&a, Fixture::to({EventType::ProcessMetrics}, QStringList{u"web"_s}));
        f.broadcaster.sendFirstFrame(&a, EventType::ProcessMetrics);
        QTRY_COMPARE(a.got.size(), 1);
        QVERIFY(a.got.first().contains("1000001"));
    }

    void sendsEmptyMetricsToo()
    {
        Fixture f;
        Recorder a;
        f.broadcaster.update(&a, Fixture::to({EventType::ProcessMetrics}, QStringList{}));
        f.backend.tick(milliseconds{1'000});
        QCOMPARE(a.got.size(), 1);
        QVERIFY(a.got.first().contains("\"processes\":[]"));
    }

    void filtersEventsOfProcessesThatAreGone()
    {
        Fixture f;
        ProcessEntry instance = FakeBackend::entry(3, u"api-1"_s);
        instance.app = u"api"_s;
        f.backend.add(instance);
        Recorder ofApp, ofWeb;
        f.broadcaster.update(&ofApp, Fixture::to({EventType::ProcessEvent}, QStringList{u"api"_s}));
        f.broadcaster.update(&ofWeb, Fixture::to({EventType::ProcessEvent}, QStringList{u"web"_s}));
        f.backend.applyRemoval(ProcessId{3});
        ProcessEvent event;
        event.kind = ProcessEvent::Kind::Deleted;
        event.id = ProcessId{3};
        event.name = u"api-1"_s;
        emit f.backend.processEvent(event);
        QCOMPARE(ofApp.got.size(), 1);
        QVERIFY(ofWeb.got.isEmpty());
    }

    void filtersLinesAndSharesTheRest()
    {
        Fixture f;
        Recorder a, b, errors, batched;
        f.broadcaster.update(&a, Fixture::to({EventType::LogMessage}));
        f.broadcaster.update(&b, Fixture::to({EventType::LogMessage}, QStringList{u"web"_s}));
        SubscriptionState state;
        Subscribe message;
        message.events = {EventType::LogMessage};
        message.grep = u"bad"_s;
        state.apply(message);
        f.broadcaster.update(&errors, state);
        message.grep.clear();
        message.batch = true;
        state.apply(message);
        f.broadcaster.update(&batched, state);

        emit f.backend.logLines(batchOf(1, u"web"_s, {"good", "bad", "good"}));
        QCOMPARE(a.lines, 3);
        QCOMPARE(a.got.first().constData(), b.got.first().constData());
        QCOMPARE(a.got.first().count("\"log_message\""), 3);
        QCOMPARE(errors.lines, 1);
        emit f.backend.logLines(batchOf(2, u"worker"_s, {"good"}));
        QCOMPARE(a.lines, 4);
        QCOMPARE(b.lines, 3);
        QCOMPARE(errors.lines, 1);
    }

    void gathersLinesIntoBatches()
    {
        Fixture f;
        Recorder viewer;
        SubscriptionState state;
        Subscribe message;
        message.events = {EventType::LogMessage};
        message.batch = true;
        state.apply(message);
        f.broadcaster.update(&viewer, state);
        for (int i = 0; i < 10; ++i)
            emit f.backend.logLines(batchOf(1, u"web"_s, {"a", "b"}));
        emit f.backend.logLines(batchOf(2, u"worker"_s, {"c"}));
        QVERIFY(viewer.got.isEmpty());
        LogBatch after = batchOf(2, u"worker"_s, {"d"});
        after.dropped = 5; // a hole ends a batch
        emit f.backend.logLines(after);
        QCOMPARE(viewer.got.size(), 1);
        QTRY_COMPARE(viewer.got.size(), 3);
        QCOMPARE(viewer.lines, 22);
        for (const QByteArray &frames : viewer.got)
            QCOMPARE(frames.count("\"log_batch\""), 1);
    }

    void tellsOfLinesThatWereLostBefore()
    {
        Fixture f;
        LogBatch batch = batchOf(1, u"web"_s, {"a", "b"});
        batch.dropped = 7;
        const QByteArray frames = f.broadcaster.logFrames(batch, false);
        QCOMPARE(frames.count("\"dropped\":7"), 1);
        QVERIFY(frames.indexOf("\"dropped\":7") < frames.lastIndexOf("log_message"));
    }
};

QTEST_GUILESS_MAIN(TestBroadcaster)
#include "tst_broadcaster.moc"
