// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/followedfile.h"

#include "core/logs/logindex.h"

#include <QFile>

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>

namespace pmdaemon {

namespace {

struct FileFacts
{
    quint64 inode = 0; ///< 0 = no such file
    qint64 size = 0;
};

FileFacts factsOf(const QString &path)
{
    struct stat status;
    if (::lstat(QFile::encodeName(path).constData(), &status) != 0)
        return {};
    return {status.st_ino, status.st_size};
}

qint64 sizeOf(int file)
{
    struct stat status;
    return ::fstat(file, &status) == 0 ? status.st_size : 0;
}

} // namespace

UniqueFd openLogFile(const QString &name)
{
    return UniqueFd(::open(QFile::encodeName(name).constData(),
                           O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
}

int oldestRotated(const QString &path)
{
    // While files are being renamed one number may be missing.
    int oldest = 0;
    for (int n = 1; n <= oldest + 2; ++n) {
        const QString name = rotatedLogFile(path, n);
        if (factsOf(name).inode != 0 || factsOf(compressedLogFile(name)).inode != 0)
            oldest = n;
    }
    return oldest;
}

qint64 retainedBytes(const QString &path)
{
    qint64 bytes = 0;
    for (int n = oldestRotated(path); n >= 0; --n)
        bytes += factsOf(rotatedLogFile(path, n)).size;
    return bytes;
}

FollowedFile::FollowedFile(const QString &path)
    : m_path(path)
{
    // Between two renames, or after a deletion, only rotated files may be there.
    const int oldest = oldestRotated(path);
    for (int n = 0; n <= oldest && !m_file; ++n)
        open(rotatedLogFile(path, n), 0);
    m_offset = sizeOf(m_file.get());
}

bool FollowedFile::open(const QString &name, qint64 offset)
{
    UniqueFd file = openLogFile(name);
    struct stat status;
    if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    m_file = std::move(file);
    m_inode = status.st_ino;
    m_offset = offset;
    return true;
}

FollowedFile::Chunk FollowedFile::read(QByteArray &buffer)
{
    Chunk chunk;
    if (!m_file && !open(rotatedLogFile(m_path, oldestRotated(m_path)), 0))
        return chunk;
    for (;;) {
        // Asked before reading: after the rename nothing is added to the old file.
        const bool isNamed = isStillNamed();
        const ssize_t got =
            ::pread(m_file.get(), buffer.data(), std::size_t(buffer.size()), m_offset);
        if (got > 0) {
            m_offset += got;
            chunk.bytes = QByteArrayView(buffer).first(got);
            return chunk;
        }
        if (isNamed && sizeOf(m_file.get()) >= m_offset)
            return chunk;
        if (isNamed) {
            m_offset = 0;
            chunk.restarted = true;
        } else if (!openSuccessor(chunk)) {
            return chunk;
        }
    }
}

bool FollowedFile::openSuccessor(Chunk &chunk)
{
    constexpr int attempts = 5; // another rotation may come between
    // The unfinished line at the old file's end was moved to the beginning of the next one.
    const qint64 readAhead = std::max<qint64>(0, m_offset - sizeOf(m_file.get()));
    const quint64 old = m_inode;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        const int here = number();
        const QString next = rotatedLogFile(m_path, here > 0 ? here - 1 : oldestRotated(m_path));
        const FileFacts facts = factsOf(next);
        if (facts.inode == 0 || facts.inode == old || here != number())
            continue;
        const bool isThere = facts.size >= readAhead;
        if (!open(next, isThere ? readAhead : 0))
            continue;
        chunk.restarted = chunk.restarted || !isThere;
        chunk.hasGap = chunk.hasGap || (here < 0 && next != m_path);
        return true;
    }
    return false;
}

bool FollowedFile::isStillNamed() const
{
    return factsOf(m_path).inode == m_inode;
}

int FollowedFile::number() const
{
    for (int n = oldestRotated(m_path); n > 0; --n) {
        if (factsOf(rotatedLogFile(m_path, n)).inode == m_inode)
            return n;
    }
    return -1;
}

qint64 FollowedFile::behind() const
{
    if (!m_file)
        return 0;
    qint64 bytes = sizeOf(m_file.get()) - m_offset;
    if (!isStillNamed()) {
        const int here = number();
        for (int n = here > 0 ? here - 1 : oldestRotated(m_path); n >= 0; --n)
            bytes += factsOf(rotatedLogFile(m_path, n)).size;
    }
    return std::max<qint64>(0, bytes);
}

} // namespace pmdaemon
