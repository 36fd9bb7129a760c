// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/logprinter.h"

#include "app/cli/sanitize.h"

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

QByteArray LogPrinter::prefix(const LogOrigin &origin, const LogLine &line) const
{
    QString text;
    if (m_style.timestamps)
        text += (line.time ? toRfc3339(*line.time) : u"-"_s) + u' ';
    if (m_style.names)
        text += origin.name + " | "_L1;
    if (text.isEmpty() || !m_output.colour())
        return text.toUtf8();
    const QByteArray colour = line.stream == LogStream::Err ? "\x1b[31m" : "\x1b[36m";
    return colour + text.toUtf8() + "\x1b[0m";
}

void LogPrinter::print(const LogOrigin &origin, const LogLine &line)
{
    if (m_output.json()) {
        const QJsonObject json = toJson(origin, line);
        m_style.jsonLines ? m_output.write(json) : m_array.append(json);
    } else if (m_style.raw) {
        m_output.write(line.message + '\n');
    } else {
        const Colours colours = m_output.mayColour() ? Colours::Keep : Colours::Strip;
        m_output.write(prefix(origin, line) + harmless(line.message, colours) + '\n');
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
