// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/ws/turns.h"

#include <utility>

namespace pmdaemon {

Turns::Turns(std::function<bool()> mayBegin, QObject *parent)
    : QObject(parent)
    , m_mayBegin(std::move(mayBegin))
{}

bool Turns::add(Task task)
{
    if (m_waiting.size() >= MaxWaiting)
        return false;
    m_waiting.push_back(std::move(task));
    if (m_state == State::Idle)
        beginNext();
    return true;
}

void Turns::finish()
{
    QMetaObject::invokeMethod(this, &Turns::beginNext, Qt::QueuedConnection);
}

void Turns::goOn()
{
    if (m_state == State::Held)
        beginNext();
}

void Turns::beginNext()
{
    if (m_waiting.empty()) {
        m_state = State::Idle;
        return;
    }
    if (!m_mayBegin()) {
        m_state = State::Held;
        return;
    }
    m_state = State::Running;
    const Task task = std::move(m_waiting.front());
    m_waiting.pop_front();
    task();
}

} // namespace pmdaemon
