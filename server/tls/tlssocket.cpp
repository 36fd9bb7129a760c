// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/tls/tlssocket.h"

#include <QSslCertificate>
#include <QSslSocket>

namespace pmdaemon {

namespace {

/// ContentType.handshake, RFC 8446 section 5.1; no method of HTTP begins like that.
constexpr char handshakeRecord = 22;

} // namespace

std::unique_ptr<QTcpSocket> makeTlsSocket(qintptr descriptor,
                                          const QSslConfiguration &configuration)
{
    auto socket = std::make_unique<QSslSocket>();
    socket->setSslConfiguration(configuration);
    if (!socket->setSocketDescriptor(descriptor))
        return nullptr;
    return socket;
}

void takeUpTls(QTcpSocket &socket)
{
    auto *const secure = qobject_cast<QSslSocket *>(&socket);
    if (secure && secure->mode() == QSslSocket::UnencryptedMode &&
        secure->peek(1).startsWith(handshakeRecord))
        secure->startServerEncryption();
}

bool isInHandshake(const QTcpSocket &socket)
{
    const auto *const secure = qobject_cast<const QSslSocket *>(&socket);
    return secure && secure->mode() == QSslSocket::SslServerMode && !secure->isEncrypted();
}

bool isEncrypted(const QTcpSocket &socket)
{
    const auto *const secure = qobject_cast<const QSslSocket *>(&socket);
    return secure && secure->isEncrypted();
}

QSslCertificate clientCertificate(const QTcpSocket &socket)
{
    const auto *const secure = qobject_cast<const QSslSocket *>(&socket);
    const bool verified = secure && secure->isEncrypted() &&
                          secure->peerVerifyMode() == QSslSocket::VerifyPeer &&
                          secure->sslHandshakeErrors().isEmpty();
    return verified ? secure->peerCertificate() : QSslCertificate();
}

qint64 unsentBytes(const QTcpSocket &socket)
{
    const auto *const secure = qobject_cast<const QSslSocket *>(&socket);
    return socket.bytesToWrite() + (secure ? secure->encryptedBytesToWrite() : 0);
}

void onSent(QTcpSocket &socket, QObject *context, const std::function<void()> &then)
{
    QObject::connect(&socket, &QTcpSocket::bytesWritten, context, then);
    if (auto *const secure = qobject_cast<QSslSocket *>(&socket))
        QObject::connect(secure, &QSslSocket::encryptedBytesWritten, context, then);
}

} // namespace pmdaemon
