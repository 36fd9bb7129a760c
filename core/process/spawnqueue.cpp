// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/spawnqueue.h"

#include <QTimer>

namespace pmdaemon {

void SpawnQueue::add(ProcessId id)
{
    m_waiting.push_back(id);
    scheduleTurn();
}

void SpawnQueue::scheduleTurn()
{
    if (m_scheduled || m_waiting.empty())
        return;
    m_scheduled = true;
    // A timer, not a posted event: posted events are all delivered before sockets get their turn.
    QTimer::singleShot(0, this, &SpawnQueue::turn);
}

void SpawnQueue::turn()
{
    m_scheduled = false;
    const ProcessId next = m_waiting.front();
    m_waiting.pop_front();
    emit ready(next);
    scheduleTurn();
}

} // namespace pmdaemon

#include "moc_spawnqueue.cpp"
