// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/logs/logfiles.h"
#include "core/model/result.h"
#include "core/slot/logstore.h"

#include <QByteArray>

namespace pmdaemon {

/// A LogStore whose path is a QString and whose failures are Errors.
class LogWriter
{
public:
    /// `path` is absolute. maxSize in bytes, 0 = never rotated.
    LogWriter(const QString &path, qint64 maxSize, int maxFiles);

    const QString &path() const { return m_path; }

    /// Makes the folder and checks that the file can be used: Error where it is a link, has other
    /// names, or is no regular file. It is made (0640) when there is something to store.
    Result<void> prepare();

    struct Moved
    {
        qint64 bytes = 0;
        bool atEnd = false;         ///< the pipe is empty and nobody can write to it any more
        std::optional<Error> error; ///< what is not stored yet comes with the next call
    };
    /// Stores what is in the pipe (non-blocking), about `limit` bytes at most.
    Moved move(int pipe, qint64 limit);

private:
    QString m_path;
    QByteArray m_encodedPath; ///< the store points into it
    LogStore m_store;
};

/// The log file of that name to write, locked as whoever stores in it locks it for each step; none
/// where there is no file.
Result<UniqueFd> openLocked(const QString &path);

/// Empties the log file and its index and deletes the rotated ones, also while a writer has them
/// open. NotFound is no error: there is nothing to empty.
Result<void> emptyLog(const QString &path);
/// Deletes the log file as well. Nobody may have it open to write.
Result<void> deleteLog(const QString &path);

} // namespace pmdaemon
