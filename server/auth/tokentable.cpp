// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/auth/tokentable.h"

#include "core/config/rundirectory.h"

#include <algorithm>
#include <chrono>

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
    m_added.append(NamedToken{{}, role, tokenDigest(token), {}, {}, false});
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
            const bool isRight = equalInConstantTime(token.digest, digest) && !token.once;
            if (isRight && !(token.expiresAt && *token.expiresAt <= now))
                role = token.role;
        }
    }
    return role;
}

QStringList TokenTable::readNamed(const QString &home)
{
    m_home = home;
    QStringList problems;
    m_named = readNamedTokens(home, problems);
    return problems;
}

std::optional<std::pair<QByteArray, NamedToken>> TokenTable::exchange(QByteArrayView ticket,
                                                                      WallTime now)
{
    constexpr std::chrono::hours sessionTime{12};
    const auto isOver = [now](const NamedToken &token) {
        return token.expiresAt && *token.expiresAt <= now;
    };
    const QByteArray digest = tokenDigest(ticket);
    const auto found = std::find_if(m_named.begin(), m_named.end(), [&](const NamedToken &token) {
        return token.once && equalInConstantTime(token.digest, digest) && !isOver(token);
    });
    if (found == m_named.end() || !revokeNamedToken(m_home, found->name))
        return std::nullopt; // another connection was faster
    m_added.removeIf(isOver);
    const QByteArray token = generateToken();
    const NamedToken session{found->name, found->role,       tokenDigest(token),
                             now,         now + sessionTime, false};
    m_named.erase(found);
    m_added.append(session);
    return std::pair(token, session);
}

} // namespace pmdaemon
