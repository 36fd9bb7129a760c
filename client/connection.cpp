// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "client/connection.h"

#include "client/listenerowner.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>
#include <QNetworkRequest>
#include <QRegularExpression>
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
        return QCoreApplication::translate("Connection", text);
    };
    switch (status) {
    case 401:
        return translate(QT_TRANSLATE_NOOP(
            "Connection", "not authorised; give a token that this daemon knows (--token-file)"));
    case 403:
        return translate(QT_TRANSLATE_NOOP("Connection", "the daemon does not admit this client"));
    case 404:
    case 426:
        return translate(QT_TRANSLATE_NOOP(
            "Connection", "what listens there has no WebSocket of PMDaemon at this path"));
    case 421:
        return translate(QT_TRANSLATE_NOOP(
            "Connection", "the daemon does not go by this host name; its setting allowed_hosts "
                          "admits it"));
    default:
        return {};
    }
}

QString textForClose(const QWebSocket &socket)
{
    if (socket.closeCode() == QWebSocketProtocol::CloseCodeGoingAway)
        return Connection::tr("the daemon shut down");
    if (socket.closeCode() == QWebSocketProtocol::CloseCodeTooMuchData)
        return Connection::tr("a message was larger than is accepted");
    if (!socket.closeReason().isEmpty())
        return Connection::tr("the connection was closed: %1").arg(socket.closeReason());
    return Connection::tr("the connection was closed");
}

} // namespace

Connection::Connection(const Endpoint &endpoint, QObject *parent)
    : Connection(endpoint, Timing{}, parent)
{}

Connection::Connection(const Endpoint &endpoint, Timing timing, QObject *parent)
    : QObject(parent)
    , m_endpoint(endpoint)
    , m_timing(timing)
{
    m_handshakeTimer.setSingleShot(true);
    connect(&m_handshakeTimer, &QTimer::timeout, this, [this] {
        lose(Loss::Failed, tr("no answer from %1").arg(m_endpoint.url.authority()));
    });
    connect(&m_pingTimer, &QTimer::timeout, this, &Connection::ping);
}

Connection::~Connection()
{
    close();
}

void Connection::open()
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

std::optional<std::pair<Connection::Loss, QString>> Connection::listenerProblem() const
{
    const QHostAddress address(m_endpoint.url.host());
    if (!address.isLoopback())
        return std::pair{Loss::Refused, tr("%1 is no loopback address, so whoever listens there "
                                           "is not taken for your own daemon")
                                            .arg(m_endpoint.url.host())};
    const auto owners = listenerOwners(address, static_cast<quint16>(m_endpoint.url.port()));
    if (owners && owners->isEmpty())
        return std::pair{Loss::Failed, tr("nobody listens at %1").arg(m_endpoint.url.authority())};
    if (!owners || !std::all_of(owners->cbegin(), owners->cend(), isOurs))
        return std::pair{Loss::Refused, tr("the program that listens at %1 does not run as you or "
                                           "root, so it is not trusted")
                                            .arg(m_endpoint.url.authority())};
    return {};
}

void Connection::makeSocket()
{
    m_socket = new QWebSocket(QString(), QWebSocketProtocol::VersionLatest, this);
    m_socket->setMaxAllowedIncomingMessageSize(largestMessage);
    m_socket->setMaxAllowedIncomingFrameSize(largestMessage);
    connect(m_socket, &QWebSocket::connected, this, &Connection::becomeOpen);
    connect(m_socket, &QWebSocket::disconnected, this, &Connection::socketClosed);
    connect(m_socket, qOverload<QAbstractSocket::SocketError>(&QWebSocket::error), this,
            &Connection::handshakeFailed);
    connect(m_socket, &QWebSocket::textMessageReceived, this,
            [this](const QString &message) { emit received(message.toUtf8()); });
    connect(m_socket, &QWebSocket::pong, this, [this] { m_unanswered = 0; });
}

void Connection::becomeOpen()
{
    m_handshakeTimer.stop();
    m_unanswered = 0;
    m_isOpen = true;
    m_pingTimer.start(m_timing.ping);
    emit opened();
}

void Connection::handshakeFailed()
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

void Connection::socketClosed()
{
    lose(Loss::Failed, textForClose(*m_socket));
}

void Connection::ping()
{
    if (m_unanswered >= pingsUntilLost)
        return lose(Loss::Failed, tr("the daemon has fallen silent"));
    ++m_unanswered;
    m_socket->ping();
}

void Connection::send(const QByteArray &message)
{
    m_socket->sendTextMessage(QString::fromUtf8(message));
}

void Connection::close()
{
    if (m_isOpen) {
        m_socket->disconnect(this);
        m_socket->close();
    }
    dropSocket();
}

void Connection::dropSocket()
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

void Connection::lose(Loss loss, const QString &reason)
{
    dropSocket();
    emit lost(loss, reason);
}

} // namespace pmdaemon
