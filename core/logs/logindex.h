// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/walltime.h"
#include "core/slot/uniquefd.h"

#include <QByteArray>
#include <QString>

#include <optional>

namespace pmdaemon {

/// The time index of a log file lies beside it in `<file>.idx` (of `<file>.1` in `<file>.1.idx`).
/// It is a sequence of 16-byte records without a head: two little-endian signed 64-bit integers,
/// milliseconds since 1970 and a byte offset in the log. A record (t, o) says that what lies from
/// `o` up to the next record's offset was stored from `t` on: in one go, or within 100 ms and 64
/// KiB. Both numbers never go back. Bytes past the last whole record are a torn write and are
/// ignored.
struct LogIndexRecord
{
    qint64 time = 0;
    qint64 offset = 0;

    bool operator==(const LogIndexRecord &) const = default;
};

/// `<file>.idx`
QString logIndexFile(const QString &logFile);
/// `<file>.<n>`; n = 0 is the file itself.
QString rotatedLogFile(const QString &logFile, int n);

/// Looks times up by binary search in the records there are at construction. A missing or unusable
/// index has no records. Blocks on the disk.
class LogIndex
{
public:
    explicit LogIndex(const QString &logFile);

    qint64 count() const { return m_count; }
    /// Everything stored at `time` or later lies at the returned offset or behind it.
    qint64 offsetOf(WallTime time) const;
    /// When the byte at `offset` was stored; nothing before the first record. Ascending or
    /// descending offsets are cheap: the last answer's stretch is kept.
    std::optional<WallTime> timeOf(qint64 offset) const;

private:
    LogIndexRecord record(qint64 number) const;

    UniqueFd m_file;
    qint64 m_count = 0;
    mutable LogIndexRecord m_found; ///< of the last timeOf()
    mutable qint64 m_foundEnd = 0;  ///< where its stretch ends; 0 = nothing was found yet
};

/// Appends to the index of one log file. It is a help for searching: when the disk is full, records
/// are left out and the log goes on.
class LogIndexWriter
{
public:
    /// The file itself is opened, or made, with the first record.
    void open(const QString &logFile);

    /// The bytes from `offset` up to `end` are being stored at `now`. Leaves a record out while the
    /// last one is younger than 100 ms and nearer than 64 KiB.
    void add(WallTime now, qint64 offset, qint64 end);
    /// Nothing from `offset` on is in the log any more.
    void cut(qint64 offset);

private:
    void openFile();
    void readLast();

    QByteArray m_path; ///< empty once the file is open, or cannot be
    UniqueFd m_file;
    std::optional<LogIndexRecord> m_last;
};

} // namespace pmdaemon
