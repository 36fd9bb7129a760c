// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/logstore.h"

#include "core/slot/logpath.h"
#include "core/slot/slotclock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/types.h>

namespace pmdaemon {

namespace {

constexpr int64_t chunkSize = 256 * 1024;
constexpr int64_t blockSize = 64 * 1024;
constexpr mode_t fileMode = 0640;
constexpr int maxReopens = 3;

int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/// Makes the folders above the file.
bool makeFolders(const char *path)
{
    LogPath folder;
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        folder = LogPath();
        folder.add(path, size_t(slash - path));
        if (::mkdir(folder.text(), 0777) != 0 && errno != EEXIST && errno != EISDIR)
            return false;
    }
    return folder.length() == 0 || ::access(folder.text(), W_OK | X_OK) == 0;
}

} // namespace

LogStore::LogStore(const char *path, int64_t maxSize, int maxFiles)
    : m_path(path)
    , m_maxSize(maxSize)
    , m_maxFiles(maxFiles)
    , m_rotateAt(maxSize)
{}

void LogStore::reset(const char *path, int64_t maxSize, int maxFiles)
{
    m_path = path;
    m_file.reset();
    m_canSplice = true;
    setLimits(maxSize, maxFiles);
}

void LogStore::setLimits(int64_t maxSize, int maxFiles)
{
    m_maxSize = maxSize;
    m_maxFiles = maxFiles;
    m_rotateAt = maxSize;
}

LogFailure LogStore::prepare()
{
    const LogFailure failure = openFile(0);
    if (failure.code != ENOENT)
        return failure;
    if (!makeFolders(m_path))
        return {LogStep::Open, errno};
    return {};
}

LogFailure LogStore::open()
{
    if (m_file && isStillNamed())
        return {};
    LogFailure failure = openFile(0);
    if (failure.code != ENOENT)
        return failure;
    if (!makeFolders(m_path)) // somebody removed it
        return {LogStep::Open, errno};
    const LogNames names = lockNames();
    return names.isBusy ? LogFailure{LogStep::Lock, EWOULDBLOCK} : openFile(O_CREAT);
}

/// While a rotation moves names the file is missing, and one that is made then would be replaced.
LogNames LogStore::lockNames() const
{
    LogPath folder;
    folder.add(m_path, size_t(strrchr(m_path, '/') - m_path) + 1);
    LogNames names{UniqueFd(::open(folder.text(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))};
    // A folder that may not be read cannot be locked; then nobody does.
    names.isBusy = names.folder && ::flock(names.folder.get(), LOCK_EX | LOCK_NB) != 0;
    return names;
}

LogFailure LogStore::openFile(int flags)
{
    // Not O_APPEND: splice refuses it. Each chunk is put at the end the file has at that moment.
    UniqueFd file(
        ::open(m_path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | flags, fileMode));
    if (file)
        return use(UniqueFd(file.release()));
    m_file.reset();
    const bool isOdd = errno == ELOOP || errno == ENXIO || errno == EISDIR;
    return isOdd ? LogFailure{LogStep::Check, EINVAL} : LogFailure{LogStep::Open, errno};
}

LogFailure LogStore::use(UniqueFd file)
{
    m_file.reset(file.release());
    if (::fstat(m_file.get(), &m_status) != 0 || !S_ISREG(m_status.st_mode) ||
        m_status.st_nlink != 1) {
        m_file.reset();
        return {LogStep::Check, EINVAL};
    }
    m_rotateAt = m_maxSize;
    m_index.open(m_path);
    return {};
}

bool LogStore::isStillNamed() const
{
    struct stat named;
    return ::lstat(m_path, &named) == 0 && named.st_ino == m_status.st_ino &&
           named.st_dev == m_status.st_dev;
}

/// There is nothing, and nothing can come.
bool LogStore::isSilent(int pipe) const
{
    pollfd entry{pipe, POLLIN, 0};
    return pending() == 0 && ::poll(&entry, 1, 0) == 1 && !(entry.revents & POLLIN);
}

LogStore::Moved LogStore::move(int pipe, int64_t limit)
{
    Moved moved;
    if (!m_file && isSilent(pipe)) {
        moved.atEnd = true; // no file for a program that never said a word
        return moved;
    }
    for (int reopens = 0; reopens < maxReopens; ++reopens) {
        moved.failure = open();
        if (moved.failure)
            return moved;
        // Another process that stores in the same file has its turn, or rotated it just now.
        if (::flock(m_file.get(), LOCK_EX | LOCK_NB) != 0) {
            moved.failure = {LogStep::Lock, errno};
            return moved;
        }
        if (!isStillNamed())
            continue;
        moveLocked(pipe, limit, moved);
        if (m_file)
            ::flock(m_file.get(), LOCK_UN);
        break;
    }
    return moved;
}

void LogStore::moveLocked(int pipe, int64_t limit, Moved &moved)
{
    while (moved.bytes < limit) {
        struct stat status;
        if (::fstat(m_file.get(), &status) != 0) {
            moved.failure = {LogStep::Stat, errno};
            return;
        }
        const int64_t size = status.st_size;
        int64_t count = smaller(chunkSize, limit - moved.bytes);
        if (m_maxSize > 0)
            count = smaller(count, size < m_rotateAt ? m_rotateAt - size : blockSize);
        const int64_t storedFrom = wallMs(); // a reader may see the bytes before this one goes on
        const int64_t stored = transfer(pipe, size, count, moved.failure);
        if (stored <= 0) {
            moved.atEnd = stored == 0;
            return;
        }
        moved.bytes += stored;
        m_index.add(storedFrom, size, size + stored);
        moved.failure = rotateIfDue(size, size + stored);
        if (moved.failure)
            return;
        if (stored < (m_canSplice ? count : smaller(count, CopySize)))
            return; // that was all there is
    }
}

int64_t LogStore::transfer(int pipe, int64_t offset, int64_t count, LogFailure &failure)
{
    while (m_canSplice) {
        loff_t end = offset;
        const ssize_t stored = ::splice(pipe, nullptr, m_file.get(), &end, size_t(count),
                                        SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        if (stored >= 0)
            return stored;
        if (errno == EAGAIN)
            return -1;
        if (errno == EINVAL) {
            m_canSplice = false; // this file system or this kind of stream cannot
        } else if (errno != EINTR) {
            failure = {LogStep::Splice, errno};
            return -1;
        }
    }
    return copy(pipe, offset, count, failure);
}

int64_t LogStore::copy(int pipe, int64_t offset, int64_t count, LogFailure &failure)
{
    if (pending() == 0) {
        ssize_t taken = 0;
        do {
            taken = ::read(pipe, m_pending, size_t(smaller(count, CopySize)));
        } while (taken < 0 && errno == EINTR);
        if (taken < 0 && errno != EAGAIN)
            failure = {LogStep::Read, errno};
        if (taken <= 0)
            return taken;
        m_pendingBegin = 0;
        m_pendingEnd = taken;
    }
    int64_t stored = 0;
    while (pending() > 0) {
        const ssize_t written =
            ::pwrite(m_file.get(), m_pending + m_pendingBegin, size_t(pending()), offset + stored);
        if (written > 0) {
            stored += written;
            m_pendingBegin += written;
        } else if (written == 0 || errno != EINTR) {
            break;
        }
    }
    if (stored == 0) {
        failure = {LogStep::Write, errno};
        return -1;
    }
    return stored;
}

} // namespace pmdaemon
