// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/shim/backoff.h"
#include "app/shim/keeperprotocol.h"
#include "core/model/result.h"
#include "core/slot/uniquefd.h"

#include <QByteArray>
#include <QElapsedTimer>
#include <QObject>
#include <QSocketNotifier>
#include <QTimer>

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <sys/resource.h>

namespace pmdaemon {

/// How a daemon whose keeper died gets another one.
struct KeeperLaunch
{
    QString home;
    QString runDirectory;
    QByteArray notifySocket; ///< the service manager's, for the new keeper; may be empty
};

/// The daemon's end of the connection to its keeper (docs/keeper.md). What it was told is told
/// again to the keeper that follows a dead one.
class KeeperConnection : public QObject
{
    Q_OBJECT

public:
    /// Through the descriptor that the keeper left in the environment, whose variable is removed;
    /// null without a keeper. To be called before the daemon raises its limits, which are not for
    /// the next keeper.
    static std::unique_ptr<KeeperConnection> take(const KeeperLaunch &launch);

    /// Keeps a duplicate of a listening socket for later daemons. `name` is printable ASCII without
    /// ':', at most 63 characters; it replaces what had that name.
    void store(const QByteArray &name, int descriptor);
    void drop(const QByteArray &name);
    /// From now on the slot has a shim, whatever happens to it.
    void watch(quint64 slot);
    /// Before a shim is told to end.
    void forget(quint64 slot);

    void ready(const QString &status);
    void status(const QString &status);
    /// The daemon ends in order: no keeper is started again, and none starts a daemon again.
    void stopping();
    /// The daemon ends in order, and the keeper starts the one that is installed.
    void replace();
    /// The keeper becomes this program, in place, where it can; upgraded() tells.
    void upgrade(const QString &program);

signals:
    /// A watched slot has a shim (again). A hint: it does not come to a daemon that does not read.
    void shimStarted(quint64 slot, qint64 pid);
    /// An empty reason = it is the other program now.
    void upgraded(const QString &failure);

private:
    struct Message
    {
        KeeperMessage type;
        quint64 slot = 0;
        QByteArray text = {};
    };

    KeeperConnection(UniqueFd socket, KeeperLaunch launch);

    void attach(UniqueFd socket);
    void send(Message message);
    bool sendNow(const Message &message) const;
    void flush();
    void read();
    void take(const KeeperPacket &packet, qsizetype length);
    void onLost();
    void startKeeper();
    Result<pid_t> launchKeeper();
    void tellAll();

    KeeperLaunch m_launch;
    UniqueFd m_socket;
    std::unique_ptr<QSocketNotifier> m_readable;
    std::unique_ptr<QSocketNotifier> m_writable;
    std::deque<Message> m_queue; ///< what the socket had no room for
    std::map<QByteArray, UniqueFd> m_stored;
    std::set<quint64> m_watched;
    QString m_status;
    bool m_ready = false;
    bool m_stopping = false;
    pid_t m_keeper = 0; ///< one that we started
    rlimit m_openFiles{};
    QTimer m_retry;
    QElapsedTimer m_since; ///< the keeper is there
    Backoff m_backoff{Backoff::step};
};

} // namespace pmdaemon
