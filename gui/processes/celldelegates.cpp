// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/processes/celldelegates.h"

#include "gui/processes/processmodel.h"
#include "gui/theme/colours.h"
#include "gui/theme/statusshape.h"

#include <QApplication>
#include <QPainter>

#include <algorithm>
#include <span>

namespace pmdaemon {

namespace {

constexpr int padding = 6;
constexpr int rowMargin = 12;

int shapeSize(const QFontMetrics &metrics)
{
    return metrics.ascent();
}

bool isStale(const QModelIndex &index)
{
    return index.data(ProcessModel::StaleRole).toBool();
}

/// Points of `ring` in `area`, oldest left; gaps stay as NaN. `top` is the value at the upper edge.
std::vector<QPointF> curve(const SparkRing &ring, const QRectF &area, double top)
{
    constexpr double steps = SparkRing::Capacity - 1;
    std::vector<QPointF> points(ring.size());
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const double age = double(ring.size() - 1 - i);
        points[i] = QPointF(area.right() - age * area.width() / steps,
                            area.bottom() - double(ring.at(i)) / top * area.height());
    }
    return points;
}

double topOf(const SparkRing &ring)
{
    double top = 100;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        if (!std::isnan(ring.at(i)))
            top = std::max(top, double(ring.at(i)));
    }
    return top;
}

void paintRun(QPainter *painter, std::span<const QPointF> run, double bottom, const QColor &colour)
{
    QColor fill = colour;
    fill.setAlphaF(0.25F);
    QPolygonF area(QList<QPointF>(run.begin(), run.end()));
    area << QPointF(run.back().x(), bottom) << QPointF(run.front().x(), bottom);
    painter->setPen(Qt::NoPen);
    painter->setBrush(fill);
    painter->drawPolygon(area);
    painter->setPen(QPen(colour, 1.3));
    painter->drawPolyline(run.data(), int(run.size()));
}

} // namespace

QSize CellDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QSize size = QStyledItemDelegate::sizeHint(option, index);
    size.setHeight(option.fontMetrics.height() + rowMargin);
    return size;
}

void CellDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    if (!isStale(index))
        return;
    // Grey text, yet the row stays selectable and keeps the selection's colours.
    for (const auto group : {QPalette::Active, QPalette::Inactive}) {
        option->palette.setColor(group, QPalette::Text,
                                 option->palette.color(QPalette::Disabled, QPalette::Text));
    }
}

void CellDelegate::paintBackground(QPainter *painter, QStyleOptionViewItem option)
{
    option.text.clear();
    option.icon = {};
    const QStyle *style = option.widget ? option.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &option, painter, option.widget);
}

QColor CellDelegate::ink(const QStyleOptionViewItem &option, const QColor &otherwise)
{
    if (!option.state.testFlag(QStyle::State_Selected))
        return otherwise;
    const auto group =
        option.state.testFlag(QStyle::State_Active) ? QPalette::Active : QPalette::Inactive;
    return option.palette.color(group, QPalette::HighlightedText);
}

void StatusDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                           const QModelIndex &index) const
{
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    const QString word = cell.text;
    paintBackground(painter, cell);

    const auto status = ProcessStatus(index.data(ProcessModel::StatusRole).toInt());
    const Shade shade = shadeOf(cell.palette);
    const bool stale = isStale(index);
    const QColor colour = ink(cell, stale ? unknownColour(shade) : statusColour(status, shade));
    const int side = shapeSize(cell.fontMetrics);
    const QRect content = cell.rect.adjusted(padding, 0, -padding, 0);
    QRect shape(content.left(), 0, side, side);
    shape.moveCenter({shape.center().x(), content.center().y()});
    shape = QStyle::visualRect(cell.direction, content, shape);
    if (stale)
        paintUnknownShape(painter, shape, colour);
    else
        paintStatusShape(painter, shape, status, colour);

    const QRect text =
        QStyle::visualRect(cell.direction, content, content.adjusted(side + padding + 2, 0, 0, 0));
    painter->save();
    painter->setFont(cell.font);
    painter->setPen(colour);
    painter->drawText(
        text, int(QStyle::visualAlignment(cell.direction, Qt::AlignLeft) | Qt::AlignVCenter),
        cell.fontMetrics.elidedText(word, Qt::ElideRight, text.width()));
    painter->restore();
}

QSize StatusDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QSize size = CellDelegate::sizeHint(option, index);
    size.rwidth() += shapeSize(option.fontMetrics) + 2 * padding + 2;
    return size;
}

void SparklineDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                              const QModelIndex &index) const
{
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    paintBackground(painter, cell);
    const auto *ring = index.data(ProcessModel::SparkRole).value<const SparkRing *>();
    if (!ring || ring->size() < 2)
        return;
    const Shade shade = shadeOf(cell.palette);
    const QColor colour =
        ink(cell, isStale(index) ? unknownColour(shade) : seriesStyle(0, shade).colour);
    const QRectF area = QRectF(cell.rect).adjusted(3, 3, -3, -3);
    const std::vector<QPointF> points = curve(*ring, area, topOf(*ring));
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const auto isGap = [](const QPointF &point) { return std::isnan(point.y()); };
    for (auto from = points.begin(); from != points.end();) {
        from = std::find_if_not(from, points.end(), isGap);
        const auto to = std::find_if(from, points.end(), isGap);
        if (from != to)
            paintRun(painter, {from, to}, area.bottom(), colour);
        from = to;
    }
    painter->restore();
}

} // namespace pmdaemon
