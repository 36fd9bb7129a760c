// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/uniquefd.h"

#include <stdint.h>

namespace pmdaemon {

/// The time index of a log file lies beside it in `<file>.idx` (of `<file>.1` in `<file>.1.idx`).
/// It is a sequence of 16-byte records without a head: two little-endian signed 64-bit integers,
/// milliseconds since 1970 and a byte offset in the log. A record (t, o) says that what lies from
/// `o` up to the next record's offset was stored from `t` on: in one go, or within 100 ms and 64
/// KiB. Both numbers never go back. Bytes past the last whole record are a torn write and are
/// ignored.
struct LogIndexRecord
{
    int64_t time = 0;
    int64_t offset = 0;

    bool operator==(const LogIndexRecord &) const = default;
};

/// How many whole records a regular file has.
int64_t logIndexRecords(int file);
/// Past the end: a record behind everything, so that a search in a file that shrank still ends.
LogIndexRecord readLogIndexRecord(int file, int64_t number);

/// The first of `count` records for which `isPast` holds.
template <typename IsPast>
int64_t firstLogIndexRecord(int file, int64_t count, IsPast isPast)
{
    int64_t low = 0;
    int64_t high = count;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (isPast(readLogIndexRecord(file, middle)))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/// Appends to the index of one log file. It is a help for searching: when the disk is full, records
/// are left out and the log goes on.
class LogIndexStore
{
public:
    /// The file itself is opened, or made, with the first record. The path of the log, not of the
    /// index, outlives this.
    void open(const char *logPath);

    /// The bytes from `offset` up to `end` are being stored at `now`. Leaves a record out while the
    /// last one is younger than 100 ms and nearer than 64 KiB.
    void add(int64_t now, int64_t offset, int64_t end);
    /// Nothing from `offset` on is in the log any more.
    void cut(int64_t offset);

private:
    void openFile();
    void readLast();

    const char *m_logPath = nullptr; ///< null once the file is open, or cannot be
    UniqueFd m_file;
    bool m_hasLast = false;
    LogIndexRecord m_last;
};

} // namespace pmdaemon
