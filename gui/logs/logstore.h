// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/logline.h"

#include <QByteArrayView>

#include <deque>
#include <vector>

namespace pmdaemon {

/// The newest lines of one log, in chunks: append is cheap, the oldest chunk goes when a cap is
/// passed. Lines have absolute numbers that survive trimming.
class LogStore
{
public:
    struct Caps
    {
        qint64 lines = 100'000;
        qint64 bytes = 16LL * 1024 * 1024;
    };

    /// What is drawn of one line. `text` is valid until the next append.
    struct Line
    {
        QByteArrayView text;
        std::optional<WallTime> time;
        LogLevel level = LogLevel::Info;
        LogStream stream = LogStream::Out;
        bool isGap = false; ///< no line, but the place where some are missing
        qint64 missing = 0; ///< how many; 0 = not known
    };

    LogStore();
    explicit LogStore(Caps caps);

    void append(const LogLine &line);
    /// Leaves a visible mark where `count` lines are missing, 0 = nobody knows how many. Marks in a
    /// row become one.
    void appendGap(qint64 count);
    /// Numbers go on: a line number never means two lines.
    void clear();

    /// The number of the oldest line held.
    qint64 begin() const;
    /// One past the number of the newest line.
    qint64 end() const { return m_end; }
    bool isEmpty() const { return begin() == m_end; }
    /// Text bytes held.
    qint64 bytes() const { return m_bytes; }
    /// begin() ≤ number < end()
    Line line(qint64 number) const;

private:
    struct Record
    {
        quint32 end = 0; ///< of its text in the chunk
        LogLevel level = LogLevel::Info;
        LogStream stream = LogStream::Out;
        bool hasTime = false;
        qint64 value = 0; ///< milliseconds since 1970, or what is missing
        bool isGap = false;
    };
    struct Chunk
    {
        qint64 first = 0;
        QByteArray text;
        std::vector<Record> records;
    };

    Chunk &chunkFor(qsizetype bytes);
    void trim();

    Caps m_caps;
    std::deque<Chunk> m_chunks;
    qint64 m_end = 0;
    qint64 m_bytes = 0;
};

} // namespace pmdaemon
