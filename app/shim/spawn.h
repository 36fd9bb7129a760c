// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/childdescriptors.h"
#include "core/slot/journalrecord.h"
#include "core/slot/slotspec.h"
#include "core/slot/textbuffer.h"
#include "core/slot/uniquefd.h"

namespace pmdaemon {

/// What every process of a program inherits in its environment: PMDAEMON_COOKIE=SLOT-PID-START in
/// hexadecimal digits, SLOT being the inode of the slot.
using Cookie = TextBuffer<80>;
Cookie makeCookie(uint64_t slot, int32_t pid, uint64_t startTime);

/// What a child needs of its slot.
struct SpawnPlace
{
    int folder = -1; ///< whose FIFOs it takes as output
    int lock = -1;   ///< where it leaves its mark before it executes
    uint64_t inode = 0;
    const char *notify = nullptr; ///< a NotifyVariable; null = none
    ChildDescriptors descriptors;
};

struct SpawnFailure
{
    SpawnStep step = SpawnStep::Exec;
    int32_t code = 0; ///< errno; 0 = none
    uint32_t stream = 0;
};

/// A child on its way to the program.
struct SpawnedChild
{
    int32_t pid = 0;
    uint64_t startTime = 0;
    UniqueFd pidfd;
    UniqueFd channel; ///< readable once it executed (end of file) or failed (a SpawnFailure)
};

/// Forks a child that waits to be released.
SpawnFailure spawn(const SlotSpec &spec, const SpawnPlace &place, SpawnedChild &child);
/// Lets the child execute the program. Without it, it ends by itself when the channel is closed.
void release(const SpawnedChild &child);
/// Whether the child of that start time went as far as the program, or was about to.
bool hasMark(int lock, uint64_t startTime);
/// What became of a released child: code 0 when it executed. False when that is not known yet.
bool readResult(const SpawnedChild &child, SpawnFailure &failure);

} // namespace pmdaemon
