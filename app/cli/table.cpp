// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/table.h"

#include "app/cli/sanitize.h"

#include <algorithm>
#include <numeric>

namespace pmdaemon {

namespace {

constexpr int gap = 2;

struct Layout
{
    QList<qsizetype> columns; ///< indexes of those that are shown
    QList<qsizetype> widths;  ///< of all columns
};

qsizetype totalWidth(const Layout &layout)
{
    qsizetype total = gap * std::max<qsizetype>(0, layout.columns.size() - 1);
    for (const qsizetype column : layout.columns)
        total += layout.widths[column];
    return total;
}

QList<qsizetype> naturalWidths(const QList<TableColumn> &columns,
                               const QList<QList<TableCell>> &rows)
{
    QList<qsizetype> widths;
    for (qsizetype i = 0; i < columns.size(); ++i) {
        qsizetype width = std::max<qsizetype>(columns[i].title.size(), columns[i].leastWidth);
        for (const QList<TableCell> &row : rows)
            width = std::max(width, row[i].text.size());
        widths.append(width);
    }
    return widths;
}

void shrink(Layout &layout, const QList<TableColumn> &columns, int width)
{
    for (const qsizetype i : layout.columns) {
        const qsizetype excess = totalWidth(layout) - width;
        const int shortest = columns[i].shortestWidth;
        if (excess > 0 && shortest > 0 && layout.widths[i] > shortest)
            layout.widths[i] = std::max<qsizetype>(shortest, layout.widths[i] - excess);
    }
}

Layout fit(const QList<TableColumn> &columns, const QList<QList<TableCell>> &rows, int width)
{
    Layout layout;
    layout.widths = naturalWidths(columns, rows);
    layout.columns.resize(columns.size());
    std::iota(layout.columns.begin(), layout.columns.end(), 0);
    if (width <= 0)
        return layout;
    const QList<qsizetype> natural = layout.widths;
    shrink(layout, columns, width);
    while (totalWidth(layout) > width) {
        const auto worst = std::max_element(
            layout.columns.begin(), layout.columns.end(),
            [&](qsizetype a, qsizetype b) { return columns[a].dropRank < columns[b].dropRank; });
        if (columns[*worst].dropRank <= 0)
            break;
        layout.columns.erase(worst);
        layout.widths = natural;
        shrink(layout, columns, width);
    }
    return layout;
}

void appendCell(QByteArray &out, const TableCell &cell, qsizetype width, bool alignRight,
                bool isLast)
{
    QString text = cell.text;
    if (text.size() > width)
        text = text.left(width - 1) + QChar(0x2026);
    const QByteArray padding(width - text.size(), ' ');
    if (alignRight)
        out += padding;
    out += cell.colour;
    out += harmless(text.toUtf8(), Colours::Strip);
    if (!cell.colour.isEmpty())
        out += "\x1b[0m";
    if (!alignRight && !isLast)
        out += padding;
    out += isLast ? QByteArray("\n") : QByteArray(gap, ' ');
}

} // namespace

QByteArray renderTable(const QList<TableColumn> &columns, const QList<QList<TableCell>> &rows,
                       int width)
{
    const Layout layout = fit(columns, rows, width);
    QByteArray out;
    const auto appendRow = [&](const auto &cellOf) {
        for (const qsizetype i : layout.columns)
            appendCell(out, cellOf(i), layout.widths[i], columns[i].alignRight,
                       i == layout.columns.constLast());
    };
    appendRow([&](qsizetype i) { return TableCell{columns[i].title}; });
    for (const QList<TableCell> &row : rows)
        appendRow([&](qsizetype i) { return row[i]; });
    return out;
}

} // namespace pmdaemon
