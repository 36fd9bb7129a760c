// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/http/httpconnection.h"

#include "server/tls/tlssocket.h"

#include <QCoreApplication>
#include <QTcpSocket>

#include <sys/socket.h>
#include <utility>

namespace pmdaemon {

using namespace std::chrono_literals;

namespace {

constexpr auto HeadDeadline = 10s;
constexpr auto DecideDeadline = 60s;   ///< as long as the slowest Backend may take to answer
constexpr auto CarryOutDeadline = 24h; ///< a change has a time limit of its own, of a day at most
constexpr auto BodyDeadline = 30s;
constexpr auto AnswerDeadline = 30s;
constexpr auto LingerDeadline = 2s;
constexpr auto KeepAlive = 15s;
constexpr qint64 MaxUnsent = 1024 * 1024; ///< of a stream, whose client does not read

} // namespace

HttpConnection::HttpConnection(QTcpSocket *socket, QObject *parent)
    : QObject(parent)
    , m_socket(socket)
    , m_deadline(std::chrono::steady_clock::now() + HeadDeadline)
{
    socket->setParent(this);
    socket->setReadBufferSize(HeadReader::MaxSize + 1);
    connect(socket, &QTcpSocket::readyRead, this, &HttpConnection::onReadyRead);
    onSent(*socket, this, [this] { onBytesWritten(); });
    connect(socket, &QTcpSocket::disconnected, this, &HttpConnection::finished,
            Qt::QueuedConnection);
}

HttpConnection::~HttpConnection()
{
    if (!m_socket)
        return;
    m_socket->disconnect(this);
    m_socket->abort();
}

void HttpConnection::onReadyRead()
{
    if (m_stage == Stage::Lingering || m_stage == Stage::Answering || m_stage == Stage::Streaming) {
        m_socket->skip(m_socket->bytesAvailable());
        return;
    }
    if (m_stage == Stage::ReadingBody)
        return takeBody();
    if (m_stage != Stage::Reading)
        return;
    takeUpTls(*m_socket);
    if (isInHandshake(*m_socket))
        return;
    switch (m_reader.read(m_socket->peek(HeadReader::MaxSize + 1))) {
    case HeadReader::State::Incomplete:
        break;
    case HeadReader::State::Refused:
        respond(errorResponse(m_reader.problem()));
        break;
    case HeadReader::State::Complete:
        m_stage = Stage::Deciding;
        m_isRequestRead = !head().hasBody();
        m_deadline = std::chrono::steady_clock::now() + DecideDeadline;
        emit requested();
        break;
    }
}

void HttpConnection::readBody(qint64 limit, std::function<void(const QByteArray &)> then)
{
    const auto tell = [this](int status, const char *text) {
        respond(errorResponse({status, QCoreApplication::translate("HttpConnection", text)}));
    };
    if (head().chunked)
        return tell(411, QT_TRANSLATE_NOOP("HttpConnection",
                                           "Send the body with a Content-Length, not chunked."));
    if (head().contentLength > limit)
        return tell(413, QT_TRANSLATE_NOOP("HttpConnection", "The body is too large."));
    m_stage = Stage::ReadingBody;
    m_deadline = std::chrono::steady_clock::now() + BodyDeadline;
    m_takeBody = std::move(then);
    m_socket->skip(head().size);
    takeBody();
}

void HttpConnection::takeBody()
{
    m_body += m_socket->read(head().contentLength - m_body.size());
    if (m_body.size() < head().contentLength)
        return;
    m_isRequestRead = true;
    m_stage = Stage::Deciding;
    m_deadline = std::chrono::steady_clock::now() + CarryOutDeadline;
    m_takeBody(std::exchange(m_body, {}));
}

void HttpConnection::respond(const Response &response)
{
    if (m_stage == Stage::Answering || m_stage == Stage::Streaming || m_stage == Stage::Lingering)
        return;
    if (isInHandshake(*m_socket))
        return m_socket->abort(); // there are no words yet
    const bool isHead = head().method == "HEAD";
    const bool isStream = response.stream && !isHead;
    m_stage = isStream ? Stage::Streaming : Stage::Answering;
    m_stream = response.stream;
    m_deadline = std::chrono::steady_clock::now() + (isStream ? KeepAlive : AnswerDeadline);
    m_socket->skip(m_socket->bytesAvailable());
    m_socket->write(toBytes(response, isHead));
    m_socket->flush();
    if (isStream)
        m_stream->begin([this](const QByteArray &bytes) { return sendStreamed(bytes); });
}

bool HttpConnection::sendStreamed(const QByteArray &bytes)
{
    return unsentBytes(*m_socket) <= MaxUnsent && m_socket->write(bytes) == bytes.size();
}

void HttpConnection::tickStream(TimePoint now)
{
    if (m_stream->isOver()) {
        m_stage = Stage::Answering; // what is left is sent, or not read in time
        m_deadline = now + AnswerDeadline;
        m_stream.reset();
        return onBytesWritten();
    }
    if (now < m_deadline)
        return;
    m_deadline = now + KeepAlive;
    if (!std::exchange(m_isStreamRead, false))
        return m_socket->abort();
    sendStreamed(m_stream->keepAlive());
}

void HttpConnection::onBytesWritten()
{
    m_isStreamRead = true;
    if (m_stage == Stage::Answering && unsentBytes(*m_socket) == 0)
        hangUp();
}

void HttpConnection::hangUp()
{
    m_stage = Stage::Lingering;
    m_deadline = std::chrono::steady_clock::now() + LingerDeadline;
    // The end of TLS is told on the way to closing, which takes the answer from who still sends.
    if (isEncrypted(*m_socket) && m_isRequestRead)
        m_socket->disconnectFromHost();
    else
        ::shutdown(static_cast<int>(m_socket->socketDescriptor()), SHUT_WR);
}

QTcpSocket *HttpConnection::release()
{
    m_socket->disconnect(this);
    m_socket->setParent(nullptr);
    return std::exchange(m_socket, nullptr);
}

void HttpConnection::abort()
{
    if (m_socket)
        m_socket->abort();
}

void HttpConnection::tick(TimePoint now)
{
    if (m_stage == Stage::Streaming)
        return tickStream(now);
    if (now < m_deadline)
        return;
    if (m_stage == Stage::Reading && m_socket->bytesAvailable() > 0)
        respond(errorResponse(
            {408, QCoreApplication::translate("HttpConnection",
                                              "The request's head did not arrive within 10 s.")}));
    else if (m_stage == Stage::ReadingBody)
        respond(errorResponse(
            {408, QCoreApplication::translate("HttpConnection",
                                              "The request's body did not arrive within 30 s.")}));
    else if (m_stage == Stage::Deciding)
        respond(errorResponse(
            {504, QCoreApplication::translate("HttpConnection", "The answer took too long.")}));
    else
        m_socket->abort();
}

} // namespace pmdaemon
