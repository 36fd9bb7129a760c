// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/launchlimits.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// Runs between vfork and exec, too: no instrumentation that needs memory or stack.
#define PMDAEMON_IN_CHILD \
    __attribute__((no_sanitize("address"), no_sanitize("thread"), no_sanitize("undefined")))

namespace pmdaemon {

namespace {

struct Resource
{
    const char *name;
    int number;
};

constexpr Resource resources[] = {
    {"as", RLIMIT_AS},
    {"core", RLIMIT_CORE},
    {"cpu", RLIMIT_CPU},
    {"data", RLIMIT_DATA},
    {"fsize", RLIMIT_FSIZE},
    {"memlock", RLIMIT_MEMLOCK},
    {"msgqueue", RLIMIT_MSGQUEUE},
    {"nice", RLIMIT_NICE},
    {"nofile", RLIMIT_NOFILE},
    {"nproc", RLIMIT_NPROC},
    {"rss", RLIMIT_RSS},
    {"rtprio", RLIMIT_RTPRIO},
    {"rttime", RLIMIT_RTTIME},
    {"sigpending", RLIMIT_SIGPENDING},
    {"stack", RLIMIT_STACK},
};

// As capget(2) has them, for which not every C library has a header.
struct CapabilityHead
{
    uint32_t version = 0x20080522; ///< the third
    int32_t pid = 0;
};
struct Capabilities
{
    uint32_t effective;
    uint32_t permitted;
    uint32_t inheritable;
};

PMDAEMON_IN_CHILD bool failed(long result)
{
    return result < 0;
}

PMDAEMON_IN_CHILD bool setOomScore(int score)
{
    char text[8];
    int at = int(sizeof text);
    const bool isNegative = score < 0;
    unsigned rest = unsigned(isNegative ? -score : score);
    do {
        text[--at] = char('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (isNegative)
        text[--at] = '-';
    const long file =
        ::syscall(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC, 0);
    if (failed(file))
        return false;
    const bool done = !failed(::syscall(SYS_write, file, text + at, sizeof text - size_t(at)));
    const int code = errno;
    ::syscall(SYS_close, file);
    errno = code;
    return done;
}

PMDAEMON_IN_CHILD bool setResource(const ResourceLimit &limit)
{
    // struct rlimit64, where all bits say that there is no limit
    const uint64_t values[2] = {uint64_t(limit.soft), uint64_t(limit.hard)};
    return !failed(::syscall(SYS_prlimit64, 0, limit.resource, values, nullptr));
}

/// Whether it is what was asked for, without a way back.
PMDAEMON_IN_CHILD bool hasDropped(const LaunchLimits &limits)
{
    uint32_t ids[3];
    if (limits.user != LaunchLimits::Same) {
        if (failed(::syscall(SYS_getresuid, &ids[0], &ids[1], &ids[2])))
            return false;
        for (const uint32_t id : ids) {
            if (id != limits.user)
                return false;
        }
    }
    if (limits.group != LaunchLimits::Same) {
        if (failed(::syscall(SYS_getresgid, &ids[0], &ids[1], &ids[2])))
            return false;
        for (const uint32_t id : ids) {
            if (id != limits.group)
                return false;
        }
    }
    if (limits.user == LaunchLimits::Same || limits.user == 0)
        return true;
    if (!failed(::syscall(SYS_setresuid, -1, 0, -1)))
        return false;
    CapabilityHead head;
    Capabilities held[2] = {}; // the lower and the upper 32
    if (failed(::syscall(SYS_capget, &head, held)))
        return false;
    return (held[0].effective | held[0].permitted | held[1].effective | held[1].permitted) == 0;
}

PMDAEMON_IN_CHILD int dropCredentials(const LaunchLimits &limits)
{
    if (failed(::syscall(SYS_setgroups, limits.groupCount, limits.groups)) ||
        failed(::syscall(SYS_setresgid, limits.group, limits.group, limits.group)) ||
        failed(::syscall(SYS_setresuid, limits.user, limits.user, limits.user)))
        return errno;
    return hasDropped(limits) ? 0 : EPERM;
}

} // namespace

int resourceNumber(const char *name)
{
    for (const Resource &resource : resources) {
        if (strcmp(resource.name, name) == 0)
            return resource.number;
    }
    return -1;
}

const char *resourceName(int number)
{
    for (const Resource &resource : resources) {
        if (resource.number == number)
            return resource.name;
    }
    return "";
}

const char *const *resourceNames()
{
    constexpr int count = int(sizeof resources / sizeof resources[0]);
    static const char *names[count + 1];
    for (int i = 0; i < count; ++i)
        names[i] = resources[i].name;
    return names;
}

bool LaunchLimits::addCpu(int64_t number)
{
    if (number < 0 || number >= maxCpus)
        return false;
    cpus[number / 64] |= uint64_t(1) << (number % 64);
    hasCpus = true;
    return true;
}

bool LaunchLimits::addResource(const ResourceLimit &limit)
{
    if (resourceCount == maxResources)
        return false;
    resources[resourceCount++] = limit;
    return true;
}

bool LaunchLimits::addGroup(uint32_t number)
{
    if (groupCount == maxGroups)
        return false;
    groups[groupCount++] = number;
    return true;
}

PMDAEMON_IN_CHILD void giveStream(const LaunchLimits &limits, int descriptor)
{
    if (limits.hasCredentials)
        ::syscall(SYS_fchown, descriptor, limits.user, limits.group);
}

PMDAEMON_IN_CHILD LimitFailure applyLimits(const LaunchLimits &limits)
{
    if (limits.umask >= 0)
        ::syscall(SYS_umask, limits.umask);
    if (limits.hasNice && failed(::syscall(SYS_setpriority, PRIO_PROCESS, 0, limits.nice)))
        return {SpawnStep::Priority, errno};
    if (limits.hasCpus &&
        failed(::syscall(SYS_sched_setaffinity, 0, sizeof limits.cpus, limits.cpus)))
        return {SpawnStep::Affinity, errno};
    if (limits.hasOomScore && !setOomScore(limits.oomScore))
        return {SpawnStep::OomScore, errno};
    for (int i = 0; i < limits.resourceCount; ++i) {
        if (!setResource(limits.resources[i]))
            return {SpawnStep::ResourceLimit, errno};
    }
    if (limits.hasCredentials) {
        if (const int code = dropCredentials(limits); code != 0)
            return {SpawnStep::Credentials, code};
    }
    if (limits.noNewPrivileges && failed(::syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)))
        return {SpawnStep::Privileges, errno};
    return {};
}

} // namespace pmdaemon
