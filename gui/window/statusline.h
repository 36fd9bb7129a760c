// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/backend.h"

#include <QTimer>
#include <QWidget>

class QLabel;
class QAbstractItemModel;

namespace pmdaemon {

/// "12 processes: 6 online, 1 errored": every status that occurs.
QString countsText(const QList<ProcessEntry> &processes);
/// "CPU 15 %   Mem 2.0/8.0 GiB   Load 0.85"
QString systemText(const SystemMetrics &metrics);
/// "connected", "connecting", …
QString connectionWord(ConnectionState state);

/// The figures at the foot of the window.
class StatusLine : public QWidget
{
    Q_OBJECT

public:
    /// `shown`: the rows that the filter leaves.
    StatusLine(Backend &backend, const QString &host, const QAbstractItemModel &shown,
               QWidget *parent = nullptr);

    void retranslate();

private:
    void refreshLater();
    void refresh();

    Backend &m_backend;
    QString m_host;
    const QAbstractItemModel &m_shown;
    QLabel *m_counts;
    QLabel *m_filter;
    QLabel *m_system;
    QLabel *m_connection;
    QTimer m_refresh; ///< many changes of one turn are counted once
};

} // namespace pmdaemon
