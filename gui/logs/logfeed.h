// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/backend.h"
#include "gui/logs/logstore.h"

#include <QTimer>

namespace pmdaemon {

/// Fills a LogStore with the log of one process: the last 200 lines, then what is written, without
/// a hole or a line twice. Tells of changes at most twenty times a second.
class LogFeed : public QObject
{
    Q_OBJECT

public:
    /// Nothing: no process chosen, or not active. Loading: the page is on its way.
    enum class State { Nothing, Loading, Live, Failed };

    explicit LogFeed(Backend &backend, QObject *parent = nullptr);

    /// The store is emptied and filled anew; none = it stays empty.
    void setProcess(std::optional<ProcessId> id);
    std::optional<ProcessId> process() const { return m_process; }
    /// While off nothing is watched. Switched on again, what was written meanwhile is fetched;
    /// where that is too much, a gap is left.
    void setActive(bool on);

    const LogStore &store() const { return m_store; }
    State state() const { return m_state; }
    /// Why there is nothing, for people.
    QString failure() const { return m_failure; }

signals:
    /// The store or the state is another one.
    void changed();

private:
    void start();
    void take(const LogBatch &batch);
    void takePage(const Result<LogPage> &page);
    void append(const QList<LogLine> &lines);
    /// Without those that the page held already.
    void appendNew(const QList<LogLine> &lines);
    void tell();

    Backend &m_backend;
    Watch m_watch;
    LogStore m_store;
    QTimer m_limit;
    std::optional<ProcessId> m_process;
    QList<LogLine> m_early; ///< arrived before the page
    QList<LogLine> m_tail;  ///< the newest lines of the store, to join the next page to
    qint64 m_lastSeq = 0;   ///< of the page
    QString m_failure;
    State m_state = State::Nothing;
    quint64 m_round = 0; ///< a reply to an earlier question is not for this process
    bool m_active = false;
};

} // namespace pmdaemon
