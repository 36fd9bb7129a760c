// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "client/listenerowner.h"

#include "core/slot/uniquefd.h"

#include <QFile>
#include <QtEndian>

#include <array>
#include <cstring>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

/// The kernel prints addresses as 32-bit words in the machine's byte order.
template <std::size_t Words>
QByteArray procAddress(const void *networkOrder)
{
    std::array<quint32, Words> words;
    std::memcpy(words.data(), networkOrder, sizeof words);
    QByteArray text;
    for (const quint32 word : words)
        text += QByteArray::number(word, 16).rightJustified(8, '0');
    return text.toUpper();
}

QByteArray procAddress4(quint32 address)
{
    const quint32 networkOrder = qToBigEndian(address);
    return procAddress<1>(&networkOrder);
}

QByteArray procAddress6(const Q_IPV6ADDR &address)
{
    return procAddress<4>(address.c);
}

/// What stands in the column local_address for a socket that takes connections to `address`.
QByteArrayList localAddresses(const QHostAddress &address)
{
    const QByteArray any6 = procAddress6(QHostAddress(QHostAddress::AnyIPv6).toIPv6Address());
    if (address.protocol() != QAbstractSocket::IPv4Protocol)
        return {procAddress6(address.toIPv6Address()), any6};
    const quint32 ip4 = address.toIPv4Address();
    return {procAddress4(ip4), procAddress4(0), any6,
            procAddress6(QHostAddress("::ffff:"_L1 + address.toString()).toIPv6Address())};
}

void addOnce(QList<uint> &owners, uint uid)
{
    if (!owners.contains(uid))
        owners.append(uid);
}

bool requestListeners(int socket, quint8 family, quint16 port)
{
    struct
    {
        nlmsghdr head;
        inet_diag_req_v2 body;
    } request = {};
    request.head.nlmsg_len = sizeof request;
    request.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.body.sdiag_family = family;
    request.body.sdiag_protocol = IPPROTO_TCP;
    request.body.idiag_states = 1U << TCP_LISTEN;
    request.body.id.idiag_sport = qToBigEndian(port);
    return ::send(socket, &request, sizeof request, 0) == ssize_t(sizeof request);
}

/// The listeners of one family whose address column would be among `wanted`. False if the kernel
/// does not tell.
bool appendListenerOwners(quint8 family, quint16 port, const QByteArrayList &wanted,
                          QList<uint> &owners)
{
    const UniqueFd socket(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (!socket || !requestListeners(socket.get(), family, port))
        return false;
    alignas(nlmsghdr) std::array<char, 16 * 1024> buffer;
    while (true) {
        const ssize_t received = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
        if (received <= 0)
            return false;
        auto length = static_cast<unsigned>(received);
        const auto *head = reinterpret_cast<const nlmsghdr *>(buffer.data());
        for (; NLMSG_OK(head, length); head = NLMSG_NEXT(head, length)) {
            if (head->nlmsg_type == NLMSG_DONE)
                return true;
            if (head->nlmsg_type != SOCK_DIAG_BY_FAMILY)
                return false;
            const auto *found = static_cast<const inet_diag_msg *>(NLMSG_DATA(head));
            const QByteArray local = family == AF_INET ? procAddress<1>(found->id.idiag_src)
                                                       : procAddress<4>(found->id.idiag_src);
            if (wanted.contains(local))
                addOnce(owners, found->idiag_uid);
        }
    }
}

} // namespace

std::optional<QList<uint>> listenerOwnersFromTables(const QHostAddress &address, quint16 port,
                                                    const QString &procRoot)
{
    constexpr auto listening = "0A"; // TCP_LISTEN of the kernel's net/tcp_states.h
    const QByteArray portText = QByteArray::number(port, 16).rightJustified(4, '0').toUpper();
    QByteArrayList wanted = localAddresses(address);
    for (QByteArray &local : wanted)
        local += ':' + portText;

    QList<uint> owners;
    bool anyTable = false;
    for (const auto table : {"/net/tcp"_L1, "/net/tcp6"_L1}) {
        QFile file(procRoot + table);
        if (!file.open(QIODevice::ReadOnly))
            continue;
        anyTable = true;
        for (const QByteArray &line : file.readAll().split('\n')) {
            // sl local_address rem_address st tx:rx tr:tm retrnsmt uid …
            const QByteArrayList column = line.simplified().split(' ');
            if (column.size() < 8 || column[3] != listening || !wanted.contains(column[1]))
                continue;
            addOnce(owners, column[7].toUInt());
        }
    }
    return anyTable ? std::optional(owners) : std::nullopt;
}

std::optional<QList<uint>> listenerOwners(const QHostAddress &address, quint16 port)
{
    QList<uint> owners;
    const QByteArrayList wanted = localAddresses(address);
    for (const quint8 family : {quint8{AF_INET}, quint8{AF_INET6}}) {
        if (!appendListenerOwners(family, port, wanted, owners))
            return listenerOwnersFromTables(address, port, u"/proc"_s);
    }
    return owners;
}

} // namespace pmdaemon
