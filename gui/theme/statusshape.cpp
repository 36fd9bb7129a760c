// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/theme/statusshape.h"

#include <QPainter>
#include <QPolygonF>

#include <algorithm>
#include <cmath>

namespace pmdaemon {

namespace {

QRectF squareIn(const QRectF &rect)
{
    const double side = std::min(rect.width(), rect.height());
    QRectF square(0, 0, side, side);
    square.moveCenter(rect.center());
    return square;
}

void paintRestarting(QPainter *painter, const QRectF &square)
{
    const double side = square.width();
    const QRectF ring = square.adjusted(side * 0.16, side * 0.16, -side * 0.16, -side * 0.16);
    painter->setBrush(Qt::NoBrush);
    painter->drawArc(ring, 20 * 16, 290 * 16);
    const QPointF tip(ring.right() + side * 0.12, ring.center().y() - side * 0.02);
    painter->setBrush(painter->pen().color());
    painter->setPen(Qt::NoPen);
    painter->drawPolygon(QPolygonF{tip, tip + QPointF(-side * 0.38, -side * 0.02),
                                   tip + QPointF(-side * 0.02, -side * 0.38)});
}

/// On whole pixels: thin upright lines blur otherwise.
void paintStopped(QPainter *painter, const QRectF &square)
{
    const int width = std::max(1, int(std::lround(square.width() * 0.16)));
    const double inset = square.width() * 0.14 + width / 2.0;
    painter->setRenderHint(QPainter::Antialiasing, false);
    painter->setPen(QPen(painter->pen().color(), width, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
    painter->drawRect(square.adjusted(inset, inset, -inset, -inset).toRect());
}

void fill(QPainter *painter)
{
    painter->setBrush(painter->pen().color());
    painter->setPen(Qt::NoPen);
}

} // namespace

void paintStatusShape(QPainter *painter, const QRectF &rect, ProcessStatus status,
                      const QColor &colour)
{
    const QRectF s = squareIn(rect);
    const double side = s.width();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(colour, side * 0.16, Qt::SolidLine, Qt::RoundCap, Qt::MiterJoin));
    painter->setBrush(Qt::NoBrush);
    switch (status) {
    case ProcessStatus::Stopped:
        paintStopped(painter, s);
        break;
    case ProcessStatus::Starting:
        fill(painter);
        painter->drawPolygon(QPolygonF{s.topLeft() + QPointF(side * 0.1, 0),
                                       s.bottomLeft() + QPointF(side * 0.1, 0),
                                       QPointF(s.right(), s.center().y())});
        break;
    case ProcessStatus::Online:
        fill(painter);
        painter->drawEllipse(s);
        break;
    case ProcessStatus::Stopping:
        fill(painter);
        painter->drawPolygon(QPolygonF{s.topLeft() + QPointF(0, side * 0.1),
                                       s.topRight() + QPointF(0, side * 0.1),
                                       QPointF(s.center().x(), s.bottom())});
        break;
    case ProcessStatus::Errored: {
        painter->setPen(QPen(colour, side * 0.22, Qt::SolidLine, Qt::RoundCap));
        const QRectF c = s.adjusted(side * 0.14, side * 0.14, -side * 0.14, -side * 0.14);
        painter->drawLine(c.topLeft(), c.bottomRight());
        painter->drawLine(c.topRight(), c.bottomLeft());
        break;
    }
    case ProcessStatus::Restarting:
        paintRestarting(painter, s);
        break;
    }
    painter->restore();
}

void paintUnknownShape(QPainter *painter, const QRectF &rect, const QColor &colour)
{
    const QRectF s = squareIn(rect).adjusted(0.5, 0.5, -0.5, -0.5);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    QPen pen(colour, s.width() * 0.12);
    pen.setDashPattern({2.0, 1.4});
    painter->setPen(pen);
    painter->setBrush(Qt::NoBrush);
    painter->drawPolygon(
        QPolygonF{QPointF(s.center().x(), s.top()), QPointF(s.right(), s.center().y()),
                  QPointF(s.center().x(), s.bottom()), QPointF(s.left(), s.center().y())});
    painter->restore();
}

} // namespace pmdaemon
