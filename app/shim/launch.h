// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

namespace pmdaemon {

// The roles of the program, by their first argument. They give the exit code.

/// --launch SLOT SOCKET [--start]
int launchShim(int argc, char *argv[]);
/// --adopt SLOT SOCKET
int adoptSlot(int argc, char *argv[]);
/// --resume …: of a shim that is upgraded, never called by others.
int resumeShim(int argc, char *argv[]);

} // namespace pmdaemon
