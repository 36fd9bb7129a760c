// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "client/endpoint.h"

#include <QObject>
#include <QTimer>

#include <chrono>

class QSslError;
class QWebSocket;

namespace pmdaemon {

/// One WebSocket at a time to one daemon, a fresh one for each attempt. Adds what QWebSocket lacks:
/// a time limit for the handshake, limits on what comes in, and the detection of a silent peer.
class DaemonConnection : public QObject
{
    Q_OBJECT

public:
    struct Timing
    {
        std::chrono::milliseconds handshake{10'000};
        std::chrono::milliseconds ping{10'000}; ///< lost after two without a pong
    };
    enum class Loss {
        Failed,  ///< not reached, or gone: it may work later
        Refused, ///< the other end, or we, do not want this connection
    };
    Q_ENUM(Loss)

    explicit DaemonConnection(const Endpoint &endpoint, QObject *parent = nullptr);
    DaemonConnection(const Endpoint &endpoint, Timing timing, QObject *parent = nullptr);
    ~DaemonConnection() override;

    const Endpoint &endpoint() const { return m_endpoint; }
    /// Starts an attempt; what was open before is dropped without a signal. Ends in opened() or
    /// lost(), which may come before this returns.
    void open();
    /// Says goodbye; no signal follows.
    void close();
    /// Only while open.
    void send(const QByteArray &message);

signals:
    void opened();
    void received(const QByteArray &message);
    void lost(pmdaemon::DaemonConnection::Loss loss, const QString &reason);

private:
    /// Why the listener is not the daemon that it should be.
    std::optional<std::pair<Loss, QString>> listenerProblem() const;
    void makeSocket();
    void judgeCertificate(const QList<QSslError> &errors);
    void becomeOpen();
    void handshakeFailed();
    void socketClosed();
    void ping();
    void dropSocket();
    void lose(Loss loss, const QString &reason);

    Endpoint m_endpoint;
    Timing m_timing;
    QWebSocket *m_socket = nullptr;
    QTimer m_handshakeTimer;
    QTimer m_pingTimer;
    int m_unanswered = 0;
    bool m_isOpen = false;
};

} // namespace pmdaemon
