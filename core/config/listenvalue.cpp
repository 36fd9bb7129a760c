// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/listenvalue.h"

#include "core/config/specvalues.h"

#include <QHostAddress>

#include <sys/un.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int maxPort = 65'535;
constexpr auto loopback = "127.0.0.1"_L1;

std::optional<int> portOf(QStringView text)
{
    bool isNumber = false;
    const int port = text.toInt(&isNumber);
    return isNumber && port >= 1 && port <= maxPort ? std::optional(port) : std::nullopt;
}

/// "HOST:PORT"; an IPv6 address stands in brackets.
std::optional<ListenSpec> addressOf(QStringView text)
{
    const qsizetype colon = text.lastIndexOf(u':');
    const auto port = portOf(text.sliced(colon + 1));
    QStringView host = text.first(std::max<qsizetype>(colon, 0));
    const bool isBracketed = host.startsWith(u'[') && host.endsWith(u']');
    if (isBracketed)
        host = host.sliced(1, host.size() - 2);
    if (host.isEmpty())
        return port && colon < 0 ? std::optional(ListenSpec{loopback, *port, {}}) : std::nullopt;
    const QHostAddress address(host == "localhost"_L1 ? QString(loopback) : host.toString());
    const bool isVersion6 = address.protocol() == QAbstractSocket::IPv6Protocol;
    if (!port || address.isNull() || isBracketed != isVersion6)
        return std::nullopt;
    return ListenSpec{address.toString(), *port, {}};
}

std::optional<ListenSpec> socketOf(const QJsonValue &value)
{
    if (const auto port = wholeIn(value, 1, maxPort))
        return ListenSpec{loopback, int(*port), {}};
    const QString text = value.toString();
    if (!text.startsWith(u'/'))
        return addressOf(text);
    constexpr qsizetype room = sizeof(sockaddr_un::sun_path) - 1;
    return text.toUtf8().size() <= room ? std::optional(ListenSpec{{}, 0, text}) : std::nullopt;
}

} // namespace

QString toString(const ListenSpec &listen)
{
    if (!listen.path.isEmpty())
        return listen.path;
    const QString port = QString::number(listen.port);
    return listen.host.contains(u':') ? u"[%1]:%2"_s.arg(listen.host, port)
                                      : u"%1:%2"_s.arg(listen.host, port);
}

QJsonObject ListenValue::schema()
{
    return {{u"type"_s, QJsonArray{u"integer"_s, u"string"_s, u"array"_s}},
            {u"items"_s, QJsonObject{{u"type"_s, QJsonArray{u"integer"_s, u"string"_s}}}},
            {u"maxItems"_s, MaxSockets}};
}

std::optional<QList<ListenSpec>> ListenValue::parse(const QJsonValue &value)
{
    QList<ListenSpec> sockets;
    for (const QJsonValue element : value.isArray() ? value.toArray() : QJsonArray{value}) {
        const auto socket = socketOf(element);
        if (!socket)
            return std::nullopt;
        if (!sockets.contains(*socket))
            sockets.append(*socket);
    }
    return sockets.size() <= MaxSockets ? std::optional(sockets) : std::nullopt;
}

QJsonValue ListenValue::write(const QList<ListenSpec> &value)
{
    QJsonArray sockets;
    for (const ListenSpec &socket : value)
        sockets.append(toString(socket));
    return sockets;
}

} // namespace pmdaemon
