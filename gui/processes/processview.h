// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processentry.h"

#include <QTimer>
#include <QTreeView>

class QMenu;

namespace pmdaemon {

class ProcessFilterProxy;
class ProcessModel;

/// The table of processes. Widths are set once from the font; the order stays put under the
/// pointer and right after a key.
class ProcessView : public QTreeView
{
    Q_OBJECT

public:
    ProcessView(ProcessModel &model, ProcessFilterProxy &proxy, QWidget *parent = nullptr);

    /// What is selected and shown, top to bottom.
    QList<ProcessId> selectedIds() const;
    void select(ProcessId id);
    /// What stands there while there is no row.
    void setEmptyText(const QString &text);
    QString emptyText() const { return m_emptyText; }
    /// One checkable action per column but the name's.
    void fillColumnMenu(QMenu *menu);

signals:
    void selectedIdsChanged();

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void selectionChanged(const QItemSelection &selected,
                          const QItemSelection &deselected) override;

private:
    void setUpHeader();
    void repaintUptimes();

    ProcessModel &m_model;
    ProcessFilterProxy &m_proxy;
    QTimer m_uptimeTimer;
    QTimer m_holdTimer;
    QString m_emptyText;
};

} // namespace pmdaemon
