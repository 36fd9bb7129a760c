// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/processes/rowranges.h"

namespace pmdaemon {

QList<RowRange> mergedRanges(const QList<int> &rows, int rowCount)
{
    constexpr qsizetype maxRanges = 64;
    if (rows.isEmpty())
        return {};
    const QList<RowRange> all{{rows.first(), rows.last()}};
    if (rows.size() * 2 > rowCount)
        return all;
    QList<RowRange> ranges;
    for (const int row : rows) {
        if (!ranges.isEmpty() && row <= ranges.last().last + 1)
            ranges.last().last = row;
        else
            ranges.append({row, row});
    }
    return ranges.size() > maxRanges ? all : ranges;
}

} // namespace pmdaemon
