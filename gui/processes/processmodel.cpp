// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/processes/processmodel.h"

#include "gui/processes/format.h"
#include "gui/processes/rowranges.h"

#include <QTextDocument>

#include <algorithm>
#include <array>
#include <limits>

namespace pmdaemon {

namespace {

constexpr milliseconds sampleInterval{1'000};

constexpr std::array<const char *, ProcessModel::ColumnCount> titles{
    QT_TRANSLATE_NOOP("pmdaemon::ProcessModel", "Status"),
    QT_TRANSLATE_NOOP("pmdaemon::ProcessModel", "Name"),
    QT_TRANSLATE_NOOP("pmdaemon::ProcessModel", "CPU"),
    QT_TRANSLATE_NOOP("pmdaemon::ProcessModel", "CPU (1 min)"),
    QT_TRANSLATE_NOOP("pmdaemon::ProcessModel", "Memory"),
    QT_TRANSLATE_NOOP("pmdaemon::ProcessModel", "Uptime"),
    QT_TRANSLATE_NOOP("pmdaemon::ProcessModel", "Restarts"),
    QT_TRANSLATE_NOOP("pmdaemon::ProcessModel", "Health"),
    QT_TRANSLATE_NOOP("pmdaemon::ProcessModel", "PID"),
    QT_TRANSLATE_NOOP("pmdaemon::ProcessModel", "Port"),
};

// What wants attention sorts first.
constexpr std::array<int, 6> urgency{5, 2, 4, 3, 0, 1};

// PID and port are numbers that nobody adds up: they stand left, as names do. Health keeps its
// distance from the numbers beside it.
Qt::AlignmentFlag alignmentOf(int column)
{
    switch (column) {
    case ProcessModel::Cpu:
    case ProcessModel::Memory:
    case ProcessModel::Uptime:
    case ProcessModel::Restarts:
        return Qt::AlignRight;
    case ProcessModel::Health:
        return Qt::AlignHCenter;
    default:
        return Qt::AlignLeft;
    }
}

template <typename T>
QString numberText(const std::optional<T> &value)
{
    return value ? QString::number(*value) : noValue();
}

} // namespace

ProcessModel::ProcessModel(Backend &backend, Clock clock, QObject *parent)
    : QAbstractTableModel(parent)
    , m_backend(backend)
    , m_clock(std::move(clock))
    , m_stale(backend.connectionState() != ConnectionState::Live)
{
    for (const ProcessEntry &entry : backend.processes())
        upsert(entry);
    connect(&backend, &Backend::statusChanged, this,
            [this](const StatusChange &change) { upsert(change.process); });
    connect(&backend, &Backend::processUpdated, this, &ProcessModel::upsert);
    connect(&backend, &Backend::processRemoved, this, &ProcessModel::remove);
    connect(&backend, &Backend::processMetrics, this, &ProcessModel::applyFrame);
    connect(&backend, &Backend::connectionStateChanged, this, &ProcessModel::stateChanged);
}

ProcessModel::~ProcessModel() = default;

void ProcessModel::setWatching(bool on)
{
    m_watch = on ? m_backend.watchProcessMetrics({}, sampleInterval) : Watch();
}

std::size_t ProcessModel::lowerBound(ProcessId id) const
{
    const auto at =
        std::lower_bound(m_rows.cbegin(), m_rows.cend(), id,
                         [](const auto &row, ProcessId i) { return row->entry.id < i; });
    return std::size_t(at - m_rows.cbegin());
}

int ProcessModel::rowOf(ProcessId id) const
{
    const std::size_t at = lowerBound(id);
    return at < m_rows.size() && m_rows[at]->entry.id == id ? int(at) : -1;
}

void ProcessModel::upsert(const ProcessEntry &entry)
{
    const int at = int(lowerBound(entry.id));
    if (rowOf(entry.id) < 0) {
        beginInsertRows({}, at, at);
        m_rows.insert(m_rows.begin() + at, std::make_unique<Row>());
        m_rows[std::size_t(at)]->entry = entry;
        endInsertRows();
        return;
    }
    m_rows[std::size_t(at)]->entry = entry;
    emit dataChanged(index(at, 0), index(at, ColumnCount - 1));
}

void ProcessModel::remove(ProcessId id)
{
    const int at = rowOf(id);
    if (at < 0)
        return;
    beginRemoveRows({}, at, at);
    m_rows.erase(m_rows.begin() + at);
    endRemoveRows();
}

void ProcessModel::applyFrame(const MetricsFrame &frame)
{
    if (frame.interval != sampleInterval)
        return;
    m_clockOffset = frame.time - m_clock();
    QList<int> changed;
    std::size_t at = 0;
    for (const ProcessSample &sample : frame.processes) {
        while (at < m_rows.size() && m_rows[at]->entry.id < sample.id)
            ++at;
        if (at == m_rows.size())
            break;
        Row &row = *m_rows[at];
        if (row.entry.id != sample.id)
            continue;
        const float value = row.entry.pid ? float(sample.cpu) : SparkRing::gap();
        const bool same = row.sample.cpu == sample.cpu && row.sample.memory == sample.memory &&
                          row.cpuMinute.isFlatAt(value);
        row.sample = sample;
        row.cpuMinute.push(value);
        if (!same)
            changed.append(int(at));
    }
    for (const RowRange &range : mergedRanges(changed, int(m_rows.size()))) {
        emit dataChanged(index(range.first, Cpu), index(range.last, Memory),
                         {Qt::DisplayRole, SortRole, SparkRole});
    }
}

void ProcessModel::stateChanged()
{
    const bool stale = m_backend.connectionState() != ConnectionState::Live;
    if (stale == m_stale)
        return;
    m_stale = stale;
    if (!m_rows.empty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1),
                         {StaleRole, Qt::AccessibleTextRole});
}

int ProcessModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int ProcessModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ProcessModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Row &row = *m_rows[std::size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return text(row, index.column());
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::AlignVCenter | alignmentOf(index.column()));
    case Qt::ToolTipRole:
        return tip(row, index.column());
    case Qt::AccessibleTextRole:
        return index.column() == Status ? spoken(row) : text(row, index.column());
    case SortRole:
        return sortValue(row, index.column());
    case StatusRole:
        return int(row.entry.status);
    case SparkRole:
        return QVariant::fromValue(&std::as_const(row.cpuMinute));
    case StaleRole:
        return m_stale;
    default:
        return {};
    }
}

QVariant ProcessModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal || section < 0 ||
        section >= ColumnCount)
        return {};
    return tr(titles[std::size_t(section)]);
}

milliseconds ProcessModel::uptime(const Row &row) const
{
    return uptimeOf(row.entry, m_clock() + m_clockOffset);
}

QString ProcessModel::text(const Row &row, int column) const
{
    const ProcessEntry &entry = row.entry;
    const bool runs = entry.pid.has_value();
    switch (column) {
    case Status:
        return statusWord(entry.status);
    case Name:
        return nameText(entry.name);
    case Cpu:
        return runs ? percentText(row.sample.cpu) : noValue();
    case Memory:
        return runs ? bytesText(row.sample.memory) : noValue();
    case Uptime:
        return runs ? durationText(uptime(row)) : noValue();
    case Restarts:
        return QString::number(entry.restarts);
    case Health:
        return entry.health == HealthStatus::Unknown ? noValue() : healthWord(entry.health);
    case Pid:
        return numberText(entry.pid);
    case Port:
        return numberText(entry.port);
    default:
        return {};
    }
}

QVariant ProcessModel::sortValue(const Row &row, int column) const
{
    const ProcessEntry &entry = row.entry;
    switch (column) {
    case Status:
        return urgency[std::size_t(entry.status)];
    case Name:
        return entry.name;
    case Cpu:
    case CpuMinute:
        return entry.pid ? row.sample.cpu : -1.0;
    case Memory:
        return entry.pid ? row.sample.memory : -1;
    case Uptime:
        return entry.startedAt ? -qlonglong(entry.startedAt->time_since_epoch().count())
                               : std::numeric_limits<qlonglong>::min();
    case Restarts:
        return entry.restarts;
    case Health:
        return int(entry.health);
    case Pid:
        return entry.pid.value_or(-1);
    case Port:
        return entry.port.value_or(-1);
    default:
        return {};
    }
}

QString ProcessModel::spoken(const Row &row) const
{
    const ProcessEntry &entry = row.entry;
    const QString name = nameText(entry.name);
    //: how a screen reader names a row: process, status
    QString text = tr("%1, %2").arg(name, statusWord(entry.status));
    if (m_stale)
        text = tr("%1, status unknown, last seen %2").arg(name, statusWord(entry.status));
    if (entry.exitCode && !entry.pid)
        text += tr(", exit code %1").arg(*entry.exitCode);
    else if (entry.signal && !entry.pid)
        text += tr(", ended by %1").arg(*entry.signal);
    if (entry.restarts > 0)
        text += tr(", %n restart(s)", nullptr, entry.restarts);
    return text;
}

QString ProcessModel::tip(const Row &row, int column) const
{
    QString text;
    if (column == Status)
        text = row.entry.reason ? spoken(row) + u'\n' + *row.entry.reason : spoken(row);
    else if (column == Name)
        text = tr("Namespace: %1").arg(nameText(row.entry.nameSpace));
    // A tool tip takes what looks like markup for markup, and these are others' words.
    return text.isEmpty() ? text : Qt::convertFromPlainText(text, Qt::WhiteSpaceNormal);
}

} // namespace pmdaemon
