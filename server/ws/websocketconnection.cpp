// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/ws/websocketconnection.h"

#include "server/tls/tlssocket.h"

#include <QWebSocket>

#include <cerrno>
#include <sys/socket.h>

namespace pmdaemon {

using namespace std::chrono_literals;
using namespace Qt::Literals::StringLiterals;

namespace {

constexpr auto PingInterval = 30s;
constexpr int SilentPings = 2;
constexpr auto FrameDeadline = 15s;
constexpr auto CloseDeadline = 2s;
constexpr double ControlFramesPerSecond = 10;
constexpr double ControlFramesBurst = 50;

/// QWebSocket waits until a whole frame lies in the socket's buffer, so one has to fit.
constexpr qint64 ReadBuffer = FrameTracker::MaxMessage + 64 * 1024;

} // namespace

WebSocketConnection::WebSocketConnection(QTcpSocket *socket, qint64 queueLimit)
    : m_socket(socket)
    , m_queue(queueLimit)
    , m_controlFrames(ControlFramesPerSecond, ControlFramesBurst)
    , m_lastPing(std::chrono::steady_clock::now())
{
    socket->setParent(this);
    connect(socket, &QTcpSocket::readyRead, this, &WebSocketConnection::beforeWebSocket);
    connect(socket, &QTcpSocket::disconnected, this, &WebSocketConnection::finished,
            Qt::QueuedConnection);
}

WebSocketConnection::~WebSocketConnection()
{
    if (m_socket)
        m_socket->disconnect(this);
    // Before QWebSocket ends, which would say good-bye once more.
    abort();
    delete m_webSocket;
}

void WebSocketConnection::abort()
{
    if (m_socket)
        m_socket->abort();
}

bool WebSocketConnection::isOpen() const
{
    return m_webSocket && !m_closing && m_webSocket->state() == QAbstractSocket::ConnectedState;
}

bool WebSocketConnection::isCongested() const
{
    return !isOpen() || m_queue.isCongested(unsentBytes(*m_socket));
}

void WebSocketConnection::adopt(QWebSocket *webSocket)
{
    m_webSocket = webSocket;
    webSocket->setParent(nullptr);
    webSocket->setMaxAllowedIncomingFrameSize(FrameTracker::MaxMessage);
    webSocket->setMaxAllowedIncomingMessageSize(FrameTracker::MaxMessage);
    m_socket->setReadBufferSize(ReadBuffer);
    connect(m_socket, &QTcpSocket::readyRead, this, &WebSocketConnection::afterWebSocket);
    onSent(*m_socket, this, [this] { flush(); });
    connect(webSocket, &QWebSocket::textMessageReceived, this,
            [this](const QString &text) { emit messageReceived(text.toUtf8()); });
    connect(webSocket, &QWebSocket::binaryMessageReceived, this,
            &WebSocketConnection::binaryReceived);
    restoreEarlyFrames();
}

/// QWebSocket reads frames that came with the handshake before anybody can be connected to it, so
/// they were taken away from it; now they are put back.
void WebSocketConnection::restoreEarlyFrames()
{
    for (qsizetype i = m_earlyFrames.size() - 1; i >= 0; --i)
        m_socket->ungetChar(m_earlyFrames[i]);
    m_earlyFrames.clear();
    if (m_socket->bytesAvailable() > 0)
        QMetaObject::invokeMethod(
            m_socket, [this] { emit m_socket->readyRead(); }, Qt::QueuedConnection);
}

void WebSocketConnection::beforeWebSocket()
{
    if (m_closing) {
        m_socket->skip(m_socket->bytesAvailable());
        return;
    }
    if (!m_webSocket) {
        // As long as the handshake is not read the buffer begins with it.
        if (!m_socket->peek(1).startsWith('G'))
            m_earlyFrames += m_socket->readAll();
        return;
    }
    const qsizetype fresh = m_socket->bytesAvailable() - m_unread;
    const auto now = std::chrono::steady_clock::now();
    const auto read = [this](qsizetype offset, qsizetype length) {
        return m_socket->peek(m_unread + offset + length).sliced(m_unread + offset);
    };
    const FrameTracker::Outcome outcome = m_tracker.advance(fresh, read, now);
    m_silentPings = 0;
    for (int i = 0; i < outcome.controlFrames; ++i) {
        if (!m_controlFrames.take(now))
            return close(CloseCode::PolicyViolation, u"too many control frames"_s);
    }
    if (outcome.violation == CloseCode::TooLarge)
        close(CloseCode::TooLarge, u"a message is at most 1 MiB"_s);
    else if (outcome.violation)
        close(*outcome.violation, u"frames of a client are masked"_s);
}

void WebSocketConnection::afterWebSocket()
{
    m_unread = m_closing ? 0 : m_socket->bytesAvailable();
}

SendQueue::Outcome WebSocketConnection::send(SendQueue::Kind kind, const QByteArray &frames)
{
    if (!isOpen())
        return SendQueue::Outcome::Dropped;
    const qint64 elsewhere = unsentBytes(*m_socket);
    if (m_queue.isEmpty() && elsewhere == 0) {
        const qint64 written = writeNow(frames);
        // At most one piece of a frame lies in the socket's own buffer, where nothing replaces it.
        if (written < frames.size())
            m_socket->write(frames.constData() + written, frames.size() - written);
        return SendQueue::Outcome::Queued;
    }
    const SendQueue::Outcome outcome = m_queue.push(kind, frames, elsewhere);
    if (outcome == SendQueue::Outcome::Overflow)
        close(CloseCode::TryAgainLater, u"this connection reads too slowly"_s);
    return outcome;
}

/// Straight into the kernel, past the socket's buffer and its notifier: a third of the cost.
qint64 WebSocketConnection::writeNow(const QByteArray &frames)
{
    if (isEncrypted(*m_socket))
        return 0;
    const ssize_t sent =
        ::send(static_cast<int>(m_socket->socketDescriptor()), frames.constData(),
               static_cast<std::size_t>(frames.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
    // An error other than a full buffer shows again, and is handled, where the socket writes.
    return std::max<ssize_t>(sent, 0);
}

void WebSocketConnection::flush()
{
    if (m_closing) {
        if (unsentBytes(*m_socket) == 0)
            hangUp();
        return;
    }
    while (isOpen() && !m_queue.isEmpty() && unsentBytes(*m_socket) == 0) {
        const QByteArray frames = m_queue.take();
        const qint64 written = writeNow(frames);
        if (written < frames.size())
            m_socket->write(frames.constData() + written, frames.size() - written);
    }
    if (isOpen() && m_queue.isEmpty() && unsentBytes(*m_socket) == 0)
        emit drained();
}

void WebSocketConnection::close(CloseCode code, const QString &reason)
{
    if (!isOpen()) {
        abort();
        return;
    }
    flush();
    m_queue.clear();
    if (!m_socket)
        return;
    m_closing = true;
    emit closing();
    m_closeDeadline = std::chrono::steady_clock::now() + CloseDeadline;
    // QWebSocket would close the socket at once; with bytes unread that resets the connection, and
    // the client never learns why.
    QObject::disconnect(m_socket, &QTcpSocket::readyRead, m_webSocket, nullptr);
    m_socket->skip(m_socket->bytesAvailable());
    m_socket->write(closeFrame(code, reason));
    m_socket->flush();
    if (m_socket && unsentBytes(*m_socket) == 0)
        hangUp();
}

void WebSocketConnection::hangUp()
{
    ::shutdown(static_cast<int>(m_socket->socketDescriptor()), SHUT_WR);
}

void WebSocketConnection::tick(TimePoint now)
{
    if (m_webSocket && !isOpen()) {
        // The client began to close: then QWebSocket does, and waits for a reader without end.
        if (m_closeDeadline == TimePoint{})
            m_closeDeadline = now + CloseDeadline;
        if (now >= m_closeDeadline)
            abort();
        return;
    }
    if (const auto since = m_tracker.incompleteSince(); since && now - *since >= FrameDeadline)
        return close(CloseCode::PolicyViolation, u"a message took longer than 15 s"_s);
    if (!isOpen() || now - m_lastPing < PingInterval)
        return;
    if (m_silentPings >= SilentPings)
        return abort();
    m_lastPing = now;
    ++m_silentPings;
    m_webSocket->ping();
}

} // namespace pmdaemon
