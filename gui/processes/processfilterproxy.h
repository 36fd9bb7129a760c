// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QCollator>
#include <QSortFilterProxyModel>
#include <QStringList>
#include <QTimer>

namespace pmdaemon {

class ProcessModel;

/// Filters and orders a ProcessModel. The order is looked at every two seconds rather than with
/// every figure, and not while the order is held: nothing moves away under a pointer.
class ProcessFilterProxy : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    explicit ProcessFilterProxy(ProcessModel &model, QObject *parent = nullptr);

    /// Keeps rows in whose name, app, namespace or status each word of `text` occurs, in any case.
    void setFilterText(const QString &text);
    /// Nothing is moved while this is on.
    void setOrderHeld(bool held) { m_held = held; }
    /// Orders again, if something is out of order and the order is not held.
    void reorder();

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;
    bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;

private:
    bool isInOrder() const;
    bool isBefore(const QModelIndex &left, const QModelIndex &right) const;

    ProcessModel &m_model;
    QCollator m_collator; ///< worker-2 before worker-10
    QStringList m_words;
    QTimer m_timer;
    bool m_held = false;
};

} // namespace pmdaemon
