// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/cli/textwidth.h"

#include <QList>

namespace pmdaemon {

struct TableColumn
{
    QString title;
    bool alignRight = false;
    int dropRank = 0;      ///< > 0: may be left out where it is too narrow, the highest first
    int shortestWidth = 0; ///< > 0: may be cut to this width, with an ellipsis
    int leastWidth = 0;    ///< kept although nothing is as wide
    int goodWidth = 0;     ///< it is cut below this when columns above `cutRank` are left out
    int cutRank = 0;
    Cut cut = Cut::End;
};

struct TableCell
{
    QString text;
    QByteArray colour = {}; ///< an SGR sequence around the text; empty = none
};

/// Aligned columns, two spaces apart, a line each. `width` 0 = as wide as it gets; else columns are
/// cut and then left out until the lines fit, as far as the columns allow it.
QByteArray renderTable(const QList<TableColumn> &columns, const QList<QList<TableCell>> &rows,
                       int width);

} // namespace pmdaemon
