// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

namespace pmdaemon {

constexpr int maxChildSockets = 16;
constexpr int firstChildDescriptor = 3; ///< SD_LISTEN_FDS_START

/// What a child inherits beyond its standard descriptors: its sockets from number 3 on, then its
/// channel.
struct ChildDescriptors
{
    const int *sockets = nullptr;
    int socketCount = 0; ///< at most maxChildSockets
    int channel = -1;    ///< -1 = none

    int channelNumber() const { return firstChildDescriptor + socketCount; }
};

/// In the child, after fork or vfork, by system calls alone: puts them where they belong, to be
/// inherited by exec. The `kept` ones are moved out of the way, and get their new numbers. False,
/// with errno, where that fails.
bool placeDescriptors(const ChildDescriptors &descriptors, int *const kept[], int keptCount);

} // namespace pmdaemon
