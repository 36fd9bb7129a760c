// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "server/gateway.h"
#include "tests/support/fakebackend.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QSignalSpy>
#include <QTcpSocket>
#include <QTest>
#include <QWebSocket>

namespace pmdaemon {

/// A Gateway on a free port over a FakeBackend with two processes.
struct GatewayFixture
{
    static constexpr char Token[] = "pmd_a-token-that-the-tests-know";

    explicit GatewayFixture(Settings given = {})
        : settings(std::move(given))
        , gateway(backend, prepared(settings), Token)
    {
        backend.add(FakeBackend::entry(0, QStringLiteral("web-api")));
        backend.add(FakeBackend::entry(1, QStringLiteral("worker")));
        const Result<void> listening = gateway.listen();
        if (!listening)
            qFatal("%s", qPrintable(listening.error().message));
    }

    QString host() const { return QStringLiteral("localhost:%1").arg(gateway.port()); }
    QUrl url() const { return QUrl(QStringLiteral("ws://127.0.0.1:%1/ws").arg(gateway.port())); }

    FakeBackend backend;
    Settings settings;
    Gateway gateway;

private:
    static const Settings &prepared(Settings &settings)
    {
        settings.port = 0;
        return settings;
    }
};

/// A WebSocket client that keeps what it gets.
class TestClient : public QObject
{
public:
    explicit TestClient(const QUrl &url, const QByteArray &origin = {},
                        const QByteArray &token = {})
    {
        connect(&socket, &QWebSocket::textMessageReceived, this, [this](const QString &text) {
            messages.append(QJsonDocument::fromJson(text.toUtf8()).object());
        });
        QNetworkRequest request(url);
        if (!origin.isEmpty())
            request.setRawHeader("Origin", origin);
        if (!token.isEmpty())
            request.setRawHeader("Authorization", "Bearer " + token);
        socket.open(request);
    }

    bool isOpen() const { return socket.state() == QAbstractSocket::ConnectedState; }
    void send(const QString &type, const QJsonObject &data = {}, const QJsonValue &id = {})
    {
        QJsonObject message{{QStringLiteral("type"), type}, {QStringLiteral("data"), data}};
        if (!id.isNull())
            message[QStringLiteral("id")] = id;
        socket.sendTextMessage(
            QString::fromUtf8(QJsonDocument(message).toJson(QJsonDocument::Compact)));
    }
    QList<QJsonObject> all(const QString &type) const
    {
        QList<QJsonObject> found;
        for (const QJsonObject &message : messages) {
            if (message[QStringLiteral("type")].toString() == type)
                found.append(message);
        }
        return found;
    }
    int count(const QString &type) const { return static_cast<int>(all(type).size()); }
    /// The data of the newest message of that type.
    QJsonObject data(const QString &type) const
    {
        const QList<QJsonObject> found = all(type);
        return found.isEmpty() ? QJsonObject() : found.last()[QStringLiteral("data")].toObject();
    }

    QWebSocket socket;
    QList<QJsonObject> messages;
};

/// A TCP client that says what it is told and keeps what it hears.
class RawClient : public QObject
{
public:
    explicit RawClient(quint16 port, const QString &address = QStringLiteral("127.0.0.1"))
    {
        connect(&socket, &QTcpSocket::readyRead, this, [this] { heard += socket.readAll(); });
        socket.connectToHost(address, port);
    }
    void say(const QByteArray &bytes) { socket.write(bytes); }
    bool isClosed() const
    {
        return socket.state() == QAbstractSocket::UnconnectedState ||
               socket.state() == QAbstractSocket::ClosingState;
    }
    int status() const { return heard.mid(9, 3).toInt(); }
    /// What follows the first empty line.
    QByteArray body() const { return heard.mid(heard.indexOf("\r\n\r\n") + 4); }
    QJsonObject json() const { return QJsonDocument::fromJson(body()).object(); }

    static QByteArray get(const QByteArray &path, const QByteArray &fields = {})
    {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
    }
    static QByteArray upgrade(const QByteArray &fields = {})
    {
        return get("/ws",
                   "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" +
                       fields);
    }
    /// A client's frame: masked with zeros.
    static QByteArray frame(int firstByte, const QByteArray &payload)
    {
        QByteArray out(1, static_cast<char>(firstByte));
        if (payload.size() < 126) {
            out += static_cast<char>(0x80 | payload.size());
        } else if (payload.size() <= 0xffff) {
            out += static_cast<char>(0xfe);
            out += static_cast<char>(payload.size() >> 8);
            out += static_cast<char>(payload.size() & 0xff);
        } else {
            out += static_cast<char>(0xff);
            for (int shift = 56; shift >= 0; shift -= 8)
                out += static_cast<char>((payload.size() >> shift) & 0xff);
        }
        return out + QByteArray(4, '\0') + payload;
    }

    QTcpSocket socket;
    QByteArray heard;
};

} // namespace pmdaemon
