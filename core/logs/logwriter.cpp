// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/logwriter.h"

#include "core/logs/followedfile.h"
#include "core/logs/logindex.h"

#include <QCoreApplication>
#include <QFile>

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

using namespace Qt::Literals::StringLiterals;

namespace pmdaemon {

namespace {

/// The words of the steps, by LogStep.
constexpr QLatin1StringView stepNames[] = {""_L1,       "check"_L1,  "open"_L1,    "fstat"_L1,
                                           "flock"_L1,  "splice"_L1, "read"_L1,    "write"_L1,
                                           "rotate"_L1, "rotate"_L1, "truncate"_L1};

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

tl::unexpected<Error> toError(const LogFailure &why, const QString &path)
{
    if (why.step == LogStep::Check)
        return refusal(path);
    const QLatin1StringView step = stepNames[static_cast<int>(why.step)];
    return failure(step, why.step == LogStep::RotateNext ? path + ".next"_L1 : path, why.code);
}

} // namespace

LogWriter::LogWriter(const QString &path, qint64 maxSize, int maxFiles)
    : m_path(path)
    , m_encodedPath(QFile::encodeName(path))
    , m_store(m_encodedPath.constData(), maxSize, maxFiles)
{}

Result<void> LogWriter::prepare()
{
    if (const LogFailure why = m_store.prepare())
        return toError(why, m_path);
    return {};
}

LogWriter::Moved LogWriter::move(int pipe, qint64 limit)
{
    const LogStore::Moved stored = m_store.move(pipe, limit);
    Moved moved{stored.bytes, stored.atEnd, std::nullopt};
    if (stored.failure)
        moved.error = toError(stored.failure, m_path).value();
    return moved;
}

Result<UniqueFd> openLocked(const QString &path)
{
    constexpr int lockTries = 500;
    constexpr useconds_t lockPause = 1'000;
    const QByteArray name = QFile::encodeName(path);
    for (int i = 0; i < lockTries; ++i) {
        UniqueFd file(
            ::open(name.constData(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
        if (!file && errno == ENOENT)
            return file;
        if (!file)
            return failure("open"_L1, path, errno);
        struct stat status;
        if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink > 1)
            return refusal(path);
        struct stat named;
        if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
            ::usleep(lockPause); // nothing tells when it is free, and it is held for a moment
        else if (::lstat(name.constData(), &named) == 0 && named.st_ino == status.st_ino)
            return file;
    }
    return failure("flock"_L1, path, EWOULDBLOCK);
}

namespace {

Result<void> truncate(const UniqueFd &file, const QString &path)
{
    if (file && ::ftruncate(file.get(), 0) != 0)
        return failure("truncate"_L1, path, errno);
    return {};
}

} // namespace

Result<void> emptyLog(const QString &path)
{
    // What is stored meanwhile would stand behind a hole.
    const Result<UniqueFd> file = openLocked(path);
    if (!file)
        return tl::unexpected(file.error());
    for (int n = oldestRotated(path); n >= 1; --n) {
        const QString rotated = rotatedLogFile(path, n);
        for (const QString &name : {rotated, compressedLogFile(rotated), logIndexFile(rotated)})
            ::unlink(QFile::encodeName(name).constData());
    }
    return truncate(*file, path).and_then([&path] {
        return openLocked(logIndexFile(path)).and_then([&path](const UniqueFd &index) {
            return truncate(index, logIndexFile(path));
        });
    });
}

Result<void> deleteLog(const QString &path)
{
    return emptyLog(path).and_then([&path]() -> Result<void> {
        ::unlink(QFile::encodeName(logIndexFile(path)).constData());
        if (::unlink(QFile::encodeName(path).constData()) != 0 && errno != ENOENT)
            return failure("unlink"_L1, path, errno);
        return {};
    });
}

} // namespace pmdaemon
