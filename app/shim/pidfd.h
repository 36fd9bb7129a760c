// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/uniquefd.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/syscall.h>

namespace pmdaemon {

inline UniqueFd openPidfd(int32_t pid)
{
    return UniqueFd(int(::syscall(SYS_pidfd_open, pid, 0)));
}

/// 0, or the errno: ESRCH when it is gone.
inline int signalPidfd(int pidfd, int number)
{
    return ::syscall(SYS_pidfd_send_signal, pidfd, number, nullptr, 0) == 0 ? 0 : errno;
}

inline bool hasEnded(int pidfd)
{
    pollfd entry{pidfd, POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
}

} // namespace pmdaemon
