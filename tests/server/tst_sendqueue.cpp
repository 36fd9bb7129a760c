// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/ws/sendqueue.h"

#include <QTest>

using namespace pmdaemon;
using Kind = SendQueue::Kind;
using Outcome = SendQueue::Outcome;

namespace {

QByteArray frame(char name, qsizetype size = 100)
{
    return QByteArray(size, name);
}

QByteArray drain(SendQueue &queue)
{
    QByteArray names;
    while (!queue.isEmpty())
        names += queue.take().at(0);
    return names;
}

} // namespace

class TestSendQueue : public QObject
{
    Q_OBJECT

private slots:
    void keepsOrderBelowHalf()
    {
        SendQueue queue(1'000);
        for (const Kind kind : {Kind::Keep, Kind::ProcessMetrics, Kind::ProcessMetrics, Kind::Log})
            QVERIFY(queue.push(kind, frame('a'), 0) == Outcome::Queued);
        QCOMPARE(queue.size(), 400);
        QCOMPARE(drain(queue), "aaaa");
        QCOMPARE(queue.size(), 0);
    }

    void replacesMetricsPastHalf()
    {
        SendQueue queue(1'000);
        queue.push(Kind::ProcessMetrics, frame('a'), 0);
        queue.push(Kind::Keep, frame('k', 300), 0);
        queue.push(Kind::ProcessMetrics, frame('b'), 0);
        queue.push(Kind::SystemMetrics, frame('s'), 0);
        QVERIFY(queue.isCongested(0));
        for (int i = 0; i < 100; ++i)
            QVERIFY(queue.push(Kind::ProcessMetrics, frame('z', 120), 0) == Outcome::Queued);
        QVERIFY(queue.push(Kind::SystemMetrics, frame('t'), 0) == Outcome::Queued);
        QCOMPARE(queue.size(), 120 + 300 + 100);
        QCOMPARE(drain(queue), "zkt"); // of each kind the newest
    }

    void dropsLogLinesPastHalf()
    {
        SendQueue queue(1'000);
        queue.push(Kind::Keep, frame('k', 501), 0);
        QVERIFY(queue.push(Kind::Log, frame('l'), 0) == Outcome::Dropped);
        QVERIFY(queue.push(Kind::Keep, frame('m'), 0) == Outcome::Queued);
        QCOMPARE(drain(queue), "km");
        QVERIFY(queue.push(Kind::Log, frame('l'), 0) == Outcome::Queued);
    }

    void countsWhatWaitsElsewhere()
    {
        SendQueue queue(1'000);
        QVERIFY(queue.push(Kind::Log, frame('l'), 501) == Outcome::Dropped);
        QVERIFY(queue.push(Kind::Keep, frame('k'), 901) == Outcome::Overflow);
        QVERIFY(queue.isEmpty());
    }

    void neverPassesItsLimit()
    {
        SendQueue queue(1'000);
        for (int i = 0; i < 10; ++i)
            QVERIFY(queue.push(Kind::Keep, frame('k'), 0) == Outcome::Queued);
        QVERIFY(queue.push(Kind::Keep, frame('k'), 0) == Outcome::Overflow);
        QVERIFY(queue.push(Kind::ProcessMetrics, frame('p'), 0) == Outcome::Dropped);
        QCOMPARE(queue.size(), 1'000);
    }
};

QTEST_GUILESS_MAIN(TestSendQueue)
#include "tst_sendqueue.moc"
