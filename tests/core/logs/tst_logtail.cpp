// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/logtail.h"
#include "tests/core/logs/logscratch.h"

#include <QDir>
#include <QElapsedTimer>
#include <QTimer>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

/// Everything that a LogTail brings, checked as it comes.
class Follower : public LogScratch
{
public:
    Follower()
    {
        QObject::connect(&tail, &LogTail::lines, &tail,
                         [this](const LogBatch &batch) { take(batch); });
    }

    void follow() { tail.setSources({source}); }

    QList<QByteArray> messages() const
    {
        QList<QByteArray> all;
        for (const LogLine &line : lines)
            all.append(line.message);
        return all;
    }

    LogTail tail;
    QList<LogLine> lines;
    qint64 dropped = 0;
    int batches = 0;
    qsizetype largestBatch = 0;

private:
    void take(const LogBatch &batch)
    {
        ++batches;
        largestBatch = std::max(largestBatch, batch.lines.size());
        dropped += batch.dropped;
        QCOMPARE(batch.id, source.id);
        QCOMPARE(batch.name, source.name);
        QCOMPARE(batch.instance, source.instance);
        QVERIFY(!batch.lines.isEmpty());
        for (const LogLine &line : batch.lines) {
            if (!lines.isEmpty() && (&line != &batch.lines.first() || batch.dropped == 0))
                QCOMPARE(line.seq, lines.last().seq + 1);
            if (!lines.isEmpty() && &line == &batch.lines.first())
                QCOMPARE(line.seq, lines.last().seq + 1 + batch.dropped);
            lines.append(line);
        }
    }
};

qsizetype openFiles()
{
    return QDir(u"/proc/self/fd"_s).entryList(QDir::AllEntries | QDir::System).size();
}

} // namespace

class TestLogTail : public QObject
{
    Q_OBJECT

private slots:
    void bringsWhatIsWrittenFromNowOn()
    {
        Follower f;
        f.append(f.source.out, "old\n");
        f.follow();
        f.append(f.source.out, "one\nERROR two\n");
        f.append(f.source.err, "three\n");
        QTRY_COMPARE(f.lines.size(), 3);
        QCOMPARE(f.lines[0].message, "one");
        QCOMPARE(toString(f.lines[0].stream), toString(LogStream::Out));
        QCOMPARE(toString(f.lines[0].level), toString(LogLevel::Info));
        QVERIFY(f.lines[0].time);
        QCOMPARE(toString(f.lines[1].level), toString(LogLevel::Error));
        QCOMPARE(toString(f.lines[2].stream), toString(LogStream::Err));
        QCOMPARE(toString(f.lines[2].level), toString(LogLevel::Error));
        QVERIFY(f.lines[0].seq > 4);
    }

    void theFolderMayComeLater()
    {
        Follower f;
        f.source.out = f.folder.filePath(u"a/b/out.log"_s);
        f.source.err.clear();
        f.follow();
        QCoreApplication::processEvents();
        QVERIFY(QDir().mkpath(f.folder.filePath(u"a"_s)));
        QVERIFY(f.tail.catchUp(f.source.id));
        QVERIFY(QDir().mkpath(f.folder.filePath(u"a/b"_s)));
        f.append(f.source.out, "first\n");
        QTRY_COMPARE(f.messages(), QList<QByteArray>{"first"});
    }

    void bothStreamsMayShareAFile()
    {
        Follower f;
        f.source.err = f.source.out;
        f.follow();
        f.append(f.source.out, "once\n");
        QTRY_COMPARE(f.messages(), QList<QByteArray>{"once"});
        f.append(f.source.out, "twice\n");
        QTRY_COMPARE(f.messages(), (QList<QByteArray>{"once", "twice"}));
    }

    void aLineWithoutItsEndComesAfterAWhile()
    {
        Follower f;
        f.append(f.source.out, "");
        f.follow();
        QElapsedTimer timer;
        timer.start();
        f.append(f.source.out, "Continue? ");
        QTRY_COMPARE(f.messages(), QList<QByteArray>{"Continue? "});
        QVERIFY(timer.elapsed() >= 250);
        f.append(f.source.out, "yes\nnext\n");
        QTRY_COMPARE(f.messages(), (QList<QByteArray>{"Continue? ", "yes", "next"}));
    }

    void aLineWrittenInPiecesIsOneLine()
    {
        Follower f;
        f.append(f.source.out, "");
        f.follow();
        for (const char *piece : {"\xe2", "\x82", "\xac", " a", "nd more", "\n"}) {
            f.append(f.source.out, piece);
            f.tail.catchUp(f.source.id);
        }
        QCOMPARE(f.messages(), QList<QByteArray>{"\xe2\x82\xac and more"});
    }

    void everyLineOnceThroughRotation_data()
    {
        QTest::addColumn<int>("maxSize");
        QTest::addColumn<int>("maxFiles");
        QTest::addColumn<int>("piece");
        QTest::newRow("many rotations a turn") << 2'000 << 150 << 10'000;
        QTest::newRow("one in many turns") << 20'000 << 5 << 700;
        QTest::newRow("lines in two pieces") << 1'000 << 50 << 13;
        QTest::newRow("no old files") << 5'000 << 0 << 100;
        QTest::newRow("never rotated") << 0 << 0 << 10'000;
    }
    void everyLineOnceThroughRotation()
    {
        QFETCH(int, maxSize);
        QFETCH(int, maxFiles);
        QFETCH(int, piece);
        Follower f;
        PipedWriter writer(f.source.out, maxSize, maxFiles);
        f.follow();
        const QByteArray text = numberedLines("line", 0, piece < 100 ? 1'000 : 10'000);
        for (qsizetype at = 0; at < text.size(); at += piece) {
            writer.write(
                QByteArrayView(text).sliced(at, std::min<qsizetype>(piece, text.size() - at)));
            // Without old files, nothing may be unread when the only one goes.
            if (maxFiles == 0)
                f.tail.catchUp(f.source.id);
            else
                QCoreApplication::processEvents();
        }
        QTRY_COMPARE(f.lines.size(), text.count('\n'));
        QCOMPARE(f.messages().join('\n') + '\n', text);
        QCOMPARE(f.dropped, 0);
    }

    void burstsOfMegabytesArriveWhole()
    {
        Follower f;
        PipedWriter out(f.source.out, 1024 * 1024, 5);
        PipedWriter err(f.source.err, 1024 * 1024, 5);
        f.follow();
        const QByteArray filler(90, 'x');
        constexpr int linesPerBurst = 20'000; // 2 MB
        for (int burst = 0; burst < 5; ++burst) {
            const int from = burst * linesPerBurst;
            out.write(numberedLines(filler, from, from + linesPerBurst));
            err.write(numberedLines(filler, from, from + linesPerBurst));
            QTRY_COMPARE_WITH_TIMEOUT(f.lines.size(), 2 * (from + linesPerBurst), 30'000);
        }
        QCOMPARE(f.dropped, 0);
        std::array<int, 2> next{};
        for (const LogLine &line : f.lines)
            QCOMPARE(line.message.mid(filler.size() + 1).toInt(), next[std::size_t(line.stream)]++);
    }

    void linesDeletedUnreadAreNotPassedOverInSilence()
    {
        Follower f;
        PipedWriter writer(f.source.out, 1'000, 2);
        f.follow();
        writer.write(numberedLines("line", 0, 10));
        QTRY_COMPARE(f.lines.size(), 10);
        writer.write(numberedLines("line", 10, 1'000));
        QTRY_COMPARE(f.lines.last().message, "line 999");
        QVERIFY(f.lines.size() < 1'000);
        QCOMPARE(f.dropped, 1);
    }

    void aFlushedPieceIsNotRepeatedByRotation()
    {
        Follower f;
        PipedWriter writer(f.source.out, 100, 3);
        f.follow();
        writer.write(numberedLines("l", 0, 20).append("half"));
        QTRY_COMPARE(f.lines.size(), 21);
        QCOMPARE(f.lines.last().message, "half");
        // This makes the file too large; "half…" moves to the next one.
        writer.write(" a line that is long enough");
        writer.write(" to rotate the file now\nnext\n");
        QTRY_COMPARE(f.lines.last().message, "next");
        QCOMPARE(f.messages().mid(20).join(),
                 "half a line that is long enough to rotate the file nownext");
    }

    void goesOnAfterTheLogWasEmptied()
    {
        Follower f;
        PipedWriter writer(f.source.out, 0, 5);
        f.follow();
        writer.write("one\ntwo\npart");
        QTRY_COMPARE(f.lines.size(), 2);
        QVERIFY(emptyLog(f.source.out));
        QTRY_COMPARE(QFileInfo(f.source.out).size(), 0);
        f.tail.catchUp(f.source.id);
        writer.write("three\n");
        QTRY_COMPARE(f.messages(), (QList<QByteArray>{"one", "two", "three"}));
    }

    void goesOnAfterTheFileWasDeleted()
    {
        Follower f;
        f.append(f.source.out, "");
        f.follow();
        f.append(f.source.out, "one\n");
        QTRY_COMPARE(f.lines.size(), 1);
        QVERIFY(QFile::remove(f.source.out));
        QVERIFY(f.tail.catchUp(f.source.id));
        f.append(f.source.out, "two\n");
        QTRY_COMPARE(f.messages(), (QList<QByteArray>{"one", "two"}));
    }

    void whoIsNotFollowedCostsNothing()
    {
        Follower f;
        LogSource other = f.source;
        other.id = ProcessId{4};
        other.out = f.folder.filePath(u"other.log"_s);
        other.err.clear();
        f.append(f.source.out, "");
        f.append(other.out, "");
        QCoreApplication::processEvents();
        const qsizetype before = openFiles();
        f.tail.setSources({f.source, other});
        QVERIFY(openFiles() > before);
        f.follow();
        f.append(other.out, "unseen\n");
        f.append(f.source.out, "one\n");
        QTRY_COMPARE(f.lines.size(), 1);
        f.tail.setSources({});
        QCOMPARE(openFiles(), before);
        QVERIFY(!f.tail.catchUp(f.source.id));
        LogTail witness;
        int seen = 0;
        connect(&witness, &LogTail::lines, this, [&seen] { ++seen; });
        witness.setSources({f.source});
        f.append(f.source.out, "two\n");
        QTRY_COMPARE(seen, 1);
        QCOMPARE(f.lines.size(), 1);
        witness.setSources({});
        // Followed again: the seqs go on above the old ones.
        const qint64 last = f.lines.last().seq;
        f.lines.clear();
        f.follow();
        f.append(f.source.out, "three\n");
        QTRY_COMPARE(f.messages(), QList<QByteArray>{"three"});
        QVERIFY(f.lines[0].seq > last);
    }

    void whoIsFollowedOnMissesNothing()
    {
        Follower f;
        f.append(f.source.out, "");
        f.follow();
        f.append(f.source.out, "one\n");
        LogSource other = f.source;
        other.id = ProcessId{4};
        f.source.name = u"renamed"_s;
        f.tail.setSources({f.source});
        f.append(f.source.out, "two\n");
        QTRY_COMPARE(f.messages(), (QList<QByteArray>{"one", "two"}));
    }

    void twoMayFollowOneFile()
    {
        Follower f;
        LogSource other = f.source;
        other.id = ProcessId{4};
        LogTail tail;
        QHash<ProcessId, int> count;
        connect(&tail, &LogTail::lines, this,
                [&count](const LogBatch &batch) { count[batch.id] += int(batch.lines.size()); });
        tail.setSources({f.source, other});
        f.append(f.source.out, "one\n");
        QTRY_COMPARE(count.value(f.source.id) + count.value(other.id), 2);
        tail.setSources({other});
        f.append(f.source.out, "two\n");
        QTRY_COMPARE(count.value(other.id), 2);
        QCOMPARE(count.value(f.source.id), 1);
    }

    void aReceiverMayEndTheFollowing()
    {
        Follower f;
        f.append(f.source.out, "");
        connect(&f.tail, &LogTail::lines, this, [&f] { f.tail.setSources({}); });
        f.follow();
        f.append(f.source.out, numberedLines("line", 0, 5'000));
        QTRY_VERIFY(!f.lines.isEmpty());
        QVERIFY(!f.tail.catchUp(f.source.id));
    }

    void batchesAreBounded()
    {
        Follower f;
        f.append(f.source.out, "");
        f.follow();
        f.append(f.source.out, numberedLines("line", 0, 100'000));
        QTRY_COMPARE(f.lines.size(), 100'000);
        QVERIFY(f.largestBatch <= 2'000);
        QCOMPARE(f.dropped, 0);
        QCOMPARE(f.lines.last().message, "line 99999");
    }

    void whoWritesTooFastLosesCountedLines()
    {
        Follower f;
        f.append(f.source.out, "start\n");
        f.follow();
        // 40 MiB at once, far more than the reader lets itself fall behind.
        const QByteArray line = QByteArray(79, 'x') + '\n';
        const int count = 500'000;
        f.append(f.source.out, line.repeated(count));
        f.append(f.source.out, "the end\n");
        QTRY_VERIFY_WITH_TIMEOUT(!f.lines.isEmpty() && f.lines.last().message == "the end", 30'000);
        QVERIFY(f.dropped > count / 2);
        QCOMPARE(f.lines.size() + f.dropped, count + 1);
    }

    void theEventLoopStaysFree()
    {
        Follower f;
        f.append(f.source.out, "start\n");
        f.follow();
        f.append(f.source.out, QByteArray(79, 'x').append('\n').repeated(90'000));
        // Other events have their turn long before all of it is read.
        int turns = 0;
        QTimer other;
        connect(&other, &QTimer::timeout, this, [&turns] { ++turns; });
        other.start(0);
        QTRY_COMPARE_WITH_TIMEOUT(f.lines.size() + f.dropped, 90'000, 30'000);
        QVERIFY(turns > 3);
    }

    void longAndStrangeLines()
    {
        Follower f;
        f.append(f.source.out, "");
        f.follow();
        f.append(f.source.out,
                 QByteArray(300'000, 'y') + "\ncaf\xe9\n" + QByteArray("a\0b", 3) + "\r\n\n");
        QTRY_COMPARE(f.lines.size(), 4);
        QVERIFY(f.lines[0].truncated);
        QCOMPARE(f.lines[0].message.size(), 65'536);
        QCOMPARE(f.lines[1].message, "caf\xef\xbf\xbd");
        QCOMPARE(f.lines[2].message, QByteArray("a\0b", 3));
        QCOMPARE(f.lines[3].message, "");
    }
};

QTEST_GUILESS_MAIN(TestLogTail)
#include "tst_logtail.moc"
