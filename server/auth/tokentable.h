// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/namedtokens.h"

#include <QList>

namespace pmdaemon {

/// The tokens that open this daemon, kept as digests only.
class TokenTable
{
public:
    void add(QByteArrayView token, Role role);
    /// The named ones of that home, instead of those before and beside what was added. What is no
    /// token there is told in words.
    QStringList readNamed(const QString &home);
    /// For a ticket that is valid at `now`, which is none any more afterwards: the token of a new
    /// session of twelve hours, and what is known of it. Nothing for anything else.
    std::optional<std::pair<QByteArray, NamedToken>> exchange(QByteArrayView ticket, WallTime now);
    /// What `token` gives at `now`, None for a wrong or expired one. Takes the same time for every
    /// token of a length.
    Role roleOf(QByteArrayView token, WallTime now = wallNow()) const;
    /// The same by its tokenDigest().
    Role roleOfDigest(const QByteArray &digest, WallTime now) const;

private:
    QString m_home;
    QList<NamedToken> m_added;
    QList<NamedToken> m_named;
};

} // namespace pmdaemon
