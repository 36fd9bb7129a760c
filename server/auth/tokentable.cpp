// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/auth/tokentable.h"

namespace pmdaemon {

namespace {

/// No early end: how long it takes must not tell how much was right.
bool equalInConstantTime(const QByteArray &a, const QByteArray &b)
{
    unsigned difference = a.size() == b.size() ? 0 : 1;
    for (qsizetype i = 0; i < std::min(a.size(), b.size()); ++i)
        difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
    return difference == 0;
}

} // namespace

void TokenTable::add(QByteArrayView token, Role role)
{
    m_added.append(NamedToken{{}, role, tokenDigest(token), {}, {}});
}

Role TokenTable::roleOf(QByteArrayView token, WallTime now) const
{
    return roleOfDigest(tokenDigest(token), now);
}

Role TokenTable::roleOfDigest(const QByteArray &digest, WallTime now) const
{
    Role role = Role::None;
    for (const QList<NamedToken> *tokens : {&m_added, &m_named}) {
        for (const NamedToken &token : *tokens) {
            const bool isRight = equalInConstantTime(token.digest, digest);
            if (isRight && !(token.expiresAt && *token.expiresAt <= now))
                role = token.role;
        }
    }
    return role;
}

} // namespace pmdaemon
