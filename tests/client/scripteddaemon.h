// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/protocol/servermessage.h"

#include <QObject>
#include <QUrl>
#include <QWebSocket>
#include <QWebSocketServer>

#include <functional>

namespace pmdaemon {

/// The other end of the wire, as the test wants it: answers subscribe with a snapshot of
/// `processes` and get_system with `info`, unless onRequest() did something else.
class ScriptedDaemon : public QObject
{
    Q_OBJECT

public:
    ScriptedDaemon()
        : m_server(QStringLiteral("test"), QWebSocketServer::NonSecureMode)
    {
        info.version = QStringLiteral("0.0.0");
        info.role = Role::Admin;
        connect(&m_server, &QWebSocketServer::newConnection, this, &ScriptedDaemon::accept);
        listen(0);
    }

    void listen(quint16 port)
    {
        if (!m_server.listen(QHostAddress::LocalHost, port))
            qFatal("no port to listen on");
    }
    quint16 port() const { return m_server.serverPort(); }
    QUrl url() const { return QUrl(QStringLiteral("ws://127.0.0.1:%1/ws").arg(port())); }

    /// Drops everybody and stops listening; the port is returned for listen().
    quint16 vanish()
    {
        const quint16 was = port();
        m_server.close();
        for (QWebSocket *client : std::exchange(clients, {})) {
            client->abort();
            client->deleteLater();
        }
        return was;
    }
    void send(const QByteArray &message)
    {
        for (QWebSocket *client : std::as_const(clients))
            client->sendTextMessage(QString::fromUtf8(message));
    }
    template <typename Message>
    QList<Message> received() const
    {
        QList<Message> found;
        for (const Request &request : requests) {
            if (const auto *message = std::get_if<Message>(&request.message))
                found.append(*message);
        }
        return found;
    }

    QList<ProcessEntry> processes;
    SystemInfo info;
    MessageEncoder encode{"test"};
    /// True if it dealt with the request.
    std::function<bool(const Request &request)> onRequest = [](const Request &) { return false; };

    QList<Request> requests;
    QList<QWebSocket *> clients;
    int accepted = 0;

signals:
    void requested();

private:
    void accept()
    {
        while (QWebSocket *client = m_server.nextPendingConnection()) {
            ++accepted;
            clients.append(client);
            client->setParent(this);
            connect(client, &QWebSocket::textMessageReceived, this,
                    [this](const QString &text) { handle(text.toUtf8()); });
            connect(client, &QWebSocket::disconnected, this,
                    [this, client] { clients.removeOne(client); });
        }
    }
    void handle(const QByteArray &text)
    {
        const auto request = parseRequest(text);
        if (!request)
            qFatal("the client sent %s", text.constData());
        requests.append(*request);
        if (!onRequest(*request))
            answer(*request);
        emit requested();
    }
    void answer(const Request &request)
    {
        if (const auto *subscribe = std::get_if<Subscribe>(&request.message)) {
            if (subscribe->events.contains(EventType::ProcessStatus)) {
                for (const ProcessEntry &each : std::as_const(processes))
                    send(encode.processStatus({each, each.status}, true));
            }
            if (!request.id.isUndefined())
                send(encode.reply(QLatin1StringView("subscribed"), {}, request.id));
        } else if (std::holds_alternative<GetSystem>(request.message)) {
            send(encode.reply(QLatin1StringView("system_info"), toJson(info, {}), request.id));
        } else if (const auto *command = std::get_if<Command>(&request.message)) {
            send(encode.reply(QLatin1StringView("command_result"),
                              toJson(CommandResult{QStringLiteral("done"), processes}, *command),
                              request.id));
        }
    }

    QWebSocketServer m_server;
};

} // namespace pmdaemon
