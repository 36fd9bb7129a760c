// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/shim/keeperprotocol.h"

namespace pmdaemon {

/// Named listening sockets that outlive each daemon and are given to the next, as sd_listen_fds(3)
/// documents.
class DescriptorStore
{
public:
    static constexpr int capacity = 128;

    /// Takes what the keeper itself was started with ($LISTEN_FDS).
    void takeInherited();
    /// Takes `fd`, in place of what had this name. Closes it and says so when the name is none or
    /// there is no room.
    void store(const char *name, uint32_t length, int fd);
    void drop(const char *name, uint32_t length);

    int count() const { return m_count; }
    /// In a child, before exec: puts the descriptors at 3 and up, and behind them `last`; nothing
    /// else of the keeper survives the exec. False and errno when there are no descriptors left.
    bool giveAway(int last) const;
    /// The value of LISTEN_FDNAMES. `size` of capacity × 64 is enough.
    void names(char *buffer, uint32_t size) const;

private:
    struct Entry
    {
        int fd;
        char name[maxStoredName + 1];
    };

    Entry *find(const char *name, uint32_t length);

    Entry m_entries[capacity] = {};
    int m_count = 0;
};

} // namespace pmdaemon
