// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/settings.h"
#include "core/model/result.h"

#include <QHostAddress>
#include <QSocketNotifier>
#include <QTcpServer>
#include <QTimer>

#include <functional>
#include <memory>
#include <vector>

namespace pmdaemon {

/// A socket that listens, somebody else's to close.
struct ListeningSocket
{
    QHostAddress address;
    quint16 port = 0;
    int descriptor = -1;

    bool operator==(const ListeningSocket &) const = default;
};

/// Tells whoever is at `descriptor` that there are too many connections, and closes it.
void turnAway(int descriptor);

/// Listens on each address of the settings at one port, and goes on accepting after the process ran
/// out of descriptors: whoever comes then is turned away, not left hanging.
class Listener : public QObject
{
    Q_OBJECT

public:
    using OnDescriptor = std::function<void(qintptr)>;

    /// `accepted` owns the descriptor that it gets.
    explicit Listener(OnDescriptor accepted, QObject *parent = nullptr);
    ~Listener() override;

    /// All addresses or none: PortInUse, or StartFailed with the reason. An address whose family
    /// this machine lacks is left out with a warning. Port 0: one that is free on all of them.
    /// Where one of the `inherited` sockets, which stay the caller's, listens at a wanted address,
    /// a duplicate of it is used; port 0 then takes theirs.
    Result<void> listen(const QStringList &hosts, int port, const QList<int> &inherited = {});
    void close();
    quint16 port() const { return m_port; }
    QList<ListeningSocket> sockets() const;

private:
    /// QTcpServer knows how to listen, but not to accept: its first EAGAIN hides every later error,
    /// and it would spin for as long as descriptors are out.
    struct Door
    {
        QTcpServer server;
        std::unique_ptr<QSocketNotifier> knock;
    };

    Result<void> listenOnce(const QStringList &hosts, int port,
                            const QList<ListeningSocket> &inherited);
    void open(std::unique_ptr<Door> door);
    void accept(QSocketNotifier &knock);
    void turnEverybodyAway(int listening);
    void resume();

    OnDescriptor m_accepted;
    std::vector<std::unique_ptr<Door>> m_doors;
    quint16 m_port = 0;
    int m_spare; ///< a descriptor to give up when there are no others
    QTimer m_retry;
    std::chrono::steady_clock::time_point m_quietUntil{};
};

} // namespace pmdaemon
