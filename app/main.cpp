// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/commandline.h"

int main(int argc, char **argv)
{
    return pmdaemon::runCli(argc, argv);
}
