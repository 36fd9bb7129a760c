// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/rest/logfollower.h"

#include <QJsonDocument>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

QByteArray message(const QJsonObject &data)
{
    return "data: " + QJsonDocument(data).toJson(QJsonDocument::Compact) + "\n\n";
}

} // namespace

QJsonObject logLineToJson(const LogLine &line)
{
    return {{u"timestamp"_s, line.time ? QJsonValue(toRfc3339(*line.time)) : QJsonValue()},
            {u"type"_s, line.stream == LogStream::Out ? u"out"_s : u"error"_s},
            {u"level"_s, toString(line.level)},
            {u"message"_s, QString::fromUtf8(line.message)}};
}

LogFollower::LogFollower(Backend &backend, const ProcessEntry &process, const LogQuery &query)
    : m_backend(backend)
    , m_process(process.id)
    , m_name(process.name)
    , m_query(query)
{
    connect(&backend, &Backend::logLines, this, &LogFollower::take);
    connect(&backend, &Backend::processRemoved, this,
            [this](ProcessId id) { m_isOver = m_isOver || id == m_process; });
}

void LogFollower::begin(Send send)
{
    m_send = std::move(send);
    // Watched before the page is read, so that nothing falls between the two.
    m_watch = m_backend.watchLogs({.names = QStringList{m_name}, .nameSpaces = {}});
    m_backend.logs(m_query).then(this, [this](const Result<LogPage> &page) {
        page ? finishPage(page->lines) : fail(page.error());
    });
}

void LogFollower::take(const LogBatch &batch)
{
    if (batch.id != m_process)
        return;
    m_dropped += batch.dropped;
    if (m_hasPage)
        return send(batch.lines);
    for (const LogLine &line : batch.lines) {
        m_heldBytes += line.message.size();
        if (m_heldBytes <= MaxHeldBytes)
            m_held.append(line);
        else
            ++m_dropped;
    }
}

void LogFollower::finishPage(const QList<LogLine> &lines)
{
    m_hasPage = true;
    send(lines);
    const qint64 last = lines.isEmpty() ? 0 : lines.last().seq;
    QList<LogLine> held = std::exchange(m_held, {});
    held.removeIf([last](const LogLine &line) { return line.seq <= last; });
    send(held);
}

void LogFollower::fail(const Error &error)
{
    m_send("event: error\n" +
           message({{u"code"_s, toString(error.code)}, {u"message"_s, error.message}}));
    m_isOver = true;
}

void LogFollower::send(const QList<LogLine> &lines)
{
    QByteArray events;
    qint64 count = 0;
    for (const LogLine &line : lines) {
        if (!matches(line))
            continue;
        events += message(logLineToJson(line));
        ++count;
    }
    if (events.isEmpty())
        return;
    const QByteArray gap = m_dropped > 0
                               ? QByteArray("event: gap\n" + message({{u"dropped"_s, m_dropped}}))
                               : QByteArray();
    if (m_send(gap + events))
        m_dropped = 0;
    else
        m_dropped += count;
}

bool LogFollower::matches(const LogLine &line) const
{
    return (!m_query.stream || line.stream == *m_query.stream) &&
           (!m_query.level || line.level >= *m_query.level) &&
           (m_query.grep.isEmpty() || line.message.contains(m_query.grep.toUtf8()));
}

} // namespace pmdaemon
