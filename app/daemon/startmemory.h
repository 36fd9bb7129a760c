// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

namespace pmdaemon {

/// Gives back the memory that only the start has used: the program's own code and constants, which
/// come back from its file a page at a time where they are needed again, and what the heap has
/// free. For a process that goes on for weeks after a start of milliseconds.
void releaseStartMemory();

/// Gives back what the heap has free, of which clients that are gone may have needed much.
void releaseFreeHeap();

} // namespace pmdaemon
