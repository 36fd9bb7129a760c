// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/logreader.h"

#include "core/logs/backwardlines.h"
#include "core/logs/followedfile.h"
#include "core/logs/linesplitter.h"
#include "core/logs/logcursor.h"
#include "core/logs/loglevel.h"

#include <QByteArrayMatcher>

#include <algorithm>

namespace pmdaemon {

namespace {

constexpr qsizetype maxPageBytes = 1024 * 1024;

struct StreamLines
{
    LogStream kind;
    BackwardLines lines;
};

/// Both streams as one, newest line first.
class MergedLines
{
public:
    MergedLines(const LogSource &source, const LogQuery &query,
                const std::optional<LogCursor> &from);

    /// The stream with the newest line; null when there is none.
    StreamLines *newest();
    void next(StreamLines &stream)
    {
        stream.lines.next();
        --m_seq;
    }
    qint64 seq() const { return m_seq; }
    LogCursor cursor() const;

private:
    std::vector<StreamLines> m_streams;
    qint64 m_seq = 0;
};

MergedLines::MergedLines(const LogSource &source, const LogQuery &query,
                         const std::optional<LogCursor> &from)
{
    const auto add = [&](LogStream kind, const QString &path, FilePosition LogPosition::*place) {
        if (path.isEmpty() || query.stream.value_or(kind) != kind)
            return;
        std::optional<FilePosition> end;
        if (from)
            end = from->position.*place;
        else
            m_seq += retainedBytes(path);
        m_streams.push_back({kind, BackwardLines(path, end)});
    };
    if (from)
        m_seq = from->position.seq;
    add(LogStream::Out, source.out, &LogPosition::out);
    if (source.err != source.out)
        add(LogStream::Err, source.err, &LogPosition::err);
    for (StreamLines &stream : m_streams) {
        if (query.until)
            m_seq -= stream.lines.skipAfter(*query.until);
        stream.lines.next();
    }
    // What was stored after the page before this one took the place of what was there.
    for (StreamLines &stream : m_streams) {
        while (from && from->time && stream.lines.hasLine() && stream.lines.time() > from->time)
            stream.lines.next();
    }
}

StreamLines *MergedLines::newest()
{
    StreamLines *newest = nullptr;
    for (StreamLines &stream : m_streams) {
        if (!stream.lines.hasLine())
            continue;
        // Of the same moment: stdout before stderr. A line without a time is older than any.
        if (!newest || stream.lines.time() >= newest->lines.time())
            newest = &stream;
    }
    return newest;
}

LogCursor MergedLines::cursor() const
{
    LogCursor cursor;
    cursor.position.seq = m_seq;
    for (const StreamLines &stream : m_streams) {
        const FilePosition place = stream.lines.position();
        (stream.kind == LogStream::Out ? cursor.position.out : cursor.position.err) = place;
        if (stream.lines.hasLine())
            cursor.time = std::max(cursor.time, stream.lines.time());
    }
    return cursor;
}

class Filter
{
public:
    explicit Filter(const LogQuery &query)
        : m_level(query.level)
        , m_since(query.since)
        , m_until(query.until)
        , m_grep(query.grep.toUtf8())
    {}

    /// No older line can match.
    bool isBefore(const StreamLines &stream) const
    {
        return m_since && stream.lines.time() < m_since;
    }
    bool matches(const StreamLines &stream) const
    {
        const QByteArrayView line =
            stream.lines.line().first(std::min(stream.lines.line().size(), maxLineSize));
        if (m_until && !(stream.lines.time() && stream.lines.time() <= m_until))
            return false;
        if (!m_grep.pattern().isEmpty() && m_grep.indexIn(line.data(), line.size()) < 0)
            return false;
        return !m_level || detectLogLevel(line, stream.kind) >= *m_level;
    }

private:
    std::optional<LogLevel> m_level;
    std::optional<WallTime> m_since;
    std::optional<WallTime> m_until;
    QByteArrayMatcher m_grep;
};

/// Where to begin; nothing = at the end.
Result<std::optional<LogCursor>> startOf(const LogSource &source, const LogQuery &query)
{
    if (query.before.isEmpty())
        return source.end ? std::optional(LogCursor{*source.end, {}}) : std::nullopt;
    return logCursorFromString(query.before).map([](const LogCursor &cursor) {
        return std::optional(cursor);
    });
}

} // namespace

Result<LogPage> readLogPage(const LogSource &source, const LogQuery &query)
{
    const Result<std::optional<LogCursor>> start = startOf(source, query);
    if (!start)
        return tl::unexpected(start.error());
    MergedLines merged(source, query, *start);
    const Filter filter(query);
    LogPage page{source.name, {}, {}};
    qsizetype bytes = 0;
    while (StreamLines *stream = merged.newest()) {
        if (filter.isBefore(*stream)) {
            stream->lines.finish();
            continue;
        }
        if (filter.matches(*stream)) {
            if (page.lines.size() >= query.lines || bytes >= maxPageBytes) {
                page.cursor = toString(merged.cursor());
                break;
            }
            LogLine line = makeLogLine(stream->lines.line(), stream->kind, stream->lines.time());
            line.seq = merged.seq();
            bytes += line.message.size();
            page.lines.append(std::move(line));
        }
        merged.next(*stream);
    }
    std::reverse(page.lines.begin(), page.lines.end());
    return page;
}

} // namespace pmdaemon
