// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QObject>

#include <deque>
#include <functional>

namespace pmdaemon {

/// What one client asked for and has not got yet: one task after the other, each in a turn of the
/// event loop of its own. So whoever asks for much waits for it, nobody else does, and what it
/// takes in memory is one answer.
class Turns : public QObject
{
    Q_OBJECT

public:
    using Task = std::function<void()>;
    static constexpr std::size_t MaxWaiting = 256;

    /// Tasks begin only while `mayBegin` says so.
    explicit Turns(std::function<bool()> mayBegin, QObject *parent = nullptr);

    /// Begins it at once if nothing else waits. It calls finish() when it is done, now or later.
    /// False if too many wait already.
    bool add(Task task);
    /// The task that was begun is done.
    void finish();
    /// `mayBegin` may say something else by now.
    void goOn();

private:
    enum class State { Idle, Running, Held };

    void beginNext();

    std::function<bool()> m_mayBegin;
    std::deque<Task> m_waiting;
    State m_state = State::Idle;
};

} // namespace pmdaemon
