// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

namespace pmdaemon {

/// The program `pmdaemon`: reads the command line as docs/cli.md lists it, carries the command out
/// and returns its exit code. Makes the QCoreApplication.
int runCli(int argc, char **argv);

} // namespace pmdaemon
