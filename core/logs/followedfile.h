// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/logs/logposition.h"
#include "core/slot/uniquefd.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

namespace pmdaemon {

/// Reads what is appended to a log file, across the rotation that LogWriter does: the old file to
/// its end, then the files that came after it, oldest first. The file may be emptied, deleted or
/// not be there yet.
class FollowedFile
{
public:
    /// From the end on that the file has now; all of it if it appears later.
    explicit FollowedFile(const QString &path);

    struct Chunk
    {
        QByteArrayView bytes;   ///< in the caller's buffer; empty = that was all for now
        bool restarted = false; ///< what was read before is not there any more
        bool hasGap = false;    ///< files between were deleted unread
    };
    Chunk read(QByteArray &buffer);

    /// Bytes written and not read yet.
    qint64 behind() const;
    FilePosition position() const { return {m_inode, m_offset}; }
    /// -1 while there is no file.
    int descriptor() const { return m_file.get(); }

private:
    bool open(const QString &name, qint64 offset);
    bool openSuccessor(Chunk &chunk);
    bool isStillNamed() const;
    /// n of `<file>.<n>`, which this file is now; -1 if it is none of them.
    int number() const;

    QString m_path;
    UniqueFd m_file;
    quint64 m_inode = 0;
    qint64 m_offset = 0;
};

/// To read; no link is followed, and no pipe waited for. None where there is none.
UniqueFd openLogFile(const QString &name);

/// The number of the oldest `<file>.<n>` there is; 0 = only the file itself, or not even that.
int oldestRotated(const QString &path);
/// Bytes in the file and all rotated ones: never less than the lines they hold.
qint64 retainedBytes(const QString &path);

} // namespace pmdaemon
