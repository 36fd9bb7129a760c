// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/journal.h"

#include "core/slot/slotclock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

namespace pmdaemon {

namespace {

constexpr int64_t recordSize = sizeof(JournalRecord);
constexpr int64_t reserveStep = 16 * 1024;
constexpr size_t blockRecords = 32;
constexpr const char *fileName = "journal";
constexpr const char *newFileName = "journal.new";

/// Records of one kind replace each other: the type, and the stream where there are two.
size_t kindOf(const JournalRecord &record)
{
    const auto type = size_t(uint8_t(record.type)) & 127;
    switch (record.type) {
    case RecordType::Rotating:
        return type + (record.rotating.stream == 1 ? 128 : 0);
    case RecordType::Trouble:
        return type + (record.trouble.stream == 1 ? 128 : 0);
    case RecordType::Gap:
        return type + (record.gap.stream == 1 ? 128 : 0);
    case RecordType::Wanted:
        return type + (record.wanted.up == 1 ? 128 : 0);
    default:
        return type;
    }
}

bool writeAll(int file, const void *bytes, size_t size)
{
    ssize_t written = 0;
    do {
        written = ::write(file, bytes, size);
    } while (written < 0 && errno == EINTR);
    if (written >= 0 && size_t(written) != size)
        errno = ENOSPC;
    return written >= 0 && size_t(written) == size;
}

} // namespace

JournalRecord makeRecord(RecordType type)
{
    JournalRecord record;
    memset(&record, 0, sizeof record);
    record.type = type;
    return record;
}

int Journal::open(int folder)
{
    m_folder = folder;
    ::unlinkat(folder, newFileName, 0);
    m_file.reset(
        ::openat(folder, fileName, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!m_file)
        return errno;
    struct stat status;
    if (::fstat(m_file.get(), &status) != 0)
        return errno;
    if (!S_ISREG(status.st_mode) || status.st_nlink != 1)
        return EINVAL;
    m_size = status.st_size;
    m_firstSeq = 1;
    m_lastSeq = 0;
    JournalCursor cursor;
    JournalRecord records[blockRecords];
    int64_t end = 0;
    while (const size_t count = read(cursor, records, blockRecords)) {
        for (size_t i = 0; i < count; ++i) {
            if (records[i].seq != m_lastSeq + 1)
                m_firstSeq = records[i].seq;
            m_lastSeq = records[i].seq;
        }
        end = cursor.offset;
    }
    if (end < m_size && ::ftruncate(m_file.get(), end) != 0)
        return errno;
    m_size = end;
    m_reserved = end;
    reserve();
    return 0;
}

size_t Journal::read(JournalCursor &cursor, JournalRecord *records, size_t capacity) const
{
    if (cursor.edition != m_edition) {
        cursor.offset = 0;
        cursor.edition = m_edition;
    }
    size_t count = 0;
    int64_t at = cursor.offset;
    while (count == 0 && at < m_size) {
        const ssize_t got = ::pread(m_file.get(), records, capacity * recordSize, at);
        const size_t whole = got < 0 ? 0 : size_t(got) / recordSize;
        if (whole == 0)
            break;
        for (size_t i = 0; i < whole; ++i) {
            at += recordSize;
            if (!isIntact(records[i]) || records[i].seq <= cursor.seq)
                continue;
            records[count++] = records[i];
            cursor.seq = records[count - 1].seq;
            cursor.offset = at;
        }
    }
    return count;
}

int Journal::append(JournalRecord &record)
{
    record.seq = m_lastSeq + 1;
    record.wall = wallMs();
    record.boot = bootMs();
    seal(record);
    if (m_size >= m_dropAt)
        dropOld();
    reserve();
    if (!writeAll(m_file.get(), &record, recordSize)) {
        const int code = errno;
        if (::ftruncate(m_file.get(), m_size) != 0)
            return errno;
        return code;
    }
    m_size += recordSize;
    m_lastSeq = record.seq;
    return 0;
}

/// Room for what cannot wait until the disk has some.
void Journal::reserve()
{
    if (m_reserved >= m_size + reserveStep / 2)
        return;
    if (::fallocate(m_file.get(), FALLOC_FL_KEEP_SIZE, m_size, reserveStep) == 0)
        m_reserved = m_size + reserveStep;
}

void Journal::acknowledge(uint64_t seq)
{
    if (seq <= m_lastSeq && seq > m_acknowledged)
        m_acknowledged = seq;
}

void Journal::dropOld()
{
    // What nobody has fetched goes only when there is twice as much.
    const uint64_t oldest = m_lastSeq - uint64_t(SizeToDrop / recordSize);
    uint64_t keepBehind = m_acknowledged;
    if (keepBehind < oldest && m_size >= 2 * SizeToDrop)
        keepBehind = oldest;
    m_dropAt = m_size + reserveStep; // unless it works
    if (keepBehind < m_firstSeq)
        return;
    UniqueFd file(::openat(m_folder, newFileName,
                           O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file)
        return;
    int64_t size = 0;
    if (writeEdition(file.get(), keepBehind, size) != 0 ||
        ::renameat(m_folder, newFileName, m_folder, fileName) != 0) {
        ::unlinkat(m_folder, newFileName, 0);
        return;
    }
    m_file = static_cast<UniqueFd &&>(file);
    m_size = size;
    m_reserved = size;
    m_firstSeq = keepBehind + 1;
    m_dropAt = size > SizeToDrop / 2 ? size + SizeToDrop / 2 : SizeToDrop;
    ++m_edition;
}

int Journal::writeEdition(int file, uint64_t keepBehind, int64_t &size) const
{
    uint64_t latest[256] = {};
    JournalRecord records[blockRecords];
    JournalCursor cursor;
    while (const size_t count = read(cursor, records, blockRecords)) {
        for (size_t i = 0; i < count; ++i)
            latest[kindOf(records[i])] = records[i].seq;
    }
    cursor = {};
    while (const size_t count = read(cursor, records, blockRecords)) {
        for (size_t i = 0; i < count; ++i) {
            if (records[i].seq <= keepBehind && latest[kindOf(records[i])] != records[i].seq)
                continue;
            if (!writeAll(file, &records[i], recordSize))
                return errno;
            size += recordSize;
        }
    }
    return ::fdatasync(file) == 0 ? 0 : errno;
}

} // namespace pmdaemon
