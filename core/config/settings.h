// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/walltime.h"

#include <QString>
#include <QStringList>

namespace pmdaemon {

/// The daemon's own settings, as the last section of docs/configuration.md lists them. Filled by
/// app/cli from flags, environment and file; checked by whom they concern.
struct Settings
{
    QString home;         ///< absolute
    QString runDirectory; ///< absolute, 0700: the address and the local token
    QStringList hosts = {QStringLiteral("127.0.0.1"), QStringLiteral("::1")};
    int port = 9615;  ///< 0 = one that is free
    QString tlsCert;  ///< absolute, PEM; empty = no TLS, and loopback addresses alone
    QString tlsKey;   ///< absolute, PEM
    QString clientCa; ///< absolute, PEM: who speaks TLS shows a certificate of these; empty = none
    QStringList allowedHosts;
    QStringList allowedOrigins;
    bool localTrust = true;
    bool requireAuth = false;
    bool wsReadOnly = false;
    QString webRoot; ///< absolute; empty = none
    int maxConnections = 1024;
    qint64 sendQueue = 4 * 1024 * 1024; ///< bytes per connection
    milliseconds metricsInterval{1'000};

    bool operator==(const Settings &) const = default;
};

/// $PMDAEMON_HOME, else ~/.pmdaemon.
QString defaultHome();
/// `hosts`, and the loopback addresses where they name none: the command line comes that way.
QStringList withLoopback(const QStringList &hosts);
/// $XDG_RUNTIME_DIR/pmdaemon for the default home where that variable is set, else <home>/run: two
/// homes never share one.
QString runDirectoryOf(const QString &home);

} // namespace pmdaemon
