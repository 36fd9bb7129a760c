// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

namespace pmdaemon {

/// The POSIX record lock over a whole file, fcntl(2): it ends with its process, however that ends,
/// survives exec, and tells who has it. Closing any descriptor of the file gives it up, so its
/// holder opens the file once. The file stays when nobody holds it: one that is removed could be
/// locked by two under one name.
inline struct flock wholeFile()
{
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

/// 0, or the errno; EAGAIN when another process has it. `fd` is open for writing.
inline int takeLock(int fd)
{
    struct flock lock = wholeFile();
    if (::fcntl(fd, F_SETLK, &lock) == 0)
        return 0;
    return errno == EACCES ? EAGAIN : errno;
}

/// The process that has it; 0 = nobody, or `fd` is none.
inline pid_t lockHolder(int fd)
{
    struct flock lock = wholeFile();
    if (::fcntl(fd, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK || lock.l_pid < 0)
        return 0;
    return lock.l_pid;
}

} // namespace pmdaemon
