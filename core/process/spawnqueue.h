// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processentry.h"

#include <QObject>

#include <deque>

namespace pmdaemon {

/// Spreads launches over event-loop turns, one in each: it makes a slot and forks, which takes
/// milliseconds on a busy machine, and everybody else waits for it.
class SpawnQueue : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// Comes back by ready(), in order, in the next turn at the earliest.
    void add(ProcessId id);

signals:
    void ready(pmdaemon::ProcessId id);

private:
    void scheduleTurn();
    void turn();

    std::deque<ProcessId> m_waiting;
    bool m_scheduled = false;
};

} // namespace pmdaemon
