// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/state/statetables.h"

#include <QJsonDocument>

#include <cmath>
#include <limits>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr auto eventsAreKept = 24h * 7;
constexpr qint64 maxEvents = 100'000;
constexpr auto metricsAreKept = 24h;

qint64 count(WallTime time)
{
    return time.time_since_epoch().count();
}

qint64 whole(double value)
{
    return std::llround(value);
}

qint64 hundredths(double value)
{
    return std::llround(value * 100);
}

QString joined(const QList<ProcessId> &ids)
{
    QStringList numbers;
    for (const ProcessId id : ids)
        numbers.append(QString::number(toInt(id)));
    return numbers.join(u',');
}

QVariantList inHundredths(const Spread &spread)
{
    return {hundredths(spread.low), hundredths(spread.mean), hundredths(spread.high)};
}

QVariantList inWhole(const Spread &spread)
{
    return {whole(spread.low), whole(spread.mean), whole(spread.high)};
}

} // namespace

Result<void> writeEvents(Database &database, const QList<ProcessEvent> &events)
{
    if (events.isEmpty())
        return {};
    Result<Statement> insert = database.prepare(
        u"INSERT INTO events (time, process, name, kind, details) VALUES (?, ?, ?, ?, ?)"_s);
    if (!insert)
        return tl::unexpected(insert.error());
    for (const ProcessEvent &event : events) {
        const QByteArray details = QJsonDocument(event.details).toJson(QJsonDocument::Compact);
        Result<void> done =
            insert->run({count(event.time), toInt(event.id), event.name,
                         QString(toString(event.kind)), QString::fromUtf8(details)});
        if (!done)
            return done;
    }
    return {};
}

Result<void> writeMetrics(Database &database, const QList<MetricsMinute> &minutes)
{
    if (minutes.isEmpty())
        return {};
    Result<Statement> system = database.prepare(
        u"INSERT OR REPLACE INTO system_metrics VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"_s);
    Result<Statement> process = database.prepare(
        u"INSERT OR REPLACE INTO process_metrics VALUES (?, ?, ?, ?, ?, ?, ?, ?)"_s);
    if (!system || !process)
        return tl::unexpected((system ? process : system).error());
    for (const MetricsMinute &minute : minutes) {
        const qint64 time = count(minute.time);
        const QVariantList rest{hundredths(minute.system.load), whole(minute.system.networkRx),
                                whole(minute.system.networkTx)};
        Result<void> stored = system->run(QVariantList{time} + inHundredths(minute.system.cpu) +
                                          inWhole(minute.system.memory) + rest);
        if (!stored)
            return stored;
        for (const ProcessMinute &figures : minute.processes) {
            Result<void> done = process->run(QVariantList{time, toInt(figures.id)} +
                                             inHundredths(figures.cpu) + inWhole(figures.memory));
            if (!done)
                return done;
        }
    }
    return {};
}

Result<void> prune(Database &database, WallTime now)
{
    return database
        .run(u"DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?"_s, {maxEvents})
        .and_then([&] {
            return database.run(u"DELETE FROM events WHERE time < ?"_s,
                                {count(now - eventsAreKept)});
        })
        .and_then([&] {
            return database.run(u"DELETE FROM system_metrics WHERE time < ?"_s,
                                {count(now - metricsAreKept)});
        })
        .and_then([&] {
            return database.run(u"DELETE FROM process_metrics WHERE time < ?"_s,
                                {count(now - metricsAreKept)});
        });
}

Result<EventPage> readEvents(Database &database, const EventQuery &query,
                             const QList<ProcessId> &ids)
{
    QString where = u"true"_s;
    QVariantList values;
    const auto add = [&where, &values](const QString &condition, const QVariant &value) {
        where += condition;
        values.append(value);
    };
    if (!ids.isEmpty() || !query.process.isEmpty())
        add(QString(" AND (process IN (%1) OR name = ?)"_L1.arg(joined(ids))), query.process);
    if (query.before) {
        add(u" AND (time, id) < ((SELECT time FROM events WHERE id = ?), ?)"_s, *query.before);
        values.append(*query.before);
    }
    if (query.since)
        add(u" AND time >= ?"_s, count(*query.since));
    if (query.until)
        add(u" AND time <= ?"_s, count(*query.until));
    values.append(query.limit);
    EventPage page;
    qint64 last = 0;
    int found = 0;
    const auto take = [&](const Statement &row) {
        last = row.number(0);
        ++found;
        // A kind that only a newer version knows is passed over.
        if (const auto kind = processEventKindFromString(row.text(4))) {
            page.events.append({*kind, ProcessId(row.number(2)), row.text(3),
                                WallTime(milliseconds(row.number(1))),
                                QJsonDocument::fromJson(row.text(5).toUtf8()).object()});
        }
    };
    return database
        .forEach("SELECT id, time, process, name, kind, details FROM events WHERE %1 "
                 "ORDER BY time DESC, id DESC LIMIT ?"_L1.arg(where),
                 values, take)
        .map([&] {
            if (found == query.limit)
                page.cursor = last;
            return std::move(page);
        });
}

Result<MetricsSeries> readMetrics(Database &database, const MetricsQuery &query)
{
    MetricsSeries series;
    series.mean.step = 1min;
    const auto take = [&series, &query](const Statement &row) {
        series.mean.time.append(row.number(0));
        series.cpuLow.append(row.real(1) / 100);
        series.mean.cpu.append(row.real(2) / 100);
        series.cpuHigh.append(row.real(3) / 100);
        series.memoryLow.append(row.number(4));
        series.mean.memory.append(row.number(5));
        series.memoryHigh.append(row.number(6));
        if (query.process)
            return;
        series.mean.load.append(row.real(7) / 100);
        series.mean.networkRx.append(row.number(8));
        series.mean.networkTx.append(row.number(9));
    };
    QVariantList values{count(query.from), count(query.to)};
    QString sql = u"SELECT * FROM system_metrics WHERE time BETWEEN ? AND ? ORDER BY time"_s;
    if (query.process) {
        // The system's minutes are the list of times: one look-up in each finds the figures.
        sql = u"SELECT p.time, p.cpu_low, p.cpu, p.cpu_high, p.memory_low, p.memory, p.memory_high "
              "FROM system_metrics s CROSS JOIN process_metrics p ON p.time = s.time AND p.process "
              "= ? WHERE s.time BETWEEN ? AND ? ORDER BY s.time"_s;
        values.prepend(toInt(*query.process));
    }
    return database.forEach(sql, values, take).map([&series] { return std::move(series); });
}

} // namespace pmdaemon
