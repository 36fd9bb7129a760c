// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/auth/peeridentity.h"

#include <QFile>
#include <QtEndian>

#include <array>
#include <cstring>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pmdaemon {

namespace {

constexpr int Established = 1; // TCP_ESTABLISHED, the same number in both tables

struct Request
{
    nlmsghdr header;
    inet_diag_req_v2 body;
};

struct Answer
{
    nlmsghdr header;
    inet_diag_msg body;
};

using DiagAddress = std::array<__be32, 4>;

bool isV4(const QHostAddress &address)
{
    bool ok = false;
    address.toIPv4Address(&ok);
    return ok;
}

DiagAddress diagAddress(const QHostAddress &address)
{
    DiagAddress out{};
    if (isV4(address)) {
        out[0] = qToBigEndian(address.toIPv4Address());
    } else {
        const Q_IPV6ADDR bytes = address.toIPv6Address();
        std::memcpy(out.data(), bytes.c, sizeof bytes.c);
    }
    return out;
}

Request diagRequest(const TcpEnds &ends)
{
    Request request = {};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.header.nlmsg_flags = NLM_F_REQUEST;
    request.body.sdiag_family = isV4(ends.peer) ? AF_INET : AF_INET6;
    request.body.sdiag_protocol = IPPROTO_TCP;
    request.body.idiag_states = 1U << Established;
    inet_diag_sockid &id = request.body.id;
    const DiagAddress source = diagAddress(ends.peer);
    const DiagAddress destination = diagAddress(ends.local);
    std::memcpy(id.idiag_src, source.data(), sizeof id.idiag_src);
    std::memcpy(id.idiag_dst, destination.data(), sizeof id.idiag_dst);
    id.idiag_sport = qToBigEndian(ends.peerPort);
    id.idiag_dport = qToBigEndian(ends.localPort);
    id.idiag_cookie[0] = id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return request;
}

/// Whether the kernel answered at all, and then what.
struct DiagResult
{
    bool answered = false;
    std::optional<uid_t> uid;
};

DiagResult askKernel(const TcpEnds &ends)
{
    const int fd = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (fd < 0)
        return {};
    const Request request = diagRequest(ends);
    std::array<char, 1024> buffer{};
    ssize_t size = -1;
    // The answer is made while sending, so this does not wait.
    if (::send(fd, &request, sizeof request, 0) == ssize_t(sizeof request))
        size = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    ::close(fd);
    Answer answer = {};
    if (size < ssize_t(sizeof answer.header))
        return {};
    std::memcpy(&answer, buffer.data(), std::min(sizeof answer, static_cast<std::size_t>(size)));
    if (answer.header.nlmsg_type == NLMSG_ERROR) {
        int error = 0;
        std::memcpy(&error, buffer.data() + sizeof answer.header, sizeof error);
        return {error == -ENOENT && size >= ssize_t(sizeof answer.header + sizeof error), {}};
    }
    const bool held = answer.header.nlmsg_type == SOCK_DIAG_BY_FAMILY &&
                      size >= ssize_t(sizeof answer) && answer.body.idiag_state == Established &&
                      answer.body.idiag_inode != 0;
    return {true, held ? std::optional<uid_t>(answer.body.idiag_uid) : std::nullopt};
}

/// "0100007F:1F90": each 32-bit word as the machine's order prints it.
QByteArray tableAddress(const QHostAddress &address, quint16 port)
{
    const DiagAddress words = diagAddress(address);
    QByteArray out;
    for (int i = 0; i < (isV4(address) ? 1 : 4); ++i)
        out += QByteArray::number(words[static_cast<std::size_t>(i)], 16).rightJustified(8, '0');
    return out.toUpper() + ':' + QByteArray::number(port, 16).rightJustified(4, '0').toUpper();
}

} // namespace

std::optional<uid_t> peerUidFromTable(QByteArrayView table, const TcpEnds &ends)
{
    enum Column { Local = 1, Remote = 2, State = 3, Uid = 7, Inode = 9 };
    const QByteArray addresses =
        tableAddress(ends.peer, ends.peerPort) + ' ' + tableAddress(ends.local, ends.localPort);
    const qsizetype at = table.indexOf(addresses);
    if (at < 0)
        return std::nullopt;
    const qsizetype begin = table.first(at).lastIndexOf('\n') + 1;
    const qsizetype end = table.indexOf('\n', at);
    const QByteArrayView line = end < 0 ? table.sliced(begin) : table.sliced(begin, end - begin);
    const QList<QByteArray> columns = line.toByteArray().simplified().split(' ');
    if (columns.size() <= Inode || columns[State].toInt(nullptr, 16) != Established ||
        columns[Inode] == "0")
        return std::nullopt;
    bool ok = false;
    const uid_t uid = columns[Uid].toUInt(&ok);
    return ok ? std::optional(uid) : std::nullopt;
}

std::optional<uid_t> peerUid(const TcpEnds &ends)
{
    if (!ends.peer.isLoopback())
        return std::nullopt;
    const DiagResult asked = askKernel(ends);
    if (asked.answered)
        return asked.uid;
    QFile table(isV4(ends.peer) ? QStringLiteral("/proc/net/tcp")
                                : QStringLiteral("/proc/net/tcp6"));
    return table.open(QIODevice::ReadOnly) ? peerUidFromTable(table.readAll(), ends) : std::nullopt;
}

} // namespace pmdaemon
