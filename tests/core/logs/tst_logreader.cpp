// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/logcursor.h"
#include "core/logs/logindex.h"
#include "core/logs/logreader.h"
#include "tests/core/logs/logscratch.h"

#include <QtEndian>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

WallTime at(qint64 ms)
{
    return WallTime{milliseconds{1'700'000'000'000 + ms}};
}

/// A log whose lines were stored at times that the test chooses.
class IndexedLog : public LogScratch
{
public:
    void store(const QString &path, WallTime time, const QByteArray &bytes)
    {
        const qint64 offset = QFileInfo(path).size();
        append(path, bytes);
        std::array<qint64, 2> record{qToLittleEndian(time.time_since_epoch().count()),
                                     qToLittleEndian(offset)};
        append(logIndexFile(path),
               QByteArray(reinterpret_cast<const char *>(record.data()), sizeof(record)));
    }
    void rotate(const QString &path, int n = 0)
    {
        if (QFile::exists(rotatedLogFile(path, n + 1)))
            rotate(path, n + 1);
        for (const bool index : {false, true}) {
            const QString from = rotatedLogFile(path, n);
            const QString to = rotatedLogFile(path, n + 1);
            QVERIFY(
                QFile::rename(index ? logIndexFile(from) : from, index ? logIndexFile(to) : to));
        }
    }

    LogPage page(LogQuery query) const
    {
        const Result<LogPage> page = readLogPage(source, query);
        if (!page)
            qFatal("%s", qUtf8Printable(page.error().message));
        return *page;
    }
    QList<QByteArray> messages(const LogQuery &query) const { return messagesOf(page(query)); }

    static QList<QByteArray> messagesOf(const LogPage &page)
    {
        QList<QByteArray> all;
        for (const LogLine &line : page.lines)
            all.append(line.message);
        return all;
    }
    /// All pages, newest first, put together in order.
    QList<LogLine> chain(
        LogQuery query, const std::function<void()> &between = [] {}) const
    {
        QList<LogLine> all;
        do {
            const LogPage next = page(query);
            all = next.lines + all;
            query.before = next.cursor;
            between();
        } while (!query.before.isEmpty());
        return all;
    }
};

LogQuery newest(int lines)
{
    LogQuery query;
    query.lines = lines;
    return query;
}

QList<QByteArray> words(const char *text)
{
    return text[0] == '\0' ? QList<QByteArray>() : QByteArray(text).split(' ');
}

} // namespace

class TestLogReader : public QObject
{
    Q_OBJECT

    /// a … h; stdout but for "c", "f" and "g"; across a rotation of stdout.
    static void fill(IndexedLog &log)
    {
        log.store(log.source.out, at(100), "INFO a\n");
        log.store(log.source.out, at(200), "WARN b\n");
        log.store(log.source.err, at(300), "c\n");
        log.rotate(log.source.out);
        log.store(log.source.out, at(400), "DEBUG d\nERROR e\n");
        log.store(log.source.err, at(500), "INFO f\n");
        log.store(log.source.err, at(600), "FATAL g\n");
        log.store(log.source.out, at(600), "h\n");
    }

private slots:
    void mergesTheStreamsByTime()
    {
        IndexedLog log;
        fill(log);
        const LogPage page = log.page(newest(100));
        QCOMPARE(page.process, "web"_L1);
        // Of the same moment, stdout comes first.
        QCOMPARE(log.messagesOf(page), (QList<QByteArray>{"INFO a", "WARN b", "c", "DEBUG d",
                                                          "ERROR e", "INFO f", "h", "FATAL g"}));
        QVERIFY(page.cursor.isEmpty());
        QCOMPARE(page.lines[2].time, at(300));
        QCOMPARE(toString(page.lines[2].stream), "stderr"_L1);
        QCOMPARE(toString(page.lines[2].level), "error"_L1);
        for (qsizetype i = 1; i < page.lines.size(); ++i)
            QCOMPARE(page.lines[i].seq, page.lines[i - 1].seq + 1);
        QVERIFY(page.lines.first().seq > 0);
    }

    void filters_data()
    {
        QTest::addColumn<LogQuery>("query");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char *name, const char *expected, auto set) {
            LogQuery query = newest(100);
            set(query);
            QTest::newRow(name) << query << QByteArray(expected);
        };
        row("all", "a b c d e f h g", [](LogQuery &) {});
        row("few", "h g", [](LogQuery &q) { q.lines = 2; });
        row("none", "", [](LogQuery &q) { q.lines = 0; });
        row("stdout", "a b d e h", [](LogQuery &q) { q.stream = LogStream::Out; });
        row("stderr", "c f g", [](LogQuery &q) { q.stream = LogStream::Err; });
        row("warn and graver", "b c e g", [](LogQuery &q) { q.level = LogLevel::Warn; });
        row("fatal", "g", [](LogQuery &q) { q.level = LogLevel::Fatal; });
        row("since", "d e f h g", [](LogQuery &q) { q.since = at(400); });
        row("since long ago", "a b c d e f h g", [](LogQuery &q) { q.since = at(-1'000); });
        row("since later", "", [](LogQuery &q) { q.since = at(601); });
        row("until", "a b c d e", [](LogQuery &q) { q.until = at(400); });
        row("until between", "a b c", [](LogQuery &q) { q.until = at(399); });
        row("until before all", "", [](LogQuery &q) { q.until = at(99); });
        row("until after all", "a b c d e f h g", [](LogQuery &q) { q.until = at(9'999); });
        row("a stretch", "b c d e", [](LogQuery &q) {
            q.since = at(150);
            q.until = at(450);
        });
        row("the newest of a stretch", "d e", [](LogQuery &q) {
            q.lines = 2;
            q.until = at(450);
        });
        row("grep", "d e", [](LogQuery &q) { q.grep = u"E"_s; });
        row("grep nothing", "", [](LogQuery &q) { q.grep = u"zzz"_s; });
        row("everything at once", "e", [](LogQuery &q) {
            q.stream = LogStream::Out;
            q.level = LogLevel::Warn;
            q.since = at(300);
            q.until = at(599);
            q.grep = u"RR"_s;
        });
    }
    void filters()
    {
        QFETCH(LogQuery, query);
        QFETCH(QByteArray, expected);
        IndexedLog log;
        fill(log);
        QList<QByteArray> names;
        for (const QByteArray &message : log.messages(query))
            names.append(message.right(1));
        QCOMPARE(names, words(expected));
        // The same one line at a time.
        if (query.lines < 100)
            return;
        query.lines = 1;
        names.clear();
        for (const LogLine &line : log.chain(query))
            names.append(line.message.right(1));
        QCOMPARE(names, words(expected));
    }

    void pagesHaveEveryLineOnce_data()
    {
        QTest::addColumn<int>("pageSize");
        QTest::addColumn<bool>("goesOn");
        for (const int size : {1, 7, 100, 5'000}) {
            QTest::addRow("%d, at rest", size) << size << false;
            QTest::addRow("%d, while written", size) << size << true;
        }
    }
    void pagesHaveEveryLineOnce()
    {
        QFETCH(int, pageSize);
        QFETCH(bool, goesOn);
        IndexedLog log;
        PipedWriter out(log.source.out, 5'000, 1'000);
        PipedWriter err(log.source.err, 3'000, 1'000);
        const int count = pageSize == 1 ? 300 : 2'000;
        for (int i = 0; i < count; i += 50) {
            out.write(numberedLines("out", i, i + 50));
            err.write(numberedLines("err", i, i + 50));
        }
        const auto writeMore = [&out, goesOn] {
            if (goesOn)
                out.write(numberedLines("later", 0, 50));
        };
        const QList<LogLine> lines = log.chain(newest(pageSize), writeMore);
        QCOMPARE(lines.size(), 2 * count);
        std::array<int, 2> next{};
        for (qsizetype i = 0; i < lines.size(); ++i) {
            int &number = next[std::size_t(lines[i].stream)];
            QCOMPARE(
                lines[i].message,
                numberedLines(lines[i].stream == LogStream::Out ? "out" : "err", number, number + 1)
                    .chopped(1));
            ++number;
            if (i > 0) {
                QCOMPARE(lines[i].seq, lines[i - 1].seq + 1);
                QVERIFY(lines[i].time >= lines[i - 1].time);
            }
        }
    }

    void linesOfAnyLength()
    {
        const QList<qsizetype> lengths{0,      1,       65'534, 65'535,  65'536,  65'537,
                                       65'538, 131'072, 0,      300'000, 0,       200'000,
                                       3,      65'536,  65'536, 0,       131'071, 9};
        QByteArray text;
        for (qsizetype i = 0; i < lengths.size(); ++i)
            text += QByteArray(lengths[i], char('a' + i)).append('\n');
        IndexedLog log;
        log.store(log.source.out, at(0), text.chopped(1)); // the last line has no end yet
        for (const int size : {1, 3, 100}) {
            const QList<LogLine> lines = log.chain(newest(size));
            QCOMPARE(lines.size(), lengths.size());
            for (qsizetype i = 0; i < lengths.size(); ++i) {
                QCOMPARE(lines[i].message,
                         QByteArray(std::min(lengths[i], qsizetype(65'536)), char('a' + i)));
                QCOMPARE(lines[i].truncated, lengths[i] > 65'536);
            }
        }
    }

    void aPageIsBounded()
    {
        IndexedLog log;
        log.store(log.source.out, at(0), QByteArray(50'000, 'x').append('\n').repeated(100));
        const LogPage page = log.page(newest(1'000));
        QVERIFY(page.lines.size() < 25);
        QVERIFY(!page.cursor.isEmpty());
        QCOMPARE(log.chain(newest(1'000)).size(), 100);
    }

    void liveLinesGoOnWhereThePageEnds()
    {
        IndexedLog log;
        PipedWriter out(log.source.out, 2'000, 100);
        PipedWriter err(log.source.err, 2'000, 100);
        out.write(numberedLines("old", 0, 300));
        err.write("old error\nhalf");
        LogTail tail;
        QList<LogLine> live;
        connect(&tail, &LogTail::lines, this,
                [&live](const LogBatch &batch) { live += batch.lines; });
        tail.setSources({log.source});
        out.write(numberedLines("new", 0, 300).append("un"));
        err.write(" a line\n");
        log.source.end = tail.catchUp(log.source.id);
        QVERIFY(log.source.end);
        const qsizetype before = live.size();
        QCOMPARE(before, 301);
        // The worker that reads the page is late.
        out.write(numberedLines("more", 0, 300).prepend("finished\n"));
        const QList<LogLine> past = log.chain(newest(90));
        QCOMPARE(past.size(), 300 + 300 + 2); // "half a line" is one here
        QTRY_COMPARE(live.size(), before + 301);
        QCOMPARE(past.last().seq + 1, live[before].seq);
        QCOMPARE(live[before].message, "unfinished");
        for (qsizetype i = 1; i < past.size(); ++i)
            QCOMPARE(past[i].seq, past[i - 1].seq + 1);
        QVERIFY(past.first().seq > 0);
        // A page without an end has them all.
        log.source.end.reset();
        QCOMPARE(log.chain(newest(500)).size(), past.size() + 301);
    }

    void cursorsOutliveRotationAndEndWithTheirFile()
    {
        IndexedLog log;
        log.source.err.clear();
        log.store(log.source.out, at(100), "a\nb\nc\n");
        LogQuery query = newest(1);
        query.before = log.page(query).cursor;
        log.rotate(log.source.out);
        log.store(log.source.out, at(200), "d\n");
        log.rotate(log.source.out);
        QCOMPARE(log.messages(query), QList<QByteArray>{"b"});
        // The file is deleted, and its inode may come back as that of another.
        QVERIFY(QFile::remove(rotatedLogFile(log.source.out, 2)));
        log.store(log.source.out, at(300), "e\nf\ng\n");
        QCOMPARE(log.messages(query), {});
        QVERIFY(log.page(query).cursor.isEmpty());
        // Emptied and written again: what is there now is newer than the cursor.
        LogQuery again = newest(1);
        again.before = log.page(again).cursor;
        QVERIFY(emptyLog(log.source.out));
        log.store(log.source.out, at(400), "h\ni\nj\nk\n");
        QCOMPARE(log.messages(again), {});
    }

    void refusesWhatIsNoCursor_data()
    {
        QTest::addColumn<QString>("cursor");
        for (const char *text : {"x", "1-2", "1-2-3-4-5-6-7", "1-2-3-4-5-", "-1-2-3-4-5-6",
                                 "ffffffffffffffff-1-1-1-1-1", "1-1-ffffffffffffffff-1-1-1",
                                 "10000000000000000-1-1-1-1-1", "1-g-1-1-1-1"})
            QTest::newRow(text) << QString::fromLatin1(text);
    }
    void refusesWhatIsNoCursor()
    {
        QFETCH(QString, cursor);
        LogQuery query = newest(1);
        query.before = cursor;
        const Result<LogPage> page = readLogPage(IndexedLog().source, query);
        QVERIFY(!page);
        QVERIFY(page.error().code == ErrorCode::InvalidMessage);
        QVERIFY(page.error().message.contains("before"_L1));
    }

    void aForeignCursorIsHarmless()
    {
        IndexedLog log;
        fill(log);
        LogQuery query = newest(10);
        query.before = u"7fffffffffffffff-1-7fffffffffffffff-2-3-4"_s;
        QCOMPARE(log.messages(query), {});
        const LogCursor cursor{{5, {1, 2}, {3, 4}}, at(7)};
        QVERIFY(logCursorFromString(toString(cursor)) == cursor);
    }

    void withoutFilesThePageIsEmpty()
    {
        IndexedLog log;
        QCOMPARE(log.page(newest(10)), (LogPage{u"web"_s, {}, {}}));
        log.append(log.source.out, "");
        QVERIFY(log.page(newest(10)).lines.isEmpty());
        log.source.out.clear();
        log.source.err.clear();
        QVERIFY(log.page(newest(10)).lines.isEmpty());
    }

    void withoutAnIndexLinesHaveNoTime()
    {
        IndexedLog log;
        log.append(log.source.out, "a\nb\n");
        log.append(log.source.err, "c\n");
        const LogPage page = log.page(newest(10));
        QCOMPARE(page.lines.size(), 3);
        QVERIFY(!page.lines[0].time);
        QCOMPARE(log.chain(newest(1)).size(), 3);
        LogQuery query = newest(10);
        query.since = at(0);
        QVERIFY(log.page(query).lines.isEmpty());
        query.since.reset();
        query.until = at(0);
        QVERIFY(log.page(query).lines.isEmpty());
    }

    void aSharedFileIsReadOnce()
    {
        IndexedLog log;
        log.source.err = log.source.out;
        log.store(log.source.out, at(0), "a\nb\n");
        QCOMPARE(log.messages(newest(10)), (QList<QByteArray>{"a", "b"}));
    }
};

QTEST_GUILESS_MAIN(TestLogReader)
#include "tst_logreader.moc"
