// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/ws/sendqueue.h"

#include <algorithm>

namespace pmdaemon {

SendQueue::Outcome SendQueue::push(Kind kind, const QByteArray &frames, qint64 elsewhere)
{
    const bool congested = isCongested(elsewhere);
    if (congested && kind == Kind::Log)
        return Outcome::Dropped;
    if (congested && kind != Kind::Keep && replaceUnsent(kind, frames))
        return Outcome::Queued;
    if (m_size + elsewhere + frames.size() > m_limit)
        return kind == Kind::Keep ? Outcome::Overflow : Outcome::Dropped;
    m_size += frames.size();
    m_frames.push_back({kind, frames});
    return Outcome::Queued;
}

bool SendQueue::replaceUnsent(Kind kind, const QByteArray &frames)
{
    const auto at = std::find_if(m_frames.begin(), m_frames.end(),
                                 [kind](const Item &item) { return item.kind == kind; });
    if (at == m_frames.end())
        return false;
    m_size += frames.size() - at->frames.size();
    at->frames = frames;
    // Several from before the congestion: the newest says it all.
    const auto rest = std::remove_if(std::next(at), m_frames.end(), [&](const Item &item) {
        if (item.kind != kind)
            return false;
        m_size -= item.frames.size();
        return true;
    });
    m_frames.erase(rest, m_frames.end());
    return true;
}

QByteArray SendQueue::take()
{
    const QByteArray frames = std::move(m_frames.front().frames);
    m_frames.pop_front();
    m_size -= frames.size();
    return frames;
}

void SendQueue::clear()
{
    m_frames.clear();
    m_size = 0;
}

} // namespace pmdaemon
