// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/state/schema.h"

#include <QCoreApplication>

#include <span>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

// One list of statements per version. A released list is never changed: append the next one, and
// the dump of the new version to the fixtures.
constexpr const char *version1[] = {
    "CREATE TABLE facts (key TEXT PRIMARY KEY, value ANY NOT NULL, sum INTEGER NOT NULL) STRICT",
    "CREATE TABLE processes (id INTEGER PRIMARY KEY, app TEXT NOT NULL, instance INTEGER NOT NULL, "
    "name TEXT NOT NULL, namespace TEXT NOT NULL, spec TEXT NOT NULL, wanted INTEGER NOT NULL, "
    "done INTEGER NOT NULL, status TEXT NOT NULL, port INTEGER, restarts INTEGER NOT NULL, "
    "exit_code INTEGER, exit_signal TEXT, "
    "reason TEXT, created_at INTEGER NOT NULL, journal_seq INTEGER NOT NULL, "
    "sum INTEGER NOT NULL) STRICT",
    "CREATE TABLE snapshots (name TEXT PRIMARY KEY, time INTEGER NOT NULL) STRICT",
    "CREATE TABLE snapshot_processes (snapshot TEXT NOT NULL, id INTEGER NOT NULL, "
    "app TEXT NOT NULL, instance INTEGER NOT NULL, name TEXT NOT NULL, namespace TEXT NOT NULL, "
    "spec TEXT NOT NULL, wanted INTEGER NOT NULL, done INTEGER NOT NULL, "
    "status TEXT NOT NULL, port INTEGER, restarts INTEGER NOT NULL, exit_code INTEGER, exit_signal "
    "TEXT, reason TEXT, "
    "created_at INTEGER NOT NULL, journal_seq INTEGER NOT NULL, sum INTEGER NOT NULL, "
    "PRIMARY KEY (snapshot, id)) STRICT, WITHOUT ROWID",
    "CREATE TABLE events (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, process INTEGER NOT NULL, "
    "name TEXT NOT NULL, kind TEXT NOT NULL, details TEXT NOT NULL) STRICT",
    "CREATE INDEX events_by_time ON events (time)",
    "CREATE INDEX events_by_process ON events (process, id)",
    // CPU and load in hundredths: a whole number takes two bytes where a real one takes eight.
    "CREATE TABLE system_metrics (time INTEGER PRIMARY KEY, cpu_low INTEGER NOT NULL, "
    "cpu INTEGER NOT NULL, cpu_high INTEGER NOT NULL, memory_low INTEGER NOT NULL, "
    "memory INTEGER NOT NULL, memory_high INTEGER NOT NULL, load INTEGER NOT NULL, "
    "network_rx INTEGER NOT NULL, network_tx INTEGER NOT NULL) STRICT",
    // By time first: a minute is written, and forgotten, in one place.
    "CREATE TABLE process_metrics (time INTEGER NOT NULL, process INTEGER NOT NULL, "
    "cpu_low INTEGER NOT NULL, cpu INTEGER NOT NULL, cpu_high INTEGER NOT NULL, "
    "memory_low INTEGER NOT NULL, memory INTEGER NOT NULL, memory_high INTEGER NOT NULL, "
    "PRIMARY KEY (time, process)) STRICT, WITHOUT ROWID",
};

constexpr const char *version2[] = {
    "ALTER TABLE processes ADD COLUMN health TEXT",
    "ALTER TABLE snapshot_processes ADD COLUMN health TEXT",
};

constexpr std::span<const char *const> migrations[] = {version1, version2};

QString tr(const char *text)
{
    return QCoreApplication::translate("StateStore", text);
}

Result<qint64> schemaSum(Database &database)
{
    QVariantList words;
    const Result<void> read = database.forEach(
        u"SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"_s, {},
        [&words](const Statement &row) {
            for (int column = 0; column < 4; ++column)
                words.append(row.text(column));
        });
    return read.map([&words] { return rowSum(words); });
}

} // namespace

int schemaVersion()
{
    return int(std::size(migrations));
}

Result<void> migrate(Database &database, int from)
{
    return database.transaction([&database, from]() -> Result<void> {
        for (const std::span<const char *const> step :
             std::span(migrations).subspan(size_t(from))) {
            for (const char *statement : step) {
                if (Result<void> done = database.run(QString::fromLatin1(statement)); !done)
                    return done;
            }
        }
        return database.run(u"PRAGMA user_version = %1"_s.arg(schemaVersion()))
            .and_then([&database] { return schemaSum(database); })
            .and_then([&database](qint64 sum) { return setFact(database, u"schema"_s, sum); });
    });
}

Result<int> checkSchema(Database &database)
{
    const Result<QVariant> version = database.value(u"PRAGMA user_version"_s);
    if (!version)
        return tl::unexpected(version.error());
    const int found = version->toInt();
    if (found > schemaVersion()) {
        return tl::unexpected(futureError(
            tr("it was written by a newer PMDaemon (its version is %1, this program knows up to "
               "%2)")
                .arg(found)
                .arg(schemaVersion())));
    }
    if (found <= 0)
        return tl::unexpected(damagedError(tr("it holds no state of PMDaemon")));
    const Result<qint64> sum = schemaSum(database);
    if (!sum)
        return tl::unexpected(sum.error());
    const Result<QVariant> expected = fact(database, u"schema"_s);
    if (!expected)
        return tl::unexpected(expected.error());
    if (expected->toLongLong() != *sum)
        return tl::unexpected(damagedError(tr("its tables are not as they were made")));
    return found;
}

Result<QVariant> fact(Database &database, const QString &key)
{
    QVariant value;
    bool isWhole = true;
    return database
        .forEach(u"SELECT value, sum FROM facts WHERE key = ?"_s, {key},
                 [&](const Statement &row) {
                     value = row.value(0);
                     isWhole = rowSum({key, value}) == row.number(1);
                 })
        .and_then([&]() -> Result<QVariant> {
            if (!isWhole)
                return tl::unexpected(damagedError(tr("the value of %1 was changed").arg(key)));
            return value;
        });
}

Result<void> setFact(Database &database, const QString &key, const QVariant &value)
{
    const QVariant stored = asStored(value);
    return database.run(u"INSERT OR REPLACE INTO facts VALUES (?, ?, ?)"_s,
                        {key, stored, rowSum({key, stored})});
}

qint64 rowSum(const QVariantList &row)
{
    // FNV-1a over 16 bits at a time: whatever bit turns, each step keeps two sums apart.
    quint64 sum = 0xcbf29ce484222325;
    const auto add = [&sum](quint16 unit) { sum = (sum ^ unit) * 0x100000001b3; };
    for (const QVariant &value : row) {
        // Kind and length first, so that nothing moves unseen from one value to its neighbour.
        if (value.isNull()) {
            add('n');
        } else if (value.metaType() == QMetaType::fromType<QString>()) {
            const QString text = value.toString();
            add('t');
            add(quint16(text.size()));
            for (const QChar unit : text)
                add(unit.unicode());
        } else {
            const auto number = quint64(value.toLongLong());
            add('i');
            for (int shift = 0; shift < 64; shift += 16)
                add(quint16(number >> shift));
        }
    }
    return qint64(sum);
}

} // namespace pmdaemon
