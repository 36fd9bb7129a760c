// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/logs/logwriter.h"

#include <QBasicTimer>
#include <QObject>
#include <QSocketNotifier>

#include <memory>

namespace pmdaemon {

/// A pipe whose output is stored by a LogWriter as it comes. It holds both ends, so that programs
/// may come and go: nobody gets SIGPIPE, and there is no end before closeWriteEnd().
///
/// Lazy: after a wake-up that brought little it looks again after 1 ms, so that a program which
/// writes line by line does not wake it for each line. When the disk takes nothing, the output
/// stays in the pipe, and it tries again each second.
class LogPump : public QObject
{
    Q_OBJECT

public:
    /// Error where the file cannot be used for good or there are no descriptors left; a full disk
    /// is none, it is reported by failed().
    static Result<std::unique_ptr<LogPump>> create(const QString &path, qint64 maxSize,
                                                   int maxFiles);
    ~LogPump() override;

    /// For a program's stdout or stderr; close-on-exec.
    int writeEnd() const { return m_writeEnd.get(); }
    /// From here on the output ends with the last process that holds the pipe.
    void closeWriteEnd();
    /// Stores what has been written so far, not what is being added meanwhile. False when it could
    /// not be stored: it is in the pipe still.
    bool catchUp();

signals:
    /// Once per kind of failure, until storing works again.
    void failed(const pmdaemon::Error &error);
    /// After closeWriteEnd(): nothing more can come, all is stored.
    void ended();

protected:
    void timerEvent(QTimerEvent *event) override;

private:
    LogPump(LogWriter writer, UniqueFd readEnd, UniqueFd writeEnd);
    qint64 step(qint64 limit);
    void report(const Error &error);

    LogWriter m_writer;
    UniqueFd m_readEnd;
    UniqueFd m_writeEnd;
    QSocketNotifier m_notifier;
    QBasicTimer m_timer;
    int m_capacity = 0;
    std::optional<Error> m_lastError;
};

} // namespace pmdaemon
