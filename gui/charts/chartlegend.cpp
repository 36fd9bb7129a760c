// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/charts/chartlegend.h"

#include <QPainter>

namespace pmdaemon {

namespace {
constexpr int sampleWidth = 22;
constexpr int gap = 6;
constexpr int between = 20;
} // namespace

ChartLegend::ChartLegend(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ChartLegend::setItems(const QList<Item> &items)
{
    if (items == m_items)
        return;
    m_items = items;
    QStringList spoken;
    for (const Item &item : items)
        spoken.append(item.text);
    setAccessibleDescription(spoken.join(u", "));
    update();
}

int ChartLegend::widthOf(const Item &item) const
{
    return sampleWidth + gap + fontMetrics().horizontalAdvance(item.text);
}

QSize ChartLegend::sizeHint() const
{
    int width = 0;
    for (const Item &item : m_items)
        width += widthOf(item) + between;
    return {width, fontMetrics().height() + gap};
}

QSize ChartLegend::minimumSizeHint() const
{
    return {0, sizeHint().height()};
}

void ChartLegend::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    int x = std::max(0, (width() - sizeHint().width() + between) / 2);
    const double middle = height() / 2.0;
    for (const Item &item : m_items) {
        painter.setPen(QPen(item.style.colour, 2, item.style.dash));
        painter.drawLine(QPointF(x, middle), QPointF(x + sampleWidth, middle));
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(QRect(x + sampleWidth + gap, 0, width(), height()), Qt::AlignVCenter,
                         item.text);
        x += widthOf(item) + between;
    }
}

} // namespace pmdaemon
