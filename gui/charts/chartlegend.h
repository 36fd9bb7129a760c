// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "gui/theme/colours.h"

#include <QList>
#include <QWidget>

namespace pmdaemon {

/// One row under which the lines of a chart go by: a sample of each line, its name and figure.
class ChartLegend : public QWidget
{
    Q_OBJECT

public:
    struct Item
    {
        QString text;
        SeriesStyle style;

        bool operator==(const Item &) const = default;
    };

    explicit ChartLegend(QWidget *parent = nullptr);

    void setItems(const QList<Item> &items);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    int widthOf(const Item &item) const;

    QList<Item> m_items;
};

} // namespace pmdaemon
