// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/healthprobe.h"

#include <QTcpSocket>

namespace pmdaemon {

/// Passes when a TCP connection is accepted, which is closed at once.
class TcpProbe : public HealthProbe
{
    Q_OBJECT

public:
    /// `port` 0 = none is known: NotRun.
    TcpProbe(const QString &host, int port);

    void start() override;
    void abort() override;
    QJsonObject subject() const override;

private:
    void onConnected();
    void onError();

    QString m_host;
    int m_port;
    QTcpSocket m_socket;
};

} // namespace pmdaemon
