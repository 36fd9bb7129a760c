// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processentry.h"

#include <QColor>
#include <QPalette>

namespace pmdaemon {

/// Whether colours have to stand on a light or on a dark base.
enum class Shade { Light, Dark };

/// By the lightness of the palette's Base.
Shade shadeOf(const QPalette &palette);

/// WCAG 2.1 relative luminance contrast, 1 to 21; both colours opaque.
double contrastRatio(const QColor &a, const QColor &b);
/// `colour`, moved towards black or white until its contrast on `base` is at least `minimum`.
QColor readableOn(const QColor &base, const QColor &colour, double minimum = 4.5);

/// The colour of a status's shape and word on an unselected row.
QColor statusColour(ProcessStatus status, Shade shade);
/// For what is not current: a stale row's shape.
QColor unknownColour(Shade shade);

/// The line style of the n-th series of a chart: a colour and a dash pattern of its own.
struct SeriesStyle
{
    QColor colour;
    Qt::PenStyle dash = Qt::SolidLine;

    bool operator==(const SeriesStyle &) const = default;
};

SeriesStyle seriesStyle(int index, Shade shade);

/// Background and text of a banner.
struct BannerColours
{
    QColor background;
    QColor text;
    QColor link;
};

BannerColours warningColours(Shade shade);

} // namespace pmdaemon
