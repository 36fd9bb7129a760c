// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <stddef.h>
#include <stdint.h>

namespace pmdaemon {

/// The first 8 bytes of the kernel's boot id; 0 when it cannot be read.
uint64_t currentBootId();

/// What /proc/PID/stat says, proc(5).
struct ProcEntry
{
    char state = 0; ///< 'Z' = a zombie
    int32_t parent = 0;
    int32_t session = 0;
    uint64_t startTime = 0;  ///< clock ticks after boot
    int64_t userTicks = 0;   ///< CPU time
    int64_t systemTicks = 0; ///< likewise
    int32_t waitStatus = 0;  ///< as of waitpid(), of a zombie that is ours to look at

    bool isAlive() const { return state != 'Z' && state != 'X'; }
};

/// False for what is not such a line.
bool parseProcEntry(const char *text, size_t length, ProcEntry &entry);
/// False where there is no such process.
bool readProcEntry(int32_t pid, ProcEntry &entry);
/// Reads a small file at once; -1 with errno, else its length, at most `capacity` - 1.
/// NUL-terminated.
long readSmallFile(const char *path, char *buffer, size_t capacity);

} // namespace pmdaemon
