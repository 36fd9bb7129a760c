// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/journal.h"
#include "core/slot/restarttracker.h"

namespace pmdaemon {

/// What the journal of a slot says about where its program is: the latest record of each type.
/// Those that never were have seq 0.
struct SlotHistory
{
    JournalRecord up = {};   ///< Wanted, up
    JournalRecord down = {}; ///< Wanted, down
    JournalRecord spawned = {};
    JournalRecord executed = {}; ///< Up
    JournalRecord ready = {};
    JournalRecord startFailed = {};
    JournalRecord exited = {};
    JournalRecord ended = {};
    JournalRecord cancelled = {};
    JournalRecord rotating[2] = {};
    int64_t lastBoot = 0; ///< of the last record

    void add(const JournalRecord &record);

    /// What comes next.
    enum class Next {
        Nothing, ///< it is idle
        Spawn,   ///< a start was wanted and did not come to a child
        Watch,   ///< a child was made and is not known to have ended
        Clear,   ///< the root process ended, the run did not
        Restart, ///< it waits for its restart
    };
    Next next() const;
    /// Of the last start.
    uint64_t bootId() const;
    /// When the restart that is waited for is due, boot time.
    int64_t restartAt() const;
    /// A stop of the run that goes on has been asked for.
    bool isStopping() const { return down.seq > spawned.seq; }
    /// The program executed, as far as one knows.
    bool hasExecuted() const { return executed.seq > spawned.seq; }
    /// It has said that it is ready.
    bool isReady() const { return ready.seq > spawned.seq; }
};

SlotHistory readHistory(const Journal &journal);

} // namespace pmdaemon
