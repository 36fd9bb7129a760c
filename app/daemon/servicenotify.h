// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QByteArray>

namespace pmdaemon {

/// The service manager, or the command that started us in the background, which waits at
/// $NOTIFY_SOCKET as sd_notify(3) documents.
class ServiceNotifier
{
public:
    /// Removes the variable from the environment, so that no program speaks for us.
    static ServiceNotifier take();

    /// Where it waits; empty = nobody does.
    const QByteArray &socket() const { return m_socket; }
    /// A state such as "READY=1", in one datagram. Nothing when nobody waits.
    void tell(const QByteArray &state) const;

private:
    QByteArray m_socket;
};

} // namespace pmdaemon
