// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/keeperoptions.h"

#include <stdlib.h>
#include <string.h>

namespace pmdaemon {

bool parseKeeperOptions(int argc, char *argv[], KeeperOptions &options)
{
    int at = 2;
    for (; at < argc && argv[at][0] == '-'; ++at) {
        if (strcmp(argv[at], "--service") == 0)
            options.service = true;
        else if (strcmp(argv[at], "--adopt-daemon") == 0 && at + 1 < argc)
            options.adopted = atoi(argv[++at]);
        else
            return false;
    }
    if (argc - at < 4 || strcmp(argv[at + 2], "--") != 0)
        return false;
    options.home = argv[at];
    options.run = argv[at + 1];
    options.command = argv + at + 3;
    // Adopted shims and daemons have other working directories.
    return options.home[0] == '/' && options.run[0] == '/' && options.command[0][0] == '/';
}

} // namespace pmdaemon
