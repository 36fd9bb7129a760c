// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/linesplitter.h"

#include <QTest>

using namespace pmdaemon;

namespace {

QList<QByteArray> feed(LineSplitter &splitter, QByteArrayView chunk)
{
    QList<QByteArray> lines;
    splitter.feed(chunk, [&lines](QByteArrayView line) { lines.append(line.toByteArray()); });
    return lines;
}

QList<QByteArray> flush(LineSplitter &splitter)
{
    QList<QByteArray> lines;
    splitter.flush([&lines](QByteArrayView line) { lines.append(line.toByteArray()); });
    return lines;
}

} // namespace

class TestLineSplitter : public QObject
{
    Q_OBJECT

private slots:
    void chunksMayEndAnywhere()
    {
        const QByteArray text =
            QByteArray("one\ntwo\n\n\xe2\x82\xac uro\nNUL ~ byte\nlast\n").replace('~', '\0');
        const QList<QByteArray> expected{
            "one", "two", "", "\xe2\x82\xac uro", QByteArray("NUL \0 byte", 10), "last"};
        for (qsizetype size = 1; size <= text.size(); ++size) {
            LineSplitter splitter;
            QList<QByteArray> lines;
            for (qsizetype at = 0; at < text.size(); at += size)
                lines += feed(splitter,
                              QByteArrayView(text).sliced(at, std::min(size, text.size() - at)));
            QCOMPARE(lines, expected);
            QVERIFY(!splitter.hasPartial());
        }
    }

    void aLongLineIsCutOnce_data()
    {
        QTest::addColumn<qsizetype>("length");
        QTest::addColumn<qsizetype>("chunk");
        for (const qsizetype length : {maxLineSize, maxLineSize + 1, 5 * maxLineSize}) {
            for (const qsizetype chunk : {qsizetype(1'000), maxLineSize, 10 * maxLineSize})
                QTest::addRow("%lld in %lld", qint64(length), qint64(chunk)) << length << chunk;
        }
    }
    void aLongLineIsCutOnce()
    {
        QFETCH(qsizetype, length);
        QFETCH(qsizetype, chunk);
        const QByteArray text = QByteArray(length, 'x') + "\nnext\n";
        LineSplitter splitter;
        QList<LogLine> lines;
        for (qsizetype at = 0; at < text.size(); at += chunk) {
            splitter.feed(QByteArrayView(text).sliced(at, std::min(chunk, text.size() - at)),
                          [&lines](QByteArrayView line) {
                              lines.append(makeLogLine(line, LogStream::Out, {}));
                          });
            QVERIFY(splitter.pending() <= maxLineSize + 1);
        }
        QCOMPARE(lines.size(), 2);
        QCOMPARE(lines[0].message.size(), std::min(length, maxLineSize));
        QCOMPARE(lines[0].truncated, length > maxLineSize);
        QCOMPARE(lines[1].message, "next");
    }

    void aFlushedLineGoesOnAsANewOne()
    {
        LineSplitter splitter;
        QCOMPARE(feed(splitter, "ab"), {});
        QVERIFY(splitter.hasPartial());
        QCOMPARE(flush(splitter), QList<QByteArray>{"ab"});
        QVERIFY(!splitter.hasPartial());
        QCOMPARE(flush(splitter), {});
        QCOMPARE(feed(splitter, "cd\nef\n"), (QList<QByteArray>{"cd", "ef"}));
    }

    void aFlushLeavesAnUnfinishedCharacter()
    {
        LineSplitter splitter;
        QCOMPARE(feed(splitter, "a\xe2\x82"), {});
        QCOMPARE(flush(splitter), QList<QByteArray>{"a"});
        QVERIFY(!splitter.hasPartial());
        QCOMPARE(splitter.pending(), 2);
        QCOMPARE(feed(splitter, "\xac\n"), QList<QByteArray>{"\xe2\x82\xac"});
    }

    void skippedLinesAreCounted()
    {
        LineSplitter splitter;
        QCOMPARE(feed(splitter, "one\npart"), QList<QByteArray>{"one"});
        splitter.skip(" of two\nthree\nfo");
        QCOMPARE(splitter.takeSkipped(), 2);
        splitter.skip("u");
        QCOMPARE(splitter.takeSkipped(), 0);
        QCOMPARE(feed(splitter, "r\nfive\n"), QList<QByteArray>{"five"});
        QCOMPARE(splitter.takeSkipped(), 1);
        splitter.skip("six\n");
        QCOMPARE(splitter.takeSkipped(), 1);
        QCOMPARE(feed(splitter, "seven\n"), QList<QByteArray>{"seven"});
        QCOMPARE(splitter.takeSkipped(), 0);
    }

    void theRestOfACutLineIsNoSkippedLine()
    {
        LineSplitter splitter;
        QCOMPARE(feed(splitter, QByteArray(maxLineSize + 5, 'x')).size(), 1);
        splitter.skip("rest");
        splitter.skip(" of it\nnext\n");
        QCOMPARE(splitter.takeSkipped(), 1);
    }

    void aResetForgetsTheLineInProgress()
    {
        LineSplitter splitter;
        QCOMPARE(feed(splitter, "old"), {});
        splitter.reset();
        QCOMPARE(feed(splitter, "new\n"), QList<QByteArray>{"new"});
    }

    void linesAreValidUtf8_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("message");
        QTest::newRow("ascii") << QByteArray("a") << QByteArray("a");
        QTest::newRow("carriage return") << QByteArray("a\r") << QByteArray("a");
        QTest::newRow("only one") << QByteArray("a\r\r") << QByteArray("a\r");
        QTest::newRow("valid") << QByteArray("\xf0\x9f\x92\xa9") << QByteArray("\xf0\x9f\x92\xa9");
        QTest::newRow("latin-1") << QByteArray("caf\xe9!") << QByteArray("caf\xef\xbf\xbd!");
        QTest::newRow("NUL") << QByteArray("a\0b", 3) << QByteArray("a\0b", 3);
    }
    void linesAreValidUtf8()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, message);
        const LogLine line = makeLogLine(bytes, LogStream::Out, {});
        QVERIFY(line.message.isValidUtf8());
        QCOMPARE(line.message, message);
        QVERIFY(!line.truncated);
    }

    void aCutLeavesCharactersWhole()
    {
        QVERIFY(makeLogLine("a\xe2\x82", LogStream::Out, {}).message.startsWith("a\xef\xbf\xbd"));
        const QByteArray euros = QByteArray("\xe2\x82\xac").repeated(maxLineSize / 3 + 2);
        const LogLine line = makeLogLine(euros, LogStream::Out, {});
        QVERIFY(line.truncated);
        QVERIFY(line.message.isValidUtf8());
        QCOMPARE(line.message.size(), maxLineSize / 3 * 3);
        // Replacements take more room than the bytes they stand for.
        const LogLine binary = makeLogLine(QByteArray(maxLineSize, '\xff'), LogStream::Out, {});
        QVERIFY(binary.truncated);
        QVERIFY(binary.message.size() <= maxLineSize);
        QVERIFY(binary.message.isValidUtf8());
    }
};

QTEST_GUILESS_MAIN(TestLineSplitter)
#include "tst_linesplitter.moc"
