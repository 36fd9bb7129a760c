// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QStyledItemDelegate>

namespace pmdaemon {

/// Cells of a ProcessModel: rows with room to breathe, greyed while they are stale.
class CellDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override;
    /// Paints everything of the cell but text and icon.
    static void paintBackground(QPainter *painter, QStyleOptionViewItem option);
    /// What lines and text of the cell are drawn in: the selection's colour on the selection.
    static QColor ink(const QStyleOptionViewItem &option, const QColor &otherwise);
};

/// Shape and word of a status in the status's colour; a dashed diamond while it is not known.
class StatusDelegate : public CellDelegate
{
    Q_OBJECT

public:
    using CellDelegate::CellDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

/// The last minute as a small filled curve, on a scale of one full core or more.
class SparklineDelegate : public CellDelegate
{
    Q_OBJECT

public:
    using CellDelegate::CellDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
};

} // namespace pmdaemon
