// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/tcpprobe.h"

#include <QNetworkProxy>
#include <QSignalBlocker>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

TcpProbe::TcpProbe(const QString &host, int port)
    : m_host(host)
    , m_port(port)
{
    m_socket.setProxy(QNetworkProxy::NoProxy);
    connect(&m_socket, &QTcpSocket::connected, this, &TcpProbe::onConnected);
    connect(&m_socket, &QTcpSocket::errorOccurred, this, &TcpProbe::onError);
}

QJsonObject TcpProbe::subject() const
{
    return {{u"host"_s, m_host}, {u"port"_s, m_port}};
}

void TcpProbe::start()
{
    if (m_port < 1 || m_port > 65535) {
        emit finished({ProbeOutcome::NotRun,
                       {},
                       tr("there is no port to connect to; set "
                          "health_check.port, or port")});
        return;
    }
    m_socket.connectToHost(m_host, static_cast<quint16>(m_port));
}

void TcpProbe::abort()
{
    const QSignalBlocker quiet(m_socket);
    m_socket.abort();
}

void TcpProbe::onConnected()
{
    abort();
    emit finished({ProbeOutcome::Passed, {}, {}});
}

void TcpProbe::onError()
{
    const QString error = m_socket.errorString();
    abort();
    emit finished({ProbeOutcome::Failed, {}, error});
}

} // namespace pmdaemon

#include "moc_tcpprobe.cpp"
