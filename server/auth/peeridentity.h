// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QHostAddress>

#include <optional>
#include <sys/types.h>

namespace pmdaemon {

/// Both ends of a TCP connection on this machine, seen from `local`.
struct TcpEnds
{
    QHostAddress peer;
    quint16 peerPort = 0;
    QHostAddress local;
    quint16 localPort = 0;
};

/// The user that holds the peer's socket of a loopback connection: asked from the kernel
/// (sock_diag(7)), else looked up in /proc/net/tcp{,6}. Nothing for a peer elsewhere, and for a
/// socket that isn't established or that nobody holds any more: the kernel reports those as root's.
std::optional<uid_t> peerUid(const TcpEnds &ends);

/// The uid column of a /proc/net/tcp or tcp6 table for the peer's end of `ends`.
std::optional<uid_t> peerUidFromTable(QByteArrayView table, const TcpEnds &ends);

} // namespace pmdaemon
