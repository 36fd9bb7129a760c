// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/state/openstate.h"

#include "core/state/schema.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>

#include <array>
#include <span>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

// What must not be lost, and is small enough to be checked before anything else.
constexpr std::array definitions{"facts"_L1, "processes"_L1, "snapshots"_L1,
                                 "snapshot_processes"_L1};
constexpr std::array<QLatin1StringView, 0> everything{};

QString tr(const char *text)
{
    return QCoreApplication::translate("StateStore", text);
}

Result<std::unique_ptr<Database>> openSettled(const QString &path)
{
    return Database::open(path).and_then([](std::unique_ptr<Database> &&database) {
        return database->settle().map([&database] { return std::move(database); });
    });
}

/// SQLite opens a file whose format is above what it knows, but for reading alone. To be called
/// before it has a lock: closing any descriptor of a file gives up all of a process' locks on it.
Result<void> checkFormat(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::StorageFull, "%1: %2"_L1.arg(path, file.errorString()));
    const QByteArray header = file.read(20);
    const auto isKnown = [&header](int at) {
        return header.size() > at && (header[at] == 1 || header[at] == 2);
    };
    if (!header.startsWith("SQLite format 3") || !isKnown(18) || !isKnown(19))
        return tl::unexpected(damagedError(tr("it is no SQLite database")));
    return {};
}

/// Whether the pages of `tables` are sound; without a name of all.
Result<void> check(Database &database, std::span<const QLatin1StringView> tables)
{
    QStringList statements{u"PRAGMA integrity_check(1)"_s};
    if (!tables.empty())
        statements.clear();
    for (const QLatin1StringView table : tables)
        statements.append("PRAGMA integrity_check(%1)"_L1.arg(table));
    for (const QString &statement : statements) {
        const Result<QVariant> found = database.value(statement);
        if (!found)
            return tl::unexpected(found.error());
        if (found->toString() != "ok"_L1)
            return tl::unexpected(damagedError(found->toString()));
    }
    return {};
}

/// Turns on the log, which a new or restored database does not have yet. If there is one all the
/// same, SQLite would throw it away.
Result<void> setLogging(Database &database, const StateFiles &files)
{
    return database.value(u"PRAGMA journal_mode"_s)
        .and_then([&](const QVariant &mode) -> Result<void> {
            if (mode == "wal"_L1)
                return {};
            if (QFileInfo(files.log()).size() > 0)
                return tl::unexpected(damagedError(tr("its log does not belong to it")));
            return database.run(u"PRAGMA journal_mode = WAL"_s);
        });
}

Result<void> bringForward(Database &database, int version)
{
    if (version == schemaVersion())
        return {};
    return check(database, everything).and_then([&] { return migrate(database, version); });
}

SafeMode::Why whyOf(const Error &error)
{
    return isFuture(error) ? SafeMode::Why::Future : SafeMode::Why::Damaged;
}

void addBackup(SafeMode &mode, const StateFiles &files)
{
    mode.backupTime = files.backupTime();
    mode.backup = mode.backupTime ? files.backup() : QString();
}

/// Everything from the first look to the last row.
Result<OpenedState> take(std::unique_ptr<Database> &database, const StateFiles &files)
{
    OpenedState opened;
    return checkFormat(files.database())
        .and_then([&] { return database->settle(); })
        .and_then([&] { return checkSchema(*database); })
        .and_then([&](int version) {
            return check(*database, definitions)
                .and_then([&] { return setLogging(*database, files); })
                .and_then([&] { return bringForward(*database, version); });
        })
        .and_then([&] { return readState(*database); })
        .and_then([&](StoredState &&state) {
            opened.state = std::move(state);
            return readSafeMode(*database);
        })
        .map([&](std::optional<SafeMode> mode) {
            opened.safeMode = std::move(mode);
            if (opened.safeMode)
                addBackup(*opened.safeMode, files);
            opened.database = std::move(database);
            return std::move(opened);
        });
}

/// An empty database at files.unfinished(), closed.
Result<void> makeUnfinished(const StateFiles &files, const std::optional<SafeMode> &safeMode)
{
    return files.beginUnfinished()
        .and_then([&] { return openSettled(files.unfinished()); })
        .and_then([&](std::unique_ptr<Database> &&database) {
            // Made durable as a whole, when it is published. Without a log: closing would move that
            // into the database and tell nobody if it cannot.
            return database->run(u"PRAGMA synchronous = OFF"_s)
                .and_then([&] { return database->run(u"PRAGMA journal_mode = MEMORY"_s); })
                .and_then([&] { return migrate(*database, 0); })
                .and_then([&] { return writeFirst(*database); })
                .and_then(
                    [&] { return safeMode ? writeSafeMode(*database, safeMode) : Result<void>(); });
        });
}

/// What was begun would only take the room that is missing.
template <typename T>
Result<T> orDiscard(const StateFiles &files, Result<T> result)
{
    if (!result)
        static_cast<void>(files.removeUnfinished());
    return result;
}

Result<OpenedState> create(const StateFiles &files, const std::optional<SafeMode> &safeMode)
{
    return orDiscard(files, makeUnfinished(files, safeMode).and_then([&] {
               return files.publishAs(files.database());
           }))
        .and_then([&] { return Database::open(files.database()); })
        .and_then([&](std::unique_ptr<Database> &&database) { return take(database, files); });
}

/// Copies `tables` of the open database into the closed one at files.unfinished().
Result<void> copyTables(Database &database, const StateFiles &files,
                        std::span<const QLatin1StringView> tables)
{
    Result<void> attached =
        database.run(u"ATTACH ? AS copy"_s, {files.unfinished()}).and_then([&database] {
            return database.run(u"PRAGMA copy.synchronous = OFF"_s).and_then([&database] {
                return database.run(u"PRAGMA copy.journal_mode = MEMORY"_s);
            });
        });
    if (!attached)
        return attached;
    Result<void> copied = database.transaction([&]() -> Result<void> {
        for (const QLatin1StringView table : tables) {
            Result<void> done =
                database.run("INSERT OR REPLACE INTO copy.%1 SELECT * FROM main.%1"_L1.arg(table));
            if (!done)
                return done;
        }
        return {};
    });
    const Result<void> detached = database.run(u"DETACH copy"_s);
    return copied.and_then([&detached] { return detached; });
}

SafeMode safeMode(SafeMode::Why why, const QString &detail, const StateFiles &files, WallTime now)
{
    SafeMode mode;
    mode.why = why;
    mode.detail = detail;
    mode.since = now;
    addBackup(mode, files);
    return mode;
}

SafeMode safeModeFor(const Error &error, const StateFiles &files, WallTime now)
{
    return safeMode(whyOf(error), error.message, files, now);
}

SafeMode missing(const StateFiles &files, WallTime now)
{
    return safeMode(SafeMode::Why::Missing, tr("the database is gone, though there was one"), files,
                    now);
}

Error logAlone()
{
    return damagedError(tr("its log is all that is left"));
}

bool isUnusable(const Error &error)
{
    return isDamage(error) || isFuture(error);
}

} // namespace

Result<OpenedState> openState(const StateFiles &files, WallTime now)
{
    if (!files.exists())
        return create(files, files.hasTraces() ? std::optional(missing(files, now)) : std::nullopt);
    std::unique_ptr<Database> database;
    Result<OpenedState> opened = tl::unexpected(logAlone());
    if (QFileInfo(files.database()).size() > 0) {
        opened = Database::open(files.database()).and_then([&](std::unique_ptr<Database> &&open) {
            database = std::move(open);
            return take(database, files);
        });
    }
    if (opened || !isUnusable(opened.error()))
        return opened;
    SafeMode mode = safeModeFor(opened.error(), files, now);
    const Result<QString> kept = files.keepAside(toString(mode.why), now);
    database.reset();
    if (!kept)
        return tl::unexpected(kept.error());
    mode.file = *kept;
    return create(files, mode);
}

Result<std::optional<SafeMode>> inspectState(const StateFiles &files, WallTime now)
{
    if (!files.exists())
        return files.hasTraces() ? std::optional(missing(files, now)) : std::nullopt;
    if (QFileInfo(files.database()).size() == 0)
        return safeModeFor(logAlone(), files, now);
    Result<std::optional<SafeMode>> found =
        checkFormat(files.database())
            .and_then([&] { return openSettled(files.database()); })
            .and_then([](std::unique_ptr<Database> &&database) {
                return checkSchema(*database)
                    .and_then([&](int) { return checkAll(*database); })
                    .and_then([&] { return readState(*database); })
                    .and_then([&](const StoredState &) { return readSafeMode(*database); });
            });
    if (!found && isUnusable(found.error()))
        return safeModeFor(found.error(), files, now);
    if (found && *found)
        addBackup(**found, files);
    return found;
}

Result<void> checkAll(Database &database)
{
    return check(database, everything);
}

Result<void> makeBackup(Database &database, const StateFiles &files)
{
    return orDiscard(files, check(database, definitions)
                                .and_then([&] { return readState(database); })
                                .and_then([&](const StoredState &) {
                                    return makeUnfinished(files, std::nullopt);
                                })
                                .and_then([&] { return copyTables(database, files, definitions); })
                                .and_then([&] { return files.publishAs(files.backup()); }));
}

Result<QString> rescue(Database &database, const StateFiles &files, WallTime now)
{
    constexpr std::array events{"events"_L1};
    return makeUnfinished(files, std::nullopt)
        .and_then([&] { return copyTables(database, files, definitions); })
        .and_then([&] {
            // As many as can be read together: all, or none.
            static_cast<void>(copyTables(database, files, events));
            // So that what is kept is all of it.
            return database.run(u"PRAGMA wal_checkpoint(TRUNCATE)"_s);
        })
        .and_then([&] { return files.copyAside(toString(SafeMode::Why::Damaged), now); })
        .and_then([&](const QString &kept) {
            return files.publishAs(files.database()).map([&kept] { return kept; });
        });
}

Result<void> restoreBackup(const StateFiles &files, WallTime now)
{
    std::unique_ptr<Database> current;
    if (QFileInfo(files.database()).size() > 0) {
        Result<std::unique_ptr<Database>> open = openSettled(files.database());
        if (!open && open.error().code == ErrorCode::AlreadyRunning)
            return tl::unexpected(open.error());
        current = open ? std::move(*open) : nullptr;
    }
    Result<void> copied = files.copyBackupToUnfinished()
                              .and_then([&] { return openSettled(files.unfinished()); })
                              .and_then([&](std::unique_ptr<Database> &&database) {
                                  return checkSchema(*database)
                                      .and_then([&](int) { return checkAll(*database); })
                                      .and_then([&] { return readState(*database); });
                              })
                              .map([](const StoredState &) {});
    if (!copied)
        return copied;
    return (files.exists() ? files.keepAside("replaced"_L1, now).map([](const QString &) {})
                           : Result<void>())
        .and_then([&] { return files.publishAs(files.database()); });
}

} // namespace pmdaemon
