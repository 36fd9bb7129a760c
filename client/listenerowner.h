// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QHostAddress>
#include <QList>

namespace pmdaemon {

/// The UIDs that own the sockets which listen for connections to `address`:`port` on this machine,
/// wildcard listeners included; each once. Empty when nobody listens, nothing when it cannot be
/// known. Asked from the kernel (sock_diag(7)), which passes by the connections; else looked up.
std::optional<QList<uint>> listenerOwners(const QHostAddress &address, quint16 port);

/// The same from `net/tcp` and `net/tcp6` of proc(5) below `procRoot`.
std::optional<QList<uint>> listenerOwnersFromTables(const QHostAddress &address, quint16 port,
                                                    const QString &procRoot);

} // namespace pmdaemon
