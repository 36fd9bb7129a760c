// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QList>
#include <QPointF>

namespace pmdaemon {

/// Runs of consecutive points without a hole: a new one starts after a NaN and where two
/// neighbours are more than `widest` apart in x. Points are ascending in x.
QList<QList<QPointF>> splitAtGaps(const QList<QPointF> &points, double widest);

/// At most 2 × `buckets` points that look like `points` at that width: the lowest and the highest
/// of each stretch, in order.
QList<QPointF> decimated(const QList<QPointF> &points, int buckets);

} // namespace pmdaemon
