// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/command.h"

#include <QByteArray>
#include <QList>

namespace pmdaemon {

/// The tokens that open this daemon, kept as digests only.
class TokenTable
{
public:
    void add(QByteArrayView token, Role role);
    /// What `token` gives, None for a wrong one. Takes the same time for every token of a length.
    Role roleOf(QByteArrayView token) const;

private:
    struct Entry
    {
        QByteArray digest; ///< SHA-256
        Role role;
    };
    QList<Entry> m_entries;
};

} // namespace pmdaemon
