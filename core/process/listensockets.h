// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processspec.h"
#include "core/process/processrunner.h"

#include <QSet>

#include <map>

namespace pmdaemon {

/// Somebody who outlives this daemon and keeps sockets for the next one, by names of printable
/// ASCII without ':'. Where there is nobody, sockets end with the daemon and the shims that hold
/// them.
struct SocketKeeper
{
    std::function<void(const QByteArray &name, int descriptor)> store = [](const QByteArray &,
                                                                           int) {};
    std::function<void(const QByteArray &name)> drop = [](const QByteArray &) {};
    /// What was stored by an earlier daemon, each to be taken once.
    std::map<QByteArray, std::shared_ptr<const UniqueFd>> kept = {};
};

/// The sockets that `listen` names: each is opened once, for all instances and runs of an app.
class ListenSockets
{
public:
    /// What its names in a SocketKeeper begin with.
    static constexpr const char *namePrefix = "listen-";

    explicit ListenSockets(SocketKeeper keeper);

    /// Opens those that are not open yet. PortInUse, StartFailed.
    Result<QList<HandedSocket>> open(const QList<ListenSpec> &sockets);
    /// Closes all but these.
    void keepOnly(const QList<ListenSpec> &sockets);

private:
    SocketKeeper m_keeper;
    std::map<QString, std::shared_ptr<const UniqueFd>> m_open; ///< by address
};

} // namespace pmdaemon
