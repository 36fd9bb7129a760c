// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <sys/types.h>

namespace pmdaemon {

struct KeeperOptions
{
    bool service = false;
    pid_t adopted = 0; ///< the daemon to take over; 0 = none
    const char *home = nullptr;
    const char *run = nullptr;
    char *const *command = nullptr; ///< the daemon's, ended by a null pointer
};

/// False for a wrong command line.
bool parseKeeperOptions(int argc, char *argv[], KeeperOptions &options);

} // namespace pmdaemon
