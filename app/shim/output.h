// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/journal.h"
#include "core/slot/logpath.h"
#include "core/slot/logstore.h"
#include "core/slot/slothistory.h"
#include "core/slot/slotspec.h"

namespace pmdaemon {

/// One FIFO of the slot and the log file that its content goes to.
///
/// Lazy: after a wake-up that brought something it looks again after 2 ms, so that a program which
/// writes line by line does not wake it for each line, and earlier where one writes so fast that it
/// would be held up. When the file takes nothing, the output
/// stays in the FIFO; a program that was held up by that for about a second is not held up longer:
/// what comes is dropped and counted until there is room.
///
/// Times are of the boot clock in µs.
class OutputStream
{
public:
    /// Opens or makes the FIFO; 0 or an errno. The journal outlives this.
    int open(int folder, uint32_t number, Journal &journal);
    /// Takes over the descriptor instead.
    void open(UniqueFd fifo, uint32_t number, Journal &journal);

    /// Where the output goes from now on; what has come before is stored in the old place first.
    /// Null = thrown away. The path stays where it is until the next call.
    void setTarget(const char *path, const SlotSpec &spec);
    /// Size and number of files.
    void setLimits(const SlotSpec &spec);
    /// Finishes a rotation that another shim began.
    void finishRotation(const JournalRecord &rotating);
    /// Makes the folder and checks the file.
    LogFailure prepare();

    int fifo() const { return m_fifo.get(); }
    /// To be waited for; else step() is due at wakeAt().
    bool isAwaited() const { return m_wakeAt == 0; }
    int64_t wakeAt() const { return m_wakeAt; }
    void step(int64_t now);
    /// Stores what has been written so far, not what is being added meanwhile.
    void catchUp(int64_t now);
    /// Writes down what was dropped so far.
    void noteGap();
    /// Nothing is held in memory only.
    bool canBeHandedOn() const { return m_store.pending() == 0; }

private:
    int64_t store(int64_t limit, int64_t now);
    void pauseAfter(int64_t bytes, int64_t now);
    bool grow();
    void onTrouble(const LogFailure &failure, int64_t now);
    void drop(int64_t now);
    void discard(int64_t bytes, bool counts);
    void noteTrouble(int code);
    bool isFull() const;
    static bool noteRotation(void *context, uint64_t inode, int64_t cut);

    UniqueFd m_fifo;
    uint32_t m_number = 0;
    Journal *m_journal = nullptr;
    const char *m_path = nullptr; ///< null = thrown away
    LogStore m_store{"", 0, 0};
    int64_t m_capacity = 0;
    int64_t m_longestPause = 0;
    int64_t m_pause = 0; ///< between two looks while something comes
    int64_t m_wakeAt = 0;
    int m_trouble = 0;         ///< errno that the journal knows of
    bool m_isHeld = false;     ///< the last time by somebody else
    int64_t m_lockedSince = 0; ///< another process stores in the same file
    int64_t m_fullSince = 0;   ///< the program is held up
    int64_t m_tryAt = 0;       ///< while dropping
    bool m_isDropping = false;
    uint64_t m_droppedBytes = 0;
    uint64_t m_droppedLines = 0;
};

/// Both streams.
class Output
{
public:
    OutputStream &operator[](int number) { return m_streams[number]; }

    /// Takes paths and limits from the specification and checks the files: what is wrong, and
    /// whose file it is. A full disk is not wrong.
    LogFailure configure(const SlotSpec &spec, uint32_t &stream);
    void setLimits(const SlotSpec &spec);
    void step(int64_t now);
    void catchUp(int64_t now);
    /// When it wants to be woken up, or 0.
    int64_t wakeAt() const;
    void noteGaps();
    bool canBeHandedOn() const;

private:
    OutputStream m_streams[2];
};

} // namespace pmdaemon
