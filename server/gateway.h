// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "server/listener.h"
#include "server/rest/restapi.h"
#include "server/tls/servercertificate.h"
#include "server/ws/clientsession.h"

#include <QFileSystemWatcher>
#include <QHash>
#include <QWebSocketServer>

#include <map>
#include <unordered_map>

namespace pmdaemon {

class HttpConnection;

/// The daemon's door: one port for REST and the WebSocket on every address of the settings. Sees
/// the Backend only; it and `settings` live longer than the Gateway.
class Gateway : public QObject
{
    Q_OBJECT

public:
    /// `localToken` gives the role admin; empty = there is none.
    Gateway(Backend &backend, const Settings &settings, const QByteArray &localToken,
            QObject *parent = nullptr);
    ~Gateway() override;

    /// See Listener::listen(). InvalidConfig for other addresses than loopback ones without TLS,
    /// and for what ServerCertificate does not accept.
    Result<void> listen(const QList<int> &inherited = {});
    /// 0 unless listening.
    quint16 port() const { return m_listener.port(); }
    QList<ListeningSocket> listeningSockets() const { return m_listener.sockets(); }
    /// No new connections; the open ones are closed with 1001. Finished when all are gone, two
    /// seconds later at most.
    QFuture<void> close();

signals:
    /// The last connection is gone.
    void deserted();

private:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// A connection whose request is being read or answered.
    struct Visitor
    {
        std::unique_ptr<HttpConnection> http;
        Peer peer;
        Grant grant = {};        ///< once it has asked
        bool turnedAway = false; ///< one too many
    };
    /// A WebSocket between its hand-over and its handshake.
    struct Candidate
    {
        std::unique_ptr<WebSocketConnection> connection;
        Grant grant;
        QString peerKey;
        TimePoint deadline;
    };

    Result<void> prepareTls();
    std::unique_ptr<QTcpSocket> makeSocket(qintptr descriptor);
    void onDescriptor(qintptr descriptor);
    Peer identify(const QTcpSocket &socket) const;
    bool isFull(const Peer &peer) const;
    int connections() const;
    void onRequest(quint64 id);
    Response refusalOf(const Refusal &refusal, const QString &peerKey);
    void upgrade(quint64 id, const Grant &grant, const QString &peerKey);
    void onWebSocket();
    void beginSession(Candidate candidate);
    void onTick();
    void readTokens();
    void endWhatIsRevoked();
    void endIfEmpty();

    Backend &m_backend;
    Settings m_settings; ///< with the names of the certificate
    std::optional<ServerCertificate> m_certificate;
    TokenTable m_tokens;
    QFileSystemWatcher m_tokenFolder;
    FailureLimit m_failures;
    MessageEncoder m_encoder;
    Broadcaster m_broadcaster;
    SessionContext m_context;
    RestApi m_rest;
    QWebSocketServer m_handshakes; ///< never listens: gets sockets handed over
    Listener m_listener;
    QTimer m_tick; ///< for every deadline of every connection; runs while there is one
    TokenBucket m_refusalLog;
    int m_limit;
    std::unordered_map<quint64, Visitor> m_visitors;
    quint64 m_lastVisitor = 0;
    std::map<QString, Candidate> m_candidates; ///< by the peer's address and port
    std::unordered_map<ClientSession *, std::unique_ptr<ClientSession>> m_sessions;
    std::optional<QPromise<void>> m_closing;
};

} // namespace pmdaemon
