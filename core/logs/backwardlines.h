// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/logs/logindex.h"
#include "core/logs/logposition.h"

#include <QByteArray>
#include <QByteArrayView>

#include <vector>

namespace pmdaemon {

/// The lines of one stream from the newest to the oldest, across the rotated files. Holds a block
/// of a few lines, however large the files and lines are.
class BackwardLines
{
public:
    /// From the end that the file has now, or from `end`: nothing if that is not there any more.
    BackwardLines(const QString &path, const std::optional<FilePosition> &end);

    /// Passes over all that was stored later than `until`, and returns how many bytes that were.
    /// Only before the first next().
    qint64 skipAfter(WallTime until);
    /// To the next older line. False when there is none.
    bool next();
    /// There is no older line from now on.
    void finish();

    bool hasLine() const { return m_hasLine; }
    /// Without its line end; of one beyond maxLineSize at least one byte more than that. Valid
    /// until next().
    QByteArrayView line() const { return m_line; }
    /// When it was stored, as far as the index tells.
    std::optional<WallTime> time() const { return m_time; }
    /// Behind the line.
    FilePosition position() const;

private:
    struct File
    {
        UniqueFd descriptor;
        quint64 inode;
        qint64 end;
        LogIndex index;
        bool isCompressed = false; ///< the descriptor's bytes are not those of the log
    };

    void openAll(const QString &path);
    bool tryOpenAll(const QString &path);
    void startAt(const FilePosition &end);
    const File &file() const { return m_files.front(); }
    void nextFile();
    bool inflateFile();
    qint64 lineStart(qint64 contentEnd);
    qint64 farLineStart(qint64 before);
    qint64 lineEndFrom(qint64 offset) const;
    void load(qint64 begin, qint64 end);

    std::vector<File> m_files; ///< newest first; the first one is being read
    qint64 m_end = 0;          ///< what is left to read of it
    QByteArray m_block;
    qint64 m_blockStart = 0;
    bool m_hasLine = false;
    QByteArrayView m_line;
    qint64 m_lineEnd = 0;
    std::optional<WallTime> m_time;
};

} // namespace pmdaemon
