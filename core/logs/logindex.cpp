// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/logindex.h"

#include "core/slot/logpath.h"

#include <QFile>

#include <fcntl.h>
#include <limits>

namespace pmdaemon {

QString logIndexFile(const QString &logFile)
{
    return logFile % QStringLiteral(".idx");
}

QString rotatedLogFile(const QString &logFile, int n)
{
    return n == 0 ? logFile : logFile % u'.' % QString::number(n);
}

QString compressedLogFile(const QString &rotated)
{
    return rotated % QLatin1StringView(logCompressedSuffix);
}

LogIndex::LogIndex(const QString &logFile)
    : m_file(::open(QFile::encodeName(logIndexFile(logFile)).constData(),
                    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK))
    , m_count(m_file ? logIndexRecords(m_file.get()) : 0)
{}

LogIndexRecord LogIndex::record(qint64 number) const
{
    return readLogIndexRecord(m_file.get(), number);
}

qint64 LogIndex::offsetOf(WallTime time) const
{
    const qint64 wanted = time.time_since_epoch().count();
    const qint64 next = firstLogIndexRecord(
        m_file.get(), m_count, [wanted](const LogIndexRecord &r) { return r.time >= wanted; });
    // The record before may reach over the wanted time.
    return next == 0 ? 0 : record(next - 1).offset;
}

std::optional<WallTime> LogIndex::timeOf(qint64 offset) const
{
    if (offset < m_found.offset || offset >= m_foundEnd) {
        const qint64 next = firstLogIndexRecord(
            m_file.get(), m_count, [offset](const LogIndexRecord &r) { return r.offset > offset; });
        if (next == 0)
            return std::nullopt;
        m_found = record(next - 1);
        m_foundEnd = next < m_count ? record(next).offset : std::numeric_limits<qint64>::max();
    }
    return WallTime(milliseconds(m_found.time));
}

} // namespace pmdaemon
