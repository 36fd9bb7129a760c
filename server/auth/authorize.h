// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/settings.h"
#include "core/model/command.h"
#include "core/model/result.h"
#include "server/auth/peeridentity.h"
#include "server/auth/tokentable.h"
#include "server/http/requesthead.h"

#include <QJsonObject>

namespace pmdaemon {

/// What a request wants to do, as far as access depends on it.
enum class Access {
    Public,    ///< /health and the files of the dashboard
    Read,      ///< REST that changes nothing, static files
    Change,    ///< REST that changes something
    WebSocket, ///< the upgrade of /ws
};

/// Who is at the other end.
struct Peer
{
    QHostAddress address;
    std::optional<uid_t> uid; ///< of its socket; none = not known
    uid_t ownUid = 0;         ///< the daemon's
    /// By its verified certificate: see roleOf().
    Role certified = Role::None;
};

/// What somebody who was let in may do.
struct Grant
{
    Role role = Role::Read;
    /// Let in by a listed `null` origin: no logs, no environment, no configuration.
    bool restricted = false;
    /// The digests of the tokens that were shown: it ends when one of them does.
    QList<QByteArray> tokens = {};
    bool byCertificate = false;
    QByteArray allowOrigin = {}; ///< a listed Origin, to be told to the browser; else empty

    /// The limits of strangers don't apply.
    bool byProof() const { return !tokens.isEmpty() || byCertificate; }
    bool operator==(const Grant &) const = default;
};

/// Whether its tokens are still good for it at `now`.
bool isStillGranted(const Grant &grant, const TokenTable &tokens, WallTime now);

struct Refusal
{
    HttpProblem problem;
    bool wrongToken = false; ///< counts against whoever guesses
    QString log;             ///< for the daemon's log: which setting would let it in; or empty

    bool operator==(const Refusal &) const = default;
};

/// The one decision over host, origin, token and locality, for REST, files and the WebSocket alike:
/// docs/websocket.md, "Roles". Pure; `tokens` and `settings` are the daemon's.
tl::expected<Grant, Refusal> authorize(const RequestHead &request, Access access, const Peer &peer,
                                       const Settings &settings, const TokenTable &tokens);

/// Why somebody of that role may not define one of these apps: as another user, for a shell, or
/// from a file that a reload would read all of that from. Nothing where he may, or may define none
/// at all; what is no definition is refused by whoever carries it out.
std::optional<Error> refuseDefinitions(Role role, const QList<QJsonObject> &apps);

/// What the token of an `auth` message raises `current` to; Unauthorized for a wrong one.
Result<Grant> authorizeToken(const QString &token, const Grant &current, const Settings &settings,
                             const TokenTable &tokens);

/// The subprotocol that a client names beside "pmdaemon.bearer.TOKEN" in Sec-WebSocket-Protocol,
/// so that there is one to answer with.
inline constexpr char webSocketProtocol[] = "pmdaemon";

} // namespace pmdaemon
