// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/auth/tokentable.h"

#include <QCryptographicHash>

namespace pmdaemon {

namespace {

QByteArray digestOf(QByteArrayView token)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    hash.addData(token);
    return hash.result();
}

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
    m_entries.append({digestOf(token), role});
}

Role TokenTable::roleOf(QByteArrayView token) const
{
    const QByteArray digest = digestOf(token);
    Role role = Role::None;
    for (const Entry &entry : m_entries) {
        if (equalInConstantTime(entry.digest, digest))
            role = entry.role;
    }
    return role;
}

} // namespace pmdaemon
