// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/logindex.h"
#include "core/logs/logpump.h"
#include "core/logs/logwriter.h"

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr qint64 noLimit = 1LL << 40;

struct Pipe
{
    Pipe()
    {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
            qFatal("no pipe");
        readEnd.reset(ends[0]);
        writeEnd.reset(ends[1]);
    }
    void write(const QByteArray &bytes) const
    {
        QCOMPARE(::write(writeEnd.get(), bytes.constData(), bytes.size()), bytes.size());
    }

    UniqueFd readEnd;
    UniqueFd writeEnd;
};

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// The oldest rotated file first, then the file itself.
QByteArray contentsWithRotated(const QString &path)
{
    QByteArray all;
    int oldest = 0;
    while (QFile::exists(rotatedLogFile(path, oldest + 1)))
        ++oldest;
    for (int n = oldest; n >= 0; --n)
        all += contents(rotatedLogFile(path, n));
    return all;
}

QByteArray numberedLines(int first, int count)
{
    QByteArray lines;
    for (int i = first; i < first + count; ++i)
        lines += "line " + QByteArray::number(i) + '\n';
    return lines;
}

int errnoOf(const Error &error)
{
    return error.details.value("errno"_L1).toInt();
}

/// Lets files of this process grow to `bytes` only: a disk that is full, without a disk.
class FileSizeLimit
{
public:
    explicit FileSizeLimit(rlim_t bytes)
    {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit limit{bytes, m_before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() { lift(); }
    void lift() { ::setrlimit(RLIMIT_FSIZE, &m_before); }

private:
    rlimit m_before = {};
};

} // namespace

class TestLogWriter : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void storesBytesExactly_data();
    void storesBytesExactly();
    void makesFoldersAndClosedFiles();
    void appendsToWhatIsThere();
    void refusesUnsafeFiles_data();
    void refusesUnsafeFiles();
    void rotatesAtLineEnds_data();
    void rotatesAtLineEnds();
    void keepsMaxFiles_data();
    void keepsMaxFiles();
    void cutsAnEndlessLine();
    void rotatesAnOverlongFileAtItsLastLineEnd();
    void rotatesTheIndexAlong();
    void twoWritersShareAFile();
    void makesTheFileAgainWhenItWasMoved();
    void goesOnAfterEmptying();
    void emptyingLeavesNoHoleUnderAWriter();
    void emptyingRefusesLinks();
    void keepsWhatTheDiskDoesNotTake_data();
    void keepsWhatTheDiskDoesNotTake();
    void failedRotationDoesNotStopStoring_data();
    void failedRotationDoesNotStopStoring();
    void saysWhenThePipeEnded();
    void makesNoFileForSilence();
    void pumpStoresWhatComes();
    void pumpCatchesUpAtOnce();
    void pumpEndsWithTheLastHolder();
    void pumpResumesAfterAFullDisk();
    void pumpLosesNothingOfAFastWriter();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_log;
};

void TestLogWriter::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_log = m_folder->filePath(u"app-out.log"_s);
}

void TestLogWriter::storesBytesExactly_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("line") << "hello\n"_ba;
    QTest::newRow("no line end") << "hello"_ba;
    QTest::newRow("nothing printable") << QByteArray("\0\xff\xfe\r\x1b[2J\0", 9);
    QTest::newRow("64 KiB line") << QByteArray(65'536 - 1, 'x') + '\n';
    QByteArray all(60'000, '\0');
    for (int i = 0; i < all.size(); ++i)
        all[i] = static_cast<char>(i * 7);
    QTest::newRow("all bytes") << all;
}

void TestLogWriter::storesBytesExactly()
{
    QFETCH(QByteArray, bytes);
    const Pipe pipe;
    pipe.write(bytes);
    LogWriter writer(m_log, 0, 5);
    const auto moved = writer.move(pipe.readEnd.get(), noLimit);
    QVERIFY(!moved.error);
    QCOMPARE(moved.bytes, bytes.size());
    QCOMPARE(contents(m_log), bytes);

    // The same without splice, which refuses sockets.
    int sockets[2];
    QCOMPARE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets), 0);
    const UniqueFd from(sockets[0]);
    const UniqueFd to(sockets[1]);
    QCOMPARE(::send(to.get(), bytes.constData(), bytes.size(), 0), bytes.size());
    const QString other = m_folder->filePath(u"copied.log"_s);
    LogWriter copying(other, 0, 5);
    while (copying.move(from.get(), noLimit).bytes > 0) {
    }
    QCOMPARE(contents(other), bytes);
}

void TestLogWriter::makesFoldersAndClosedFiles()
{
    m_log = m_folder->filePath(u"a/b/c.log"_s);
    const Pipe pipe;
    LogWriter writer(m_log, 0, 5);
    QVERIFY(writer.prepare());
    QVERIFY(QFile::exists(m_folder->filePath(u"a/b"_s)));
    pipe.write("x");
    QCOMPARE(writer.move(pipe.readEnd.get(), noLimit).bytes, 1);
    const auto forOthers =
        QFile::ReadOther | QFile::WriteOther | QFile::WriteGroup | QFile::ExeUser;
    QVERIFY(!(QFile::permissions(m_log) & forOthers));
}

void TestLogWriter::appendsToWhatIsThere()
{
    const Pipe pipe;
    for (int run = 0; run < 3; ++run) {
        pipe.write(numberedLines(run, 1));
        LogWriter writer(m_log, 0, 5);
        writer.move(pipe.readEnd.get(), noLimit);
    }
    QCOMPARE(contents(m_log), numberedLines(0, 3));
}

void TestLogWriter::refusesUnsafeFiles_data()
{
    QTest::addColumn<QString>("kind");
    for (const char *kind : {"link", "dangling link", "second name", "folder", "fifo"})
        QTest::newRow(kind) << QString::fromLatin1(kind);
}

void TestLogWriter::refusesUnsafeFiles()
{
    QFETCH(QString, kind);
    const QString victim = m_folder->filePath(u"victim"_s);
    const QByteArray log = QFile::encodeName(m_log);
    if (kind == "dangling link"_L1) {
        QVERIFY(QFile::link(m_folder->filePath(u"nowhere"_s), m_log));
    } else if (kind == "folder"_L1) {
        QVERIFY(QDir().mkdir(m_log));
    } else if (kind == "fifo"_L1) {
        QCOMPARE(::mkfifo(log.constData(), 0600), 0);
    } else {
        QFile file(victim);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("keep");
        file.close();
        if (kind == "link"_L1)
            QVERIFY(QFile::link(victim, m_log));
        else
            QCOMPARE(::link(QFile::encodeName(victim).constData(), log.constData()), 0);
    }
    const Pipe pipe;
    pipe.write("evil\n");
    LogWriter writer(m_log, 0, 5);
    const auto opened = writer.prepare();
    QVERIFY(!opened);
    QVERIFY2(opened.error().message.contains(m_log), qPrintable(opened.error().message));
    QCOMPARE(writer.move(pipe.readEnd.get(), noLimit).bytes, 0);
    QVERIFY(!QFile::exists(m_folder->filePath(u"nowhere"_s)));
    if (QFile::exists(victim))
        QCOMPARE(contents(victim), "keep"_ba);
}

void TestLogWriter::rotatesAtLineEnds_data()
{
    QTest::addColumn<int>("linesPerChunk");
    QTest::addColumn<int>("maxSize");
    QTest::newRow("small chunks") << 7 << 1'000;
    QTest::newRow("chunks larger than files") << 3'000 << 1'000;
    QTest::newRow("large files") << 4'000 << 100'000;
}

void TestLogWriter::rotatesAtLineEnds()
{
    QFETCH(int, linesPerChunk);
    QFETCH(int, maxSize);
    constexpr int lines = 20'000;
    const Pipe pipe;
    LogWriter writer(m_log, maxSize, 10'000);
    for (int i = 0; i < lines; i += linesPerChunk) {
        pipe.write(numberedLines(i, std::min(linesPerChunk, lines - i)));
        QVERIFY(!writer.move(pipe.readEnd.get(), noLimit).error);
    }
    QCOMPARE(contentsWithRotated(m_log), numberedLines(0, lines));
    QVERIFY(QFile::exists(rotatedLogFile(m_log, 2)));
    for (int n = 1; QFile::exists(rotatedLogFile(m_log, n)); ++n) {
        const QByteArray rotated = contents(rotatedLogFile(m_log, n));
        QVERIFY(rotated.endsWith('\n'));
        QVERIFY(rotated.size() <= maxSize);
        QVERIFY(rotated.size() > maxSize - 20);
    }
    QVERIFY(!QFile::exists(m_log + ".next"_L1));
}

void TestLogWriter::keepsMaxFiles_data()
{
    QTest::addColumn<int>("maxFiles");
    for (const int count : {0, 1, 3})
        QTest::addRow("%d", count) << count;
}

void TestLogWriter::keepsMaxFiles()
{
    QFETCH(int, maxFiles);
    const Pipe pipe;
    LogWriter writer(m_log, 100, maxFiles);
    pipe.write(numberedLines(0, 100));
    writer.move(pipe.readEnd.get(), noLimit);
    const int files = maxFiles + 1;
    QStringList expected;
    for (int n = 0; n < files; ++n)
        expected << rotatedLogFile(u"app-out.log"_s, n)
                 << logIndexFile(rotatedLogFile(u"app-out.log"_s, n));
    expected.sort();
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files, QDir::Name), expected);
    QVERIFY(numberedLines(0, 100).endsWith(contentsWithRotated(m_log)));
}

void TestLogWriter::cutsAnEndlessLine()
{
    const Pipe pipe;
    const QByteArray chunk(50'000, 'x');
    LogWriter writer(m_log, 10'000, 100);
    for (int i = 0; i < 50; ++i) {
        pipe.write(chunk);
        QVERIFY(!writer.move(pipe.readEnd.get(), noLimit).error);
    }
    QCOMPARE(contentsWithRotated(m_log).size(), 50 * chunk.size());
    QVERIFY(contents(rotatedLogFile(m_log, 1)).size() >= 1024 * 1024);
    QVERIFY(contents(rotatedLogFile(m_log, 1)).size() < 1024 * 1024 + 65'536);
}

void TestLogWriter::rotatesAnOverlongFileAtItsLastLineEnd()
{
    const QByteArray before = numberedLines(0, 400'000) + "begun";
    QFile file(m_log);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(before), before.size());
    file.close();
    const Pipe pipe;
    pipe.write(" and");
    LogWriter writer(m_log, 10'000, 5);
    QVERIFY(!writer.move(pipe.readEnd.get(), noLimit).error);
    pipe.write(" ended\n");
    QVERIFY(!writer.move(pipe.readEnd.get(), noLimit).error);
    QCOMPARE(contents(rotatedLogFile(m_log, 1)), numberedLines(0, 400'000));
    QCOMPARE(contents(m_log), "begun and ended\n"_ba);
}

void TestLogWriter::rotatesTheIndexAlong()
{
    const WallTime begin = wallNow();
    const Pipe pipe;
    LogWriter writer(m_log, 1'000, 5);
    for (int i = 0; i < 300; i += 50) {
        pipe.write(numberedLines(i, 50));
        writer.move(pipe.readEnd.get(), noLimit);
    }
    for (int n = 0; QFile::exists(rotatedLogFile(m_log, n)); ++n) {
        const LogIndex index(rotatedLogFile(m_log, n));
        QVERIFY(index.count() > 0);
        QVERIFY(index.timeOf(0).has_value());
        QVERIFY(*index.timeOf(0) >= begin);
        QVERIFY(index.offsetOf(wallNow() + 1h) < contents(rotatedLogFile(m_log, n)).size());
    }
}

void TestLogWriter::twoWritersShareAFile()
{
    const Pipe first;
    const Pipe second;
    LogWriter a(m_log, 5'000, 1'000);
    LogWriter b(m_log, 5'000, 1'000);
    QByteArrayList expected;
    for (int i = 0; i < 5'000; i += 10) {
        first.write(numberedLines(i, 5));
        second.write(numberedLines(i + 5, 5));
        QVERIFY(!a.move(first.readEnd.get(), noLimit).error);
        QVERIFY(!b.move(second.readEnd.get(), noLimit).error);
    }
    QCOMPARE(contentsWithRotated(m_log), numberedLines(0, 5'000));
}

void TestLogWriter::makesTheFileAgainWhenItWasMoved()
{
    const Pipe pipe;
    LogWriter writer(m_log, 0, 5);
    pipe.write("one\n");
    writer.move(pipe.readEnd.get(), noLimit);
    const QString moved = m_folder->filePath(u"moved"_s);
    QVERIFY(QFile::rename(m_log, moved));
    pipe.write("two\n");
    writer.move(pipe.readEnd.get(), noLimit);
    QVERIFY(QFile::remove(m_log));
    pipe.write("three\n");
    writer.move(pipe.readEnd.get(), noLimit);
    QCOMPARE(contents(moved), "one\n"_ba);
    QCOMPARE(contents(m_log), "three\n"_ba);
}

void TestLogWriter::goesOnAfterEmptying()
{
    const Pipe pipe;
    LogWriter writer(m_log, 200, 3);
    pipe.write(numberedLines(0, 100));
    writer.move(pipe.readEnd.get(), noLimit);
    QVERIFY(QFile::exists(rotatedLogFile(m_log, 2)));
    QVERIFY(emptyLog(m_log));
    QCOMPARE(contentsWithRotated(m_log), QByteArray());
    QCOMPARE(LogIndex(m_log).count(), 0);
    QVERIFY(!QFile::exists(rotatedLogFile(m_log, 1)));
    pipe.write("after\n");
    writer.move(pipe.readEnd.get(), noLimit);
    QCOMPARE(contents(m_log), "after\n"_ba);
    QVERIFY(emptyLog(m_folder->filePath(u"never-was"_s)));
}

void TestLogWriter::emptyingLeavesNoHoleUnderAWriter()
{
    const Pipe pipe;
    std::atomic<bool> isOver = false;
    std::thread writing([&] {
        LogWriter writer(m_log, 1 << 20, 3);
        const QByteArray chunk(4'000, 'x');
        while (!isOver) {
            [[maybe_unused]] const ssize_t put =
                ::write(pipe.writeEnd.get(), chunk.constData(), chunk.size());
            writer.move(pipe.readEnd.get(), noLimit);
        }
    });
    int holes = 0;
    for (int i = 0; i < 2'000; ++i) {
        if (!emptyLog(m_log))
            ++holes;
        QFile file(m_log);
        if (file.open(QIODevice::ReadOnly))
            holes += file.read(1) == "\0"_ba;
    }
    isOver = true;
    writing.join();
    QCOMPARE(holes, 0);
}

void TestLogWriter::emptyingRefusesLinks()
{
    const QString victim = m_folder->filePath(u"victim"_s);
    QFile file(victim);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("keep");
    file.close();
    QVERIFY(QFile::link(victim, m_log));
    QVERIFY(!emptyLog(m_log));
    QCOMPARE(contents(victim), "keep"_ba);
}

void TestLogWriter::keepsWhatTheDiskDoesNotTake_data()
{
    QTest::addColumn<bool>("splice");
    QTest::newRow("splice") << true;
    QTest::newRow("read and write") << false;
}

void TestLogWriter::keepsWhatTheDiskDoesNotTake()
{
    QFETCH(bool, splice);
    int ends[2];
    QCOMPARE(splice ? ::pipe2(ends, O_NONBLOCK | O_CLOEXEC)
                    : ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends),
             0);
    const UniqueFd from(ends[0]);
    const UniqueFd to(ends[1]);
    const QByteArray lines = numberedLines(0, 5'000);
    QCOMPARE(::write(to.get(), lines.constData(), lines.size()), lines.size());
    LogWriter writer(m_log, 0, 5);
    FileSizeLimit limit(10'000);
    std::optional<Error> error;
    for (int i = 0; i < 5 && !error; ++i)
        error = writer.move(from.get(), noLimit).error;
    QVERIFY(error);
    QCOMPARE(errnoOf(*error), EFBIG);
    QCOMPARE(contents(m_log).size(), 10'000);
    limit.lift();
    while (writer.move(from.get(), noLimit).bytes > 0) {
    }
    QCOMPARE(contents(m_log), lines);
}

void TestLogWriter::failedRotationDoesNotStopStoring_data()
{
    QTest::addColumn<QString>("occupied"); // by a folder
    QTest::newRow("next") << u".next"_s;
    QTest::newRow("older") << u".1"_s;
}

void TestLogWriter::failedRotationDoesNotStopStoring()
{
    QFETCH(const QString, occupied);
    const Pipe pipe;
    LogWriter writer(m_log, 1'000, 1);
    QVERIFY(QDir().mkpath(m_log + occupied + "/in it"_L1));
    QByteArray lines;
    bool failed = false;
    for (int i = 0; i < 50; ++i) {
        lines += numberedLines(i * 10, 10);
        pipe.write(numberedLines(i * 10, 10));
        LogWriter::Moved moved;
        do {
            moved = writer.move(pipe.readEnd.get(), noLimit);
            failed |= moved.error.has_value();
        } while (moved.bytes > 0);
    }
    QVERIFY(failed);
    QCOMPARE(contents(m_log), lines);
    QVERIFY(QDir(m_log + occupied).removeRecursively());
    for (int i = 50; i < 300; ++i) {
        lines += numberedLines(i * 10, 10);
        pipe.write(numberedLines(i * 10, 10));
        writer.move(pipe.readEnd.get(), noLimit);
    }
    QVERIFY(QFile::exists(rotatedLogFile(m_log, 1)));
    QVERIFY(lines.endsWith(contentsWithRotated(m_log)));
}

void TestLogWriter::saysWhenThePipeEnded()
{
    Pipe pipe;
    pipe.write("last words");
    LogWriter writer(m_log, 0, 5);
    QVERIFY(!writer.move(pipe.readEnd.get(), noLimit).atEnd);
    QVERIFY(!writer.move(pipe.readEnd.get(), noLimit).atEnd);
    pipe.writeEnd.reset();
    QVERIFY(writer.move(pipe.readEnd.get(), noLimit).atEnd);
}

void TestLogWriter::makesNoFileForSilence()
{
    Pipe pipe;
    LogWriter writer(m_log, 0, 5);
    QVERIFY(writer.prepare());
    pipe.writeEnd.reset();
    QVERIFY(writer.move(pipe.readEnd.get(), noLimit).atEnd);
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files), QStringList());
}

void TestLogWriter::pumpStoresWhatComes()
{
    const auto pump = LogPump::create(m_log, 0, 5);
    QVERIFY(pump);
    for (int i = 0; i < 20; ++i) {
        const QByteArray line = numberedLines(i, 1);
        QCOMPARE(::write((*pump)->writeEnd(), line.constData(), line.size()), line.size());
        QTRY_COMPARE(contents(m_log), numberedLines(0, i + 1));
    }
}

void TestLogWriter::pumpCatchesUpAtOnce()
{
    const auto pump = LogPump::create(m_log, 1'000, 1'000);
    QVERIFY(pump);
    const QByteArray lines = numberedLines(0, 5'000);
    QCOMPARE(::write((*pump)->writeEnd(), lines.constData(), lines.size()), lines.size());
    QVERIFY((*pump)->catchUp());
    QCOMPARE(contentsWithRotated(m_log), lines);
    QVERIFY((*pump)->catchUp());
}

void TestLogWriter::pumpEndsWithTheLastHolder()
{
    const auto pump = LogPump::create(m_log, 0, 5);
    QVERIFY(pump);
    QSignalSpy ended(pump->get(), &LogPump::ended);
    UniqueFd holder(::dup((*pump)->writeEnd()));
    (*pump)->closeWriteEnd();
    QCOMPARE(::write(holder.get(), "late\n", 5), 5);
    QTRY_COMPARE(contents(m_log), "late\n"_ba);
    QCOMPARE(ended.count(), 0);
    holder.reset();
    QVERIFY(ended.count() == 1 || ended.wait());
    QCoreApplication::processEvents();
    QCOMPARE(ended.count(), 1);
}

void TestLogWriter::pumpResumesAfterAFullDisk()
{
    const auto pump = LogPump::create(m_log, 0, 5);
    QVERIFY(pump);
    QSignalSpy failed(pump->get(), &LogPump::failed);
    const QByteArray lines = numberedLines(0, 2'000);
    {
        const FileSizeLimit limit(5'000);
        QCOMPARE(::write((*pump)->writeEnd(), lines.constData(), lines.size()), lines.size());
        QVERIFY(failed.wait());
        QVERIFY(!(*pump)->catchUp());
        QVERIFY(!failed.wait(2'500)); // tried again twice, said once
    }
    QTRY_COMPARE(contents(m_log), lines);
}

void TestLogWriter::pumpLosesNothingOfAFastWriter()
{
    const auto pump = LogPump::create(m_log, 1'000'000, 100);
    QVERIFY(pump);
    QSignalSpy ended(pump->get(), &LogPump::ended);
    UniqueFd holder(::dup((*pump)->writeEnd()));
    (*pump)->closeWriteEnd();
    constexpr int lines = 500'000;
    std::thread writer([&holder] {
        for (int i = 0; i < lines; i += 100) {
            const QByteArray chunk = numberedLines(i, 100);
            if (::write(holder.get(), chunk.constData(), chunk.size()) != chunk.size())
                break;
        }
        holder.reset();
    });
    QVERIFY(ended.wait(30'000));
    writer.join();
    QVERIFY(contentsWithRotated(m_log) == numberedLines(0, lines));
}

QTEST_GUILESS_MAIN(TestLogWriter)
#include "tst_logwriter.moc"
