// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "server/auth/tokenbucket.h"
#include "server/ws/frame.h"
#include "server/ws/sendqueue.h"

#include <QObject>
#include <QPointer>
#include <QTcpSocket>

class QWebSocket;

namespace pmdaemon {

/// One WebSocket with its TCP socket: bounded in every direction. It is made before the handshake,
/// so that it sees the bytes of each frame before QWebSocket does.
class WebSocketConnection : public QObject
{
    Q_OBJECT

public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// Owns `socket`, which has received a handshake. `queueLimit` in bytes.
    WebSocketConnection(QTcpSocket *socket, qint64 queueLimit);
    ~WebSocketConnection() override;

    /// The handshake succeeded. Owns `webSocket` from now on.
    void adopt(QWebSocket *webSocket);
    /// Ends it without a word.
    void abort();

    /// Whole frames. A reader that is too slow for them is closed with 1013.
    SendQueue::Outcome send(SendQueue::Kind kind, const QByteArray &frames);
    bool isOpen() const;
    /// Whether log lines would be dropped now.
    bool isCongested() const;

    /// Sends what waits in the kernel's reach, then the close frame; what still arrives is thrown
    /// away until the client has hung up, two seconds at most.
    void close(CloseCode code, const QString &reason);
    /// Checks the deadlines and pings; called about twice a second.
    void tick(TimePoint now);

signals:
    void messageReceived(const QByteArray &text);
    void binaryReceived();
    /// What had to wait is sent.
    void drained();
    /// Nothing can be sent any more.
    void closing();
    /// Once, always from the event loop: the connection is gone.
    void finished();

private:
    void beforeWebSocket();
    void afterWebSocket();
    void restoreEarlyFrames();
    void flush();
    qint64 writeNow(const QByteArray &frames);
    void hangUp();

    QPointer<QTcpSocket> m_socket; ///< QWebSocket deletes it when it has closed
    QWebSocket *m_webSocket = nullptr;
    SendQueue m_queue;
    FrameTracker m_tracker;
    TokenBucket m_controlFrames;
    qsizetype m_unread = 0;   ///< bytes that QWebSocket left in the socket's buffer
    QByteArray m_earlyFrames; ///< arrived before the handshake was answered
    TimePoint m_lastPing;
    int m_silentPings = 0;
    bool m_closing = false;
    TimePoint m_closeDeadline{};
};

} // namespace pmdaemon
