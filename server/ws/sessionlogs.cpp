// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/ws/clientsession.h"

// The log part of a session: lines that a slow reader misses, and the tail before live lines.

namespace pmdaemon {

namespace {

constexpr qsizetype MaxHeldBytes = 1024 * 1024; ///< of live lines while a tail is read

} // namespace

void ClientSession::deliverLogs(const LogBatch &batch, const QByteArray &frames, bool batched)
{
    if (m_tails.contains(batch.id))
        return;
    if (m_tail && m_tail->entry.id == batch.id) {
        m_tail->bytes += frames.size();
        if (m_tail->bytes <= MaxHeldBytes)
            m_tail->live.append(batch);
        else
            m_tail->dropped += batch.dropped + batch.lines.size();
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
    m_tails.clear();
    if (m_tail)
        finishTail({}); // nobody wants it any more, only what came after
    if (message.tail == 0)
        return;
    const auto &stream = m_subscriptions.stream(EventType::LogMessage);
    for (const ProcessEntry &entry : m_context.backend.processes()) {
        if (stream->matches(entry))
            m_tails.emplace(entry.id, entry);
    }
    m_tailQuery.lines = message.tail;
    m_tailQuery.level = message.level;
    m_tailQuery.grep = message.grep;
    queueNextTail();
}

void ClientSession::queueNextTail()
{
    if (m_tails.empty() || m_tailIsNext)
        return;
    m_tailIsNext = true; // before it begins, which may be at once
    if (!m_logReads.add([this] { readNextTail(); })) {
        m_tailIsNext = false;
        refuse(tooManyWaiting(Turns::MaxWaiting), QJsonValue::Undefined);
        m_tails.clear();
    }
}

void ClientSession::readNextTail()
{
    m_tailIsNext = false;
    if (m_tails.empty() || !m_subscriptions.stream(EventType::LogMessage)) {
        m_tails.clear();
        return m_logReads.finish();
    }
    m_tail = std::make_shared<Tail>(Tail{.entry = m_tails.extract(m_tails.begin()).mapped()});
    m_tailQuery.process = m_tail->entry.name;
    const auto onPage = [this, tail = m_tail](const Result<LogPage> &page) {
        if (tail == m_tail)
            finishTail(page ? page->lines : QList<LogLine>());
        queueNextTail();
        m_logReads.finish();
    };
    m_context.backend.logs(m_tailQuery).then(this, onPage);
}

void ClientSession::finishTail(const QList<LogLine> &lines)
{
    const std::shared_ptr<Tail> tail = std::exchange(m_tail, nullptr);
    const ProcessEntry &entry = tail->entry;
    const auto &stream = m_subscriptions.stream(EventType::LogMessage);
    if (!stream || !stream->matches(entry))
        return;
    if (!lines.isEmpty())
        sendLogs({entry.id, entry.name, entry.instance, 0, lines}, stream->batch);
    const qint64 last = lines.isEmpty() ? 0 : lines.last().seq;
    for (LogBatch batch : tail->live) {
        // What was written before the page was read is in the page.
        batch.lines.removeIf([last](const LogLine &line) { return line.seq <= last; });
        if (!batch.lines.isEmpty())
            sendLogs(batch, stream->batch);
    }
    if (tail->dropped > 0)
        m_dropped[entry.id] += tail->dropped;
}

} // namespace pmdaemon
