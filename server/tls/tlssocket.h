// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QSslConfiguration>
#include <QTcpSocket>

#include <functional>
#include <memory>

// What is different with a socket that may speak TLS, for whoever else sees a QTcpSocket in it.

namespace pmdaemon {

/// A socket that speaks TLS once its client does: see takeUpTls(). Null if the descriptor, which
/// then is still the caller's, cannot be used.
std::unique_ptr<QTcpSocket> makeTlsSocket(qintptr descriptor,
                                          const QSslConfiguration &configuration);

/// If such a socket's client begins with TLS, answers it. readyRead() then comes with what was
/// encrypted.
void takeUpTls(QTcpSocket &socket);
/// From the client's first byte of TLS on until both have agreed.
bool isInHandshake(const QTcpSocket &socket);
bool isEncrypted(const QTcpSocket &socket);
/// The verified certificate of the client; null without one.
QSslCertificate clientCertificate(const QTcpSocket &socket);

/// Bytes written that are not yet in the kernel.
qint64 unsentBytes(const QTcpSocket &socket);
/// Calls `then` each time that some have got there.
void onSent(QTcpSocket &socket, QObject *context, const std::function<void()> &then);

} // namespace pmdaemon
