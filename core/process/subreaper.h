// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/processhandle.h"

#include <QBasicTimer>
#include <QByteArray>
#include <QObject>
#include <QSet>
#include <QSocketNotifier>

namespace pmdaemon {

/// What tells the processes of one runner from all others, however far they got away.
struct TreeMark
{
    pid_t session = 0; ///< whose leader was the root process; 0 = by the cookie alone
    QByteArray cookie; ///< the environment entry that every descendant inherits

    bool operator==(const TreeMark &) const = default;
};

/// Makes the daemon the reaper of everything below it (PR_SET_CHILD_SUBREAPER), so that no process
/// of a managed program gets out of sight, and reaps such orphans. The children of this process
/// that QProcess started are QProcess's to reap. One per program, to be made before the first
/// runner.
class Subreaper : public QObject
{
    Q_OBJECT

public:
    /// How orphans ended is recorded in `exits` (`<home>/keeper`) before they are reaped, for the
    /// shims that take over; empty = it is not.
    explicit Subreaper(const QString &exits = {}, QObject *parent = nullptr);
    ~Subreaper() override;

    /// "PMDAEMON_COOKIE=…", different with each call and each daemon.
    QByteArray newCookie();

    /// Between these the process is the root of a tree, and none of the orphans.
    void addRoot(pid_t pid) { m_roots.insert(pid); }
    void removeRoot(pid_t pid) { m_roots.remove(pid); }

    /// The live processes that bear the mark: the orphans among our children, by session or cookie,
    /// and the descendants of these and of `root`, if there is one, which comes first. Costs next
    /// to nothing when there are none. A process that forks meanwhile may hide a child: ask again
    /// until there is nothing new.
    std::vector<ProcessHandle> tree(const TreeMark &mark, pid_t root = 0);
    /// Children that tree() need not look at again: a shim, for one. There may be a thousand.
    QSet<pid_t> strangers() const { return m_strangers; }

protected:
    void timerEvent(QTimerEvent *event) override;

private:
    std::vector<pid_t> orphans() const;
    void reap();
    void record(pid_t pid, int code, int status) const;
    bool isStranger(const ProcessHandle &process, const QByteArray &environment) const;

    const QByteArray m_exits;
    QByteArray m_nonce;
    int m_cookies = 0;
    QSet<pid_t> m_roots;
    QSet<pid_t> m_strangers; ///< children that are in no tree; not reaped, so the pids are theirs
    QSet<pid_t> m_zombies;   ///< seen by the last reap()
    UniqueFd m_wakeUp;
    QSocketNotifier m_notifier;
    QBasicTimer m_timer;
};

} // namespace pmdaemon
