// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/logcompression.h"
#include "core/logs/logindex.h"
#include "core/logs/logreader.h"
#include "tests/core/logs/logscratch.h"

#include <QDir>
#include <QProcess>

#include <atomic>
#include <thread>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 maxSize = 2'000;

QByteArray numbered(int i)
{
    return "line " + QByteArray::number(i).rightJustified(6, '0');
}

/// A log of numbered lines, which is rotated every two hundred or so.
class RotatingLog : public LogScratch
{
public:
    explicit RotatingLog(int maxFiles)
        : m_writer(source.out, maxSize, maxFiles)
    {}

    void writeMore(int count)
    {
        for (const int end = m_next + count; m_next < end; ++m_next)
            m_writer.write(QByteArray(numbered(m_next)).append('\n'));
    }
    int next() const { return m_next; }

    QStringList names() const { return QDir(folder.path()).entryList(QDir::Files, QDir::Name); }

    /// All that is read, oldest first.
    QByteArrayList lines() const
    {
        LogQuery query;
        query.lines = 10'000;
        const Result<LogPage> page = readLogPage(source, query);
        QByteArrayList all;
        for (const LogLine &line : page ? page->lines : QList<LogLine>{})
            all.append(line.message);
        return all;
    }
    /// The same, as it has to be: up to the newest, with none missing and none twice.
    QByteArrayList expected(qsizetype count) const
    {
        QByteArrayList all;
        for (int i = m_next - int(count); i < m_next; ++i)
            all.append(numbered(i));
        return all;
    }

private:
    PipedWriter m_writer;
    int m_next = 0;
};

} // namespace

class TestLogCompression : public QObject
{
    Q_OBJECT

private slots:
    void compressesAllRotatedButTheNewest()
    {
        RotatingLog log(5);
        log.writeMore(1'000);
        const QByteArrayList before = log.lines();
        QVERIFY(compressRotatedLogs(log.source.out));
        QCOMPARE(log.names().filter(u".gz"_s),
                 (QStringList{u"web-out.log.2.gz"_s, u"web-out.log.3.gz"_s, u"web-out.log.4.gz"_s,
                              u"web-out.log.5.gz"_s}));
        QVERIFY(QFile::exists(rotatedLogFile(log.source.out, 1)));
        QVERIFY(!QFile::exists(rotatedLogFile(log.source.out, 2)));
        QCOMPARE(log.lines(), before);
        QCOMPARE(before, log.expected(before.size()));
        QVERIFY(before.size() > 5 * maxSize / 12);
    }

    void otherPeoplesToolsReadThem()
    {
        RotatingLog log(3);
        log.writeMore(600);
        QFile original(rotatedLogFile(log.source.out, 2));
        QVERIFY(original.open(QIODevice::ReadOnly));
        QVERIFY(compressRotatedLogs(log.source.out));
        QProcess zcat;
        zcat.start(u"gzip"_s, {u"-dc"_s, compressedLogFile(original.fileName())});
        QVERIFY(zcat.waitForFinished());
        QCOMPARE(zcat.exitCode(), 0);
        QCOMPARE(zcat.readAllStandardOutput(), original.readAll());
    }

    void theyAreRotatedAlongAndGivenUpAtTheEnd()
    {
        RotatingLog log(3);
        log.writeMore(600);
        QVERIFY(compressRotatedLogs(log.source.out));
        log.writeMore(180); // one rotation more
        const QByteArrayList mixed = log.lines();
        QCOMPARE(mixed, log.expected(mixed.size()));
        QVERIFY(QFile::exists(compressedLogFile(rotatedLogFile(log.source.out, 3))));
        QVERIFY(!QFile::exists(compressedLogFile(rotatedLogFile(log.source.out, 2))));
        log.writeMore(600);
        QCOMPARE(log.names().filter(u".gz"_s), QStringList());
        const QByteArrayList plain = log.lines();
        QCOMPARE(plain, log.expected(plain.size()));
    }

    void timesAreFoundInThem()
    {
        RotatingLog log(5);
        log.writeMore(400);
        const WallTime half = wallNow();
        QVERIFY(QTest::qWaitFor([&] { return wallNow() > half + milliseconds(20); }));
        log.writeMore(600);
        LogQuery query;
        query.lines = 50;
        query.until = half;
        const Result<LogPage> before = readLogPage(log.source, query);
        QVERIFY(before && before->lines.size() == 50 && before->lines.first().time);
        QVERIFY(compressRotatedLogs(log.source.out));
        const Result<LogPage> after = readLogPage(log.source, query);
        QVERIFY(after);
        for (qsizetype i = 0; i < 50; ++i) {
            QCOMPARE(after->lines[i].message, before->lines[i].message);
            QVERIFY(after->lines[i].time == before->lines[i].time);
        }
    }

    void anInterruptedOneIsReadOnce()
    {
        RotatingLog log(4);
        log.writeMore(800);
        const QString second = rotatedLogFile(log.source.out, 2);
        QVERIFY(QFile::copy(second, second + u".kept"_s));
        QVERIFY(compressRotatedLogs(log.source.out));
        QVERIFY(QFile::rename(second + u".kept"_s, second)); // its deletion did not come any more
        LogScratch::append(log.source.out + u".compressed"_s, "half");
        const QByteArrayList read = log.lines();
        QCOMPARE(read, log.expected(read.size()));
        log.writeMore(180);
        const QByteArrayList rotated = log.lines();
        QCOMPARE(rotated, log.expected(rotated.size()));
        QVERIFY(compressRotatedLogs(log.source.out));
        QVERIFY(log.names().filter(u".compressed"_s).isEmpty());
    }

    void aDamagedOneEndsTheLog()
    {
        RotatingLog log(4);
        log.writeMore(800);
        QVERIFY(compressRotatedLogs(log.source.out));
        QFile damaged(compressedLogFile(rotatedLogFile(log.source.out, 3)));
        QVERIFY(damaged.open(QIODevice::ReadWrite));
        QVERIFY(damaged.seek(damaged.size() / 2) && damaged.write("damage") == 6);
        damaged.close();
        const QByteArrayList read = log.lines();
        QVERIFY(!read.isEmpty());
        QCOMPARE(read, log.expected(read.size()));
    }

    void theFilesOfOthersAreLeftAlone()
    {
        RotatingLog log(3);
        LogScratch::append(log.source.out + u".gz"_s, "somebody's");
        log.writeMore(800);
        QVERIFY(compressRotatedLogs(log.source.out));
        QFile others(log.source.out + u".gz"_s);
        QVERIFY(others.open(QIODevice::ReadOnly));
        QCOMPARE(others.readAll(), "somebody's");
    }

    void emptyingDeletesThem()
    {
        RotatingLog log(5);
        log.writeMore(1'000);
        QVERIFY(compressRotatedLogs(log.source.out));
        QVERIFY(emptyLog(log.source.out));
        QCOMPARE(log.names(), (QStringList{u"web-out.log"_s, u"web-out.log.idx"_s}));
    }

    void nothingIsLostWhileItIsWrittenAndRotated()
    {
        RotatingLog log(200);
        std::atomic<bool> ends = false;
        std::atomic<bool> failed = false;
        std::thread compressor([&] {
            while (!ends)
                failed = failed || !compressRotatedLogs(log.source.out);
        });
        log.writeMore(9'000);
        ends = true;
        compressor.join();
        QVERIFY(!failed);
        QCOMPARE(log.lines(), log.expected(9'000));
        QVERIFY(log.names().filter(u".gz"_s).size() > 10);
    }
};

QTEST_GUILESS_MAIN(TestLogCompression)
#include "tst_logcompression.moc"
