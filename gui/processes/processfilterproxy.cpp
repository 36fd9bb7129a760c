// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/processes/processfilterproxy.h"

#include "gui/processes/format.h"
#include "gui/processes/processmodel.h"

#include <algorithm>

namespace pmdaemon {

using namespace std::chrono_literals;

namespace {

/// The C locale compares code units and knows no numbers.
QLocale collationLocale()
{
    const QLocale locale;
    return locale.language() == QLocale::C ? QLocale(QLocale::English) : locale;
}

} // namespace

ProcessFilterProxy::ProcessFilterProxy(ProcessModel &model, QObject *parent)
    : QSortFilterProxyModel(parent)
    , m_model(model)
    , m_collator(collationLocale())
{
    setSortRole(ProcessModel::SortRole);
    m_collator.setNumericMode(true);
    m_collator.setCaseSensitivity(Qt::CaseInsensitive);
    setDynamicSortFilter(false);
    setSourceModel(&model);
    connect(&m_timer, &QTimer::timeout, this, &ProcessFilterProxy::reorder);
    m_timer.start(2s);
}

void ProcessFilterProxy::setFilterText(const QString &text)
{
    const QStringList words = text.split(u' ', Qt::SkipEmptyParts);
    if (words == m_words)
        return;
    m_words = words;
    invalidateRowsFilter();
}

void ProcessFilterProxy::reorder()
{
    if (m_held || sortColumn() < 0)
        return;
    // A new status can change what the filter keeps; without dynamic filtering nobody else looks.
    if (!m_words.isEmpty())
        invalidateRowsFilter();
    if (!isInOrder())
        sort(sortColumn(), sortOrder());
}

bool ProcessFilterProxy::filterAcceptsRow(int row, const QModelIndex &) const
{
    if (m_words.isEmpty())
        return true;
    const ProcessEntry &entry = m_model.entry(row);
    const QString status = statusWord(entry.status);
    const auto found = [&](const QString &word) {
        const auto in = [&word](const QString &text) {
            return text.contains(word, Qt::CaseInsensitive);
        };
        return in(entry.name) || in(entry.app) || in(entry.nameSpace) || in(status);
    };
    return std::all_of(m_words.cbegin(), m_words.cend(), found);
}

bool ProcessFilterProxy::lessThan(const QModelIndex &left, const QModelIndex &right) const
{
    if (isBefore(left, right))
        return true;
    if (isBefore(right, left))
        return false;
    // Equal figures keep a fixed order, the same in both directions.
    return (left.row() < right.row()) == (sortOrder() == Qt::AscendingOrder);
}

bool ProcessFilterProxy::isBefore(const QModelIndex &left, const QModelIndex &right) const
{
    if (left.column() != ProcessModel::Name)
        return QSortFilterProxyModel::lessThan(left, right);
    return m_collator.compare(m_model.entry(left.row()).name, m_model.entry(right.row()).name) < 0;
}

bool ProcessFilterProxy::isInOrder() const
{
    const auto sourceAt = [this](int row) { return mapToSource(index(row, sortColumn())); };
    const bool ascending = sortOrder() == Qt::AscendingOrder;
    for (int row = 1; row < rowCount(); ++row) {
        const QModelIndex above = sourceAt(row - 1);
        const QModelIndex below = sourceAt(row);
        if (ascending ? lessThan(below, above) : lessThan(above, below))
            return false;
    }
    return true;
}

} // namespace pmdaemon
