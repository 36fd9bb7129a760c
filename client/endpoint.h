// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/result.h"

#include <QByteArray>
#include <QUrl>

namespace pmdaemon {

/// A daemon to connect to, and what proves who we are.
struct Endpoint
{
    QUrl url;              ///< ws://HOST:PORT/ws or wss://…
    QByteArray token = {}; ///< sent as `Authorization: Bearer`; empty = none
    /// The daemon of this user on this machine: connected to on a loopback address alone, and only
    /// if the listener is ours or root's. Tells whether `token` may be the local one.
    bool ownDaemon = false;
    /// SHA-256 of a certificate that is trusted though no authority for it is known; empty = none
    QByteArray fingerprint = {};
};

/// What people write for a daemon: "HOST", "HOST:PORT", or a ws, wss, http or https URL; the port
/// is 9615 and the path /ws where none is given. InvalidMessage for anything else, also for a URL
/// that carries a user or a query: a token in a URL ends up in logs.
Result<QUrl> daemonUrl(const QString &text);

/// The digest in what people copy: 64 hexadecimal digits, with or without colons between each two.
/// InvalidMessage for anything else.
Result<QByteArray> fingerprintFromString(const QString &text);

/// The token in a file that a user named: its first line. Unauthorized for a file that cannot be
/// read, that others can read too, or that holds something else.
Result<QByteArray> readTokenFile(const QString &path);

} // namespace pmdaemon
