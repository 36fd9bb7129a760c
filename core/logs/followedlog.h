// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/logs/followedfile.h"
#include "core/logs/linesplitter.h"
#include "core/logs/logtail.h"

#include <chrono>
#include <vector>

namespace pmdaemon {

/// The log of one followed process: makes LogBatches of what its files bring. Knows no event loop.
class FollowedLog
{
public:
    using Clock = std::chrono::steady_clock;
    static constexpr milliseconds partialAfter{250};

    /// `lastSeq`: of an earlier time that it was followed, or 0.
    FollowedLog(const LogSource &source, qint64 lastSeq);

    const LogSource &source() const { return m_source; }
    /// The same files under another name.
    void rename(const LogSource &source) { m_source = source; }
    bool hasFilesOf(const LogSource &source) const;

    /// Reads until `deadline`, or all there is. True when nothing is left.
    bool read(Clock::time_point deadline, QList<LogBatch> &batches);
    /// Ends the unfinished lines that are older than partialAfter at `now`.
    void flush(Clock::time_point now, QList<LogBatch> &batches);
    /// When flush() will have something to do; nothing without an unfinished line.
    std::optional<Clock::time_point> flushDue() const;

    LogPosition position() const;
    qint64 lastSeq() const { return m_seq; }

    struct Stream
    {
        Stream(LogStream streamKind, const QString &path)
            : kind(streamKind)
            , file(path)
        {}
        LogStream kind;
        FollowedFile file;
        LineSplitter splitter;
        Clock::time_point lastByte;
        bool isSkipping = false;
        int fileWatch = -1;   ///< kept for LogTail
        int folderWatch = -1; ///< kept for LogTail
        quint64 watchedInode = 0;
    };
    std::vector<Stream> &streams() { return m_streams; }

private:
    bool readStream(Stream &stream, Clock::time_point deadline, QList<LogBatch> &batches);
    void take(Stream &stream, const FollowedFile::Chunk &chunk, QList<LogBatch> &batches);
    void drop(qint64 count, QList<LogBatch> &batches);
    void append(QByteArrayView bytes, LogStream stream, QList<LogBatch> &batches);
    void finishBatch(QList<LogBatch> &batches);

    LogSource m_source;
    std::vector<Stream> m_streams;
    LogBatch m_batch;
    qsizetype m_batchBytes = 0;
    qint64 m_seq;
    QByteArray m_buffer;
};

} // namespace pmdaemon
