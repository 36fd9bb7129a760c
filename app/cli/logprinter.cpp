// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/logprinter.h"

#include "app/cli/sanitize.h"
#include "core/model/timeformat.h"

#include <QJsonDocument>
#include <QTimeZone>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

QJsonObject toJson(const LogOrigin &origin, const LogLine &line)
{
    QJsonObject json = {
        {u"process"_s, origin.name},
        {u"process_id"_s, toInt(origin.id)},
        {u"instance"_s, origin.instance},
        {u"time"_s, line.time ? QJsonValue(toRfc3339(*line.time)) : QJsonValue::Null},
        {u"level"_s, toString(line.level)},
        {u"stream"_s, toString(line.stream)},
        {u"message"_s, QString::fromUtf8(line.message)},
    };
    if (line.truncated)
        json.insert(u"truncated"_s, true);
    return json;
}

} // namespace

LogPrinter::LogPrinter(Output &output, const Style &style)
    : m_output(output)
    , m_style(style)
{}

QString LogPrinter::timeOf(const LogLine &line, const LogView &view) const
{
    if (!m_style.timestamps && view.dateFormat.isEmpty())
        return {};
    if (!line.time)
        return u"- "_s;
    return (m_style.timestamps
                ? toRfc3339(*line.time)
                : formatTime(*line.time, view.dateFormat, QTimeZone::systemTimeZone())) +
           u' ';
}

QByteArray LogPrinter::prefix(const LogOrigin &origin, const LogLine &line,
                              const LogView &view) const
{
    QString text = timeOf(line, view);
    if (m_style.names)
        text += origin.name + " | "_L1;
    if (text.isEmpty() || !m_output.colour())
        return text.toUtf8();
    const QByteArray colour = line.stream == LogStream::Err ? "\x1b[31m" : "\x1b[36m";
    return colour + text.toUtf8() + "\x1b[0m";
}

void LogPrinter::print(const LogOrigin &origin, const LogLine &line, const LogView &view)
{
    if (m_output.json()) {
        const QJsonObject json = toJson(origin, line);
        m_style.jsonLines ? m_output.write(json) : m_array.append(json);
    } else if (m_style.raw) {
        m_output.write(line.message + '\n');
    } else if (view.isJson) {
        m_output.write(QJsonDocument(toJson(origin, line)).toJson(QJsonDocument::Compact) + '\n');
    } else {
        const Colours colours = m_output.mayColour() ? Colours::Keep : Colours::Strip;
        m_output.write(prefix(origin, line, view) + harmless(line.message, colours) + '\n');
    }
}

void LogPrinter::finish()
{
    if (m_output.json() && !m_style.jsonLines)
        m_output.write(m_array);
}

bool isWanted(const LogLine &line, const LogQuery &query)
{
    return (!query.stream || line.stream == *query.stream) &&
           (!query.level || line.level >= *query.level) &&
           (query.grep.isEmpty() || line.message.contains(query.grep.toUtf8()));
}

} // namespace pmdaemon
