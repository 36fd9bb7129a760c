// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <stddef.h>
#include <stdint.h>

namespace pmdaemon {

/// What belongs to a run. Everything that descends from the shim does; of a program that another
/// shim started also what descends from its root, is in its session, or bears its cookie.
struct TreeRoot
{
    int32_t pid = 0; ///< 0 = it has ended
    uint64_t startTime = 0;
    bool isAdopted = false;
    int32_t session = 0;          ///< 0 = its number may be another one's by now
    const char *cookie = nullptr; ///< "PMDAEMON_COOKIE=…"
};

/// Finds and signals the processes of a tree, each by pidfd and start time.
class ProcessTree
{
public:
    /// From now on everybody is signalled again.
    void forgetSignalled() { m_signalledCount = 0; }

    /// Sends the signal, unless it is 0, once to each live member, and looks again until there is
    /// nobody new; but not for ever: a tree that keeps forking is met again next time. Returns how
    /// many live that can be ended.
    int signal(const TreeRoot &root, int number);

private:
    static constexpr size_t Capacity = 1024;

    struct Member
    {
        int32_t pid;
        uint64_t startTime;
    };

    bool isKnown(int32_t pid) const;
    void add(const Member &member);
    void addIfChild(int32_t pid, int32_t parent);
    void addChildren(int32_t parent);
    void addMarked(const TreeRoot &root);
    void find(const TreeRoot &root);
    bool noteSignalled(const Member &member);

    size_t m_count = 0;
    size_t m_signalledCount = 0;
    // Side by side, and not set to zero: what is not touched takes no memory.
    struct
    {
        Member member;
        Member signalled;
    } m_table[Capacity];
};

} // namespace pmdaemon
