// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/logs/logfiles.h"
#include "core/logs/logindex.h"
#include "core/model/result.h"

#include <sys/stat.h>

namespace pmdaemon {

/// Stores what comes out of a pipe in a log file, keeps the file's time index, and rotates both by
/// size. The bytes go from the pipe to the file inside the kernel (splice), so what was not stored
/// is still in the pipe.
///
/// Rotation: once the file holds maxSize bytes, what follows the last line end moves to a new file,
/// which takes the name; the old one becomes `<file>.1`, and so on up to `<file>.<maxFiles>`. A
/// reader that follows the file thus sees an unfinished line at its end vanish there and begin the
/// next file. A line is split only where it is longer than 1 MiB and maxSize both.
///
/// Several writers of one thread may share a file, and the file may be emptied, moved away or
/// deleted by others: it is made again.
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
    Result<void> open();
    Result<void> openFile(int flags);
    bool isStillNamed() const;
    Result<qint64> transfer(int pipe, qint64 offset, qint64 count);
    Result<qint64> copy(int pipe, qint64 offset, qint64 count);
    Result<qint64> writePending(qint64 offset);
    Result<void> rotateIfDue(qint64 from, qint64 size);
    Result<void> rotateAt(qint64 cut, qint64 size);

    QString m_path;
    QByteArray m_encodedPath;
    qint64 m_maxSize;
    int m_maxFiles;
    UniqueFd m_file;
    struct stat m_status = {};
    LogIndexWriter m_index;
    qint64 m_rotateAt = 0; ///< the size that makes the next rotation due
    bool m_canSplice = true;
    QByteArray m_pending; ///< without splice: taken from the pipe and not stored yet
};

/// Empties the log file and its index and deletes the rotated ones, also while a writer has them
/// open. NotFound is no error: there is nothing to empty.
Result<void> emptyLog(const QString &path);

} // namespace pmdaemon
