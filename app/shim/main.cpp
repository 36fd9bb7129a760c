// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/keeper.h"
#include "app/shim/launch.h"

#include <string.h>
#include <unistd.h>

namespace {

using Role = int (*)(int argc, char *argv[]);

int printVersion(int, char *[])
{
    static const char text[] = "pmdaemon-shim " PMDAEMON_VERSION "\n";
    return write(1, text, sizeof text - 1) == sizeof text - 1 ? 0 : 1;
}

constexpr struct
{
    const char *name;
    Role run;
} roles[] = {
    {"--launch", pmdaemon::launchShim}, {"--adopt", pmdaemon::adoptSlot},
    {"--resume", pmdaemon::resumeShim}, {"--keep", pmdaemon::runKeeper},
    {"--version", printVersion},
};

} // namespace

int main(int argc, char *argv[])
{
    for (const auto &role : roles) {
        if (argc > 1 && strcmp(argv[1], role.name) == 0)
            return role.run(argc, argv);
    }
    static const char usage[] =
        "usage: pmdaemon-shim --launch SLOT SOCKET [--start] | --adopt SLOT SOCKET | "
        "--keep ... | --version\n";
    if (write(2, usage, sizeof usage - 1) < 0)
        return 1;
    return 2;
}
