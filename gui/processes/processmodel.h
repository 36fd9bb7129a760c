// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/backend.h"
#include "gui/processes/sparkring.h"

#include <QAbstractTableModel>

#include <functional>
#include <memory>
#include <vector>

namespace pmdaemon {

/// The processes of a Backend as rows by ascending id, with their newest figures. Rows come and go
/// one by one and never by a reset: selection and scroll position survive a reconnect. Figures
/// arrive only while setWatching() is on.
class ProcessModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Status, Name, Cpu, CpuMinute, Memory, Uptime, Restarts, Health, Pid, Port };
    static constexpr int ColumnCount = Port + 1;

    enum Role {
        SortRole = Qt::UserRole + 1, ///< a number or a string that orders the column
        StatusRole,                  ///< ProcessStatus as int
        SparkRole,                   ///< const SparkRing *, valid until control returns
        StaleRole,                   ///< bool: not current, because the Backend is not Live
    };

    using Clock = std::function<WallTime()>;

    explicit ProcessModel(Backend &backend, Clock clock = wallNow, QObject *parent = nullptr);
    ~ProcessModel() override;

    void setWatching(bool on);
    const ProcessEntry &entry(int row) const { return m_rows[std::size_t(row)]->entry; }
    /// -1 when there is none.
    int rowOf(ProcessId id) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation,
                        int role = Qt::DisplayRole) const override;

private:
    struct Row
    {
        ProcessEntry entry;
        ProcessSample sample;
        SparkRing cpuMinute;
    };

    std::size_t lowerBound(ProcessId id) const;
    void upsert(const ProcessEntry &entry);
    void remove(ProcessId id);
    void applyFrame(const MetricsFrame &frame);
    void stateChanged();
    milliseconds uptime(const Row &row) const;
    QString text(const Row &row, int column) const;
    QVariant sortValue(const Row &row, int column) const;
    QString spoken(const Row &row) const;
    QString tip(const Row &row, int column) const;

    Backend &m_backend;
    Clock m_clock;
    Watch m_watch;
    /// Rows are large and move on insertion: held by pointer, so that SparkRole stays in place.
    std::vector<std::unique_ptr<Row>> m_rows;
    milliseconds m_clockOffset{0}; ///< the daemon's clock minus this one's
    bool m_stale = false;
};

} // namespace pmdaemon
