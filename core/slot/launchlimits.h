// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/journalrecord.h"

namespace pmdaemon {

/// setrlimit(2); both in the units of the resource, Unlimited = no limit.
struct ResourceLimit
{
    static constexpr int64_t Unlimited = -1;

    int32_t resource = 0; ///< RLIMIT_…
    int64_t soft = Unlimited;
    int64_t hard = Unlimited;

    bool operator==(const ResourceLimit &) const = default;
};

/// The RLIMIT_… of a name as "nofile"; -1 for none.
int resourceNumber(const char *name);
/// The name of one that resourceNumber() knows.
const char *resourceName(int resource);
/// All names, ended by a null pointer.
const char *const *resourceNames();

/// What a program is allowed, and as whom it runs: given to the child between fork and exec. What
/// is not set stays as its parent has it.
struct LaunchLimits
{
    static constexpr int maxCpus = 1'024;
    static constexpr int maxResources = 16;
    static constexpr int maxGroups = 64;
    static constexpr uint32_t Same = UINT32_MAX; ///< (uid_t)-1: stays what it is

    int32_t umask = -1; ///< -1 = not set
    bool hasNice = false;
    int32_t nice = 0; ///< -20 to 19
    bool hasOomScore = false;
    int32_t oomScore = 0; ///< -1000 to 1000
    bool hasCpus = false;
    uint64_t cpus[maxCpus / 64] = {};
    int32_t resourceCount = 0;
    ResourceLimit resources[maxResources];
    bool hasCredentials = false;
    uint32_t user = Same;
    uint32_t group = Same;
    int32_t groupCount = 0; ///< supplementary; with credentials alone
    uint32_t groups[maxGroups] = {};
    bool noNewPrivileges = false;

    bool operator==(const LaunchLimits &) const = default;

    /// False when there is no room for another, or no such CPU.
    bool addCpu(int64_t number);
    bool addResource(const ResourceLimit &limit);
    bool addGroup(uint32_t number);
};

struct LimitFailure
{
    SpawnStep step = SpawnStep::Exec;
    int32_t code = 0; ///< errno; 0 = none
};

/// In the child, before applyLimits(): a pipe that it writes to becomes its own, so that it may be
/// opened anew, as /dev/stdout.
void giveStream(const LaunchLimits &limits, int descriptor);

/// In the child, after fork or vfork: by system calls alone. Credentials come last and are
/// verified: nothing leads back to those before.
LimitFailure applyLimits(const LaunchLimits &limits);

} // namespace pmdaemon
