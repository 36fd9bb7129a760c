// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processentry.h"

#include <QByteArray>
#include <QList>

namespace pmdaemon {

enum class LogStream { Out, Err };
enum class LogLevel { Trace, Debug, Info, Warn, Error, Fatal };

/// "stdout", "stderr"
QLatin1StringView toString(LogStream stream);
std::optional<LogStream> logStreamFromString(QStringView text);

/// "trace", … "fatal"
QLatin1StringView toString(LogLevel level);
std::optional<LogLevel> logLevelFromString(QStringView text);

/// One line that a process wrote, without its line end.
struct LogLine
{
    qint64 seq = 0; ///< grows by one per line of the process, both streams together
    std::optional<WallTime> time;
    LogLevel level = LogLevel::Info;
    LogStream stream = LogStream::Out;
    QByteArray message; ///< valid UTF-8 (U+FFFD for what was not), at most 64 KiB
    bool truncated = false;

    bool operator==(const LogLine &) const = default;
};

/// Lines of one process in order, `seq` without a hole; `dropped` lines before them are missing.
struct LogBatch
{
    ProcessId id{};
    QString name;
    int instance = 0;
    qint64 dropped = 0;
    QList<LogLine> lines;

    bool operator==(const LogBatch &) const = default;
};

/// What get_logs asks for. Absent = no bound.
struct LogQuery
{
    QString process;
    int lines = 20;
    std::optional<LogStream> stream;
    std::optional<LogLevel> level; ///< this level and graver ones
    std::optional<WallTime> since;
    std::optional<WallTime> until;
    QString grep;   ///< a part of the line, case-sensitive; empty = all
    QString before; ///< a LogPage's cursor: the page before that one

    bool operator==(const LogQuery &) const = default;
};

/// The newest lines that match, oldest first. `cursor` is empty when nothing older matches.
struct LogPage
{
    QString process;
    QList<LogLine> lines;
    QString cursor;

    bool operator==(const LogPage &) const = default;
};

} // namespace pmdaemon

Q_DECLARE_METATYPE(pmdaemon::LogBatch)
