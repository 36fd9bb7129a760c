// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/logline.h"

#include <QByteArrayView>

#include <cstring>

namespace pmdaemon {

/// Of a longer line the rest is thrown away.
constexpr qsizetype maxLineSize = 64 * 1024;

/// The line that `bytes` are, without a line end: cut to maxLineSize, made valid UTF-8, with its
/// level. Its seq is 0.
LogLine makeLogLine(QByteArrayView bytes, LogStream stream, std::optional<WallTime> time);

/// How many of the last bytes of `bytes` begin a character whose rest is missing; 0 to 3.
qsizetype unfinishedCharacter(QByteArrayView bytes);

/// Cuts the chunks of one stream into lines.
class LineSplitter
{
public:
    /// Calls `visit(QByteArrayView)` with each line that ends in `chunk`, or whose first
    /// maxLineSize
    /// + 1 bytes are there: that one has no further bytes.
    template <typename Visit>
    void feed(QByteArrayView chunk, Visit visit);
    /// Passes over `chunk` and counts in skipped() the lines that end in it, as feed() would find
    /// them, the one in progress included.
    void skip(QByteArrayView chunk);
    /// Lines passed over since the last call.
    qint64 takeSkipped() { return std::exchange(m_skipped, 0); }

    /// The line in progress as far as it is there, but for a last character that is not; what comes
    /// next is a new line.
    template <typename Visit>
    void flush(Visit visit);
    bool hasPartial() const { return m_partial.size() > unfinishedCharacter(m_partial); }
    /// Bytes that were fed and not visited yet.
    qsizetype pending() const { return m_partial.size(); }
    /// The bytes before are not there any more: the line in progress is forgotten.
    void reset();

private:
    enum class State {
        Line,    ///< what comes belongs to a line
        Cut,     ///< … to the rest of a line that was visited
        Skipped, ///< … to the rest of a line that is not to be visited
    };

    void append(QByteArrayView part);

    QByteArray m_partial;
    State m_state = State::Line;
    qint64 m_skipped = 0;
};

template <typename Visit>
void LineSplitter::feed(QByteArrayView chunk, Visit visit)
{
    while (!chunk.isEmpty()) {
        const void *found = std::memchr(chunk.data(), '\n', std::size_t(chunk.size()));
        const qsizetype length =
            found ? static_cast<const char *>(found) - chunk.data() : chunk.size();
        const QByteArrayView part = chunk.first(length);
        if (m_state == State::Line) {
            if (found && m_partial.isEmpty()) {
                visit(part);
            } else {
                append(part);
                if (found || m_partial.size() > maxLineSize) {
                    visit(QByteArrayView(m_partial));
                    m_partial.clear();
                    m_state = State::Cut;
                }
            }
        }
        if (found && m_state == State::Skipped)
            ++m_skipped;
        if (found)
            m_state = State::Line;
        chunk = chunk.sliced(found ? length + 1 : length);
    }
}

template <typename Visit>
void LineSplitter::flush(Visit visit)
{
    const qsizetype whole = m_partial.size() - unfinishedCharacter(m_partial);
    if (whole == 0)
        return;
    visit(QByteArrayView(m_partial).first(whole));
    m_partial.remove(0, whole);
}

} // namespace pmdaemon
