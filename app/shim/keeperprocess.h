// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <sys/types.h>

namespace pmdaemon {

/// The difference between a process that is a keeper and the ones that it starts.
class KeeperProcess
{
public:
    /// Blocks the signals that the keeper reads from the descriptor returned (-1 and errno),
    /// ignores SIGPIPE and SIGXFSZ, raises the limit of open files and becomes the reaper of
    /// orphans.
    static int begin();
    /// How many descriptors the keeper can have, since begin().
    static int maxDescriptors();
    /// In a child, before exec: undoes begin(), and gives it a session of its own.
    static void undoInChild();
};

/// One line on standard error, after "keeper: ".
[[gnu::format(printf, 1, 2)]] void say(const char *format, ...);

} // namespace pmdaemon
