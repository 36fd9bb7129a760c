// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/http/httpconnection.h"

#include <QCoreApplication>
#include <QTcpSocket>

#include <sys/socket.h>
#include <utility>

namespace pmdaemon {

using namespace std::chrono_literals;

namespace {

constexpr auto HeadDeadline = 10s;
constexpr auto DecideDeadline = 60s; ///< as long as the slowest Backend may take
constexpr auto AnswerDeadline = 30s;
constexpr auto LingerDeadline = 2s;

} // namespace

HttpConnection::HttpConnection(QTcpSocket *socket, QObject *parent)
    : QObject(parent)
    , m_socket(socket)
    , m_deadline(std::chrono::steady_clock::now() + HeadDeadline)
{
    socket->setParent(this);
    socket->setReadBufferSize(HeadReader::MaxSize + 1);
    connect(socket, &QTcpSocket::readyRead, this, &HttpConnection::onReadyRead);
    connect(socket, &QTcpSocket::bytesWritten, this, &HttpConnection::onBytesWritten);
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
    if (m_stage == Stage::Lingering || m_stage == Stage::Answering) {
        m_socket->skip(m_socket->bytesAvailable());
        return;
    }
    if (m_stage != Stage::Reading)
        return;
    switch (m_reader.read(m_socket->peek(HeadReader::MaxSize + 1))) {
    case HeadReader::State::Incomplete:
        break;
    case HeadReader::State::Refused:
        respond(errorResponse(m_reader.problem()));
        break;
    case HeadReader::State::Complete:
        m_stage = Stage::Deciding;
        m_deadline = std::chrono::steady_clock::now() + DecideDeadline;
        emit requested();
        break;
    }
}

void HttpConnection::respond(const Response &response)
{
    if (m_stage == Stage::Answering || m_stage == Stage::Lingering)
        return;
    m_stage = Stage::Answering;
    m_deadline = std::chrono::steady_clock::now() + AnswerDeadline;
    m_socket->skip(m_socket->bytesAvailable());
    m_socket->write(toBytes(response, head().method == "HEAD"));
    m_socket->flush();
}

void HttpConnection::onBytesWritten()
{
    if (m_stage != Stage::Answering || m_socket->bytesToWrite() > 0)
        return;
    m_stage = Stage::Lingering;
    m_deadline = std::chrono::steady_clock::now() + LingerDeadline;
    ::shutdown(static_cast<int>(m_socket->socketDescriptor()), SHUT_WR);
}

QTcpSocket *HttpConnection::release()
{
    m_socket->disconnect(this);
    m_socket->setParent(nullptr);
    return std::exchange(m_socket, nullptr);
}

void HttpConnection::tick(TimePoint now)
{
    if (now < m_deadline)
        return;
    if (m_stage == Stage::Reading && m_socket->bytesAvailable() > 0)
        respond(errorResponse(
            {408, QCoreApplication::translate("HttpConnection",
                                              "The request's head did not arrive within 10 s.")}));
    else if (m_stage == Stage::Deciding)
        respond(errorResponse(
            {504, QCoreApplication::translate("HttpConnection", "The answer took too long.")}));
    else
        m_socket->abort();
}

} // namespace pmdaemon
