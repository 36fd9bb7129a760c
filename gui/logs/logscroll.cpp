// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/logs/logscroll.h"

#include <algorithm>

namespace pmdaemon {

qint64 LogScroll::lowestTop() const
{
    return std::max(m_begin, m_end - m_page);
}

void LogScroll::setContent(qint64 begin, qint64 end)
{
    m_begin = begin;
    m_end = end;
    m_seenEnd = std::clamp(m_seenEnd, begin, end);
    m_top = m_following ? lowestTop() : std::clamp(m_top, begin, lowestTop());
}

void LogScroll::setPage(qint64 lines)
{
    m_page = std::max<qint64>(1, lines);
    setContent(m_begin, m_end);
}

void LogScroll::moveTo(qint64 top)
{
    if (top >= lowestTop()) {
        follow();
        return;
    }
    detach();
    m_top = std::max(top, m_begin);
}

void LogScroll::detach()
{
    if (m_following)
        m_seenEnd = m_end;
    m_following = false;
}

void LogScroll::follow()
{
    m_following = true;
    m_top = lowestTop();
}

} // namespace pmdaemon
