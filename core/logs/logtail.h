// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/logline.h"

#include <QObject>

#include <memory>

namespace pmdaemon {

/// The log of one process, as it lies on disk.
struct LogSource
{
    ProcessId id{};
    QString name;
    int instance = 0;
    QString out; ///< absolute; empty = none
    QString err; ///< absolute; empty = none

    bool operator==(const LogSource &) const = default;
};

/// Follows the log files of the processes it is told to, from their ends on, across rotation. One
/// inotify instance for all; nothing is read and no descriptor open for a process that nobody
/// follows. A line without its end is emitted 250 ms after its last byte.
class LogTail : public QObject
{
    Q_OBJECT

public:
    explicit LogTail(QObject *parent = nullptr);
    ~LogTail() override;

    /// From now on exactly these are followed; those that were already go on without a hole.
    void setSources(const QList<LogSource> &sources);
    /// Emits at once what has been written so far, so that a LogPage read next does not overlap
    /// with what lines() brings later.
    void catchUp(ProcessId id);

signals:
    void lines(const pmdaemon::LogBatch &batch);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace pmdaemon
