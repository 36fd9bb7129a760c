// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QByteArray>
#include <QString>

namespace pmdaemon {

/// How many cells of a terminal the text takes: 2 for wide characters and emoji, 0 for what
/// combines with the character before it. Control characters count as the picture of them.
int textWidth(const QString &text);

/// Which part of a text that is cut gives way to the ellipsis.
enum class Cut { End, Middle };

/// `text` in at most `width` cells.
QString shortened(const QString &text, int width, Cut cut);

struct ClippedLine
{
    QByteArray text;
    int width = 0; ///< in cells
};

/// As much of the start of `line` as fits in `width` cells. `line` is harmless(): UTF-8, SGR
/// sequences, tabs, which become spaces. A colour that is cut off is reset.
ClippedLine clipped(const QByteArray &line, int width);

} // namespace pmdaemon
