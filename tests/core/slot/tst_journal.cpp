// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/crc32c.h"
#include "core/slot/slothistory.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <memory>
#include <vector>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

using Next = SlotHistory::Next;

class TestJournal : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void checksumIsTheStandardOne();
    void keepsWhatWasAppended();
    void cutsOffATornTail();
    void passesOverFlippedBits();
    void goesOnBehindARepair();
    void dropsWhatIsAcknowledged();
    void dropsTheOldestWhenNobodyFetches();
    void cursorsSurviveDropping();
    void refusesLinks();
    void tellsWhatComesNext_data();
    void tellsWhatComesNext();
    void waitsFromTheExitOn();

private:
    std::unique_ptr<Journal> open() const;
    QString path() const { return m_folder->filePath(u"journal"_s); }
    QByteArray bytes() const;
    void store(const QByteArray &bytes) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    UniqueFd m_fd;
};

namespace {

void append(Journal &journal, RecordType type, int count = 1)
{
    for (int i = 0; i < count; ++i) {
        JournalRecord record = makeRecord(type);
        record.spawned.pid = i;
        QCOMPARE(journal.append(record), 0);
    }
}

std::vector<JournalRecord> all(const Journal &journal, JournalCursor cursor = {})
{
    std::vector<JournalRecord> records;
    JournalRecord block[7];
    while (const std::size_t count = journal.read(cursor, block, 7))
        records.insert(records.end(), block, block + count);
    return records;
}

} // namespace

void TestJournal::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_fd.reset(::open(QFile::encodeName(m_folder->path()).constData(), O_RDONLY | O_DIRECTORY));
}

std::unique_ptr<Journal> TestJournal::open() const
{
    auto journal = std::make_unique<Journal>();
    return journal->open(m_fd.get()) == 0 ? std::move(journal) : nullptr;
}

QByteArray TestJournal::bytes() const
{
    QFile file(path());
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void TestJournal::store(const QByteArray &bytes) const
{
    QFile file(path());
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}

void TestJournal::checksumIsTheStandardOne()
{
    QCOMPARE(crc32c("123456789", 9), 0xe3069283U);
    QCOMPARE(crc32c("6789", 4, crc32c("12345", 5)), 0xe3069283U);
}

void TestJournal::keepsWhatWasAppended()
{
    {
        const auto journal = open();
        QCOMPARE(journal->firstSeq(), 1U);
        QCOMPARE(journal->lastSeq(), 0U);
        append(*journal, RecordType::Spawned, 100);
    }
    const auto journal = open();
    QCOMPARE(journal->lastSeq(), 100U);
    const auto records = all(*journal);
    QCOMPARE(records.size(), 100U);
    for (std::size_t i = 0; i < 100; ++i) {
        QCOMPARE(records[i].seq, i + 1);
        QCOMPARE(records[i].spawned.pid, int(i));
        QVERIFY(isIntact(records[i]));
    }
    JournalCursor cursor;
    cursor.seq = 98;
    QCOMPARE(all(*journal, cursor).size(), 2U);
}

void TestJournal::cutsOffATornTail()
{
    append(*open(), RecordType::Spawned, 5);
    const QByteArray whole = bytes();
    QCOMPARE(whole.size(), 5 * 64);
    for (qsizetype size = 0; size <= whole.size(); ++size) {
        store(whole.left(size));
        const auto journal = open();
        QCOMPARE(journal->lastSeq(), quint64(size / 64));
        QCOMPARE(all(*journal).size(), std::size_t(size / 64));
        QCOMPARE(bytes().size(), size / 64 * 64);
    }
}

void TestJournal::passesOverFlippedBits()
{
    append(*open(), RecordType::Spawned, 3);
    const QByteArray whole = bytes();
    for (qsizetype bit = 0; bit < whole.size() * 8; ++bit) {
        QByteArray damaged = whole;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
        store(damaged);
        const auto journal = open();
        const bool isLast = bit / 8 / 64 == 2;
        QCOMPARE(all(*journal).size(), 2U);
        QCOMPARE(journal->lastSeq(), isLast ? 2U : 3U);
        QCOMPARE(bytes().size(), isLast ? 128 : 192);
        // From there on nothing is missing.
        QCOMPARE(journal->firstSeq(), quint64(isLast ? 1 : bit / 8 / 64 + 2));
    }
}

void TestJournal::goesOnBehindARepair()
{
    append(*open(), RecordType::Spawned, 3);
    store(bytes().chopped(10));
    append(*open(), RecordType::Exited);
    const auto records = all(*open());
    QCOMPARE(records.size(), 3U);
    QCOMPARE(records.back().seq, 3U);
    QVERIFY(records.back().type == RecordType::Exited);
}

void TestJournal::dropsWhatIsAcknowledged()
{
    const auto journal = open();
    append(*journal, RecordType::Up);
    append(*journal, RecordType::Spawned, 1'000);
    append(*journal, RecordType::Exited, 1'000);
    journal->acknowledge(1'900);
    append(*journal, RecordType::Ended, 1'000);
    QVERIFY(bytes().size() < Journal::SizeToDrop);
    QCOMPARE(journal->lastSeq(), 3'001U);
    QCOMPARE(journal->firstSeq(), 1'901U);
    const auto records = all(*open());
    // The latest of each type stays.
    QVERIFY(records[0].type == RecordType::Up);
    QVERIFY(records[1].type == RecordType::Spawned);
    QCOMPARE(records[1].seq, 1'001U);
    QCOMPARE(records[2].seq, 1'901U);
    QCOMPARE(records.size(), 2U + 3'001 - 1'900);
    QCOMPARE(open()->firstSeq(), 1'901U);
}

void TestJournal::dropsTheOldestWhenNobodyFetches()
{
    const auto journal = open();
    append(*journal, RecordType::Wanted);
    append(*journal, RecordType::Spawned, 20'000);
    QVERIFY(bytes().size() <= 2 * Journal::SizeToDrop + 64);
    const auto records = all(*journal);
    QVERIFY(records.size() >= std::size_t(Journal::SizeToDrop / 64));
    QVERIFY(records[0].type == RecordType::Wanted);
    QCOMPARE(records.back().seq, 20'001U);
    QCOMPARE(records[1].seq, journal->firstSeq());
}

void TestJournal::cursorsSurviveDropping()
{
    const auto journal = open();
    JournalCursor cursor;
    JournalRecord block[3];
    quint64 last = 0;
    for (int i = 0; i < 10'000; ++i) {
        append(*journal, RecordType::Spawned);
        journal->acknowledge(journal->lastSeq() - 1);
        while (const std::size_t count = journal->read(cursor, block, 3)) {
            QCOMPARE(block[0].seq, last + 1);
            last += count;
        }
    }
    QCOMPARE(last, 10'000U);
}

void TestJournal::refusesLinks()
{
    QVERIFY(QFile::link(m_folder->filePath(u"victim"_s), path()));
    QVERIFY(!open());
    QVERIFY(!QFile::exists(m_folder->filePath(u"victim"_s)));
}

void TestJournal::tellsWhatComesNext_data()
{
    QTest::addColumn<QByteArray>("types"); // small letters: the other variant
    QTest::addColumn<Next>("next");
    QTest::addColumn<bool>("stopping");
    const auto row = [](const char *types, Next next, bool stopping = false) {
        QTest::addRow("%s", types) << QByteArray(types) << next << stopping;
    };
    row("", Next::Nothing);
    row("W", Next::Spawn);
    row("WS", Next::Watch);
    row("WSU", Next::Watch);
    row("WSUw", Next::Watch, true);
    row("WSUA", Next::Watch);
    row("WSUX", Next::Clear);
    row("WSUwX", Next::Clear, true);
    row("WSUXE", Next::Nothing);
    row("WSUXe", Next::Restart);
    row("WSUXeC", Next::Nothing);
    row("WSUXeS", Next::Watch);
    row("WSF", Next::Nothing);
    row("WSUXeSf", Next::Restart);
    row("WSUwXEW", Next::Spawn, true);
    row("WSUwXEWS", Next::Watch);
}

void TestJournal::tellsWhatComesNext()
{
    QFETCH(QByteArray, types);
    QFETCH(Next, next);
    QFETCH(bool, stopping);
    const auto journal = open();
    for (const char type : types) {
        const bool isOther = type >= 'a';
        JournalRecord record = makeRecord(RecordType(isOther ? type - 'a' + 'A' : type));
        if (record.type == RecordType::Wanted)
            record.wanted.up = isOther ? 0 : 1;
        if (record.type == RecordType::StartFailed)
            record.startFailed.delay = isOther ? 100 : -1;
        if (record.type == RecordType::Ended)
            record.ended.verdict = isOther ? int(RestartDecision::Verdict::Restart) : 0;
        QCOMPARE(journal->append(record), 0);
    }
    const SlotHistory history = readHistory(*journal);
    QVERIFY(history.next() == next);
    QCOMPARE(history.isStopping(), stopping);
}

void TestJournal::waitsFromTheExitOn()
{
    SlotHistory history;
    JournalRecord exited = makeRecord(RecordType::Exited);
    exited.seq = 1;
    exited.boot = 1'000;
    JournalRecord ended = makeRecord(RecordType::Ended);
    ended.seq = 2;
    ended.boot = 5'000;
    ended.ended.delay = 300;
    history.add(exited);
    history.add(ended);
    QCOMPARE(history.restartAt(), 1'300);
    JournalRecord failed = makeRecord(RecordType::StartFailed);
    failed.seq = 3;
    failed.boot = 6'000;
    failed.startFailed.delay = 1'000;
    history.add(failed);
    QCOMPARE(history.restartAt(), 7'000);
}

QTEST_GUILESS_MAIN(TestJournal)
#include "tst_journal.moc"
