// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/logs/logstore.h"

#include <algorithm>

namespace pmdaemon {

namespace {
// Small enough that a trimmed chunk is a small part of the caps.
constexpr std::size_t chunkLines = 4'096;
constexpr qsizetype chunkBytes = 256 * 1024;
} // namespace

LogStore::LogStore() = default;

LogStore::LogStore(Caps caps)
    : m_caps(caps)
{}

qint64 LogStore::begin() const
{
    return m_chunks.empty() ? m_end : m_chunks.front().first;
}

LogStore::Chunk &LogStore::chunkFor(qsizetype bytes)
{
    const bool full =
        m_chunks.empty() || m_chunks.back().records.size() >= chunkLines ||
        (m_chunks.back().text.size() + bytes > chunkBytes && !m_chunks.back().records.empty());
    if (full)
        m_chunks.push_back({m_end, {}, {}});
    return m_chunks.back();
}

void LogStore::append(const LogLine &line)
{
    Chunk &chunk = chunkFor(line.message.size());
    chunk.text.append(line.message);
    chunk.records.push_back({.end = quint32(chunk.text.size()),
                             .level = line.level,
                             .stream = line.stream,
                             .hasTime = line.time.has_value(),
                             .value = line.time ? line.time->time_since_epoch().count() : 0,
                             .isGap = false});
    m_bytes += line.message.size();
    ++m_end;
    trim();
}

void LogStore::appendGap(qint64 count)
{
    if (!isEmpty() && m_chunks.back().records.back().isGap) {
        qint64 &held = m_chunks.back().records.back().value;
        held = held == 0 || count == 0 ? 0 : held + count;
        return;
    }
    Chunk &chunk = chunkFor(0);
    Record mark{.end = quint32(chunk.text.size())};
    mark.isGap = true;
    mark.value = count;
    chunk.records.push_back(mark);
    ++m_end;
    trim();
}

void LogStore::clear()
{
    m_chunks.clear();
    m_bytes = 0;
}

void LogStore::trim()
{
    while (m_chunks.size() > 1 && (m_end - begin() > m_caps.lines || m_bytes > m_caps.bytes)) {
        m_bytes -= m_chunks.front().text.size();
        m_chunks.pop_front();
    }
}

LogStore::Line LogStore::line(qint64 number) const
{
    Q_ASSERT(number >= begin() && number < m_end);
    const auto after =
        std::upper_bound(m_chunks.cbegin(), m_chunks.cend(), number,
                         [](qint64 n, const Chunk &chunk) { return n < chunk.first; });
    const Chunk &chunk = *std::prev(after);
    const auto at = std::size_t(number - chunk.first);
    const Record &record = chunk.records[at];
    const quint32 from = at == 0 ? 0 : chunk.records[at - 1].end;
    Line line;
    line.level = record.level;
    line.stream = record.stream;
    line.isGap = record.isGap;
    line.missing = record.isGap ? record.value : 0;
    line.text = QByteArrayView(chunk.text).sliced(from, record.end - from);
    if (record.hasTime)
        line.time = WallTime{milliseconds{record.value}};
    return line;
}

} // namespace pmdaemon
