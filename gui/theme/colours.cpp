// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/theme/colours.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace pmdaemon {

namespace {

struct TwoShades
{
    QRgb light;
    QRgb dark;

    QColor of(Shade shade) const { return QColor(shade == Shade::Light ? light : dark); }
};

// By ProcessStatus. Contrast of at least 4.5 on every base and the largest smallest CIEDE2000
// distance under normal, protan, deutan and tritan vision: kept by tst_colours.
constexpr std::array<TwoShades, 6> statusTable{{
    {0xff656b72, 0xffd8e4ee}, // stopped
    {0xff032a76, 0xff3ba7fc}, // starting
    {0xff035a41, 0xff5cf2bb}, // online
    {0xff442d03, 0xfffddb56}, // stopping
    {0xffc53d10, 0xfff47a66}, // errored
    {0xffaf38af, 0xffc094b0}, // restarting
}};

// After Okabe and Ito, darker on light and lighter on dark.
constexpr std::array<TwoShades, 4> seriesTable{{
    {0xff0068a8, 0xff56b4f0},
    {0xffc85000, 0xfff47a66},
    {0xff007a5a, 0xff5cf2bb},
    {0xffa8408a, 0xffd9a0c4},
}};

constexpr std::array dashes{Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine};

double linear(double channel)
{
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor &colour)
{
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) +
           0.0722 * linear(colour.blueF());
}

QColor mix(const QColor &from, const QColor &to, double share)
{
    const auto channel = [share](int a, int b) { return int(std::lround(a + (b - a) * share)); };
    return QColor(channel(from.red(), to.red()), channel(from.green(), to.green()),
                  channel(from.blue(), to.blue()));
}

} // namespace

Shade shadeOf(const QPalette &palette)
{
    return palette.color(QPalette::Base).lightness() < 127 ? Shade::Dark : Shade::Light;
}

double contrastRatio(const QColor &a, const QColor &b)
{
    const auto [darker, lighter] = std::minmax({luminance(a), luminance(b)});
    return (lighter + 0.05) / (darker + 0.05);
}

QColor readableOn(const QColor &base, const QColor &colour, double minimum)
{
    const QColor white(0xffffffff);
    const QColor black(0xff000000);
    const QColor &end = contrastRatio(white, base) > contrastRatio(black, base) ? white : black;
    constexpr int steps = 10;
    for (int step = 0; step < steps; ++step) {
        const QColor candidate = mix(colour, end, double(step) / steps);
        if (contrastRatio(candidate, base) >= minimum)
            return candidate;
    }
    return end;
}

QColor statusColour(ProcessStatus status, Shade shade)
{
    return statusTable[std::size_t(status)].of(shade);
}

QColor unknownColour(Shade shade)
{
    return TwoShades{0xff6b6b6b, 0xffa8a8a8}.of(shade);
}

SeriesStyle seriesStyle(int index, Shade shade)
{
    const auto at = std::size_t(index);
    return {seriesTable[at % seriesTable.size()].of(shade), dashes[at % dashes.size()]};
}

BannerColours warningColours(Shade shade)
{
    return {TwoShades{0xfffff0cd, 0xff483600}.of(shade),
            TwoShades{0xff3c2e00, 0xfff6e6b4}.of(shade),
            TwoShades{0xff0000c0, 0xff7cc4ff}.of(shade)};
}

} // namespace pmdaemon
