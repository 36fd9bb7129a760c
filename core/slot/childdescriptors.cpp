// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/childdescriptors.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Runs between vfork and exec, too: no instrumentation that needs memory or stack.
#define PMDAEMON_IN_CHILD \
    __attribute__((no_sanitize("address"), no_sanitize("thread"), no_sanitize("undefined")))

namespace pmdaemon {

namespace {

/// A copy beyond all numbers that are given out here; -1 with errno.
PMDAEMON_IN_CHILD int liftedCopy(int fd)
{
    constexpr int floor = firstChildDescriptor + maxChildSockets + 1;
    return int(::syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, floor));
}

} // namespace

PMDAEMON_IN_CHILD bool placeDescriptors(const ChildDescriptors &descriptors, int *const kept[],
                                        int keptCount)
{
    int lifted[maxChildSockets + 1];
    int count = 0;
    for (; count < descriptors.socketCount; ++count)
        lifted[count] = liftedCopy(descriptors.sockets[count]);
    if (descriptors.channel >= 0)
        lifted[count++] = liftedCopy(descriptors.channel);
    if (count == 0)
        return true;
    for (int i = 0; i < keptCount; ++i) {
        *kept[i] = liftedCopy(*kept[i]);
        if (*kept[i] < 0)
            return false;
    }
    for (int i = 0; i < count; ++i) {
        const int number = firstChildDescriptor + i;
        if (lifted[i] < 0 || ::syscall(SYS_dup3, lifted[i], number, 0) != number)
            return false;
    }
    return true;
}

} // namespace pmdaemon
