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
    QList<int> widths;        ///< of all columns
};

int totalWidth(const Layout &layout)
{
    int total = gap * std::max(0, static_cast<int>(layout.columns.size()) - 1);
    for (const qsizetype column : layout.columns)
        total += layout.widths[column];
    return total;
}

QList<int> naturalWidths(const QList<TableColumn> &columns, const QList<QList<TableCell>> &rows)
{
    QList<int> widths;
    for (qsizetype i = 0; i < columns.size(); ++i) {
        int width = std::max(textWidth(columns[i].title), columns[i].leastWidth);
        for (const QList<TableCell> &row : rows)
            width = std::max(width, textWidth(row[i].text));
        widths.append(width);
    }
    return widths;
}

/// Cuts what may be cut while columns of `rank` are there.
void shrink(Layout &layout, const QList<TableColumn> &columns, int width, int rank)
{
    for (const qsizetype i : layout.columns) {
        const int excess = totalWidth(layout) - width;
        const TableColumn &column = columns[i];
        const int shortest = rank > column.cutRank
                                 ? std::max(column.shortestWidth, column.goodWidth)
                                 : column.shortestWidth;
        if (excess > 0 && shortest > 0 && layout.widths[i] > shortest)
            layout.widths[i] = std::max(shortest, layout.widths[i] - excess);
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
    const QList<int> natural = layout.widths;
    while (true) {
        const auto worst = std::max_element(
            layout.columns.begin(), layout.columns.end(),
            [&](qsizetype a, qsizetype b) { return columns[a].dropRank < columns[b].dropRank; });
        layout.widths = natural;
        shrink(layout, columns, width, columns[*worst].dropRank);
        if (totalWidth(layout) <= width || columns[*worst].dropRank <= 0)
            return layout;
        layout.columns.erase(worst);
    }
}

void appendCell(QByteArray &out, const TableCell &cell, const TableColumn &column, int width,
                bool isLast)
{
    const QString text = shortened(cell.text, width, column.cut);
    const QByteArray padding(std::max(width - textWidth(text), 0), ' ');
    if (column.alignRight)
        out += padding;
    out += cell.colour;
    out += text.toUtf8();
    if (!cell.colour.isEmpty())
        out += "\x1b[0m";
    if (!column.alignRight && !isLast)
        out += padding;
    out += isLast ? QByteArray("\n") : QByteArray(gap, ' ');
}

QList<QList<TableCell>> harmless(QList<QList<TableCell>> rows)
{
    for (QList<TableCell> &row : rows) {
        for (TableCell &cell : row)
            cell.text = QString::fromUtf8(harmless(cell.text.toUtf8(), Colours::Strip));
    }
    return rows;
}

} // namespace

QByteArray renderTable(const QList<TableColumn> &columns, const QList<QList<TableCell>> &given,
                       int width)
{
    const QList<QList<TableCell>> rows = harmless(given);
    const Layout layout = fit(columns, rows, width);
    QByteArray out;
    const auto appendRow = [&](const auto &cellOf) {
        for (const qsizetype i : layout.columns)
            appendCell(out, cellOf(i), columns[i], layout.widths[i],
                       i == layout.columns.constLast());
    };
    appendRow([&](qsizetype i) { return TableCell{columns[i].title}; });
    for (const QList<TableCell> &row : rows)
        appendRow([&](qsizetype i) { return row[i]; });
    return out;
}

} // namespace pmdaemon
