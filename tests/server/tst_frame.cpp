// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/ws/frame.h"

#include <QTest>

using namespace pmdaemon;
using namespace std::chrono_literals;
using namespace Qt::Literals::StringLiterals;

namespace {

QByteArray bytes(std::initializer_list<int> values)
{
    QByteArray out;
    for (const int value : values)
        out.append(static_cast<char>(value));
    return out;
}

/// Feeds a tracker, `step` bytes at a time.
struct Feeder
{
    FrameTracker tracker;
    FrameTracker::TimePoint now{1h};
    FrameTracker::Outcome total;

    void feed(const QByteArray &all, qsizetype step = 1'000'000)
    {
        for (qsizetype at = 0; at < all.size() && !total.violation; at += step) {
            const QByteArray part = all.mid(at, step);
            const auto outcome = tracker.advance(
                part.size(),
                [&](qsizetype offset, qsizetype size) { return part.mid(offset, size); }, now);
            total.controlFrames += outcome.controlFrames;
            total.violation = outcome.violation;
        }
    }
};

QByteArray masked(int first, qsizetype size)
{
    QByteArray out = bytes({first});
    if (size < 126)
        out += bytes({0x80 | int(size)});
    else
        out += bytes({0xfe, int(size >> 8), int(size & 0xff)});
    return out + QByteArray(4 + size, 'x');
}

} // namespace

class TestFrame : public QObject
{
    Q_OBJECT

private slots:
    void writesEveryLength()
    {
        QCOMPARE(textFrame("hi"), bytes({0x81, 2}) + "hi");
        QCOMPARE(textFrame(QByteArray(126, 'a')).first(4), bytes({0x81, 126, 0, 126}));
        QCOMPARE(textFrame(QByteArray(65'536, 'a')).first(10),
                 bytes({0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}));
        QCOMPARE(textFrame(QByteArray(65'536, 'a')).size(), 65'546);
    }

    void cutsAReasonBetweenCharacters()
    {
        const QByteArray frame = closeFrame(CloseCode::TryAgainLater, QString(100, u'ä'));
        QCOMPARE(frame.first(4), bytes({0x88, 2 + 122, 0x03, 0xf5}));
        QVERIFY(frame.sliced(4).isValidUtf8());
    }

    void followsFramesHoweverTheyArrive_data()
    {
        QTest::addColumn<int>("step");
        for (const int step : {1, 2, 3, 7, 1'000'000})
            QTest::addRow("%d bytes at a time", step) << step;
    }
    void followsFramesHoweverTheyArrive()
    {
        QFETCH(int, step);
        Feeder feeder;
        feeder.feed(masked(0x81, 5) + masked(0x89, 0) + masked(0x01, 300) + masked(0x8a, 3) +
                        masked(0x00, 0) + masked(0x80, 200),
                    step);
        QVERIFY(!feeder.total.violation);
        QCOMPARE(feeder.total.controlFrames, 2);
        QVERIFY(!feeder.tracker.incompleteSince());
    }

    void knowsSinceWhenSomethingIsIncomplete()
    {
        Feeder feeder;
        const auto start = feeder.now;
        feeder.feed(masked(0x01, 5)); // the first of several
        QVERIFY(feeder.tracker.incompleteSince() == start);
        feeder.now += 5s;
        feeder.feed(masked(0x00, 5) + masked(0x89, 1)); // neither ends it
        QVERIFY(feeder.tracker.incompleteSince() == start);
        feeder.feed(masked(0x80, 5));
        QVERIFY(!feeder.tracker.incompleteSince());
        feeder.feed(bytes({0x81})); // not even a header
        QVERIFY(feeder.tracker.incompleteSince() == feeder.now);
    }

    void refusesTooMuchBeforeItArrives()
    {
        Feeder header;
        header.feed(bytes({0x81, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4})); // 1 GiB
        QVERIFY(header.total.violation == CloseCode::TooLarge);
        Feeder negative;
        negative.feed(bytes({0x81, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4}));
        QVERIFY(negative.total.violation == CloseCode::TooLarge);
        Feeder exact;
        exact.feed(bytes({0x81, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 1, 2, 3, 4})); // 1 MiB
        QVERIFY(!exact.total.violation);
    }

    void refusesTooMuchInManyFragments()
    {
        Feeder feeder;
        feeder.feed(masked(0x01, 60'000));
        for (int i = 0; i < 17 && !feeder.total.violation; ++i)
            feeder.feed(masked(0x00, 60'000));
        QVERIFY(feeder.total.violation == CloseCode::TooLarge);
    }

    void refusesAnUnmaskedFrame()
    {
        Feeder feeder;
        feeder.feed(bytes({0x81, 0x02}) + "hi");
        QVERIFY(feeder.total.violation == CloseCode::ProtocolError);
    }
};

QTEST_GUILESS_MAIN(TestFrame)
#include "tst_frame.moc"
