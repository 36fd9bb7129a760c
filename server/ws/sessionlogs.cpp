// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/ws/clientsession.h"

// The log part of a session: lines that a slow reader misses, and the tail before live lines.

namespace pmdaemon {

namespace {

constexpr qsizetype MaxHeldBatches = 256; ///< of one process while its tail is read

} // namespace

void ClientSession::deliverLogs(const LogBatch &batch, const QByteArray &frames, bool batched)
{
    const auto held = m_tailing.find(batch.id);
    if (held != m_tailing.end()) {
        if (held->size() < MaxHeldBatches)
            held->append(batch);
        else
            m_dropped[batch.id] += batch.dropped + batch.lines.size();
        return;
    }
    if (m_dropped.contains(batch.id))
        return sendLogs(batch, batched);
    if (m_connection->send(SendQueue::Kind::Log, frames) == SendQueue::Outcome::Dropped)
        m_dropped[batch.id] += batch.dropped + batch.lines.size();
}

/// The batch for this client alone, with the lines that it missed before counted in.
void ClientSession::sendLogs(const LogBatch &batch, bool batched)
{
    LogBatch mine = batch;
    mine.dropped += m_dropped.take(batch.id);
    const bool sent =
        !m_connection->isCongested() &&
        m_connection->send(SendQueue::Kind::Log, m_context.broadcaster.logFrames(mine, batched)) ==
            SendQueue::Outcome::Queued;
    if (!sent)
        m_dropped[batch.id] = mine.dropped + mine.lines.size();
}

void ClientSession::sendTails(const Subscribe &message)
{
    const auto &stream = m_subscriptions.stream(EventType::LogMessage);
    for (const ProcessEntry &entry : m_context.backend.processes()) {
        if (!stream->matches(entry))
            continue;
        LogQuery query;
        query.process = entry.name;
        query.lines = message.tail;
        query.level = message.level;
        query.grep = message.grep;
        m_tailing.insert(entry.id, {});
        m_context.backend.logs(query).then(
            this, [this, entry](const Result<LogPage> &page) { onTail(entry, page); });
    }
}

void ClientSession::onTail(const ProcessEntry &entry, const Result<LogPage> &page)
{
    const auto &stream = m_subscriptions.stream(EventType::LogMessage);
    const QList<LogBatch> held = m_tailing.take(entry.id);
    if (!stream || !stream->matches(entry))
        return;
    LogBatch tail{entry.id, entry.name, entry.instance, 0, {}};
    if (page)
        tail.lines = page->lines;
    const qint64 last = tail.lines.isEmpty() ? 0 : tail.lines.last().seq;
    if (!tail.lines.isEmpty())
        sendLogs(tail, stream->batch);
    for (LogBatch batch : held) {
        // What was written before the page was read is in the page.
        batch.lines.removeIf([last](const LogLine &line) { return line.seq <= last; });
        if (!batch.lines.isEmpty())
            sendLogs(batch, stream->batch);
    }
}

} // namespace pmdaemon
