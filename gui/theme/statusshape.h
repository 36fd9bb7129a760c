// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processentry.h"

#include <QCoreApplication>
#include <QRectF>

class QPainter;
class QColor;

namespace pmdaemon {

/// The shape that stands for a status beside its word, drawn (fonts differ) into a square of
/// `rect`.
void paintStatusShape(QPainter *painter, const QRectF &rect, ProcessStatus status,
                      const QColor &colour);
/// The dashed diamond of a row whose state is not known at the moment.
void paintUnknownShape(QPainter *painter, const QRectF &rect, const QColor &colour);

} // namespace pmdaemon
