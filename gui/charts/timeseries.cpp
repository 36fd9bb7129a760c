// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/charts/timeseries.h"

#include <algorithm>
#include <cmath>

namespace pmdaemon {

QList<QList<QPointF>> splitAtGaps(const QList<QPointF> &points, double widest)
{
    QList<QList<QPointF>> runs;
    bool open = false;
    for (const QPointF &point : points) {
        if (std::isnan(point.y())) {
            open = false;
            continue;
        }
        if (!open || point.x() - runs.last().last().x() > widest)
            runs.append(QList<QPointF>());
        runs.last().append(point);
        open = true;
    }
    return runs;
}

QList<QPointF> decimated(const QList<QPointF> &points, int buckets)
{
    if (buckets <= 0 || points.size() <= 2 * buckets)
        return points;
    const auto lower = [](const QPointF &a, const QPointF &b) { return a.y() < b.y(); };
    QList<QPointF> kept;
    kept.reserve(2 * buckets);
    for (qsizetype i = 0; i < buckets; ++i) {
        const auto from = points.cbegin() + points.size() * i / buckets;
        const auto to = points.cbegin() + points.size() * (i + 1) / buckets;
        const auto [low, high] = std::minmax_element(from, to, lower);
        kept.append(*std::min(low, high));
        if (low != high)
            kept.append(*std::max(low, high));
    }
    return kept;
}

} // namespace pmdaemon
