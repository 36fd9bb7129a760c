// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/processtable.h"

#include "app/cli/clitext.h"
#include "app/cli/table.h"
#include "app/cli/units.h"

#include <algorithm>
#include <array>
#include <map>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

/// What the bars of a quiet process are measured by, so that they do not show noise; percent.
constexpr double leastScale = 10;

struct StatusLook
{
    const char *shape; ///< UTF-8, told apart without colour
    QByteArray colour; ///< SGR
};

StatusLook lookOf(ProcessStatus status)
{
    switch (status) {
    case ProcessStatus::Online:
        return {"●", "\x1b[32m"};
    case ProcessStatus::Errored:
        return {"✕", "\x1b[31m"};
    case ProcessStatus::Starting:
        return {"◐", "\x1b[33m"};
    case ProcessStatus::Stopping:
        return {"◑", "\x1b[33m"};
    case ProcessStatus::Restarting:
        return {"↻", "\x1b[33m"};
    case ProcessStatus::Stopped:
        break;
    }
    return {"○", "\x1b[2m"};
}

TableCell statusCell(ProcessStatus status, const Output &output)
{
    const StatusLook look = lookOf(status);
    QString text = toString(status);
    if (output.unicode())
        text = QString::fromUtf8(look.shape) + u' ' + text;
    return {text, output.colour() ? look.colour : QByteArray()};
}

TableCell healthCell(HealthStatus health, const Output &output)
{
    if (health == HealthStatus::Unknown)
        return {u"-"_s};
    const bool alarming = output.colour() && health == HealthStatus::Unhealthy;
    return {toString(health), alarming ? QByteArray("\x1b[31m") : QByteArray()};
}

template <typename T>
QString numberOr(const std::optional<T> &value)
{
    return value ? QString::number(*value) : u"-"_s;
}

/// What is redrawn keeps its columns in place while figures grow and shrink.
QList<TableColumn> columns(bool isRedrawn)
{
    const auto least = [isRedrawn](int width) { return isRedrawn ? width : 0; };
    return {
        {.title = Cli::tr("id"), .alignRight = true},
        // The end tells the instances of an app apart.
        {.title = Cli::tr("name"),
         .shortestWidth = 12,
         .goodWidth = 28,
         .cutRank = 2,
         .cut = Cut::Middle},
        {.title = Cli::tr("namespace"), .dropRank = 8, .shortestWidth = 8},
        {.title = Cli::tr("status"), .leastWidth = least(12)},
        {.title = Cli::tr("health"), .dropRank = 6, .leastWidth = least(9)},
        {.title = Cli::tr("pid"), .alignRight = true, .dropRank = 5, .leastWidth = least(7)},
        {.title = Cli::tr("port"), .alignRight = true, .dropRank = 7, .leastWidth = least(5)},
        {.title = Cli::tr("uptime"), .alignRight = true, .dropRank = 3, .leastWidth = least(7)},
        {.title = Cli::tr("restarts"), .alignRight = true, .dropRank = 4},
        {.title = Cli::tr("cpu"), .alignRight = true, .dropRank = 1, .leastWidth = least(6)},
        {.title = Cli::tr("memory"), .alignRight = true, .dropRank = 2, .leastWidth = least(10)}};
}

const TableColumn &pastColumn()
{
    static const TableColumn column{.title = Cli::tr("cpu, %n s", nullptr, pastLength),
                                    .dropRank = 9};
    return column;
}

QList<TableCell> cellsOf(const ProcessRow &row, const Output &output)
{
    const ProcessEntry &entry = row.entry;
    const ProcessSample &sample = row.sample;
    const bool running = entry.pid.has_value();
    const auto whileRunning = [running](const QString &text) {
        return TableCell{running ? text : u"-"_s};
    };
    return {{QString::number(toInt(entry.id))},
            {entry.name},
            {entry.nameSpace},
            statusCell(entry.status, output),
            healthCell(entry.health, output),
            {numberOr(entry.pid)},
            {numberOr(entry.port)},
            whileRunning(uptimeText(sample.uptime)),
            {QString::number(entry.restarts)},
            whileRunning(QString::number(sample.cpu, 'f', 1) + u'%'),
            whileRunning(sizeText(sample.memory))};
}

/// Nothing for what does not run.
QString pastText(const ProcessRow &row)
{
    if (!row.entry.pid || row.cpuPast.isEmpty())
        return {};
    return sparkline(row.cpuPast, std::max(leastScale, *std::max_element(row.cpuPast.cbegin(),
                                                                         row.cpuPast.cend())));
}

struct SortKey
{
    QLatin1StringView name;
    bool (*isBefore)(const ProcessRow &a, const ProcessRow &b);
};

// Words and numbers that name something ascend; of figures the largest comes first.
constexpr std::array sortKeys = {
    SortKey{"id"_L1,
            [](const ProcessRow &a, const ProcessRow &b) { return a.entry.id < b.entry.id; }},
    SortKey{"name"_L1,
            [](const ProcessRow &a, const ProcessRow &b) { return a.entry.name < b.entry.name; }},
    SortKey{"namespace"_L1,
            [](const ProcessRow &a, const ProcessRow &b) {
                return a.entry.nameSpace < b.entry.nameSpace;
            }},
    SortKey{"status"_L1,
            [](const ProcessRow &a, const ProcessRow &b) {
                return toString(a.entry.status) < toString(b.entry.status);
            }},
    SortKey{"pid"_L1,
            [](const ProcessRow &a, const ProcessRow &b) { return a.entry.pid < b.entry.pid; }},
    SortKey{"uptime"_L1, [](const ProcessRow &a,
                            const ProcessRow &b) { return a.sample.uptime > b.sample.uptime; }},
    SortKey{"restarts"_L1, [](const ProcessRow &a,
                              const ProcessRow &b) { return a.entry.restarts > b.entry.restarts; }},
    SortKey{"cpu"_L1,
            [](const ProcessRow &a, const ProcessRow &b) { return a.sample.cpu > b.sample.cpu; }},
    SortKey{"memory"_L1, [](const ProcessRow &a,
                            const ProcessRow &b) { return a.sample.memory > b.sample.memory; }},
};

bool isChosen(const ProcessEntry &entry, const ListOptions &options)
{
    return (options.nameSpace.isEmpty() || entry.nameSpace == options.nameSpace) &&
           (options.statuses.isEmpty() || options.statuses.contains(entry.status));
}

} // namespace

QString statusCounts(const QList<ProcessRow> &rows, qsizetype all)
{
    std::map<ProcessStatus, int> counts;
    for (const ProcessRow &row : rows)
        ++counts[row.entry.status];
    QStringList parts;
    for (const auto &[status, count] : counts)
        parts.append(QString::number(count) + u' ' + toString(status));
    const QString text = parts.isEmpty() ? Cli::tr("no processes") : parts.join(u", "_s);
    return rows.size() == all ? text : Cli::tr("%1 of %2: %3").arg(rows.size()).arg(all).arg(text);
}

QString hiddenRows(qsizetype above, qsizetype below)
{
    QStringList parts;
    if (above > 0)
        parts.append(Cli::tr("%1 above").arg(above));
    if (below > 0)
        parts.append(Cli::tr("%1 below").arg(below));
    return parts.join(u", "_s);
}

void CpuPast::take(const MetricsFrame &frame)
{
    QHash<ProcessId, QList<double>> past;
    for (const ProcessSample &sample : frame.processes) {
        QList<double> &figures = past[sample.id];
        figures = m_past.take(sample.id);
        figures.append(sample.cpu);
        if (figures.size() > pastLength)
            figures.removeFirst();
    }
    m_past = past; // without those that are gone
}

QStringList processSortKeys()
{
    QStringList names;
    for (const SortKey &key : sortKeys)
        names.append(key.name);
    return names;
}

QList<ProcessRow> chosenRows(const Backend &backend, const ListOptions &options)
{
    QList<ProcessRow> rows;
    for (const ProcessEntry &entry : backend.processes()) {
        if (isChosen(entry, options))
            rows.append({entry, backend.lastSample(entry.id), {}});
    }
    for (const SortKey &key : sortKeys) {
        if (key.name == options.sort)
            std::stable_sort(rows.begin(), rows.end(), key.isBefore);
    }
    return rows;
}

QByteArray renderProcesses(const QList<ProcessRow> &rows, const Output &output, int width,
                           bool isRedrawn)
{
    const bool hasPast = isRedrawn && output.unicode();
    QList<QList<TableCell>> cells;
    for (const ProcessRow &row : rows) {
        cells.append(cellsOf(row, output));
        if (hasPast)
            cells.last().append({pastText(row).rightJustified(pastLength)});
    }
    QList<TableColumn> shown = columns(isRedrawn);
    if (hasPast)
        shown.append(pastColumn());
    return renderTable(shown, cells, width);
}

QString sparkline(const QList<double> &values, double highest)
{
    constexpr int steps = 8;
    constexpr char16_t lowest = u'\u2581';
    QString bars;
    for (const double value : values) {
        const int step = int(value / highest * steps);
        bars += QChar(lowest + std::clamp(step, 0, steps - 1));
    }
    return bars;
}

} // namespace pmdaemon
