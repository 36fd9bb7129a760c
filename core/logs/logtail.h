// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/logs/logposition.h"
#include "core/model/logline.h"

#include <QObject>

#include <memory>
#include <optional>

namespace pmdaemon {

/// The log of one process, as it lies on disk.
struct LogSource
{
    ProcessId id{};
    QString name;
    int instance = 0;
    QString out;                         ///< absolute; empty = none
    QString err;                         ///< absolute; empty = none; equal to `out` = all is Out
    std::optional<LogPosition> end = {}; ///< for readLogPage: nothing behind it; from catchUp()

    bool operator==(const LogSource &) const = default;
};

/// Follows the log files of the processes it is told to, from their ends on, across rotation. One
/// inotify instance for all; nothing is read and no descriptor open for a process that nobody
/// follows. A line without its end is emitted 250 ms after its last byte.
///
/// `seq` begins above the number of bytes that the log holds when the process is first followed, so
/// that a LogPage can count back from there; it goes on growing while the daemon lives. Reading
/// takes at most a third of the event loop's time: who writes more than 8 MiB ahead of it loses
/// lines here, counted in LogBatch::dropped, never on disk.
class LogTail : public QObject
{
    Q_OBJECT

public:
    explicit LogTail(QObject *parent = nullptr);
    ~LogTail() override;

    /// From now on exactly these are followed; those that were already go on without a hole.
    void setSources(const QList<LogSource> &sources);
    /// Emits at once what has been written so far, and returns where that ends: a LogPage of
    /// LogSource::end = that place has exactly the lines before those that lines() brings later,
    /// and continues their seq downwards. Nothing for a process that is not followed.
    std::optional<LogPosition> catchUp(ProcessId id);

signals:
    void lines(const pmdaemon::LogBatch &batch);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace pmdaemon
