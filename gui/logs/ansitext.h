// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QByteArrayView>
#include <QList>
#include <QString>

namespace pmdaemon {

/// A colour as a terminal names it.
struct AnsiColour
{
    enum class Kind { Default, Indexed, Rgb };

    Kind kind = Kind::Default;
    quint32 value = 0; ///< 0 to 255, or 0xRRGGBB

    bool operator==(const AnsiColour &) const = default;
};

struct AnsiStyle
{
    AnsiColour foreground;
    AnsiColour background;
    bool bold = false;
    bool italic = false;
    bool underline = false;
    bool inverse = false;

    bool operator==(const AnsiStyle &) const = default;
};

/// A stretch of AnsiText::text, in UTF-16 units, in one style.
struct AnsiSpan
{
    int start = 0;
    int length = 0;
    AnsiStyle style;

    bool operator==(const AnsiSpan &) const = default;
};

/// A line as it reads: no control characters but tabs, at most `maxColumns` long. Spans only where
/// the style is not the default one.
struct AnsiText
{
    QString text;
    QList<AnsiSpan> spans;
    qsizetype cut = 0; ///< characters left out at the end
};

/// Select Graphic Rendition sequences (ECMA-48 8.3.117 with 256 colours and 24 bits) become spans;
/// other escape sequences, control characters and explicit text directions go. After a carriage
/// return the line begins anew, as on a terminal. Never fails; what is malformed is left out.
AnsiText parseAnsi(QByteArrayView utf8, qsizetype maxColumns = 4'000);

/// 0xRRGGBB of an indexed colour of the xterm palette.
quint32 ansiRgb(quint32 index);

} // namespace pmdaemon
