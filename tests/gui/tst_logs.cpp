// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/logs/ansitext.h"
#include "gui/logs/logfeed.h"
#include "gui/logs/logscroll.h"
#include "gui/logs/logstore.h"
#include "gui/logs/logview.h"
#include "tests/support/fakebackend.h"

#include <QPushButton>
#include <QRandomGenerator>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

LogLine lineOf(const QByteArray &text, qint64 seq = 0)
{
    LogLine line;
    line.seq = seq;
    line.message = text;
    return line;
}

QList<LogLine> linesOf(int from, int to)
{
    QList<LogLine> lines;
    for (int i = from; i < to; ++i)
        lines.append(lineOf("line " + QByteArray::number(i), i + 1));
    return lines;
}

QList<QByteArray> textsOf(const LogStore &store)
{
    QList<QByteArray> texts;
    for (qint64 n = store.begin(); n < store.end(); ++n)
        texts.append(store.line(n).isGap ? "gap" : store.line(n).text.toByteArray());
    return texts;
}

QList<QByteArray> expectedTexts(int from, int to)
{
    QList<QByteArray> texts;
    for (const LogLine &line : linesOf(from, to))
        texts.append(line.message);
    return texts;
}

void fill(LogStore &store, int count)
{
    for (const LogLine &line : linesOf(0, count))
        store.append(line);
}

} // namespace

class TestLogs : public QObject
{
    Q_OBJECT

private slots:
    void keepsWhatWasAppendedWithinItsCaps()
    {
        QRandomGenerator random(3);
        const LogStore::Caps caps{10'000, 600'000};
        LogStore store(caps);
        QList<QByteArray> all;
        for (int i = 0; i < 30'000; ++i) {
            const QByteArray text(random.bounded(120), char('a' + i % 26));
            all.append(text);
            store.append(lineOf(text));
        }
        QCOMPARE(store.end(), 30'000);
        // A whole chunk is trimmed at a time, never more.
        QVERIFY(store.end() - store.begin() <= caps.lines);
        QVERIFY(store.bytes() <= caps.bytes);
        QVERIFY(store.end() - store.begin() > caps.lines / 3);
        qint64 bytes = 0;
        for (qint64 n = store.begin(); n < store.end(); ++n) {
            QCOMPARE(store.line(n).text, QByteArrayView(all[n]));
            bytes += store.line(n).text.size();
        }
        QCOMPARE(store.bytes(), bytes);
    }

    void holdsALineThatIsLargerThanItsCap()
    {
        LogStore store({10, 100});
        store.append(lineOf(QByteArray(64 * 1024, 'x')));
        QCOMPARE(store.line(0).text.size(), 64 * 1024);
        store.append(lineOf("next"));
        QCOMPARE(store.line(store.end() - 1).text, QByteArrayView("next"));
    }

    void joinsGapsAndNeverReusesANumber()
    {
        LogStore store;
        store.append(lineOf("a"));
        store.appendGap(3);
        store.appendGap(4);
        QCOMPARE(store.end(), 2);
        QVERIFY(store.line(1).isGap);
        QCOMPARE(store.line(1).missing, 7);
        store.appendGap(0);
        QCOMPARE(store.line(1).missing, 0);
        store.clear();
        QVERIFY(store.isEmpty());
        QCOMPARE(store.begin(), 2);
    }

    void stripsWhatIsNotText_data()
    {
        QTest::addColumn<QByteArray>("raw");
        QTest::addColumn<QString>("shown");
        QTest::newRow("plain") << QByteArray("hello") << u"hello"_s;
        QTest::newRow("tab stays") << QByteArray("a\tb") << u"a\tb"_s;
        QTest::newRow("colour") << QByteArray("\x1b[31mred\x1b[0m") << u"red"_s;
        QTest::newRow("cursor") << QByteArray("\x1b[2J\x1b[1;1Hx") << u"x"_s;
        QTest::newRow("title") << QByteArray("\x1b]0;title\x07x") << u"x"_s;
        QTest::newRow("link") << QByteArray("\x1b]8;;http://e\x1b\\x\x1b]8;;\x1b\\") << u"x"_s;
        QTest::newRow("broken off") << QByteArray("x\x1b[31") << u"x"_s;
        QTest::newRow("lone escape") << QByteArray("x\x1b") << u"x"_s;
        QTest::newRow("bell") << QByteArray("a\x07"
                                            "b")
                              << u"ab"_s;
        QTest::newRow("progress") << QByteArray("10 %\r20 %") << u"20 %"_s;
        QTest::newRow("windows line end") << QByteArray("x\r") << u"x"_s;
        QTest::newRow("html") << QByteArray("<b>x</b>") << u"<b>x</b>"_s;
        QTest::newRow("invalid UTF-8") << QByteArray("a\xff") << u"a\uFFFD"_s;
        QTest::newRow("turned around") << QByteArray("a\u202Eb\u2066c") << u"abc"_s;
        QTest::newRow("charset") << QByteArray("\x1b(Bx") << u"x"_s;
    }
    void stripsWhatIsNotText()
    {
        QFETCH(QByteArray, raw);
        QFETCH(QString, shown);
        QCOMPARE(parseAnsi(raw).text, shown);
    }

    void readsRenditions()
    {
        const AnsiText text = parseAnsi("a\x1b[1;38;5;208mb\x1b[38;2;1;2;3mc\x1b[md");
        QCOMPARE(text.text, u"abcd"_s);
        QCOMPARE(text.spans.size(), 2);
        QCOMPARE(text.spans[0].start, 1);
        QVERIFY(text.spans[0].style.bold);
        QCOMPARE(text.spans[0].style.foreground, (AnsiColour{AnsiColour::Kind::Indexed, 208}));
        QCOMPARE(text.spans[1].style.foreground, (AnsiColour{AnsiColour::Kind::Rgb, 0x010203}));
        QCOMPARE(ansiRgb(208), 0xff8700U);
        QCOMPARE(ansiRgb(255), 0xeeeeeeU);
    }

    void cutsLongLinesAndSaysHowMuch()
    {
        const AnsiText text = parseAnsi(QByteArray(5'000, 'x'));
        QCOMPARE(text.text.size(), 4'000);
        QCOMPARE(text.cut, 1'000);
    }

    void survivesAnyBytes()
    {
        QRandomGenerator random(11);
        const QByteArray alphabet("\x1b[]m;0138:2\r\t\x07\\ab\xc3\xa4\xff", 20);
        for (int round = 0; round < 20'000; ++round) {
            QByteArray raw;
            const int length = random.bounded(40);
            for (int i = 0; i < length; ++i)
                raw.append(alphabet[random.bounded(int(alphabet.size()))]);
            const AnsiText text = parseAnsi(raw);
            for (const QChar c : text.text)
                QVERIFY2(c == u'\t' || c.unicode() >= 0x20, raw.toHex().constData());
            int end = 0;
            for (const AnsiSpan &span : text.spans) {
                QVERIFY(span.start >= end && span.length > 0);
                end = span.start + span.length;
            }
            QVERIFY(end <= text.text.size());
        }
    }

    void followsTheEndUntilSomebodyScrollsUp()
    {
        LogScroll scroll;
        scroll.setPage(10);
        scroll.setContent(0, 100);
        QCOMPARE(scroll.top(), 90);
        scroll.moveTo(50);
        QVERIFY(!scroll.isFollowing());
        scroll.setContent(0, 130);
        QCOMPARE(scroll.top(), 50);
        QCOMPARE(scroll.newLines(), 30);
        scroll.setContent(40, 170);
        QCOMPARE(scroll.top(), 50);
        scroll.setContent(60, 190);
        QCOMPARE(scroll.top(), 60);
        scroll.moveTo(scroll.lowestTop());
        QVERIFY(scroll.isFollowing());
        QCOMPARE(scroll.newLines(), 0);
        scroll.setContent(60, 200);
        QCOMPARE(scroll.top(), 190);
    }

    void holdsItsPlaceThroughAnySequence()
    {
        QRandomGenerator random(5);
        LogScroll scroll;
        qint64 begin = 0;
        qint64 end = 0;
        for (int step = 0; step < 5'000; ++step) {
            const qint64 before = scroll.top();
            const bool detached = !scroll.isFollowing();
            switch (random.bounded(5)) {
            case 0:
                scroll.moveTo(begin + random.bounded(200));
                break;
            case 1:
                scroll.follow();
                break;
            case 2:
                scroll.setPage(1 + random.bounded(40));
                break;
            default:
                end += random.bounded(50);
                begin = std::max(begin, end - 150);
                scroll.setContent(begin, end);
                if (detached)
                    QCOMPARE(scroll.top(), std::max(before, begin));
            }
            QVERIFY(scroll.top() >= begin && scroll.top() <= scroll.lowestTop());
            QVERIFY(!scroll.isFollowing() || scroll.top() == scroll.lowestTop());
            QVERIFY(scroll.newLines() >= 0);
        }
    }

    void joinsThePageAndWhatFollows()
    {
        FakeBackend backend;
        backend.add(FakeBackend::entry(7, u"web"_s));
        backend.logLinesOnDisk = linesOf(0, 5);
        LogFeed feed(backend);
        feed.setProcess(ProcessId{7});
        QVERIFY(backend.interest().logs.isEmpty());
        feed.setActive(true);
        QCOMPARE(backend.interest().logs.size(), 1);
        // In the page already, but told before it is there.
        emit backend.logLines({.id = ProcessId{7}, .name = u"web"_s, .lines = linesOf(3, 6)});
        QTRY_COMPARE(feed.state(), LogFeed::State::Live);
        QCOMPARE(textsOf(feed.store()), expectedTexts(0, 6));
        emit backend.logLines({.id = ProcessId{8}, .name = u"api"_s, .lines = linesOf(50, 60)});
        emit backend.logLines(
            {.id = ProcessId{7}, .name = u"web"_s, .dropped = 2, .lines = linesOf(8, 9)});
        QCOMPARE(textsOf(feed.store()),
                 expectedTexts(0, 6) + QList<QByteArray>{"gap"} + expectedTexts(8, 9));
    }

    void goesOnAfterAPauseWithoutAHole()
    {
        FakeBackend backend;
        backend.add(FakeBackend::entry(7, u"web"_s));
        backend.logLinesOnDisk = linesOf(0, 5);
        LogFeed feed(backend);
        feed.setActive(true);
        feed.setProcess(ProcessId{7});
        QTRY_COMPARE(feed.state(), LogFeed::State::Live);
        feed.setActive(false);
        QVERIFY(backend.interest().logs.isEmpty());
        backend.logLinesOnDisk = linesOf(0, 9);
        feed.setActive(true);
        QTRY_COMPARE(feed.state(), LogFeed::State::Live);
        QCOMPARE(textsOf(feed.store()), expectedTexts(0, 9));
        backend.setConnectionState(ConnectionState::Lost);
        backend.logLinesOnDisk = linesOf(0, 2'000);
        backend.setConnectionState(ConnectionState::Live);
        QTRY_COMPARE(feed.state(), LogFeed::State::Live);
        QCOMPARE(textsOf(feed.store()),
                 expectedTexts(0, 9) + QList<QByteArray>{"gap"} + expectedTexts(1'800, 2'000));
    }

    void showsNothingOfTheProcessBefore()
    {
        FakeBackend backend;
        backend.add(FakeBackend::entry(1, u"a"_s));
        backend.add(FakeBackend::entry(2, u"b"_s));
        backend.logLinesOnDisk = linesOf(0, 5);
        LogFeed feed(backend);
        feed.setActive(true);
        feed.setProcess(ProcessId{1});
        feed.setProcess(ProcessId{2});
        QTRY_COMPARE(feed.state(), LogFeed::State::Live);
        QCOMPARE(backend.logQueries.last().process, u"2"_s);
        QCOMPARE(textsOf(feed.store()), expectedTexts(0, 5));
        feed.setProcess(std::nullopt);
        QVERIFY(feed.store().isEmpty());
        QCOMPARE(feed.state(), LogFeed::State::Nothing);
    }

    void detachesFollowsAndCountsOnScreen()
    {
        LogStore store;
        fill(store, 500);
        LogView view(store);
        view.resize(600, 300);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        view.contentChanged();
        QVERIFY(view.isFollowing());
        auto *pill = view.findChild<QPushButton *>(u"logNewLines"_s);
        QVERIFY(!pill->isVisible());
        view.verticalScrollBar()->setValue(100);
        QVERIFY(!view.isFollowing());
        QCOMPARE(view.topLine(), 100);
        fill(store, 1'240);
        view.contentChanged();
        QCOMPARE(view.topLine(), 100);
        QVERIFY(pill->isVisible());
        QVERIFY2(pill->text().contains(u"1240"), qPrintable(pill->text()));
        QTest::mouseClick(pill, Qt::LeftButton);
        QVERIFY(view.isFollowing());
        QVERIFY(!pill->isVisible());
        QTest::keyClick(&view, Qt::Key_PageUp);
        QVERIFY(!view.isFollowing());
        QTest::keyClick(&view, Qt::Key_End);
        QVERIFY(view.isFollowing());
    }

    void copiesWhatIsMarkedWhileLinesArrive()
    {
        LogStore store;
        store.append(lineOf("first \x1b[31mred\x1b[0m"));
        store.append(lineOf("second"));
        LogView view(store);
        view.contentChanged();
        view.selectAll();
        store.append(lineOf("third"));
        view.contentChanged();
        QCOMPARE(view.selectedText(), u"first red\nsecond"_s);
        QVERIFY(!view.isFollowing());
    }

    void decodesOnlyWhatIsInSight()
    {
        LogStore store;
        fill(store, 50'000);
        LogView view(store);
        view.resize(600, 300);
        view.contentChanged();
        const QImage image = view.grab().toImage();
        // Something is drawn, and the far end is in sight.
        QVERIFY(view.topLine() > 49'900);
        QVERIFY(!image.isNull());
    }
};

QTEST_MAIN(TestLogs)
#include "tst_logs.moc"
