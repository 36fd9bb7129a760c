// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "client/daemonconnection.h"

#include "client/listenerowner.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>
#include <QNetworkRequest>
#include <QRegularExpression>
#include <QSslError>
#include <QSslSocket>
#include <QTcpSocket>
#include <QWebSocket>

#include <algorithm>
#include <unistd.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

// The daemon's messages stay below 1 MiB each; get_info of everything may be longer.
constexpr quint64 largestMessage = 8 * 1024 * 1024;
constexpr int pingsUntilLost = 2;

bool isOurs(uint uid)
{
    return uid == ::geteuid() || uid == 0;
}

/// The status of a refused handshake: QWebSocket tells it in its (translated) error text alone.
int httpStatusIn(const QString &errorString)
{
    static const QRegularExpression pattern(u"\\b([2-5]\\d\\d)\\b"_s);
    return pattern.match(errorString).captured(1).toInt();
}

/// What the daemon wrote into the body of its refusal; empty when there is none (yet).
QString refusalText(const QWebSocket &socket)
{
    QTcpSocket *tcp = socket.findChild<QTcpSocket *>();
    if (!tcp)
        return {};
    const QByteArray body = tcp->peek(64 * 1024);
    const QJsonObject json = QJsonDocument::fromJson(body).object();
    return json["error"_L1]["message"_L1].toString();
}

QString textForStatus(int status)
{
    const auto translate = [](const char *text) {
        return QCoreApplication::translate("DaemonConnection", text);
    };
    switch (status) {
    case 401:
        return translate(QT_TRANSLATE_NOOP(
            "DaemonConnection",
            "not authorised; give a token that this daemon knows (--token-file)"));
    case 403:
        return translate(
            QT_TRANSLATE_NOOP("DaemonConnection", "the daemon does not admit this client"));
    case 404:
    case 426:
        return translate(QT_TRANSLATE_NOOP(
            "DaemonConnection", "what listens there has no WebSocket of PMDaemon at this path"));
    case 421:
        return translate(
            QT_TRANSLATE_NOOP("DaemonConnection",
                              "the daemon does not go by this host name; its setting allowed_hosts "
                              "admits it"));
    default:
        return {};
    }
}

QString textForClose(const QWebSocket &socket)
{
    if (socket.closeCode() == QWebSocketProtocol::CloseCodeGoingAway)
        return DaemonConnection::tr("the daemon shut down");
    if (socket.closeCode() == QWebSocketProtocol::CloseCodeTooMuchData)
        return DaemonConnection::tr("a message was larger than is accepted");
    if (!socket.closeReason().isEmpty())
        return DaemonConnection::tr("the connection was closed: %1").arg(socket.closeReason());
    return DaemonConnection::tr("the connection was closed");
}

} // namespace

DaemonConnection::DaemonConnection(const Endpoint &endpoint, QObject *parent)
    : DaemonConnection(endpoint, Timing{}, parent)
{}

DaemonConnection::DaemonConnection(const Endpoint &endpoint, Timing timing, QObject *parent)
    : QObject(parent)
    , m_endpoint(endpoint)
    , m_timing(timing)
{
    m_handshakeTimer.setSingleShot(true);
    connect(&m_handshakeTimer, &QTimer::timeout, this, [this] {
        const double seconds = std::chrono::duration<double>(m_timing.handshake).count();
        lose(Loss::Failed, tr("no answer within %1 s").arg(seconds));
    });
    connect(&m_pingTimer, &QTimer::timeout, this, &DaemonConnection::ping);
}

DaemonConnection::~DaemonConnection()
{
    close();
}

void DaemonConnection::open()
{
    dropSocket();
    if (m_endpoint.ownDaemon) {
        if (const auto problem = listenerProblem())
            return lose(problem->first, problem->second);
    }
    makeSocket();
    QNetworkRequest request(m_endpoint.url);
    if (!m_endpoint.token.isEmpty())
        request.setRawHeader("Authorization", "Bearer " + m_endpoint.token);
    m_handshakeTimer.start(m_timing.handshake);
    m_socket->open(request);
}

std::optional<std::pair<DaemonConnection::Loss, QString>> DaemonConnection::listenerProblem() const
{
    const QHostAddress address(m_endpoint.url.host());
    if (!address.isLoopback())
        return std::pair{Loss::Refused, tr("%1 is no loopback address, so whoever listens there "
                                           "is not taken for your own daemon")
                                            .arg(m_endpoint.url.host())};
    const auto owners = listenerOwners(address, static_cast<quint16>(m_endpoint.url.port()));
    if (owners && owners->isEmpty())
        return std::pair{Loss::Failed, tr("nobody listens there")};
    if (!owners || !std::all_of(owners->cbegin(), owners->cend(), isOurs))
        return std::pair{Loss::Refused, tr("the program that listens there does not run as you or "
                                           "root, so it is not trusted")};
    return {};
}

void DaemonConnection::makeSocket()
{
    m_socket = new QWebSocket(QString(), QWebSocketProtocol::VersionLatest, this);
    m_socket->setMaxAllowedIncomingMessageSize(largestMessage);
    m_socket->setMaxAllowedIncomingFrameSize(largestMessage);
    connect(m_socket, &QWebSocket::connected, this, &DaemonConnection::becomeOpen);
    connect(m_socket, &QWebSocket::disconnected, this, &DaemonConnection::socketClosed);
    connect(m_socket, qOverload<QAbstractSocket::SocketError>(&QWebSocket::error), this,
            &DaemonConnection::handshakeFailed);
    connect(m_socket, &QWebSocket::sslErrors, this, &DaemonConnection::judgeCertificate);
    connect(m_socket, &QWebSocket::textMessageReceived, this,
            [this](const QString &message) { emit received(message.toUtf8()); });
    connect(m_socket, &QWebSocket::pong, this, [this] { m_unanswered = 0; });
}

void DaemonConnection::judgeCertificate(const QList<QSslError> &errors)
{
    const auto *const socket = m_socket->findChild<QSslSocket *>();
    const QByteArray fingerprint =
        socket ? socket->peerCertificate().digest(QCryptographicHash::Sha256) : QByteArray();
    if (!fingerprint.isEmpty() && fingerprint == m_endpoint.fingerprint)
        return m_socket->ignoreSslErrors();
    lose(Loss::Refused,
         tr("its certificate is not trusted here (%1). Its SHA-256 fingerprint is "
            "%2: if the daemon's log tells the same, connect with it (--fingerprint)")
             .arg(errors.constFirst().errorString(),
                  QString::fromLatin1(fingerprint.toHex(':').toUpper())));
}

void DaemonConnection::becomeOpen()
{
    m_handshakeTimer.stop();
    m_unanswered = 0;
    m_isOpen = true;
    m_pingTimer.start(m_timing.ping);
    emit opened();
}

void DaemonConnection::handshakeFailed()
{
    // While open, disconnected() follows and knows more.
    if (m_isOpen)
        return;
    const QString errorString = m_socket->errorString();
    const int status = httpStatusIn(errorString);
    const QString known = textForStatus(status);
    if (known.isEmpty())
        return lose(Loss::Failed, errorString);
    const QString told = refusalText(*m_socket);
    lose(Loss::Refused, told.isEmpty() ? known : told);
}

void DaemonConnection::socketClosed()
{
    // Of a socket that never was open, QWebSocket says first that it closed, then why.
    if (m_isOpen)
        lose(Loss::Failed, textForClose(*m_socket));
}

void DaemonConnection::ping()
{
    if (m_unanswered >= pingsUntilLost)
        return lose(Loss::Failed, tr("the daemon has fallen silent"));
    ++m_unanswered;
    m_socket->ping();
}

void DaemonConnection::send(const QByteArray &message)
{
    m_socket->sendTextMessage(QString::fromUtf8(message));
}

void DaemonConnection::close()
{
    if (m_isOpen) {
        m_socket->disconnect(this);
        m_socket->close();
    }
    dropSocket();
}

void DaemonConnection::dropSocket()
{
    m_handshakeTimer.stop();
    m_pingTimer.stop();
    m_isOpen = false;
    if (!m_socket)
        return;
    // Later: it may be this socket's own signal that brought us here.
    m_socket->disconnect(this);
    m_socket->deleteLater();
    m_socket = nullptr;
}

void DaemonConnection::lose(Loss loss, const QString &reason)
{
    dropSocket();
    emit lost(loss, reason);
}

} // namespace pmdaemon
