// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <stdint.h>

namespace pmdaemon {

// What the daemon and its keeper say to each other, as docs/keeper.md lays it down: one message is
// one packet of a pair of SOCK_SEQPACKET sockets.

enum class KeeperMessage : uint32_t {
    Store = 1,         ///< text = name, with one descriptor: kept in place of what had that name
    Drop = 2,          ///< text = name
    Watch = 3,         ///< slot: has a shim, or gets one
    Forget = 4,        ///< slot: its shim may end
    Ready = 5,         ///< text = a line for people
    Stopping = 6,      ///< when the daemon ends now, it was asked to
    Status = 7,        ///< text = a line for people
    Replace = 8,       ///< when the daemon ends now, in order, another one is started at once
    Upgrade = 9,       ///< text = absolute path of the pmdaemon-shim that the keeper is to become
    Shim = 128,        ///< from the keeper: the slot has a shim with this pid (again)
    Upgraded = 129,    ///< from the keeper: it is another program now; tell it everything again
    NotUpgraded = 130, ///< from the keeper: text = why it stays what it is
};

struct KeeperPacket
{
    static constexpr uint32_t headerSize = 16;
    static constexpr uint32_t maxText = 1008;

    KeeperMessage type;
    int32_t pid;
    uint64_t slot;
    char text[maxText]; ///< not ended by a NUL: the packet's size tells where it ends
};
static_assert(sizeof(KeeperPacket) == KeeperPacket::headerSize + KeeperPacket::maxText);

/// Names of stored descriptors: printable ASCII without ':', as in LISTEN_FDNAMES.
constexpr uint32_t maxStoredName = 63;

constexpr char keeperFdVariable[] = "PMDAEMON_KEEPER_FD";

/// Exit codes of the daemon (docs/cli.md) with which, unless it was ready before, another attempt
/// would end just so; 126 and 127 stand for a program that could not be executed.
constexpr int futileExits[] = {2, 11, 12, 20, 21, 22, 30, 60, 126, 127};

} // namespace pmdaemon
