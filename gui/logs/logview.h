// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "gui/logs/loglines.h"
#include "gui/logs/logscroll.h"
#include "gui/logs/logselection.h"

#include <QAbstractScrollArea>

class QPushButton;

namespace pmdaemon {

/// Shows a LogStore. Only the lines in sight are decoded and drawn. It follows the end until
/// somebody scrolls up or marks text; then it stays, and a button tells how much is new below.
class LogView : public QAbstractScrollArea
{
    Q_OBJECT

public:
    explicit LogView(const LogStore &store, QWidget *parent = nullptr);
    ~LogView() override;

    /// The store is another one than it was at the last call.
    void contentChanged();
    /// What stands in the middle while there is no line.
    void setEmptyText(const QString &text);
    void follow();
    bool isFollowing() const { return m_scroll.isFollowing(); }
    /// The number of the line at the top.
    qint64 topLine() const { return m_scroll.top(); }

    bool hasSelection() const { return !m_selection.isEmpty(); }
    QString selectedText() const;
    void selectAll();
    void copy() const;

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    void setLook();
    void syncBars();
    void syncPill();
    void paintLine(QPainter &painter, qint64 number, int y);
    QList<QTextLayout::FormatRange> selectionIn(qint64 number, int length) const;
    LogPosition positionAt(const QPoint &point);
    int textLeft() const;

    const LogStore &m_store;
    LogLines m_lines;
    LogScroll m_scroll;
    LogSelection m_selection;
    QPushButton *m_pill;
    QString m_emptyText;
    int m_widest = 0; ///< of the lines drawn so far
    bool m_syncing = false;
};

} // namespace pmdaemon
