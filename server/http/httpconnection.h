// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "server/http/requesthead.h"
#include "server/http/response.h"

#include <QObject>

#include <chrono>
#include <functional>

class QTcpSocket;

namespace pmdaemon {

/// One accepted TCP connection up to its answer or its hand-over to the WebSocket. The head is only
/// peeked at, so that whoever takes the socket over finds it untouched. One request per connection.
class HttpConnection : public QObject
{
    Q_OBJECT

public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// Owns `socket`; one of makeTlsSocket() may speak TLS or not.
    explicit HttpConnection(QTcpSocket *socket, QObject *parent = nullptr);
    ~HttpConnection() override;

    const RequestHead &head() const { return m_reader.head(); }
    const QTcpSocket &socket() const { return *m_socket; }
    /// Instead of an answer: reads what follows the head and gives it to `then`. What is larger
    /// than `limit` bytes, of no length that was said, or does not arrive within 30 s, is answered
    /// here.
    void readBody(qint64 limit, std::function<void(const QByteArray &)> then);
    /// Answers, once, and closes; a stream goes on until its client leaves or it is over. What the
    /// client still sends is thrown away for a moment, since closing with bytes unread would take
    /// the answer away from it.
    void respond(const Response &response);
    /// The socket, which this connection lets go of; null from now on.
    QTcpSocket *release();
    /// Ends it at once, whatever it is doing.
    void abort();
    /// Checks the deadlines; called about twice a second.
    void tick(TimePoint now);

signals:
    /// Once: head() is there, somebody has to respond() or release().
    void requested();
    /// The connection is gone.
    void finished();

private:
    void onReadyRead();
    void onBytesWritten();
    void takeBody();
    void hangUp();
    bool sendStreamed(const QByteArray &bytes);
    void tickStream(TimePoint now);

    enum class Stage { Reading, Deciding, ReadingBody, Answering, Streaming, Lingering };

    QTcpSocket *m_socket;
    HeadReader m_reader;
    Stage m_stage = Stage::Reading;
    TimePoint m_deadline;
    std::function<void(const QByteArray &)> m_takeBody;
    QByteArray m_body;
    bool m_isRequestRead = false; ///< to its end
    std::shared_ptr<StreamSource> m_stream;
    bool m_isStreamRead = false; ///< the client took something since the last look
};

} // namespace pmdaemon
