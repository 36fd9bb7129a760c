// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/uniquefd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

namespace pmdaemon {

/// By stream: standard output, standard error.
inline constexpr const char *fifoNames[] = {"out", "err"};
inline constexpr const char *inputFifoName = "in";

/// A FIFO that is there, named relative to `folder` as by openat(2). What is in it lives while
/// anybody has it open. None with errno; EINVAL: it is something else.
inline UniqueFd openFifo(int folder, const char *name)
{
    UniqueFd fifo(::openat(folder, name, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
    struct stat info;
    if (!fifo || ::fstat(fifo.get(), &info) != 0)
        return {};
    if (!S_ISFIFO(info.st_mode)) {
        errno = EINVAL;
        return {};
    }
    return fifo;
}

} // namespace pmdaemon
