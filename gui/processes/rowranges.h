// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QList>

namespace pmdaemon {

/// Rows first to last, both included.
struct RowRange
{
    int first = 0;
    int last = 0;

    bool operator==(const RowRange &) const = default;
};

/// Ranges that cover `rows` (ascending) of a model with `rowCount` rows: neighbours merged, and a
/// single range when more than half of all rows changed or more than 64 ranges would be left.
QList<RowRange> mergedRanges(const QList<int> &rows, int rowCount);

} // namespace pmdaemon
