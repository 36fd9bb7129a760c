// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/state/statefiles.h"

#include "core/slot/uniquefd.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("StateStore", text);
}

/// Of the system call that just failed.
Error systemError(const QString &path)
{
    return {ErrorCode::StorageFull, tr("%1: %2; make room on the disk, or see why it refuses")
                                        .arg(path, QString::fromLocal8Bit(std::strerror(errno)))};
}

Result<void> sync(const QString &path, int flags)
{
    const UniqueFd file(::open(QFile::encodeName(path).constData(), flags | O_CLOEXEC));
    if (!file || ::fsync(file.get()) != 0)
        return tl::unexpected(systemError(path));
    return {};
}

/// Nothing to move is no error.
Result<void> move(const QString &from, const QString &to)
{
    const int moved =
        ::rename(QFile::encodeName(from).constData(), QFile::encodeName(to).constData());
    if (moved != 0 && errno != ENOENT)
        return tl::unexpected(systemError(from));
    return {};
}

Result<void> remove(const QString &path)
{
    if (::unlink(QFile::encodeName(path).constData()) != 0 && errno != ENOENT)
        return tl::unexpected(systemError(path));
    return {};
}

qint64 sizeOf(const QString &path)
{
    return QFileInfo(path).size();
}

} // namespace

StateFiles::StateFiles(const QString &home)
    : m_home(home)
    , m_database(home + "/state.db"_L1)
{}

QString StateFiles::log() const
{
    return m_database + "-wal"_L1;
}

QString StateFiles::unfinished() const
{
    return m_database + ".new"_L1;
}

QString StateFiles::backup() const
{
    return m_database + ".backup"_L1;
}

std::optional<WallTime> StateFiles::backupTime() const
{
    const QFileInfo info(backup());
    if (!info.exists())
        return std::nullopt;
    return WallTime(milliseconds(info.lastModified().toMSecsSinceEpoch()));
}

bool StateFiles::exists() const
{
    return sizeOf(m_database) > 0 || sizeOf(log()) > 0;
}

bool StateFiles::hasTraces() const
{
    const QStringList traces{u"state.db.backup"_s, u"state.db.damaged-*"_s, u"state.db.future-*"_s};
    return !QDir(m_home).entryList(traces, QDir::Files | QDir::Hidden | QDir::System).isEmpty();
}

Result<void> StateFiles::removeUnfinished() const
{
    for (const auto suffix : {""_L1, "-wal"_L1, "-journal"_L1}) {
        if (Result<void> removed = remove(unfinished() + suffix); !removed)
            return removed;
    }
    return {};
}

Result<void> StateFiles::beginUnfinished() const
{
    return removeUnfinished().and_then([this]() -> Result<void> {
        const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
        if (!UniqueFd(::open(QFile::encodeName(unfinished()).constData(), flags, 0600)))
            return tl::unexpected(systemError(unfinished()));
        return {};
    });
}

Result<void> StateFiles::publishAs(const QString &path) const
{
    return sync(unfinished(), O_RDWR)
        .and_then([&] { return move(unfinished(), path); })
        .and_then([&] { return sync(m_home, O_RDONLY | O_DIRECTORY); });
}

Result<void> StateFiles::copyBackupToUnfinished() const
{
    QFile from(backup());
    if (!from.open(QIODevice::ReadOnly)) {
        return fail(ErrorCode::NotFound,
                    tr("%1: %2; there is no backup to restore").arg(backup(), from.errorString()));
    }
    return beginUnfinished().and_then([&]() -> Result<void> {
        QFile to(unfinished());
        if (!to.open(QIODevice::WriteOnly))
            return fail(ErrorCode::StorageFull, "%1: %2"_L1.arg(to.fileName(), to.errorString()));
        while (!from.atEnd()) {
            const QByteArray part = from.read(1 << 16);
            if (part.isEmpty() || to.write(part) != part.size())
                break;
        }
        if (!to.flush() || to.size() != from.size())
            return fail(ErrorCode::StorageFull, "%1: %2"_L1.arg(to.fileName(), to.errorString()));
        return {};
    });
}

Result<QString> StateFiles::keepAside(QLatin1StringView why, WallTime now) const
{
    // The log last: without its database it still says that there was one. See exists().
    const QString kept = freeName(why, now);
    return move(m_database, kept)
        .and_then([&] { return sizeOf(log()) > 0 ? move(log(), kept + "-wal"_L1) : remove(log()); })
        .and_then([&] { return sync(m_home, O_RDONLY | O_DIRECTORY); })
        .map([&kept] { return kept; });
}

Result<QString> StateFiles::copyAside(QLatin1StringView why, WallTime now) const
{
    const QString kept = freeName(why, now);
    const int linked =
        ::link(QFile::encodeName(m_database).constData(), QFile::encodeName(kept).constData());
    // Not every file system has hard links.
    if (linked != 0 && !QFile::copy(m_database, kept))
        return tl::unexpected(systemError(kept));
    return sync(m_home, O_RDONLY | O_DIRECTORY).map([&kept] { return kept; });
}

QString StateFiles::freeName(QLatin1StringView why, WallTime now) const
{
    const QDateTime time = QDateTime::fromMSecsSinceEpoch(now.time_since_epoch().count(), Qt::UTC);
    const QString name =
        "%1.%2-%3"_L1.arg(m_database, why, time.toString(u"yyyyMMdd'T'HHmmss'Z'"_s));
    QString free = name;
    for (int i = 2; QFileInfo::exists(free) || QFileInfo::exists(free + "-wal"_L1); ++i)
        free = "%1-%2"_L1.arg(name).arg(i);
    return free;
}

} // namespace pmdaemon
