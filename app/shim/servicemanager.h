// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

namespace pmdaemon {

/// Whoever started the keeper and waits at $NOTIFY_SOCKET, as sd_notify(3) documents: systemd, or a
/// command that started the daemon in the background.
class ServiceManager
{
public:
    /// Keeps a connection to that socket, so that later messages reach nobody else who bound the
    /// same name meanwhile. Without the variable, tell() does nothing.
    void connect();
    /// "READY=1" and the like, one per line.
    [[gnu::format(printf, 2, 3)]] void tell(const char *format, ...) const;

private:
    int m_fd = -1;
};

} // namespace pmdaemon
