// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/faultpoint.h"
#include "core/slot/logpath.h"
#include "core/slot/logstore.h"
#include "core/slot/slotclock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/sendfile.h>

// How a LogStore rotates, and how that is finished by another process.

namespace pmdaemon {

namespace {

constexpr int64_t longLine = 1024 * 1024;
constexpr int64_t searchBlock = 4 * 1024;
constexpr mode_t fileMode = 0640;

int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/// Where the last line of [from, to) ends, or -1 where none does.
int64_t lastLineEnd(int file, int64_t from, int64_t to)
{
    char block[searchBlock];
    while (to > from) {
        const int64_t begin = larger(from, to - searchBlock);
        const ssize_t length = ::pread(file, block, size_t(to - begin), begin);
        if (length <= 0)
            return -1;
        if (const void *end = ::memrchr(block, '\n', size_t(length)))
            return begin + (static_cast<const char *>(end) - block) + 1;
        to = begin;
    }
    return -1;
}

bool appendRange(int to, int from, off_t begin, int64_t end)
{
    while (begin < end) {
        const ssize_t sent = ::sendfile(to, from, &begin, size_t(end - begin));
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
    }
    return true;
}

LogPath nextPath(const char *log)
{
    LogPath path;
    path.add(log).add(logNextSuffix);
    return path;
}

bool exists(const char *path)
{
    struct stat status;
    return ::lstat(path, &status) == 0;
}

LogPath namedPath(const char *log, int n, const char *suffix)
{
    LogPath path = rotatedLogPath(log, n);
    path.add(suffix);
    return path;
}

bool isCompressed(const char *log, int n)
{
    return n > 0 && exists(namedPath(log, n, logCompressedSuffix).text());
}

/// 0, or the errno. One that is not there needs no place.
int renameOne(const char *log, int from, int to, const char *suffix)
{
    LogPath source = namedPath(log, from, suffix);
    LogPath target = namedPath(log, to, suffix);
    return ::rename(source.text(), target.text()) == 0 || errno == ENOENT ? 0 : errno;
}

/// The file, compressed or not, and its index take the other number from what has it.
int renameAll(const char *log, int from, int to)
{
    const bool compressed = isCompressed(log, from);
    if (compressed) // the daemon was killed before it could delete the original
        ::unlink(rotatedLogPath(log, from).text());
    if (const int code = renameOne(log, from, to, compressed ? logCompressedSuffix : ""))
        return code;
    ::unlink(namedPath(log, to, compressed ? "" : logCompressedSuffix).text());
    renameOne(log, from, to, logIndexSuffix);
    return 0;
}

/// Cuts the first rotated file and its index, if it still is the file of that inode.
void cutRotated(const char *rotated, uint64_t inode, int64_t cut)
{
    const UniqueFd file(::open(rotated, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status;
    if (!file || ::fstat(file.get(), &status) != 0 || status.st_ino != inode ||
        !S_ISREG(status.st_mode) || status.st_nlink != 1 || status.st_size <= cut)
        return;
    LogIndexStore index;
    index.open(rotated);
    index.cut(cut);
    if (::ftruncate(file.get(), cut) != 0)
        return; // what is there twice is better than what is not there
}

} // namespace

LogFailure LogStore::rotateIfDue(int64_t from, int64_t size)
{
    if (m_maxSize <= 0 || size < m_rotateAt)
        return {};
    // Once it is overdue, only what has come since then can hold a line end.
    int64_t cut = lastLineEnd(m_file.get(), from >= m_rotateAt ? from : 0, size);
    if (cut < 0 && size < larger(longLine, 2 * m_maxSize))
        return {};
    if (cut < 0)
        cut = lastLineEnd(m_file.get(), 0, from);
    if (cut < 0)
        cut = size;
    const LogFailure failure = rotateAt(cut, size);
    if (failure)
        m_rotateAt = size + m_maxSize; // storing goes on; rotating is tried again later
    return failure;
}

LogFailure LogStore::makeNext(int64_t cut, int64_t size, UniqueFd &made)
{
    const LogPath next = nextPath(m_path);
    ::unlink(next.text()); // of a rotation that was interrupted: its bytes are in the file
    made.reset(::open(next.text(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, fileMode));
    if (!made)
        return {LogStep::RotateNext, errno};
    if (::flock(made.get(), LOCK_EX | LOCK_NB) == 0 &&
        appendRange(made.get(), m_file.get(), cut, size))
        return {};
    const int code = errno;
    ::unlink(next.text());
    return {LogStep::RotateNext, code};
}

LogFailure LogStore::moveNames()
{
    int free = 1; // the first name that nobody has, else the one to give up
    while (free < m_maxFiles &&
           (exists(rotatedLogPath(m_path, free).text()) || isCompressed(m_path, free)))
        ++free;
    for (int n = free < m_maxFiles ? free : m_maxFiles; n >= 1; --n) {
        if (const int code = renameAll(m_path, n - 1, n)) {
            ::unlink(nextPath(m_path).text()); // else it would replace what has not been moved
            return {LogStep::Rotate, code};
        }
    }
    if (m_maxFiles <= 0)
        ::unlink(rotatedLogPath(m_path, 0).add(logIndexSuffix).text());
    return {};
}

LogFailure LogStore::rotateAt(int64_t cut, int64_t size)
{
    const LogNames names = lockNames();
    if (names.isBusy)
        return {}; // after what comes next
    UniqueFd next;
    if (const LogFailure failure = makeNext(cut, size, next))
        return failure;
    faultPoint("rotate.copied");
    if (m_witness.note && !m_witness.note(m_witness.context, m_status.st_ino, cut))
        return {LogStep::Rotate, ENOSPC};
    faultPoint("rotate.noted");
    LogFailure moved = moveNames();
    faultPoint("rotate.moved");
    if (!moved && ::rename(nextPath(m_path).text(), m_path) != 0)
        moved = {LogStep::Rotate, errno};
    if (moved) {
        if (m_witness.note)
            m_witness.note(m_witness.context, 0, 0);
        return moved;
    }
    faultPoint("rotate.named");
    m_index.cut(cut);
    if (::ftruncate(m_file.get(), cut) != 0)
        return {LogStep::Rotate, errno};
    faultPoint("rotate.cut");
    const LogFailure failure = use(UniqueFd(next.release()));
    if (failure)
        return failure;
    if (size > cut)
        m_index.add(wallMs(), 0, size - cut);
    return {};
}

void finishLogRotation(const char *path, uint64_t inode, int64_t cut)
{
    const LogPath next = nextPath(path);
    const LogPath rotated = rotatedLogPath(path, 1);
    struct stat named;
    struct stat moved;
    struct stat tail;
    const bool isNamed = ::lstat(path, &named) == 0;
    const bool hasTail = ::lstat(next.text(), &tail) == 0;
    if (isNamed && hasTail) // the names had not moved, or somebody made the file anew
        return void(::unlink(next.text()));
    if (::lstat(rotated.text(), &moved) != 0 || moved.st_ino != inode)
        return;
    if (!isNamed) {
        if (!hasTail || moved.st_size != cut + tail.st_size || ::rename(next.text(), path) != 0)
            return;
        LogPath index = rotatedLogPath(path, 0);
        LogPath rotatedIndex = rotated;
        if (!exists(rotatedIndex.add(logIndexSuffix).text()))
            ::rename(index.add(logIndexSuffix).text(), rotatedIndex.text());
    } else if (named.st_ino == inode) {
        return;
    }
    cutRotated(rotated.text(), inode, cut);
}

} // namespace pmdaemon
