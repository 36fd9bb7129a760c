// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/command.h"
#include "core/model/result.h"

#include <QByteArray>

namespace pmdaemon {

/// A token that somebody was given, as it is kept: as a digest alone, in a file of its own
/// (<home>/tokens/<name>.json, 0600 in a folder of 0700), so that one is made and revoked in one
/// step, with or without a daemon.
struct NamedToken
{
    QString name; ///< as that of an app
    Role role = Role::Read;
    QByteArray digest; ///< tokenDigest()
    WallTime createdAt{};
    std::optional<WallTime> expiresAt; ///< none = never
    /// A ticket: good for nothing but to be exchanged, once, for a token that no file has.
    bool once = false;

    bool operator==(const NamedToken &) const = default;
};

/// SHA-256.
QByteArray tokenDigest(QByteArrayView token);

QString namedTokenFolder(const QString &home);

/// Makes the token and keeps it as `kept` says, but for the digest; the token itself is nowhere
/// afterwards but in the answer. AlreadyExists for a name that is taken.
Result<QByteArray> createNamedToken(const QString &home, NamedToken kept);

/// By name. What others could have written, or nobody can read, is no token: it is named in
/// `problems`, in words.
QList<NamedToken> readNamedTokens(const QString &home, QStringList &problems);

/// NotFound for an unknown one.
Result<void> revokeNamedToken(const QString &home, const QString &name);

} // namespace pmdaemon
