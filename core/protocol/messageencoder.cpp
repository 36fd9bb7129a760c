// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/protocol/servershapes.h"

#include <algorithm>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qsizetype MaxLine = 64 * 1024;
constexpr qsizetype MaxKeptRows = 8'192;
// What follows the data: timestamp, id and the closing braces.
constexpr qsizetype EnvelopeTail = 256;

JsonBuffer begin(QLatin1StringView type, qsizetype capacity = 512)
{
    JsonBuffer out(capacity);
    out.raw("{\"type\":");
    out.word(type);
    out.raw(",\"data\":{");
    return out;
}

/// At most 64 KiB of a line, cut between two characters.
LogLine bounded(LogLine line)
{
    if (line.message.size() <= MaxLine)
        return line;
    qsizetype end = MaxLine;
    while (end > 0 && (uchar(line.message[end]) & 0xc0) == 0x80)
        --end;
    line.message.truncate(end);
    line.truncated = true;
    return line;
}

void beginBatch(JsonBuffer &out, const LogBatch &batch, qint64 firstSeq, qint64 dropped)
{
    appendFields(out, batch, logSourceFields);
    out.raw("\"first_seq\":");
    out.number(firstSeq);
    out.raw(",\"dropped\":");
    out.number(dropped);
    out.raw(",\"lines\":[");
}

} // namespace

MessageEncoder::MessageEncoder(QByteArray bootNonce)
    : m_nonce(std::move(bootNonce))
{}

QByteArray MessageEncoder::finish(JsonBuffer &out)
{
    out.closeObject();
    return sign(out, QJsonValue::Undefined);
}

QByteArray MessageEncoder::sign(JsonBuffer &out, const QJsonValue &replyTo)
{
    out.raw(",\"timestamp\":");
    out.time(wallNow());
    out.raw(",\"id\":\"");
    out.raw(m_nonce);
    out.raw('-');
    out.number(qint64(++m_counter));
    out.raw('"');
    if (!replyTo.isUndefined()) {
        out.raw(",\"reply_to\":");
        out.scalar(replyTo);
    }
    out.raw('}');
    return out.take();
}

QByteArray MessageEncoder::processStatus(const StatusChange &change, bool snapshot)
{
    JsonBuffer out = begin("process_status"_L1);
    appendFields(out, change, FieldsOf<StatusChange>::fields);
    if (snapshot)
        out.raw("\"snapshot\":true,");
    return finish(out);
}

QByteArray MessageEncoder::processMetrics(std::span<const MetricsRow> rows)
{
    if (m_rows.size() > MaxKeptRows)
        m_rows.clear(); // of processes that are gone, for the most part
    QByteArray message = metricsOf(
        rows, [this](JsonBuffer &out, const ProcessEntry &entry) { out.raw(rowOf(entry)); });
    // Thousands of processes: what the rows can do without, since a snapshot is one message.
    if (message.size() < MaxServerMessage)
        return message;
    return metricsOf(rows, [](JsonBuffer &out, const ProcessEntry &entry) {
        appendFields(out, entry, shortRowEntryFields);
    });
}

QByteArrayView MessageEncoder::rowOf(const ProcessEntry &entry)
{
    // Frames are by ascending id.
    if (m_nextRow >= m_rows.size() || m_rows[m_nextRow].entry.id != entry.id) {
        const auto found = std::ranges::lower_bound(
            m_rows, entry.id, {}, [](const KeptRow &row) { return row.entry.id; });
        m_nextRow = std::size_t(found - m_rows.begin());
        if (found == m_rows.end() || found->entry.id != entry.id)
            m_rows.emplace(found);
    }
    KeptRow &kept = m_rows[m_nextRow++];
    if (kept.text.isEmpty() || kept.entry != entry) {
        JsonBuffer out(256);
        appendFields(out, entry, rowEntryFields);
        kept = {entry, out.take()};
    }
    return kept.text;
}

template <typename AppendEntry>
QByteArray MessageEncoder::metricsOf(std::span<const MetricsRow> rows, AppendEntry appendEntry)
{
    JsonBuffer out = begin("process_metrics"_L1, m_metricsSize + m_metricsSize / 16 + 512);
    out.raw("\"processes\":[");
    for (const MetricsRow &row : rows) {
        out.openObject();
        appendEntry(out, *row.entry);
        appendFields(out, row.sample, sampleFields);
        out.closeObject();
        out.comma();
    }
    out.closeArray();
    m_metricsSize = out.size();
    return finish(out);
}

QByteArray MessageEncoder::systemMetrics(const SystemMetrics &metrics)
{
    JsonBuffer out = begin("system_metrics"_L1);
    appendFields(out, metrics, FieldsOf<SystemMetrics>::fields);
    return finish(out);
}

QByteArray MessageEncoder::healthUpdate(const HealthUpdate &update)
{
    JsonBuffer out = begin("health_update"_L1);
    appendFields(out, update, FieldsOf<HealthUpdate>::fields);
    return finish(out);
}

QByteArray MessageEncoder::processEvent(const ProcessEvent &event)
{
    JsonBuffer out = begin("process_event"_L1);
    appendFields(out, event, FieldsOf<ProcessEvent>::fields);
    return finish(out);
}

QByteArray MessageEncoder::logMessage(const LogBatch &of, const LogLine &line, qint64 dropped)
{
    JsonBuffer out = begin("log_message"_L1, std::min(line.message.size(), MaxLine) + 384);
    appendFields(out, of, logSourceFields);
    appendFields(out, bounded(line), FieldsOf<LogLine>::fields);
    if (dropped > 0) {
        out.raw("\"dropped\":");
        out.number(dropped);
    }
    return finish(out);
}

QList<QByteArray> MessageEncoder::logBatch(const LogBatch &batch)
{
    QList<QByteArray> messages;
    qsizetype next = 0;
    while (next < batch.lines.size() || messages.isEmpty()) {
        JsonBuffer out = begin("log_batch"_L1, 4'096);
        const qint64 firstSeq = next < batch.lines.size() ? batch.lines[next].seq : 0;
        beginBatch(out, batch, firstSeq, messages.isEmpty() ? batch.dropped : 0);
        const qsizetype first = next;
        for (; next < batch.lines.size(); ++next) {
            const qsizetype before = out.size();
            Codec<LogLine>::append(out, bounded(batch.lines[next]));
            out.comma();
            if (out.size() + EnvelopeTail < MaxServerMessage || next == first)
                continue;
            out.truncate(before);
            break;
        }
        out.closeArray();
        messages.append(finish(out));
    }
    return messages;
}

QByteArray MessageEncoder::reply(QLatin1StringView type, const QJsonObject &data,
                                 const QJsonValue &replyTo)
{
    JsonBuffer out(512);
    out.raw("{\"type\":");
    out.word(type);
    out.raw(",\"data\":");
    out.object(data);
    QByteArray message = sign(out, replyTo);
    if (message.size() < MaxServerMessage)
        return message;
    return error(
        {ErrorCode::TooLarge,
         u"the answer would reach 1 MiB; ask for less: fewer lines, or single processes"_s},
        replyTo);
}

QByteArray MessageEncoder::error(const Error &error, const QJsonValue &replyTo)
{
    return reply("error"_L1, toJson(error), replyTo);
}

} // namespace pmdaemon
