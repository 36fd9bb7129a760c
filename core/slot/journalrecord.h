// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <stdint.h>

namespace pmdaemon {

// The journal of a slot, as docs/shim-protocol.md lays it down. On little-endian machines these
// structures are the bytes on disk and on the socket.

enum class RecordType : uint8_t {
    Wanted = 'W',
    Spawned = 'S',
    Up = 'U',
    Ready = 'Y',
    StartFailed = 'F',
    Exited = 'X',
    Ended = 'E',
    Cancelled = 'C',
    Rotating = 'R',
    Trouble = 'T',
    Gap = 'G',
    Adopted = 'A',
};

struct WantedRecord
{
    int32_t up;
    int32_t signal;
    int64_t deadline; ///< boot time in ms
    int32_t tree;
    uint32_t unused;
    uint64_t bootId; ///< of a start
};

struct SpawnedRecord
{
    int32_t pid;
    uint32_t generation;
    uint64_t startTime; ///< clock ticks after boot
    uint64_t bootId;
    int32_t restartsInRow;
};

/// Of Up and Ready.
struct UpRecord
{
    int32_t pid;
    uint32_t generation;
};

/// The steps on the way to a program; also the words of StartFailed's `step`.
enum class SpawnStep : int32_t {
    Spec,
    Journal,
    Log,
    Pipe,
    Fork,
    Chdir,
    Descriptors,
    Exec,
    Priority,
    Affinity,
    OomScore,
    ResourceLimit,
    Credentials,
    Privileges,
    Sockets, ///< those that it is to be handed on have not come yet
};

struct StartFailedRecord
{
    SpawnStep step;
    int32_t code;    ///< errno
    int64_t delay;   ///< ms until it is tried again; -1 = never
    uint32_t stream; ///< whose log file it was, for SpawnStep::Log
    int32_t unstableRuns;
    int32_t restartsInRow;
};

enum class ExitHow : int32_t { Exited, Signalled, Dumped, Unknown };

struct ExitedRecord
{
    int32_t pid;
    uint32_t generation;
    ExitHow how;
    int32_t status; ///< exit code or signal
    int64_t uptime;
    uint32_t userTime;
    uint32_t systemTime;
};

struct EndedRecord
{
    enum Flags : uint8_t { Requested = 1, Killed = 2, OutOfMemory = 4 };

    int32_t verdict; ///< RestartDecision::Verdict
    int32_t unstableRuns;
    int64_t delay; ///< ms from the exit
    int32_t restartsInRow;
    uint32_t generation;
};

struct RotatingRecord
{
    uint32_t stream; ///< 0 = out, 1 = err
    uint32_t reserved;
    uint64_t inode; ///< of the old file
    int64_t cut;
};

struct TroubleRecord
{
    uint32_t stream;
    int32_t code; ///< errno; 0 = storing works again
};

struct GapRecord
{
    uint32_t stream;
    uint32_t reserved;
    uint64_t bytes;
    uint64_t lines;
};

struct AdoptedRecord
{
    int32_t shim;
    uint32_t generation;
    int32_t alive;
};

struct JournalRecord
{
    uint32_t crc; ///< CRC-32C of what follows
    RecordType type;
    uint8_t flags;
    uint16_t reserved;
    uint64_t seq;
    int64_t wall; ///< ms since 1970
    int64_t boot; ///< ms on CLOCK_BOOTTIME
    union
    {
        WantedRecord wanted;
        SpawnedRecord spawned;
        UpRecord up;
        StartFailedRecord startFailed;
        ExitedRecord exited;
        EndedRecord ended;
        RotatingRecord rotating;
        TroubleRecord trouble;
        GapRecord gap;
        AdoptedRecord adopted;
        uint8_t bytes[32];
    };
};
static_assert(sizeof(JournalRecord) == 64);

/// Whether the checksum is right.
bool isIntact(const JournalRecord &record);
/// Sets the checksum.
void seal(JournalRecord &record);

} // namespace pmdaemon
