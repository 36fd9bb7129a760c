// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "client/listenerowner.h"

#include <QFile>
#include <QtEndian>

#include <array>
#include <cstring>

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

} // namespace

std::optional<QList<uint>> listenerOwners(const QHostAddress &address, quint16 port,
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
            const uint uid = column[7].toUInt();
            if (!owners.contains(uid))
                owners.append(uid);
        }
    }
    return anyTable ? std::optional(owners) : std::nullopt;
}

} // namespace pmdaemon
