// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/logindex.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>

using namespace pmdaemon;
using namespace std::chrono_literals;

namespace {

const WallTime noon{1'800'000'000'000ms};

QByteArray record(qint64 time, qint64 offset)
{
    QByteArray bytes(16, '\0');
    qToLittleEndian(time, bytes.data());
    qToLittleEndian(offset, bytes.data() + 8);
    return bytes;
}

/// A LogIndexStore that is told wall times and QStrings.
class Writer
{
public:
    void open(const QString &log)
    {
        m_path = QFile::encodeName(log);
        m_store.open(m_path.constData());
    }
    void add(WallTime now, qint64 offset, qint64 end)
    {
        m_store.add(now.time_since_epoch().count(), offset, end);
    }
    void cut(qint64 offset) { m_store.cut(offset); }

private:
    QByteArray m_path;
    LogIndexStore m_store;
};

} // namespace

class TestLogIndex : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void recordsAreTimeAndOffset();
    void leavesOutCloseRecords();
    void findsOffsetsByTime();
    void findsTimesByOffset();
    void timesNeverGoBack();
    void tornTailIsIgnoredAndRepaired();
    void cutForgetsWhatLiesBehind();
    void offsetsThatWentBackMeanAnEmptiedLog();
    void missingOrForeignIndexHasNoRecords();
    void refusesLinks();
    void survivesShrinkingWhileOpen();

private:
    QByteArray stored() const;
    void store(const QByteArray &bytes) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_log;
};

void TestLogIndex::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_log = m_folder->filePath(QStringLiteral("app-out.log"));
}

QByteArray TestLogIndex::stored() const
{
    QFile file(logIndexFile(m_log));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void TestLogIndex::store(const QByteArray &bytes) const
{
    QFile file(logIndexFile(m_log));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}

void TestLogIndex::recordsAreTimeAndOffset()
{
    Writer writer;
    writer.open(m_log);
    writer.add(noon, 0, 10);
    writer.add(noon + 1s, 10, 20);
    QCOMPARE(stored(), record(1'800'000'000'000, 0) + record(1'800'000'001'000, 10));
    QVERIFY(!(QFile::permissions(logIndexFile(m_log)) & (QFile::ReadOther | QFile::WriteGroup)));
}

void TestLogIndex::leavesOutCloseRecords()
{
    Writer writer;
    writer.open(m_log);
    writer.add(noon, 0, 100);
    writer.add(noon + 99ms, 100, 200);       // young and near
    writer.add(noon + 99ms, 200, 65'536);    // as near as can be
    writer.add(noon + 99ms, 65'536, 70'000); // too far
    writer.add(noon + 199ms, 70'000, 70'001);
    QCOMPARE(stored(), record(1'800'000'000'000, 0) + record(1'800'000'000'099, 65'536) +
                           record(1'800'000'000'199, 70'000));
}

void TestLogIndex::findsOffsetsByTime()
{
    Writer writer;
    writer.open(m_log);
    for (int i = 0; i < 1'000; ++i)
        writer.add(noon + i * 1s, i * 100, i * 100 + 100);
    const LogIndex index(m_log);
    QCOMPARE(index.count(), 1'000);
    QCOMPARE(index.offsetOf(noon - 1h), 0);
    QCOMPARE(index.offsetOf(noon), 0);
    // What was stored at 500.2 s may belong to the record of 500 s.
    QCOMPARE(index.offsetOf(noon + 500'200ms), 50'000);
    QCOMPARE(index.offsetOf(noon + 501s), 50'000);
    QCOMPARE(index.offsetOf(noon + 1h), 99'900);
}

void TestLogIndex::findsTimesByOffset()
{
    Writer writer;
    writer.open(m_log);
    for (int i = 0; i < 100; ++i)
        writer.add(noon + i * 1s, 50 + i * 100, 150 + i * 100);
    const LogIndex index(m_log);
    QVERIFY(!index.timeOf(0));
    QVERIFY(!index.timeOf(49));
    for (const int i : {0, 1, 2, 98, 99, 50, 49, 3}) {
        QCOMPARE(index.timeOf(50 + i * 100), noon + i * 1s);
        QCOMPARE(index.timeOf(149 + i * 100), noon + i * 1s);
    }
    QCOMPARE(index.timeOf(1'000'000), noon + 99s);
    QVERIFY(!index.timeOf(10));
}

void TestLogIndex::timesNeverGoBack()
{
    Writer writer;
    writer.open(m_log);
    writer.add(noon, 0, 100);
    writer.add(noon - 1h, 100, 70'000);
    writer.add(noon + 1s, 70'000, 70'010);
    QCOMPARE(stored(), record(1'800'000'000'000, 0) + record(1'800'000'000'000, 100) +
                           record(1'800'000'001'000, 70'000));
}

void TestLogIndex::tornTailIsIgnoredAndRepaired()
{
    const QByteArray whole = record(1'800'000'000'000, 0) + record(1'800'000'001'000, 500);
    for (int torn = 1; torn < 16; ++torn) {
        store(whole + QByteArray(torn, '\x7f'));
        QCOMPARE(LogIndex(m_log).count(), 2);
        QCOMPARE(LogIndex(m_log).timeOf(600), noon + 1s);
        Writer writer;
        writer.open(m_log);
        writer.add(noon + 2s, 700, 800);
        QCOMPARE(stored(), whole + record(1'800'000'002'000, 700));
    }
}

void TestLogIndex::cutForgetsWhatLiesBehind()
{
    Writer writer;
    writer.open(m_log);
    for (int i = 0; i < 10; ++i)
        writer.add(noon + i * 1s, i * 100, i * 100 + 100);
    writer.cut(450);
    QCOMPARE(LogIndex(m_log).count(), 5);
    writer.add(noon + 20s, 450, 500);
    QCOMPARE(LogIndex(m_log).timeOf(449), noon + 4s);
    QCOMPARE(LogIndex(m_log).timeOf(450), noon + 20s);
}

void TestLogIndex::offsetsThatWentBackMeanAnEmptiedLog()
{
    Writer writer;
    writer.open(m_log);
    writer.add(noon, 0, 100);
    writer.add(noon + 1s, 5'000, 5'100);
    writer.add(noon + 2s, 0, 50);
    QCOMPARE(stored(), record(1'800'000'002'000, 0));
}

void TestLogIndex::missingOrForeignIndexHasNoRecords()
{
    const LogIndex missing(m_log);
    QCOMPARE(missing.count(), 0);
    QCOMPARE(missing.offsetOf(noon), 0);
    QVERIFY(!missing.timeOf(0));
    QVERIFY(QDir(m_folder->path()).mkdir(logIndexFile(m_log)));
    QCOMPARE(LogIndex(m_log).count(), 0);
    Writer writer;
    writer.open(m_log);
    writer.add(noon, 0, 10);
    writer.cut(0);
    QCOMPARE(LogIndex(m_log).count(), 0);
}

void TestLogIndex::refusesLinks()
{
    const QString victim = m_folder->filePath(QStringLiteral("victim"));
    QFile file(victim);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QVERIFY(QFile::link(victim, logIndexFile(m_log)));
    Writer writer;
    writer.open(m_log);
    writer.add(noon, 0, 10);
    QCOMPARE(QFile(victim).size(), 0);
    QCOMPARE(LogIndex(m_log).count(), 0);
}

void TestLogIndex::survivesShrinkingWhileOpen()
{
    QByteArray bytes;
    for (int i = 0; i < 1'000; ++i)
        bytes += record(1'800'000'000'000 + i, i * 100);
    store(bytes);
    const LogIndex index(m_log);
    store(bytes.first(160));
    QVERIFY(index.offsetOf(noon + 5ms) <= 500);
    QCOMPARE(index.timeOf(450), noon + 4ms);
}

QTEST_GUILESS_MAIN(TestLogIndex)
#include "tst_logindex.moc"
