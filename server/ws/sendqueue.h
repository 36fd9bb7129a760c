// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QByteArray>

#include <deque>

namespace pmdaemon {

/// What waits for one reader, in whole frames, bounded: past half of the limit metrics not yet sent
/// are replaced by newer ones and log lines dropped and counted; nothing passes the limit.
class SendQueue
{
public:
    enum class Kind {
        Keep,           ///< statuses, events, health, replies
        ProcessMetrics, ///< the newest of it replaces an unsent one
        SystemMetrics,  ///< likewise
        Log,            ///< may be dropped
    };
    enum class Outcome { Queued, Dropped, Overflow };

    explicit SendQueue(qint64 limit)
        : m_limit(limit)
    {}

    /// `elsewhere`: bytes that wait for the same reader behind this queue's back. Overflow:
    /// `frames` is not queued, the reader is too slow to be kept.
    Outcome push(Kind kind, const QByteArray &frames, qint64 elsewhere);
    /// Whether log lines would be dropped now.
    bool isCongested(qint64 elsewhere) const { return m_size + elsewhere > m_limit / 2; }
    bool isEmpty() const { return m_frames.empty(); }
    qint64 size() const { return m_size; }
    QByteArray take();
    void clear();

private:
    struct Item
    {
        Kind kind;
        QByteArray frames;
    };
    bool replaceUnsent(Kind kind, const QByteArray &frames);

    std::deque<Item> m_frames;
    qint64 m_size = 0;
    qint64 m_limit;
};

} // namespace pmdaemon
