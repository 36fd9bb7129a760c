// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

namespace pmdaemon {

/// The second role of pmdaemon-shim, as docs/keeper.md describes it:
/// `--keep [--service] [--adopt-daemon PID] HOME RUN -- PROGRAM ARGS…`. Returns the exit code.
int runKeeper(int argc, char *argv[]);

} // namespace pmdaemon
