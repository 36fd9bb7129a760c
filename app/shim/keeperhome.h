// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <sys/types.h>

namespace pmdaemon {

/// What a keeper has of a home: its lock, for as long as it lives, and the folders.
class KeeperHome
{
public:
    static constexpr int maxPath = 4096;

    enum class Claim { Taken, Held, Failed };

    /// Makes what is missing. Held: by another keeper, see holder(). Failed: errno.
    Claim claim(const char *home, const char *run);

    pid_t holder() const { return m_holder; }
    /// The lock goes on over an exec, until the next claim() of this process.
    static void handOnLock();
    int ownFolder() const { return m_own; }     ///< `<home>/keeper`
    int slotsFolder() const { return m_slots; } ///< `<home>/slots`
    const char *slotsPath() const { return m_slotsPath; }
    const char *socketsPath() const { return m_socketsPath; } ///< `<run>/slots`

private:
    pid_t m_holder = 0;
    int m_own = 0;
    int m_slots = 0;
    char m_slotsPath[maxPath] = {};
    char m_socketsPath[maxPath] = {};
};

} // namespace pmdaemon
