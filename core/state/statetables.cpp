// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/state/statetables.h"

#include "core/config/specfields.h"
#include "core/state/schema.h"

#include <QCoreApplication>
#include <QFile>
#include <QJsonDocument>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int specColumn = 5;
constexpr int sumColumn = 17;
const auto columns =
    "id, app, instance, name, namespace, spec, wanted, done, status, port, restarts, "
    "exit_code, exit_signal, reason, created_at, journal_seq, health, sum"_L1;
const QString nextIdKey = u"next_id"_s;
const QString bootKey = u"boot_id"_s;
const QString safeModeKey = u"safe_mode"_s;

QString tr(const char *text)
{
    return QCoreApplication::translate("StateStore", text);
}

QVariant orNull(const auto &optional)
{
    return optional ? QVariant(*optional) : QVariant();
}

/// Of the boot that the machine is in, random(4).
QString bootId()
{
    QFile file(u"/proc/sys/kernel/random/boot_id"_s);
    return file.open(QIODevice::ReadOnly) ? QString::fromLatin1(file.readAll().trimmed())
                                          : QString();
}

QString toText(const QJsonObject &object)
{
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

QJsonObject toObject(const QString &text)
{
    return QJsonDocument::fromJson(text.toUtf8()).object();
}

/// Whole numbers as qint64: so they come back, and so their sum is taken.
QVariantList toRow(const StoredProcess &process)
{
    QVariantList row{qint64(toInt(process.id)),
                     process.spec.name,
                     qint64(process.instance),
                     process.name,
                     process.spec.nameSpace,
                     toText(specToJson(process.spec)),
                     qint64(process.wanted),
                     qint64(process.done),
                     QString(toString(process.status)),
                     process.port ? QVariant(qint64(*process.port)) : QVariant(),
                     qint64(process.restarts),
                     process.exitCode ? QVariant(qint64(*process.exitCode)) : QVariant(),
                     orNull(process.signal),
                     orNull(process.reason),
                     qint64(process.createdAt.time_since_epoch().count()),
                     process.journalSeq,
                     process.health == HealthStatus::Unknown
                         ? QVariant()
                         : QVariant(QString(toString(process.health)))};
    std::transform(row.cbegin(), row.cend(), row.begin(), asStored);
    return row;
}

/// A row of the first version has no health, and its sum is without it.
qint64 sumOf(QVariantList row)
{
    if (row.constLast().isNull())
        row.removeLast();
    return rowSum(row);
}

template <typename T>
std::optional<T> optionalOf(const QVariant &value)
{
    return value.isNull() ? std::nullopt : std::optional(value.value<T>());
}

/// Everything but the spec.
StoredProcess fromRow(const QVariantList &row)
{
    StoredProcess process;
    process.id = ProcessId(row[0].toInt());
    process.instance = row[2].toInt();
    process.name = row[3].toString();
    process.wanted = Wanted(row[6].toInt());
    process.done = row[7].toBool();
    process.status = processStatusFromString(row[8].toString()).value_or(ProcessStatus::Stopped);
    process.port = optionalOf<int>(row[9]);
    process.restarts = row[10].toInt();
    process.exitCode = optionalOf<int>(row[11]);
    process.signal = optionalOf<QString>(row[12]);
    process.reason = optionalOf<QString>(row[13]);
    process.createdAt = WallTime(milliseconds(row[14].toLongLong()));
    process.journalSeq = row[15].toLongLong();
    process.health = healthStatusFromString(row[16].toString()).value_or(HealthStatus::Unknown);
    return process;
}

Error rejection(const StoredProcess &process, const QString &spec, const Error &problem)
{
    return {ErrorCode::InvalidConfig,
            tr("%1 cannot be taken up: %2. It stays stored; start it again with a corrected "
               "configuration, or delete it")
                .arg(process.name, problem.message),
            {{u"id"_s, toInt(process.id)}, {u"name"_s, process.name}, {u"spec"_s, toObject(spec)}}};
}

/// Reads the processes that the rest of the statement selects.
Result<StoredState> readProcesses(Database &database, QLatin1StringView rest,
                                  const QVariantList &values = {})
{
    StoredState state;
    bool isWhole = true;
    QString text; // of `spec`: the instances of an app follow each other and share one
    tl::expected<ProcessSpec, QList<SpecProblem>> spec;
    const auto take = [&](const Statement &row) {
        QVariantList parts;
        parts.reserve(sumColumn);
        for (int column = 0; column < sumColumn; ++column)
            parts.append(row.value(column));
        isWhole = isWhole && sumOf(parts) == row.number(sumColumn);
        StoredProcess process = fromRow(parts);
        if (const QString next = row.text(specColumn); next != text || text.isEmpty()) {
            text = next;
            spec = specFromJson(toObject(text));
        }
        if (spec) {
            process.spec = *spec;
            state.processes.append(std::move(process));
        } else {
            state.rejected.append(rejection(process, text, specError(spec.error())));
        }
    };
    return database.forEach("SELECT %1 %2"_L1.arg(columns, rest), values, take)
        .and_then([&]() -> Result<StoredState> {
            if (!isWhole)
                return tl::unexpected(damagedError(tr("a process was changed or lost a part")));
            return std::move(state);
        });
}

} // namespace

Result<void> writeFirst(Database &database)
{
    return setFact(database, nextIdKey, qint64(0));
}

Result<void> writeProcesses(Database &database, const StateChange &change)
{
    if (change.processes.isEmpty())
        return {};
    Result<Statement> put =
        database.prepare("INSERT OR REPLACE INTO processes (%1) VALUES "
                         "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"_L1.arg(columns));
    Result<Statement> remove = database.prepare(u"DELETE FROM processes WHERE id = ?"_s);
    if (!put || !remove)
        return tl::unexpected((put ? remove : put).error());
    for (auto it = change.processes.cbegin(); it != change.processes.cend(); ++it) {
        QVariantList row{qint64(toInt(it.key()))};
        if (it.value()) {
            row = toRow(*it.value());
            row.append(sumOf(row));
        }
        if (Result<void> done = (it.value() ? *put : *remove).run(row); !done)
            return done;
    }
    return fact(database, nextIdKey)
        .and_then([&](const QVariant &next) {
            const int used = toInt(change.processes.lastKey());
            return setFact(database, nextIdKey, qint64(std::max(next.toInt(), used + 1)));
        })
        .and_then([&database] { return setFact(database, bootKey, bootId()); });
}

Result<StoredState> readState(Database &database)
{
    Result<StoredState> state = readProcesses(database, "FROM processes ORDER BY id"_L1);
    if (!state)
        return state;
    const Result<QVariant> next = fact(database, nextIdKey);
    if (!next)
        return tl::unexpected(next.error());
    state->nextId = next->toInt();
    const Result<QVariant> boot = fact(database, bootKey);
    if (!boot)
        return tl::unexpected(boot.error());
    state->sameBoot = boot->toString() == bootId();
    const bool isBehind =
        !state->processes.isEmpty() && toInt(state->processes.constLast().id) >= state->nextId;
    if (next->isNull() || isBehind)
        return tl::unexpected(damagedError(tr("the number of the next process is lost")));
    return state;
}

Result<void> writeSnapshot(Database &database, const QString &name, WallTime time)
{
    return database.run(u"DELETE FROM snapshot_processes WHERE snapshot = ?"_s, {name})
        .and_then([&] {
            return database.run(u"INSERT OR REPLACE INTO snapshots VALUES (?, ?)"_s,
                                {name, qint64(time.time_since_epoch().count())});
        })
        .and_then([&] {
            return database.run(
                u"INSERT INTO snapshot_processes (snapshot, %1) SELECT ?, %1 FROM processes "
                "WHERE wanted != ?"_s.arg(columns),
                {name, qint64(Wanted::Gone)});
        });
}

Result<void> removeSnapshot(Database &database, const QString &name)
{
    return readSnapshot(database, name).and_then([&](const QList<StoredProcess> &) {
        return database.run(u"DELETE FROM snapshot_processes WHERE snapshot = ?"_s, {name})
            .and_then(
                [&] { return database.run(u"DELETE FROM snapshots WHERE name = ?"_s, {name}); });
    });
}

Result<QList<StoredProcess>> readSnapshot(Database &database, const QString &name)
{
    const Result<QVariant> known =
        database.value(u"SELECT count(*) FROM snapshots WHERE name = ?"_s, {name});
    if (!known)
        return tl::unexpected(known.error());
    if (known->toInt() == 0)
        return fail(ErrorCode::NotFound, tr("there is no snapshot called \"%1\"").arg(name));
    return readProcesses(database, "FROM snapshot_processes WHERE snapshot = ? ORDER BY id"_L1,
                         {name})
        .and_then([](StoredState &&state) -> Result<QList<StoredProcess>> {
            if (!state.rejected.isEmpty())
                return tl::unexpected(state.rejected.constFirst());
            return std::move(state.processes);
        });
}

Result<QList<SnapshotInfo>> readSnapshots(Database &database)
{
    QList<SnapshotInfo> snapshots;
    return database
        .forEach(u"SELECT s.name, s.time, (SELECT count(*) FROM snapshot_processes WHERE snapshot "
                 "= s.name) FROM snapshots s ORDER BY s.time, s.name"_s,
                 {},
                 [&snapshots](const Statement &row) {
                     snapshots.append(
                         {row.text(0), WallTime(milliseconds(row.number(1))), int(row.number(2))});
                 })
        .map([&snapshots] { return std::move(snapshots); });
}

Result<void> writeSafeMode(Database &database, const std::optional<SafeMode> &mode)
{
    if (!mode)
        return database.run(u"DELETE FROM facts WHERE key = ?"_s, {safeModeKey});
    QJsonObject object{{u"why"_s, int(mode->why)},
                       {u"detail"_s, mode->detail},
                       {u"file"_s, mode->file},
                       {u"since"_s, qint64(mode->since.time_since_epoch().count())}};
    return setFact(database, safeModeKey, toText(object));
}

Result<std::optional<SafeMode>> readSafeMode(Database &database)
{
    return fact(database, safeModeKey).map([](const QVariant &value) -> std::optional<SafeMode> {
        if (value.isNull())
            return std::nullopt;
        const QJsonObject object = toObject(value.toString());
        SafeMode mode;
        mode.why = SafeMode::Why(std::clamp(object["why"_L1].toInt(), 0, 2));
        mode.detail = object["detail"_L1].toString();
        mode.file = object["file"_L1].toString();
        mode.since = WallTime(milliseconds(object["since"_L1].toInteger()));
        return mode;
    });
}

} // namespace pmdaemon
