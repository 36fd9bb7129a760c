// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "server/auth/authorize.h"
#include "server/auth/tokenbucket.h"

#include <QHash>
#include <QString>

namespace pmdaemon {

/// Slows down whoever guesses tokens: after five wrong ones, one more try every 12 s.
class FailureLimit
{
public:
    using TimePoint = TokenBucket::TimePoint;

    /// Who a peer is for this purpose: its user on this machine, its address elsewhere.
    static QString keyOf(const Peer &peer);

    bool isBlocked(const QString &key, TimePoint now);
    void recordFailure(const QString &key, TimePoint now);

private:
    QHash<QString, TokenBucket> m_buckets; ///< only of those who failed lately
};

} // namespace pmdaemon
