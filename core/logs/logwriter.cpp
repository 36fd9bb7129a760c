// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/logwriter.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <system_error>

using namespace Qt::Literals::StringLiterals;

namespace pmdaemon {

namespace {

constexpr qint64 chunkSize = 256 * 1024;
constexpr qint64 blockSize = 64 * 1024;
constexpr qint64 longLine = 1024 * 1024;
constexpr mode_t fileMode = 0640;

tl::unexpected<Error> failure(QLatin1StringView step, const QString &path, int code)
{
    const QString words = QString::fromLocal8Bit(std::system_category().message(code));
    return fail(ErrorCode::Internal,
                QCoreApplication::translate("LogWriter", "Cannot store the log in %1: %2 (%3).")
                    .arg(path, words, step),
                {{u"step"_s, step}, {u"errno"_s, code}, {u"path"_s, path}});
}

tl::unexpected<Error> refusal(const QString &path)
{
    return fail(ErrorCode::Internal,
                QCoreApplication::translate(
                    "LogWriter",
                    "Cannot store the log in %1: it must be a regular file with one name, not a "
                    "link, folder or device. Remove it or choose another file.")
                    .arg(path),
                {{u"step"_s, "check"_L1}, {u"errno"_s, EINVAL}, {u"path"_s, path}});
}

/// Where the last line of [from, to) ends, or -1 where none does.
qint64 lastLineEnd(int file, qint64 from, qint64 to)
{
    std::array<char, blockSize> block;
    while (to > from) {
        const qint64 begin = std::max(from, to - blockSize);
        const ssize_t length = ::pread(file, block.data(), to - begin, begin);
        if (length <= 0)
            return -1;
        if (const void *end = ::memrchr(block.data(), '\n', length))
            return begin + (static_cast<const char *>(end) - block.data()) + 1;
        to = begin;
    }
    return -1;
}

bool appendRange(int to, int from, off_t begin, qint64 end)
{
    while (begin < end) {
        if (::sendfile(to, from, &begin, end - begin) <= 0)
            return false;
    }
    return true;
}

/// 0, or the errno. One that is not there needs no place.
int renameBoth(const QString &from, const QString &to)
{
    if (::rename(QFile::encodeName(from).constData(), QFile::encodeName(to).constData()) != 0 &&
        errno != ENOENT)
        return errno;
    ::rename(QFile::encodeName(logIndexFile(from)).constData(),
             QFile::encodeName(logIndexFile(to)).constData());
    return 0;
}

} // namespace

LogWriter::LogWriter(const QString &path, qint64 maxSize, int maxFiles)
    : m_path(path)
    , m_encodedPath(QFile::encodeName(path))
    , m_maxSize(maxSize)
    , m_maxFiles(maxFiles)
    , m_rotateAt(maxSize)
{}

Result<void> LogWriter::prepare()
{
    auto opened = openFile(0);
    if (opened || opened.error().details.value("errno"_L1) != ENOENT)
        return opened;
    const QString folder = QFileInfo(m_path).path();
    if (!QDir().mkpath(folder) || ::access(QFile::encodeName(folder).constData(), W_OK | X_OK) != 0)
        return failure("open"_L1, m_path, errno);
    return {};
}

Result<void> LogWriter::open()
{
    if (m_file && isStillNamed())
        return {};
    auto opened = openFile(O_CREAT);
    if (!opened && opened.error().details.value("errno"_L1) == ENOENT) {
        QDir().mkpath(QFileInfo(m_path).path()); // somebody removed it
        opened = openFile(O_CREAT);
    }
    return opened;
}

Result<void> LogWriter::openFile(int flags)
{
    // Not O_APPEND: splice refuses it. Each chunk is put at the end the file has at that moment.
    m_file.reset(::open(m_encodedPath.constData(),
                        O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | flags, fileMode));
    if (!m_file)
        return errno == ELOOP || errno == ENXIO || errno == EISDIR
                   ? refusal(m_path)
                   : failure("open"_L1, m_path, errno);
    if (::fstat(m_file.get(), &m_status) != 0 || !S_ISREG(m_status.st_mode) ||
        m_status.st_nlink != 1) {
        m_file.reset();
        return refusal(m_path);
    }
    m_rotateAt = m_maxSize;
    m_index.open(m_path);
    return {};
}

bool LogWriter::isStillNamed() const
{
    struct stat named;
    return ::lstat(m_encodedPath.constData(), &named) == 0 && named.st_ino == m_status.st_ino &&
           named.st_dev == m_status.st_dev;
}

LogWriter::Moved LogWriter::move(int pipe, qint64 limit)
{
    Moved moved;
    if (!m_file && m_pending.isEmpty()) {
        pollfd entry{pipe, POLLIN, 0};
        if (::poll(&entry, 1, 0) == 1 && !(entry.revents & POLLIN)) {
            moved.atEnd = true; // no file for a program that never said a word
            return moved;
        }
    }
    if (auto opened = open(); !opened) {
        moved.error = opened.error();
        return moved;
    }
    while (moved.bytes < limit) {
        struct stat status;
        if (::fstat(m_file.get(), &status) != 0) {
            moved.error = failure("fstat"_L1, m_path, errno).value();
            return moved;
        }
        const qint64 size = status.st_size;
        qint64 count = std::min(chunkSize, limit - moved.bytes);
        if (m_maxSize > 0)
            count = std::min(count, size < m_rotateAt ? m_rotateAt - size : blockSize);
        const Result<qint64> stored = transfer(pipe, size, count);
        if (!stored) {
            moved.error = stored.error();
            return moved;
        }
        if (*stored <= 0) {
            moved.atEnd = *stored == 0;
            return moved;
        }
        moved.bytes += *stored;
        m_index.add(wallNow(), size, size + *stored);
        if (auto rotated = rotateIfDue(size, size + *stored); !rotated) {
            moved.error = rotated.error();
            return moved;
        }
        if (*stored < count)
            return moved; // that was all there is
    }
    return moved;
}

/// Bytes stored; 0 at the end of the pipe, -1 when there is nothing now.
Result<qint64> LogWriter::transfer(int pipe, qint64 offset, qint64 count)
{
    if (!m_canSplice)
        return copy(pipe, offset, count);
    for (;;) {
        loff_t end = offset;
        const ssize_t stored =
            ::splice(pipe, nullptr, m_file.get(), &end, count, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        if (stored >= 0)
            return stored;
        if (errno == EAGAIN)
            return -1;
        if (errno == EINVAL) {
            m_canSplice = false; // this file system or this kind of stream cannot
            return copy(pipe, offset, count);
        }
        if (errno != EINTR)
            return failure("splice"_L1, m_path, errno);
    }
}

Result<qint64> LogWriter::copy(int pipe, qint64 offset, qint64 count)
{
    if (m_pending.isEmpty()) {
        m_pending.resize(std::min(count, blockSize));
        ssize_t taken = 0;
        do {
            taken = ::read(pipe, m_pending.data(), m_pending.size());
        } while (taken < 0 && errno == EINTR);
        m_pending.resize(std::max<ssize_t>(taken, 0));
        if (taken < 0)
            return errno == EAGAIN ? Result<qint64>(-1) : failure("read"_L1, m_path, errno);
        if (taken == 0)
            return 0;
    }
    return writePending(offset);
}

Result<qint64> LogWriter::writePending(qint64 offset)
{
    qint64 stored = 0;
    while (stored < m_pending.size()) {
        const ssize_t written = ::pwrite(m_file.get(), m_pending.constData() + stored,
                                         m_pending.size() - stored, offset + stored);
        if (written > 0) {
            stored += written;
        } else if (written == 0 || errno != EINTR) {
            break;
        }
    }
    const int code = errno;
    m_pending.remove(0, stored);
    if (stored == 0)
        return failure("write"_L1, m_path, code);
    return stored;
}

Result<void> LogWriter::rotateIfDue(qint64 from, qint64 size)
{
    if (m_maxSize <= 0 || size < m_rotateAt)
        return {};
    // Once it is overdue, only what has come since then can hold a line end.
    qint64 cut = lastLineEnd(m_file.get(), from >= m_rotateAt ? from : 0, size);
    if (cut < 0 && size < std::max(longLine, 2 * m_maxSize))
        return {};
    if (cut < 0)
        cut = lastLineEnd(m_file.get(), 0, from);
    if (cut < 0)
        cut = size;
    auto rotated = rotateAt(cut, size);
    if (!rotated)
        m_rotateAt = size + m_maxSize; // storing goes on; rotating is tried again later
    return rotated;
}

Result<void> LogWriter::rotateAt(qint64 cut, qint64 size)
{
    const QString next = m_path % ".next"_L1;
    const QByteArray nextName = QFile::encodeName(next);
    ::unlink(nextName.constData()); // of a rotation that was interrupted: its bytes are in the file
    const UniqueFd file(
        ::open(nextName.constData(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, fileMode));
    if (!file)
        return failure("rotate"_L1, next, errno);
    if (!appendRange(file.get(), m_file.get(), cut, size)) {
        const int code = errno;
        ::unlink(nextName.constData());
        return failure("rotate"_L1, next, code);
    }
    int free = 1; // the first name that nobody has, else the one to give up
    while (free < m_maxFiles && QFile::exists(rotatedLogFile(m_path, free)))
        ++free;
    for (int n = std::min(free, m_maxFiles); n >= 1; --n) {
        const QString older = rotatedLogFile(m_path, n);
        if (const int code = renameBoth(rotatedLogFile(m_path, n - 1), older)) {
            ::unlink(nextName.constData()); // else it would replace what has not been moved
            return failure("rotate"_L1, older, code);
        }
    }
    if (m_maxFiles <= 0)
        ::unlink(QFile::encodeName(logIndexFile(m_path)).constData());
    if (::rename(nextName.constData(), m_encodedPath.constData()) != 0)
        return failure("rotate"_L1, m_path, errno);
    m_index.cut(cut);
    if (::ftruncate(m_file.get(), cut) != 0)
        return failure("rotate"_L1, m_path, errno);
    auto opened = openFile(0);
    if (opened && size > cut)
        m_index.add(wallNow(), 0, size - cut);
    return opened;
}

Result<void> emptyLog(const QString &path)
{
    for (int n = 1;; ++n) {
        const QByteArray rotated = QFile::encodeName(rotatedLogFile(path, n));
        if (::unlink(rotated.constData()) != 0)
            break;
        ::unlink(QFile::encodeName(logIndexFile(rotatedLogFile(path, n))).constData());
    }
    for (const QString &name : {path, logIndexFile(path)}) {
        const UniqueFd file(::open(QFile::encodeName(name).constData(),
                                   O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
        struct stat status;
        if (!file && errno == ENOENT)
            continue;
        if (!file)
            return failure("open"_L1, name, errno);
        if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink != 1)
            return refusal(name);
        if (::ftruncate(file.get(), 0) != 0)
            return failure("truncate"_L1, name, errno);
    }
    return {};
}

} // namespace pmdaemon
