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
    /// Instead of those before, beside what was added.
    void setNamed(const QList<NamedToken> &tokens) { m_named = tokens; }
    /// What `token` gives at `now`, None for a wrong or expired one. Takes the same time for every
    /// token of a length.
    Role roleOf(QByteArrayView token, WallTime now = wallNow()) const;
    /// The same by its tokenDigest().
    Role roleOfDigest(const QByteArray &digest, WallTime now) const;

private:
    QList<NamedToken> m_added;
    QList<NamedToken> m_named;
};

} // namespace pmdaemon
