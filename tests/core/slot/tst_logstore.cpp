// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/logstore.h"
#include "core/slot/slotclock.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <sys/file.h>
#include <thread>
#include <vector>

// What only the shim uses of LogStore; the rest is tested through LogWriter.

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

struct Note
{
    quint64 inode = 0;
    qint64 cut = 0;
};

bool note(void *context, uint64_t inode, int64_t cut)
{
    static_cast<std::vector<Note> *>(context)->push_back({inode, cut});
    return true;
}

bool refuse(void *, uint64_t, int64_t)
{
    return false;
}

} // namespace

class TestLogStore : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void aRotationIsNotedBeforeNamesMove();
    void doesNotRotateWithoutAWitness();
    void finishesAnInterruptedRotation_data();
    void finishesAnInterruptedRotation();
    void cutsNobodyElsesFile();
    void waitsForWhoeverHoldsTheFile();
    void isNotMadeWhileNamesMove();
    void severalKeepEachOthersLinesThroughRotations();
    void nothingIsSeenBeforeTheTimeOfItsStoring();

private:
    QString path(const QString &name = u"log"_s) const { return m_folder->filePath(name); }
    QByteArray contents(const QString &name) const;
    void store(const QString &name, const QByteArray &bytes) const;
    quint64 inodeOf(const QString &name) const;
    void write(const QByteArray &bytes) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    QByteArray m_log;
    UniqueFd m_readEnd;
    UniqueFd m_writeEnd;
};

void TestLogStore::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_log = QFile::encodeName(path());
    int ends[2];
    QCOMPARE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    m_readEnd.reset(ends[0]);
    m_writeEnd.reset(ends[1]);
}

QByteArray TestLogStore::contents(const QString &name) const
{
    QFile file(path(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : "none"_ba;
}

void TestLogStore::store(const QString &name, const QByteArray &bytes) const
{
    QFile file(path(name));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}

quint64 TestLogStore::inodeOf(const QString &name) const
{
    struct stat status = {};
    ::stat(QFile::encodeName(path(name)).constData(), &status);
    return status.st_ino;
}

void TestLogStore::write(const QByteArray &bytes) const
{
    QCOMPARE(::write(m_writeEnd.get(), bytes.constData(), std::size_t(bytes.size())), bytes.size());
}

void TestLogStore::aRotationIsNotedBeforeNamesMove()
{
    std::vector<Note> notes;
    LogStore log(m_log.constData(), 10, 3);
    log.setWitness({note, &notes});
    write("12345678\nx");
    QVERIFY(!log.move(m_readEnd.get(), 1'000).failure);
    QCOMPARE(notes.size(), 1U);
    QCOMPARE(notes[0].cut, 9);
    QCOMPARE(notes[0].inode, inodeOf(u"log.1"_s));
    QCOMPARE(contents(u"log.1"_s), "12345678\n"_ba);
    QCOMPARE(contents(u"log"_s), "x"_ba);
}

void TestLogStore::doesNotRotateWithoutAWitness()
{
    LogStore log(m_log.constData(), 10, 3);
    log.setWitness({refuse, nullptr});
    write("12345678\nx");
    const LogStore::Moved moved = log.move(m_readEnd.get(), 1'000);
    QCOMPARE(moved.bytes, 10);
    QVERIFY(moved.failure.step == LogStep::Rotate);
    QCOMPARE(contents(u"log"_s), "12345678\nx"_ba);
    QVERIFY(!QFile::exists(path(u"log.1"_s)));
    write("more");
    QCOMPARE(log.move(m_readEnd.get(), 1'000).bytes, 4);
    QCOMPARE(contents(u"log"_s), "12345678\nxmore"_ba);
}

void TestLogStore::finishesAnInterruptedRotation_data()
{
    QTest::addColumn<bool>("hasMoved"); // the old file is .1
    QTest::addColumn<bool>("hasTail");  // .next is there
    QTest::addColumn<bool>("isNamed");  // it took the name
    QTest::addColumn<QByteArray>("log");
    QTest::addColumn<QByteArray>("rotated");
    const QByteArray whole = "one\ntwo";
    QTest::newRow("copied") << false << true << false << whole << "none"_ba;
    QTest::newRow("names moved") << true << true << false << "two"_ba
                                 << "one\n"_ba;
    QTest::newRow("named") << true << false << true << "two"_ba
                           << "one\n"_ba;
    QTest::newRow("names moved, made anew") << true << true << true << "two"_ba << whole;
    QTest::newRow("tail lost") << true << false << false << "none"_ba << whole;
}

void TestLogStore::finishesAnInterruptedRotation()
{
    QFETCH(bool, hasMoved);
    QFETCH(bool, hasTail);
    QFETCH(bool, isNamed);
    QFETCH(QByteArray, log);
    QFETCH(QByteArray, rotated);
    const QString old = hasMoved ? u"log.1"_s : u"log"_s;
    store(old, "one\ntwo");
    if (hasTail)
        store(u"log.next"_s, "two");
    if (isNamed)
        store(u"log"_s, "two");
    const quint64 inode = inodeOf(old);
    for (int times = 0; times < 2; ++times) {
        finishLogRotation(m_log.constData(), inode, 4);
        QCOMPARE(contents(u"log"_s), log);
        QCOMPARE(contents(u"log.1"_s), rotated);
        QVERIFY(!QFile::exists(path(u"log.next"_s)));
        if (hasTail && isNamed)
            return; // and from now on it looks as if it was all right
    }
}

void TestLogStore::cutsNobodyElsesFile()
{
    store(u"log"_s, "three");
    store(u"log.1"_s, "one\ntwo");
    finishLogRotation(m_log.constData(), inodeOf(u"log.1"_s) + 1, 4);
    QCOMPARE(contents(u"log.1"_s), "one\ntwo"_ba);
}

void TestLogStore::waitsForWhoeverHoldsTheFile()
{
    store(u"log"_s, "before\n");
    const UniqueFd other(::open(m_log.constData(), O_RDWR | O_CLOEXEC));
    QCOMPARE(::flock(other.get(), LOCK_EX), 0);
    LogStore log(m_log.constData(), 0, 3);
    write("after\n");
    const LogStore::Moved moved = log.move(m_readEnd.get(), 1'000);
    QCOMPARE(moved.bytes, 0);
    QVERIFY(moved.failure == (LogFailure{LogStep::Lock, EWOULDBLOCK}));
    QCOMPARE(::flock(other.get(), LOCK_UN), 0);
    QCOMPARE(log.move(m_readEnd.get(), 1'000).bytes, 6);
    QCOMPARE(contents(u"log"_s), "before\nafter\n"_ba);
}

void TestLogStore::isNotMadeWhileNamesMove()
{
    const UniqueFd names(
        ::open(QFile::encodeName(m_folder->path()).constData(), O_RDONLY | O_DIRECTORY));
    QCOMPARE(::flock(names.get(), LOCK_EX), 0);
    LogStore log(m_log.constData(), 8, 3);
    write("first\n");
    QVERIFY(log.move(m_readEnd.get(), 1'000).failure == (LogFailure{LogStep::Lock, EWOULDBLOCK}));
    QVERIFY(!QFile::exists(path()));
    QCOMPARE(::flock(names.get(), LOCK_UN), 0);
    QCOMPARE(log.move(m_readEnd.get(), 1'000).bytes, 6);
    // It is not rotated either, but what comes is stored.
    QCOMPARE(::flock(names.get(), LOCK_EX), 0);
    write("second\n");
    QCOMPARE(log.move(m_readEnd.get(), 1'000).bytes, 7);
    QCOMPARE(contents(u"log"_s), "first\nsecond\n"_ba);
    QCOMPARE(::flock(names.get(), LOCK_UN), 0);
    write("third\n");
    QCOMPARE(log.move(m_readEnd.get(), 1'000).bytes, 6);
    QCOMPARE(contents(u"log.1"_s), "first\nsecond\nthird\n"_ba);
}

void TestLogStore::severalKeepEachOthersLinesThroughRotations()
{
    constexpr int writers = 4;
    constexpr int rounds = 300;
    constexpr int linesAtOnce = 40;
    const auto line = [](int writer, int number) -> QByteArray {
        return QByteArray::number(writer) + ' ' + QByteArray::number(number) + " end\n";
    };
    std::atomic<int> troubles = 0;
    const auto run = [&](int writer) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
            return void(++troubles);
        const UniqueFd readEnd(ends[0]);
        const UniqueFd writeEnd(ends[1]);
        LogStore log(m_log.constData(), 2'000, 10'000);
        for (int round = 0; round < rounds; ++round) {
            QByteArray lines;
            for (int i = 0; i < linesAtOnce; ++i)
                lines += line(writer, round * linesAtOnce + i);
            if (::write(writeEnd.get(), lines.constData(), std::size_t(lines.size())) !=
                lines.size())
                ++troubles;
            for (qint64 stored = 0; stored < lines.size();) {
                const LogStore::Moved moved = log.move(readEnd.get(), 1 << 20);
                stored += moved.bytes;
                if (moved.failure && moved.failure.code != EWOULDBLOCK)
                    ++troubles;
                if (moved.bytes == 0)
                    std::this_thread::yield();
            }
        }
    };
    {
        std::vector<std::jthread> threads;
        for (int writer = 0; writer < writers; ++writer)
            threads.emplace_back(run, writer);
    }
    QCOMPARE(troubles, 0);
    QHash<QByteArray, int> found;
    const QStringList files = QDir(m_folder->path()).entryList(QDir::Files);
    for (const QString &name : files) {
        if (name.endsWith(".idx"_L1))
            continue;
        for (const QByteArray &each : contents(name).split('\n'))
            ++found[each + '\n'];
    }
    found.remove("\n");
    QCOMPARE(found.size(), writers * rounds * linesAtOnce);
    for (int writer = 0; writer < writers; ++writer) {
        for (int i = 0; i < rounds * linesAtOnce; ++i)
            QCOMPARE(found.value(line(writer, i)), 1);
    }
}

void TestLogStore::nothingIsSeenBeforeTheTimeOfItsStoring()
{
    constexpr int much = 1 << 20; // it takes a good part of a millisecond
    QVERIFY(::fcntl(m_writeEnd.get(), F_SETPIPE_SZ, much) >= much);
    for (int round = 0; round < 100; ++round) {
        const QString name = QString::number(round);
        store(name, {});
        std::atomic<bool> isWatching = false;
        int64_t seenAt = 0;
        std::jthread reader([&](const std::stop_token &stop) {
            const QByteArray file = QFile::encodeName(path(name));
            struct stat status = {};
            isWatching = true;
            isWatching.notify_one();
            while (status.st_size == 0 && !stop.stop_requested())
                ::stat(file.constData(), &status);
            seenAt = wallMs();
        });
        write(QByteArray(much, 'x'));
        isWatching.wait(false);
        const QByteArray file = QFile::encodeName(path(name));
        LogStore log(file.constData(), 0, 3);
        QCOMPARE(log.move(m_readEnd.get(), much).bytes, much);
        reader.join();
        QFile index(path(name + u".idx"_s));
        QVERIFY(index.open(QIODevice::ReadOnly));
        const int64_t storedAt = readLogIndexRecord(index.handle(), 0).time;
        QVERIFY2(storedAt > 0 && storedAt <= seenAt,
                 qPrintable(QString::number(storedAt - seenAt)));
    }
}

QTEST_GUILESS_MAIN(TestLogStore)
#include "tst_logstore.moc"
