// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/journalrecord.h"
#include "core/slot/uniquefd.h"

#include <stddef.h>

namespace pmdaemon {

/// A place in a journal, to read on from. A new one stands before everything.
struct JournalCursor
{
    uint64_t seq = 0; ///< of the record before it
    int64_t offset = 0;
    uint32_t edition = 0;
};

/// The journal of a slot. The functions give 0 or an errno. Not more than one writer at a time.
class Journal
{
public:
    /// Above this size what nobody needs is dropped, and above twice this what is oldest.
    static constexpr int64_t SizeToDrop = 128 * 1024;

    /// Opens or makes `journal` in the folder, whose descriptor outlives this; cuts off what is
    /// torn or damaged at the end, and passes over what is damaged in the middle.
    int open(int folder);

    /// From here on no record is missing; 1 more than lastSeq() where there is none.
    uint64_t firstSeq() const { return m_firstSeq; }
    uint64_t lastSeq() const { return m_lastSeq; }

    /// Completes the record with number, times and checksum. Where it fails the journal is as it
    /// was.
    int append(JournalRecord &record);
    /// The next records behind the cursor, which moves on; 0 at the end.
    size_t read(JournalCursor &cursor, JournalRecord *records, size_t capacity) const;
    /// The records up to there may be dropped.
    void acknowledge(uint64_t seq);

private:
    void reserve();
    void dropOld();
    int writeEdition(int file, uint64_t keepBehind, int64_t &size) const;

    int m_folder = -1;
    UniqueFd m_file;
    int64_t m_size = 0;
    int64_t m_reserved = 0;
    int64_t m_dropAt = SizeToDrop;
    uint64_t m_firstSeq = 1;
    uint64_t m_lastSeq = 0;
    uint64_t m_acknowledged = 0;
    uint32_t m_edition = 1; ///< grows when the file is written anew
};

/// A record of this type, all else zero.
JournalRecord makeRecord(RecordType type);

} // namespace pmdaemon
