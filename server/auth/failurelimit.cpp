// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/auth/failurelimit.h"

namespace pmdaemon {

namespace {

constexpr double TriesPerSecond = 5.0 / 60;
constexpr double Tries = 5;

} // namespace

QString FailureLimit::keyOf(const Peer &peer)
{
    return peer.uid ? QStringLiteral("uid %1").arg(*peer.uid) : peer.address.toString();
}

bool FailureLimit::isBlocked(const QString &key, TimePoint now)
{
    const auto at = m_buckets.find(key);
    return at != m_buckets.end() && at->isEmpty(now);
}

void FailureLimit::recordFailure(const QString &key, TimePoint now)
{
    m_buckets.removeIf([now](auto each) { return each.value().isFull(now); });
    auto at = m_buckets.find(key);
    if (at == m_buckets.end())
        at = m_buckets.insert(key, TokenBucket(TriesPerSecond, Tries));
    at->take(now);
}

} // namespace pmdaemon
