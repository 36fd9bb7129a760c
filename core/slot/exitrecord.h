// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/journalrecord.h"

namespace pmdaemon {

/// How a process ended whose shim was dead, as its reaper (the keeper) saw it. The file
/// `<home>/keeper/exits` is a sequence of these, each appended with one write before the process is
/// reaped; the keeper bounds it.
struct ExitRecord
{
    uint32_t crc; ///< CRC-32C of what follows
    uint32_t reserved;
    uint64_t bootId; ///< first 8 bytes of the kernel's boot id
    int32_t pid;
    ExitHow how;
    uint64_t startTime; ///< clock ticks after boot
    int32_t status;     ///< exit code or signal
    uint8_t rest[28];
};
static_assert(sizeof(ExitRecord) == 64);

/// Whether the checksum is right.
bool isIntact(const ExitRecord &record);
/// Sets the checksum.
void seal(ExitRecord &record);

} // namespace pmdaemon
