// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtGlobal>

namespace pmdaemon {

/// Where a log view stands. Following: the end stays in sight. Detached: the same line stays at
/// the top, whatever arrives; only when it is trimmed away the oldest one takes its place.
/// Line numbers are a LogStore's.
class LogScroll
{
public:
    /// The log holds [begin, end) from now on.
    void setContent(qint64 begin, qint64 end);
    /// How many whole lines fit.
    void setPage(qint64 lines);
    /// Somebody moved the view: it follows when that is the end, else it is detached.
    void moveTo(qint64 top);
    /// Stays where it is from now on.
    void detach();
    void follow();

    bool isFollowing() const { return m_following; }
    qint64 top() const { return m_top; }
    /// The lowest position: the one at which the end is in sight.
    qint64 lowestTop() const;
    /// Lines that came since the view was detached.
    qint64 newLines() const { return m_following ? 0 : m_end - m_seenEnd; }

private:
    qint64 m_begin = 0;
    qint64 m_end = 0;
    qint64 m_page = 1;
    qint64 m_top = 0;
    qint64 m_seenEnd = 0;
    bool m_following = true;
};

} // namespace pmdaemon
