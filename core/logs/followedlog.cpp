// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/followedlog.h"

namespace pmdaemon {

namespace {

constexpr qsizetype chunkSize = 256 * 1024;
constexpr qsizetype maxBatchLines = 2'000;
constexpr qsizetype maxBatchBytes = 256 * 1024;
// Past the first lines are passed over, until no more than the second are left.
constexpr qint64 skipBehind = 8 * 1024 * 1024;
constexpr qint64 resumeBehind = 1024 * 1024;

} // namespace

FollowedLog::FollowedLog(const LogSource &source, qint64 lastSeq)
    : m_source(source)
    , m_seq(lastSeq)
{
    const auto follow = [this](LogStream stream, const QString &path) {
        m_streams.emplace_back(stream, path);
        m_seq += retainedBytes(path);
    };
    if (!source.out.isEmpty())
        follow(LogStream::Out, source.out);
    if (!source.err.isEmpty() && source.err != source.out)
        follow(LogStream::Err, source.err);
}

bool FollowedLog::hasFilesOf(const LogSource &source) const
{
    return m_source.out == source.out && m_source.err == source.err;
}

bool FollowedLog::read(Clock::time_point deadline, QList<LogBatch> &batches)
{
    m_buffer.resize(chunkSize);
    bool isDone = true;
    for (Stream &stream : m_streams)
        isDone = readStream(stream, deadline, batches) && isDone;
    finishBatch(batches);
    m_buffer = {};
    return isDone;
}

bool FollowedLog::readStream(Stream &stream, Clock::time_point deadline, QList<LogBatch> &batches)
{
    for (;;) {
        const FollowedFile::Chunk chunk = stream.file.read(m_buffer);
        if (chunk.restarted || chunk.hasGap)
            stream.splitter.reset();
        if (chunk.hasGap)
            drop(1, batches); // nobody knows how many
        if (chunk.bytes.isEmpty())
            return true;
        take(stream, chunk, batches);
        const Clock::time_point now = Clock::now();
        stream.lastByte = now;
        if (now >= deadline)
            return false;
    }
}

void FollowedLog::take(Stream &stream, const FollowedFile::Chunk &chunk, QList<LogBatch> &batches)
{
    const qint64 behind = stream.file.behind();
    stream.isSkipping = behind > (stream.isSkipping ? resumeBehind : skipBehind);
    if (stream.isSkipping) {
        stream.splitter.skip(chunk.bytes);
    } else {
        stream.splitter.feed(chunk.bytes, [&](QByteArrayView line) {
            drop(stream.splitter.takeSkipped(), batches);
            append(line, stream.kind, batches);
        });
    }
    drop(stream.splitter.takeSkipped(), batches);
}

void FollowedLog::drop(qint64 count, QList<LogBatch> &batches)
{
    if (count == 0)
        return;
    finishBatch(batches);
    m_batch.dropped += count;
    m_seq += count;
}

void FollowedLog::append(QByteArrayView bytes, LogStream stream, QList<LogBatch> &batches)
{
    LogLine line = makeLogLine(bytes, stream, wallNow());
    line.seq = ++m_seq;
    m_batchBytes += line.message.size();
    m_batch.lines.append(std::move(line));
    if (m_batch.lines.size() >= maxBatchLines || m_batchBytes >= maxBatchBytes)
        finishBatch(batches);
}

void FollowedLog::finishBatch(QList<LogBatch> &batches)
{
    // Lines that were dropped are told with the next one that was not.
    if (m_batch.lines.isEmpty())
        return;
    m_batch.id = m_source.id;
    m_batch.name = m_source.name;
    m_batch.instance = m_source.instance;
    batches.append(std::exchange(m_batch, {}));
    m_batchBytes = 0;
}

void FollowedLog::flush(Clock::time_point now, QList<LogBatch> &batches)
{
    for (Stream &stream : m_streams) {
        if (stream.splitter.hasPartial() && stream.lastByte + partialAfter <= now)
            stream.splitter.flush([&](QByteArrayView line) { append(line, stream.kind, batches); });
    }
    finishBatch(batches);
}

std::optional<FollowedLog::Clock::time_point> FollowedLog::flushDue() const
{
    std::optional<Clock::time_point> due;
    for (const Stream &stream : m_streams) {
        if (stream.splitter.hasPartial())
            due = std::min(due.value_or(Clock::time_point::max()), stream.lastByte + partialAfter);
    }
    return due;
}

LogPosition FollowedLog::position() const
{
    LogPosition position;
    position.seq = m_seq;
    for (const Stream &stream : m_streams) {
        FilePosition place = stream.file.position();
        place.offset = std::max<qint64>(0, place.offset - stream.splitter.pending());
        (stream.kind == LogStream::Out ? position.out : position.err) = place;
    }
    return position;
}

} // namespace pmdaemon
