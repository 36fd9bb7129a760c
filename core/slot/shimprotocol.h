// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <stdint.h>

namespace pmdaemon {

// What the daemon and a shim say to each other, as docs/shim-protocol.md lays it down.

constexpr uint32_t shimProtocolVersion = 1;
constexpr uint32_t maxShimPayload = 64 * 1024;

enum class ShimMessage : uint16_t {
    Status = 1,
    EventsSince = 2,
    Subscribe = 3,
    Start = 4,
    Stop = 5,
    Signal = 6,
    UpdateSpec = 7,
    Upgrade = 8,
    Acked = 9,
    Quit = 10,
    Sockets = 11,
    Ack = 128,
    State = 129,
    Events = 130,
};

struct ShimFrame
{
    uint32_t length; ///< of the payload that follows
    ShimMessage type;
    uint16_t tag; ///< of a request, and of the ACK that answers it
};
static_assert(sizeof(ShimFrame) == 8);

struct ShimStop
{
    int32_t signal;
    int32_t tree;
    int64_t timeout; ///< ms
};

struct ShimAck
{
    int32_t code; ///< errno; 0 = done
    uint32_t reserved;
    uint64_t lastSeq;
};

enum class ShimPhase : uint32_t { Idle, Spawning, Running, Clearing, Waiting };

struct ShimState
{
    uint32_t version;
    ShimPhase phase;
    int32_t pid; ///< 0 = none
    uint32_t generation;
    uint64_t startTime;
    int64_t startedAt;   ///< wall
    int64_t nextAttempt; ///< boot; -1 = none
    uint64_t firstSeq;
    uint64_t lastSeq;
    int32_t unstableRuns;
    int32_t stopping;
};
static_assert(sizeof(ShimState) == 64);

} // namespace pmdaemon
