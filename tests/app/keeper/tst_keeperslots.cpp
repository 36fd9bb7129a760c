// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/crc32c.h"
#include "core/slot/journalrecord.h"
#include "tests/app/keeper/keeperstage.h"

#include <algorithm>
#include <sys/stat.h>

using namespace Qt::Literals::StringLiterals;
using namespace pmdaemon::test;

namespace pmdaemon {

/// The real keeper over slots whose shims are stand-ins, but in the last; this process is the
/// daemon.
class TestKeeperSlots : public QObject
{
    Q_OBJECT

private slots:
    void aSlotWithoutAShimGetsOne();
    void aShimThatIsThereIsFound();
    void aShimThatDiesIsReplaced();
    void aForgottenSlotIsLeftAlone();
    void shimsThatEndRightAfterTheyAreForgottenAreNotReplaced();
    void aSlotThatIsGoneIsForgotten();
    void aShimThatCannotStartIsTriedLessAndLess();
    void startsOfShimsAreSpread();
    void whatIsInTheFifosSurvives();
    void theFifosOfASlotWithoutAShimAreHeld();
    void slotsWithoutDescriptorsAreToldNotWatched();
    void aHundredSlotsCostLittle();
    void aProgramOfARealShimKeepsItsExitStatus();
};

namespace {

int adoptionsOf(const KeeperStage &stage, int slot)
{
    return static_cast<int>(numbersIn(stage.slot(slot) + u"/adoptions").size());
}

} // namespace

void TestKeeperSlots::aSlotWithoutAShimGetsOne()
{
    KeeperStage stage;
    stage.makeSlot(7);
    stage.adoptThisProcess();
    stage.replaceShim();
    QCOMPARE(adoptionsOf(stage, 7), 0);
    stage.send(KeeperMessage::Watch, 7);
    stage.send(KeeperMessage::Watch, 8); // does not exist
    QTRY_COMPARE_WITH_TIMEOUT(stage.shims().size(), 1, patience);
    QCOMPARE(stage.shims().firstKey(), quint64(7));
    QCOMPARE(adoptionsOf(stage, 7), 1);
}

void TestKeeperSlots::aShimThatIsThereIsFound()
{
    KeeperStage stage;
    stage.makeSlot(3);
    QDir(stage.home()).mkpath(u"slots/not-a-slot"_s);
    QProcess shim;
    shim.start(QStringLiteral(PMDAEMON_STANDIN), {u"--adopt"_s, stage.slot(3), u"-"_s});
    QVERIFY(shim.waitForFinished(patience));
    stage.adoptThisProcess();
    stage.replaceShim();
    // Without a word from the daemon.
    QTRY_VERIFY_WITH_TIMEOUT(stage.holds(stage.slot(3) + u"/out"), patience);
    QVERIFY(stage.holds(stage.slot(3) + u"/err"));
    const pid_t first = stage.killShim(3);
    QTRY_COMPARE_WITH_TIMEOUT(stage.shims().size(), 1, patience);
    QVERIFY(!stage.shims().contains(3, first));
    QCOMPARE(adoptionsOf(stage, 3), 2);
    // To be watched, it is told of again.
    stage.send(KeeperMessage::Watch, 3);
    QTRY_COMPARE_WITH_TIMEOUT(stage.shims().size(), 2, patience);
    QCOMPARE(stage.shims().values(3)[0], stage.shims().values(3)[1]);
}

void TestKeeperSlots::aShimThatDiesIsReplaced()
{
    KeeperStage stage;
    stage.makeSlot(1);
    stage.adoptThisProcess();
    stage.replaceShim();
    stage.send(KeeperMessage::Watch, 1);
    for (int shims = 1; shims <= 3; ++shims) {
        QTRY_COMPARE_WITH_TIMEOUT(stage.shims().size(), shims, patience);
        QCOMPARE(adoptionsOf(stage, 1), shims);
        QVERIFY(stage.killShim(1) > 0);
    }
    QTRY_COMPARE_WITH_TIMEOUT(stage.shims().size(), 4, patience);
}

void TestKeeperSlots::aForgottenSlotIsLeftAlone()
{
    KeeperStage stage;
    stage.makeSlot(1);
    stage.makeSlot(2);
    stage.adoptThisProcess();
    stage.replaceShim();
    stage.send(KeeperMessage::Watch, 1);
    stage.send(KeeperMessage::Watch, 2);
    QTRY_COMPARE_WITH_TIMEOUT(stage.shims().size(), 2, patience);
    stage.send(KeeperMessage::Forget, 1);
    stage.send(KeeperMessage::Forget, 9);
    // Answered in order: when the other slot has been looked at again, the first one has been left.
    QVERIFY(stage.killShim(1) > 0);
    QVERIFY(stage.killShim(2) > 0);
    QTRY_COMPARE_WITH_TIMEOUT(stage.shims().values(2).size(), 2, patience);
    QCOMPARE(adoptionsOf(stage, 1), 1);
}

/// As when a daemon stops everything and leaves.
void TestKeeperSlots::shimsThatEndRightAfterTheyAreForgottenAreNotReplaced()
{
    constexpr int slotCount = 100;
    KeeperStage stage;
    QList<pid_t> shims;
    for (int slot = 0; slot <= slotCount; ++slot) {
        stage.makeSlot(slot);
        QProcess shim;
        shim.start(QStringLiteral(PMDAEMON_STANDIN), {u"--adopt"_s, stage.slot(slot), u"-"_s});
        QVERIFY(shim.waitForFinished(patience));
        shims.append(stage.shimOf(slot));
    }
    stage.adoptThisProcess();
    stage.replaceShim();
    QTRY_VERIFY_WITH_TIMEOUT(stage.holds(stage.slot(slotCount) + u"/out"), patience);
    for (int slot = 0; slot < slotCount; ++slot) {
        stage.send(KeeperMessage::Forget, static_cast<quint64>(slot));
        ::kill(shims[slot], SIGKILL);
    }
    QVERIFY(stage.killShim(slotCount) > 0);
    QTRY_COMPARE_WITH_TIMEOUT(adoptionsOf(stage, slotCount), 2, patience);
    for (int slot = 0; slot < slotCount; ++slot)
        QCOMPARE(adoptionsOf(stage, slot), 1);
}

void TestKeeperSlots::aSlotThatIsGoneIsForgotten()
{
    KeeperStage stage;
    stage.makeSlot(1);
    stage.makeSlot(2);
    stage.adoptThisProcess();
    stage.replaceShim();
    stage.send(KeeperMessage::Watch, 1);
    stage.send(KeeperMessage::Watch, 2);
    QTRY_COMPARE_WITH_TIMEOUT(stage.shims().size(), 2, patience);
    const pid_t shim = stage.shimOf(1);
    QVERIFY(shim > 0);
    QVERIFY(QDir(stage.slot(1)).removeRecursively());
    ::kill(shim, SIGKILL);
    QVERIFY(stage.killShim(2) > 0);
    QTRY_COMPARE_WITH_TIMEOUT(stage.shims().values(2).size(), 2, patience);
    QVERIFY(!QFile::exists(stage.slot(1)));
}

void TestKeeperSlots::aShimThatCannotStartIsTriedLessAndLess()
{
    KeeperStage stage;
    stage.makeSlot(1);
    QVERIFY(QFile(stage.slot(1) + u"/refuse").open(QIODevice::WriteOnly));
    stage.adoptThisProcess();
    stage.replaceShim();
    stage.send(KeeperMessage::Watch, 1);
    QTRY_COMPARE_WITH_TIMEOUT(adoptionsOf(stage, 1), 5, patience);
    const QList<qint64> at = numbersIn(stage.slot(1) + u"/adoptions");
    for (int i = 2; i < 5; ++i)
        QVERIFY(at[i] - at[i - 1] >= (25 << i) - 1);
    QVERIFY(QFile::remove(stage.slot(1) + u"/refuse"));
    QTRY_COMPARE_WITH_TIMEOUT(stage.shims().size(), 1, patience);
}

void TestKeeperSlots::startsOfShimsAreSpread()
{
    constexpr int slotCount = 30;
    KeeperStage stage;
    for (int slot = 0; slot < slotCount; ++slot)
        stage.makeSlot(slot);
    stage.adoptThisProcess();
    stage.replaceShim();
    for (int slot = 0; slot < slotCount; ++slot)
        stage.send(KeeperMessage::Watch, static_cast<quint64>(slot));
    QTRY_COMPARE_WITH_TIMEOUT(stage.shims().size(), slotCount, patience);
    QList<qint64> at;
    for (int slot = 0; slot < slotCount; ++slot)
        at.append(numbersIn(stage.slot(slot) + u"/adoptions"));
    QCOMPARE(at.size(), slotCount);
    std::sort(at.begin(), at.end());
    // Twenty may come at once, then one each 50 ms.
    QVERIFY2(at.constLast() - at.constFirst() >= (slotCount - 20 - 1) * 50,
             QByteArray::number(at.constLast() - at.constFirst()).constData());
}

void TestKeeperSlots::whatIsInTheFifosSurvives()
{
    KeeperStage stage;
    stage.makeSlot(1);
    stage.adoptThisProcess();
    stage.replaceShim();
    stage.send(KeeperMessage::Watch, 1);
    QTRY_COMPARE_WITH_TIMEOUT(stage.shims().size(), 1, patience);
    const QByteArray path = QFile::encodeName(stage.slot(1) + u"/out");
    {
        const UniqueFd writer(::open(path.constData(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
        QVERIFY2(writer, "the keeper holds it open");
        QCOMPARE(::write(writer.get(), "last words", 10), ssize_t(10));
    }
    stage.killShim(1);
    const UniqueFd reader(::open(path.constData(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    std::array<char, 32> buffer{};
    QCOMPARE(::read(reader.get(), buffer.data(), buffer.size()), ssize_t(10));
    QCOMPARE(QByteArray(buffer.data()), QByteArray("last words"));
    QTRY_COMPARE_WITH_TIMEOUT(stage.shims().size(), 2, patience);
}

/// As after the death of all who held them: the program may end before its slot has a shim again.
void TestKeeperSlots::theFifosOfASlotWithoutAShimAreHeld()
{
    KeeperStage stage;
    stage.makeSlot(1);
    stage.adoptThisProcess();
    stage.replaceShim();
    QTRY_VERIFY_WITH_TIMEOUT(stage.holds(stage.slot(1) + u"/out"), patience);
    QVERIFY(stage.holds(stage.slot(1) + u"/err"));
    QCOMPARE(adoptionsOf(stage, 1), 0);
    stage.send(KeeperMessage::Forget, 1);
    QTRY_VERIFY_WITH_TIMEOUT(!stage.holds(stage.slot(1) + u"/out"), patience);
}

void TestKeeperSlots::slotsWithoutDescriptorsAreToldNotWatched()
{
    constexpr int slotCount = 200;
    KeeperStage stage;
    for (int slot = 0; slot < slotCount; ++slot)
        stage.makeSlot(slot);
    stage.adoptThisProcess(190); // 160 are not for slots
    stage.replaceShim();
    for (int slot = 0; slot < slotCount; ++slot)
        stage.send(KeeperMessage::Watch, static_cast<quint64>(slot));
    QTRY_COMPARE_WITH_TIMEOUT(stage.shims().size(), 10, patience);
    QByteArray said;
    QTRY_COMPARE_WITH_TIMEOUT(
        (said += stage.process().readAllStandardError()).count("descriptors for 10 slots"),
        slotCount - 10, patience);
    // Those that are there are still looked after.
    const int slot = int(stage.shims().firstKey());
    QVERIFY(stage.holds(stage.slot(slot) + u"/out"));
    QVERIFY(stage.killShim(slot) > 0);
    QTRY_COMPARE_WITH_TIMEOUT(stage.shims().values(quint64(slot)).size(), 2, patience);
}

void TestKeeperSlots::aHundredSlotsCostLittle()
{
    constexpr int slotCount = 100;
    KeeperStage stage;
    for (int slot = 0; slot < slotCount; ++slot) {
        stage.makeSlot(slot);
        QProcess shim;
        shim.start(QStringLiteral(PMDAEMON_STANDIN), {u"--adopt"_s, stage.slot(slot), u"-"_s});
        QVERIFY(shim.waitForFinished(patience));
    }
    stage.adoptThisProcess();
    for (int slot = 0; slot < slotCount; ++slot)
        QTRY_VERIFY_WITH_TIMEOUT(stage.holds(stage.slot(slot) + u"/err"), patience);
    qint64 privateKb = 0;
    for (const QByteArray &line :
         readAll(u"/proc/%1/smaps_rollup"_s.arg(stage.pid())).split('\n')) {
        if (line.startsWith("Private_Clean:") || line.startsWith("Private_Dirty:"))
            privateKb += line.simplified().split(' ').value(1).toLongLong();
    }
    qInfo("private memory with %d slots: %lld kB", slotCount, static_cast<long long>(privateKb));
    QVERIFY(privateKb > 0);
    if (PMDAEMON_SHIM_IS_LEAN)
        QVERIFY(privateKb < 200);
}

namespace {

/// Of this type, in a slot's journal.
QList<JournalRecord> recordsOf(const KeeperStage &stage, int slot, RecordType type)
{
    const QByteArray bytes = readAll(stage.slot(slot) + u"/journal");
    QList<JournalRecord> records;
    for (qsizetype at = 0; at + qsizetype(sizeof(JournalRecord)) <= bytes.size();
         at += sizeof(JournalRecord)) {
        JournalRecord record;
        std::memcpy(&record, bytes.constData() + at, sizeof record);
        if (record.type == type && isIntact(record))
            records.append(record);
    }
    return records;
}

QByteArray specOf(const QByteArrayList &entries)
{
    QByteArray bytes = "PMDSPEC1";
    for (const QByteArray &entry : entries)
        bytes += entry + '\0';
    const uint32_t crc = crc32c(bytes.constData(), static_cast<size_t>(bytes.size()));
    return bytes + QByteArray(reinterpret_cast<const char *>(&crc), sizeof crc);
}

} // namespace

void TestKeeperSlots::aProgramOfARealShimKeepsItsExitStatus()
{
    KeeperStage stage;
    stage.makeSlot(1);
    QDir().mkpath(stage.path(u"run/slots"_s));
    QFile spec(stage.slot(1) + u"/spec");
    const QByteArray go = QFile::encodeName(stage.path(u"go"_s));
    const QByteArray bytes =
        specOf({"program=/bin/sh", "arg=-c",
                "arg=i=0; while ! test -e " + go +
                    " && test $i -lt 3000; do i=$((i+1)); sleep 0.02; done; exit 7",
                "autorestart=0"});
    QVERIFY(spec.open(QIODevice::WriteOnly) && spec.write(bytes) == bytes.size());
    spec.close();
    stage.start({QStringLiteral(PMDAEMON_STANDIN), u"run-watch"_s, u"1"_s, stage.program(),
                 u"--launch"_s, stage.slot(1), stage.path(u"run/slots/1"_s), u"--start"_s});
    QTRY_COMPARE_WITH_TIMEOUT(recordsOf(stage, 1, RecordType::Up).size(), 1, patience);
    QTRY_VERIFY_WITH_TIMEOUT(stage.holds(stage.slot(1) + u"/out"), patience);
    const pid_t first = stage.killShim(1);
    QTRY_COMPARE_WITH_TIMEOUT(recordsOf(stage, 1, RecordType::Adopted).size(), 1, patience);
    const AdoptedRecord adopted = recordsOf(stage, 1, RecordType::Adopted)[0].adopted;
    QCOMPARE(adopted.alive, 1);
    QVERIFY(adopted.shim != first);
    QVERIFY(QFile(stage.path(u"go"_s)).open(QIODevice::WriteOnly));
    QTRY_COMPARE_WITH_TIMEOUT(recordsOf(stage, 1, RecordType::Exited).size(), 1, patience);
    const ExitedRecord exited = recordsOf(stage, 1, RecordType::Exited)[0].exited;
    QCOMPARE(exited.how, ExitHow::Exited);
    QCOMPARE(exited.status, 7);
    QVERIFY(recordsOf(stage, 1, RecordType::Spawned).size() == 1);
}

} // namespace pmdaemon

QTEST_GUILESS_MAIN(pmdaemon::TestKeeperSlots)
#include "tst_keeperslots.moc"
