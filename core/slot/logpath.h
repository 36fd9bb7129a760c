// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/textbuffer.h"

#include <limits.h>

namespace pmdaemon {

/// The path of a file that belongs to a log. What is too long is refused by the kernel.
using LogPath = TextBuffer<PATH_MAX + 32>;

constexpr const char *logIndexSuffix = ".idx";
/// Of a rotated file that the daemon has compressed; its index keeps its name.
constexpr const char *logCompressedSuffix = ".gz";
/// Of the file that a rotation is about to put in the log's place.
constexpr const char *logNextSuffix = ".next";

/// `<file>.<n>`; n = 0 is the file itself.
inline LogPath rotatedLogPath(const char *log, int n)
{
    LogPath path;
    path.add(log);
    if (n > 0)
        path.add(".").addNumber(uint64_t(n));
    return path;
}

} // namespace pmdaemon
