// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/logindexstore.h"

#include "core/slot/logpath.h"

#include <fcntl.h>
#include <sys/stat.h>

namespace pmdaemon {

namespace {

constexpr int64_t recordSize = sizeof(LogIndexRecord);
constexpr int64_t maxDistance = 64 * 1024;
constexpr int64_t maxAge = 100;

} // namespace

int64_t logIndexRecords(int file)
{
    struct stat status;
    if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return 0;
    return status.st_size / recordSize;
}

LogIndexRecord readLogIndexRecord(int file, int64_t number)
{
    LogIndexRecord record;
    if (::pread(file, &record, recordSize, number * recordSize) != recordSize)
        return {INT64_MAX, INT64_MAX};
    return record;
}

void LogIndexStore::open(const char *logPath)
{
    m_file.reset();
    m_hasLast = false;
    m_logPath = logPath;
}

void LogIndexStore::openFile()
{
    if (!m_logPath)
        return;
    LogPath path;
    path.add(m_logPath).add(logIndexSuffix);
    m_logPath = nullptr;
    m_file.reset(::open(path.text(),
                        O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640));
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

void LogIndexStore::add(int64_t now, int64_t offset, int64_t end)
{
    openFile();
    if (!m_file)
        return;
    if (m_hasLast && m_last.offset > offset)
        cut(offset); // the log was emptied
    if (m_hasLast) {
        if (now - m_last.time < maxAge && end - m_last.offset <= maxDistance)
            return;
        if (now < m_last.time)
            now = m_last.time; // the wall clock may have been set back
    }
    const LogIndexRecord record{now, offset};
    const ssize_t written = ::write(m_file.get(), &record, recordSize);
    if (written == recordSize) {
        m_last = record;
        m_hasLast = true;
    } else if (written > 0 &&
               ::ftruncate(m_file.get(), logIndexRecords(m_file.get()) * recordSize) != 0) {
        m_file.reset(); // no further record may follow a torn one
    }
}

void LogIndexStore::cut(int64_t offset)
{
    openFile();
    if (!m_file)
        return;
    const int64_t keep =
        firstLogIndexRecord(m_file.get(), logIndexRecords(m_file.get()),
                            [offset](const LogIndexRecord &r) { return r.offset >= offset; });
    if (::ftruncate(m_file.get(), keep * recordSize) != 0)
        m_file.reset();
    else
        readLast();
}

void LogIndexStore::readLast()
{
    const int64_t count = logIndexRecords(m_file.get());
    m_hasLast = count > 0;
    if (m_hasLast)
        m_last = readLogIndexRecord(m_file.get(), count - 1);
}

} // namespace pmdaemon
