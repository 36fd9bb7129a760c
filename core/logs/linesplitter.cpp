// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/linesplitter.h"

#include "core/logs/loglevel.h"

#include <algorithm>

namespace pmdaemon {

namespace {

/// How many bytes the character has that begins with `lead`; 1 for what begins none.
int characterSize(uchar lead)
{
    if (lead >= 0xf0 && lead < 0xf5)
        return 4;
    if (lead >= 0xe0)
        return lead < 0xf0 ? 3 : 1;
    return lead >= 0xc2 ? 2 : 1;
}

} // namespace

qsizetype unfinishedCharacter(QByteArrayView bytes)
{
    for (qsizetype back = 1; back <= std::min<qsizetype>(3, bytes.size()); ++back) {
        const uchar byte = uchar(bytes[bytes.size() - back]);
        if ((byte & 0xc0) != 0x80)
            return characterSize(byte) > back ? back : 0;
    }
    return 0;
}

LogLine makeLogLine(QByteArrayView bytes, LogStream stream, std::optional<WallTime> time)
{
    LogLine line;
    line.time = time;
    line.stream = stream;
    const auto cut = [&line](QByteArrayView text) {
        if (text.size() <= maxLineSize)
            return text;
        line.truncated = true;
        text = text.first(maxLineSize);
        return text.chopped(unfinishedCharacter(text));
    };
    if (bytes.endsWith('\r'))
        bytes.chop(1);
    bytes = cut(bytes);
    if (bytes.isValidUtf8()) {
        line.message = bytes.toByteArray();
    } else {
        // U+FFFD takes more room than what it stands for.
        const QByteArray valid = QString::fromUtf8(bytes).toUtf8();
        line.message = cut(valid).toByteArray();
    }
    line.level = detectLogLevel(line.message, stream);
    return line;
}

void LineSplitter::append(QByteArrayView part)
{
    // One byte more tells that the line is too long.
    const qsizetype room = maxLineSize + 1 - m_partial.size();
    m_partial.append(part.first(std::min(part.size(), room)));
}

void LineSplitter::skip(QByteArrayView chunk)
{
    if (chunk.isEmpty())
        return;
    // The line that is being cut was visited; its end is none of another line.
    if (m_state == State::Cut) {
        const qsizetype end = chunk.indexOf('\n');
        if (end < 0)
            return;
        m_state = State::Line;
        return skip(chunk.sliced(end + 1));
    }
    m_partial.clear();
    m_skipped += std::count(chunk.begin(), chunk.end(), '\n');
    m_state = chunk.endsWith('\n') ? State::Line : State::Skipped;
}

void LineSplitter::reset()
{
    m_partial.clear();
    m_state = State::Line;
}

} // namespace pmdaemon
