// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/logcompression.h"

#include "core/logs/followedfile.h"
#include "core/logs/logindex.h"
#include "core/logs/logwriter.h"

#include <QCoreApplication>
#include <QFile>
#include <QLoggingCategory>
#include <QtEndian>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <zlib.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

Q_LOGGING_CATEGORY(lcLogs, "pmdaemon.logs", QtInfoMsg)

constexpr std::size_t blockSize = 64 * 1024;
constexpr mode_t fileMode = 0640;

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(pmdaemon::LogCompression)
};

struct GzipClose
{
    void operator()(gzFile file) const { gzclose(file); }
};
using Gzip = std::unique_ptr<gzFile_s, GzipClose>;

/// zlib closes a descriptor of its own.
Gzip openGzip(int file, const char *mode)
{
    const int own = ::fcntl(file, F_DUPFD_CLOEXEC, 0);
    Gzip gzip(own < 0 ? nullptr : gzdopen(own, mode));
    if (!gzip && own >= 0)
        ::close(own);
    return gzip;
}

bool isFile(const QString &name, quint64 inode)
{
    struct stat status;
    return ::lstat(QFile::encodeName(name).constData(), &status) == 0 && S_ISREG(status.st_mode) &&
           status.st_ino == inode;
}

bool deflateTo(int target, int source)
{
    Gzip gzip = openGzip(target, "wb1");
    std::array<char, blockSize> block;
    for (off_t offset = 0; gzip;) {
        const ssize_t got = ::pread(source, block.data(), block.size(), offset);
        if (got < 0 || (got > 0 && gzwrite(gzip.get(), block.data(), unsigned(got)) != got))
            return false;
        if (got == 0)
            return gzclose(gzip.release()) == Z_OK && ::fdatasync(target) == 0;
        offset += got;
    }
    return false;
}

Result<void> failed(const QString &name)
{
    return fail(ErrorCode::Internal,
                Words::tr("%1 could not be compressed: %2").arg(name, qt_error_string(errno)));
}

Result<void> compressOne(const QString &path, int n)
{
    const QString name = rotatedLogFile(path, n);
    const UniqueFd source = openLogFile(name);
    struct stat status;
    if (!source || ::fstat(source.get(), &status) != 0 || !S_ISREG(status.st_mode))
        return {}; // compressed already
    const QByteArray made = QFile::encodeName(path) + ".compressed";
    ::unlink(made.constData()); // of one that was interrupted
    const UniqueFd target(
        ::open(made.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, fileMode));
    if (!target || !deflateTo(target.get(), source.get())) {
        const Result<void> failure = failed(name);
        ::unlink(made.constData());
        return failure;
    }
    // Locked, no rotation changes the names; until now one may have.
    const Result<UniqueFd> lock = openLocked(path);
    int now = n;
    while (now <= oldestRotated(path) && !isFile(rotatedLogFile(path, now), status.st_ino))
        ++now;
    const QString current = rotatedLogFile(path, now);
    if (!lock || !isFile(current, status.st_ino)) {
        ::unlink(made.constData());
        return lock ? Result<void>() : tl::unexpected(lock.error());
    }
    if (::rename(made.constData(), QFile::encodeName(compressedLogFile(current)).constData()) != 0)
        return failed(name);
    ::unlink(QFile::encodeName(current).constData());
    return {};
}

} // namespace

Result<void> compressRotatedLogs(const QString &path)
{
    if (const Result<UniqueFd> rotating = openLocked(path); !rotating)
        return tl::unexpected(rotating.error());
    // From the oldest on: the names of those move least.
    for (int n = oldestRotated(path); n >= 2; --n) {
        if (const Result<void> done = compressOne(path, n); !done)
            return done;
    }
    return {};
}

LogCompressor::LogCompressor()
{
    // Not of a lower priority: who holds a log's lock has to be done with it soon.
    m_worker.setMaxThreadCount(1);
    m_pause.setSingleShot(true);
    m_pause.setInterval(Pause);
    QObject::connect(&m_pause, &QTimer::timeout, &m_pause, [this] {
        m_worker.start([paths = std::exchange(m_waiting, {})] {
            for (const QString &path : paths) {
                if (const Result<void> done = compressRotatedLogs(path); !done)
                    qCWarning(lcLogs).noquote() << done.error().message;
            }
        });
    });
}

LogCompressor::~LogCompressor()
{
    m_worker.clear();
    m_worker.waitForDone();
}

void LogCompressor::add(const QString &path)
{
    m_waiting.insert(path);
    if (!m_pause.isActive())
        m_pause.start();
}

qint64 inflatedSize(int compressed)
{
    std::array<uchar, 4> end;
    struct stat status;
    if (::fstat(compressed, &status) != 0 || status.st_size < qint64(end.size()) ||
        ::pread(compressed, end.data(), end.size(), status.st_size - qint64(end.size())) !=
            ssize_t(end.size()))
        return 0;
    return qFromLittleEndian<quint32>(end.data());
}

UniqueFd inflate(int compressed, qint64 size)
{
    UniqueFd memory(::memfd_create("pmdaemon-log", MFD_CLOEXEC));
    Gzip gzip = openGzip(compressed, "rb");
    if (!memory || !gzip || gzrewind(gzip.get()) != 0)
        return {};
    std::array<char, blockSize> block;
    qint64 written = 0;
    for (;;) {
        const int got = gzread(gzip.get(), block.data(), unsigned(block.size()));
        if (got == 0)
            return memory;
        if (got < 0 || written + got > size ||
            ::pwrite(memory.get(), block.data(), std::size_t(got), written) != got)
            return {};
        written += got;
    }
}

} // namespace pmdaemon
