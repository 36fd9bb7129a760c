// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/logindex.h"

#include <QFile>
#include <QtEndian>

#include <algorithm>
#include <fcntl.h>
#include <limits>
#include <sys/stat.h>

namespace pmdaemon {

namespace {

constexpr qint64 recordSize = 16;
constexpr qint64 maxDistance = 64 * 1024;
constexpr qint64 maxAge = 100;

qint64 wholeRecords(int fd)
{
    struct stat status;
    if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return 0;
    return status.st_size / recordSize;
}

/// Past the end: a record behind everything, so that a search in a file that shrank still ends.
LogIndexRecord readRecord(int fd, qint64 number)
{
    char bytes[recordSize];
    if (::pread(fd, bytes, recordSize, number * recordSize) != recordSize)
        return {std::numeric_limits<qint64>::max(), std::numeric_limits<qint64>::max()};
    return {qFromLittleEndian<qint64>(bytes), qFromLittleEndian<qint64>(bytes + 8)};
}

/// The first of `count` records for which `isPast` holds.
template <typename IsPast>
qint64 firstRecord(int fd, qint64 count, IsPast isPast)
{
    qint64 low = 0;
    qint64 high = count;
    while (low < high) {
        const qint64 middle = low + (high - low) / 2;
        if (isPast(readRecord(fd, middle)))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

} // namespace

QString logIndexFile(const QString &logFile)
{
    return logFile % QStringLiteral(".idx");
}

QString rotatedLogFile(const QString &logFile, int n)
{
    return n == 0 ? logFile : logFile % u'.' % QString::number(n);
}

LogIndex::LogIndex(const QString &logFile)
    : m_file(::open(QFile::encodeName(logIndexFile(logFile)).constData(),
                    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK))
    , m_count(m_file ? wholeRecords(m_file.get()) : 0)
{}

LogIndexRecord LogIndex::record(qint64 number) const
{
    return readRecord(m_file.get(), number);
}

qint64 LogIndex::offsetOf(WallTime time) const
{
    const qint64 wanted = time.time_since_epoch().count();
    const qint64 next = firstRecord(m_file.get(), m_count,
                                    [wanted](const LogIndexRecord &r) { return r.time >= wanted; });
    // The record before may reach over the wanted time.
    return next == 0 ? 0 : record(next - 1).offset;
}

std::optional<WallTime> LogIndex::timeOf(qint64 offset) const
{
    if (offset < m_found.offset || offset >= m_foundEnd) {
        const qint64 next = firstRecord(
            m_file.get(), m_count, [offset](const LogIndexRecord &r) { return r.offset > offset; });
        if (next == 0)
            return std::nullopt;
        m_found = record(next - 1);
        m_foundEnd = next < m_count ? record(next).offset : std::numeric_limits<qint64>::max();
    }
    return WallTime(milliseconds(m_found.time));
}

void LogIndexWriter::open(const QString &logFile)
{
    m_file.reset();
    m_last.reset();
    m_path = QFile::encodeName(logIndexFile(logFile));
}

void LogIndexWriter::openFile()
{
    if (m_path.isEmpty())
        return;
    m_file.reset(::open(m_path.constData(),
                        O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640));
    m_path.clear();
    struct stat status;
    if (!m_file)
        return;
    if (::fstat(m_file.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink != 1) {
        m_file.reset();
        return;
    }
    if (status.st_size % recordSize != 0 &&
        ::ftruncate(m_file.get(), status.st_size - status.st_size % recordSize) != 0) {
        m_file.reset();
        return;
    }
    readLast();
}

void LogIndexWriter::add(WallTime now, qint64 offset, qint64 end)
{
    openFile();
    if (!m_file)
        return;
    if (m_last && m_last->offset > offset)
        cut(offset); // the log was emptied
    qint64 time = now.time_since_epoch().count();
    if (m_last) {
        if (time - m_last->time < maxAge && end - m_last->offset <= maxDistance)
            return;
        time = std::max(time, m_last->time); // the wall clock may have been set back
    }
    char bytes[recordSize];
    qToLittleEndian(time, bytes);
    qToLittleEndian(offset, bytes + 8);
    const ssize_t written = ::write(m_file.get(), bytes, recordSize);
    if (written == recordSize)
        m_last = LogIndexRecord{time, offset};
    else if (written > 0 && ::ftruncate(m_file.get(), wholeRecords(m_file.get()) * recordSize) != 0)
        m_file.reset(); // no further record may follow a torn one
}

void LogIndexWriter::cut(qint64 offset)
{
    openFile();
    if (!m_file)
        return;
    const qint64 keep =
        firstRecord(m_file.get(), wholeRecords(m_file.get()),
                    [offset](const LogIndexRecord &r) { return r.offset >= offset; });
    if (::ftruncate(m_file.get(), keep * recordSize) != 0)
        m_file.reset();
    else
        readLast();
}

void LogIndexWriter::readLast()
{
    const qint64 count = wholeRecords(m_file.get());
    if (count == 0)
        m_last.reset();
    else
        m_last = readRecord(m_file.get(), count - 1);
}

} // namespace pmdaemon
