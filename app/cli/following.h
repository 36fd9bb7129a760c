// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/cli/commands.h"

namespace pmdaemon {

/// Keeps a command running that follows something, over losses of the connection, which it tells.
class Following : public QObject
{
public:
    struct Listener
    {
        std::function<void()> lost;
        std::function<void()> back; ///< called where waiting for answers is possible
    };

    /// The session is connected.
    Following(Context &context, Listener listener);

    /// Until the daemon refuses this client.
    ExitCode run();

private:
    void changed(ConnectionState state, const QString &reason);

    Context &m_context;
    const Listener m_listener;
    QEventLoop m_loop;
};

} // namespace pmdaemon
