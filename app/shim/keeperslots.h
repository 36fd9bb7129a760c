// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/shim/backoff.h"

#include <poll.h>
#include <stdint.h>
#include <sys/types.h>

namespace pmdaemon {

/// The shims of a home, one per slot: sees by the lock of each slot who they are, starts another
/// one (`--adopt`) where one died, and keeps the slots' FIFOs open, so that what is in them is not
/// lost when a program ends together with its shim.
class KeeperSlots
{
public:
    static constexpr int capacity = 16'384;
    static constexpr int descriptorsPerSlot = 3;

    /// A slot got a shim, by whomever, or has one when it is to be watched.
    using OnShim = void (*)(uint64_t slot, pid_t pid);

    /// `slots`: an open folder, `<home>/slots`. The paths stay the caller's: the same folder, where
    /// the shims' sockets are, and the shim's program.
    /// `limit` of slots is what there are descriptors for.
    void open(int slots, const char *folder, const char *sockets, const char *program, int limit,
              OnShim onShim);
    /// Watches all slots that have a shim, and holds the FIFOs of the others.
    void scan();
    /// A slot that has no shim gets one.
    void watch(uint64_t slot);
    void forget(uint64_t slot);

    int count() const { return m_count; }
    /// One per slot, in an order that lasts until watch() or forget().
    void fill(pollfd *fds) const;
    /// Whose descriptor of fill() is readable; nothing is done about it before advance().
    void noteEnds(const pollfd *fds);
    /// Does what is due, and what the ends that were noted ask for.
    void advance();
    /// When advance() has something to do; INT64_MAX = never.
    int64_t nextDue() const;
    /// Whether this child of ours is waited for here.
    bool isOurs(pid_t pid) const;

private:
    enum class Phase : uint8_t {
        Watched,  ///< pid is the shim
        Adopting, ///< pid is the program that starts one
        Waiting,  ///< until it is due; never due: until somebody says that it needs a shim
        Gone,     ///< the folder was removed
    };

    struct Slot
    {
        uint64_t id;
        int64_t since; ///< when the phase began
        int64_t due;
        Backoff backoff;
        pid_t pid;
        int pidfd;
        int fifos[2];
        Phase phase;
        bool hasEnded; ///< the process behind pidfd
    };

    Slot *find(uint64_t id);
    void add(uint64_t id, bool needsShim);
    bool findShim(Slot &slot);
    void openFifos(Slot &slot);
    void enter(Slot &slot, Phase phase, int64_t due);
    void onEnd(Slot &slot);
    void onDue(Slot &slot);
    void adopt(Slot &slot);
    void endAdoption(Slot &slot);
    bool takeToken(int64_t now);
    void removeGone();
    static void close(Slot &slot);

    // All zero, so that the table takes no room in the program and only what is used in memory.
    int m_folder = 0;
    const char *m_folderPath = nullptr;
    const char *m_sockets = nullptr;
    const char *m_program = nullptr;
    OnShim m_onShim = nullptr;
    int m_limit = 0;
    int64_t m_tokenTime = 0; ///< when the bucket of starts was empty last, in ms
    Slot m_slots[capacity] = {};
    int m_count = 0;
};

} // namespace pmdaemon
