// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/listensockets.h"

#include "core/config/listenvalue.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QFile>
#include <QFileInfo>
#include <QHostAddress>

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(ListenSockets)
};

struct Address
{
    sockaddr_storage bytes{};
    socklen_t length = 0;

    const sockaddr *get() const { return reinterpret_cast<const sockaddr *>(&bytes); }
    template <typename Kind>
    void set(const Kind &address)
    {
        std::memcpy(&bytes, &address, sizeof address);
        length = sizeof address;
    }
};

Address addressOf(const ListenSpec &listen)
{
    Address address;
    const QHostAddress host(listen.host);
    if (!listen.path.isEmpty()) {
        sockaddr_un local{};
        local.sun_family = AF_UNIX;
        const QByteArray path = QFile::encodeName(listen.path);
        std::memcpy(local.sun_path, path.constData(),
                    std::min(size_t(path.size()), sizeof local.sun_path - 1));
        address.set(local);
    } else if (host.protocol() == QAbstractSocket::IPv6Protocol) {
        sockaddr_in6 internet{};
        internet.sin6_family = AF_INET6;
        internet.sin6_port = htons(quint16(listen.port));
        const Q_IPV6ADDR bytes = host.toIPv6Address();
        std::memcpy(&internet.sin6_addr, &bytes, sizeof bytes);
        address.set(internet);
    } else {
        sockaddr_in internet{};
        internet.sin_family = AF_INET;
        internet.sin_port = htons(quint16(listen.port));
        internet.sin_addr.s_addr = htonl(host.toIPv4Address());
        address.set(internet);
    }
    return address;
}

/// Nobody listens there any more, so that its name is free to be taken.
bool isLeftOver(const Address &address)
{
    const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return probe && ::connect(probe.get(), address.get(), address.length) != 0 &&
           errno == ECONNREFUSED;
}

/// Invalid, with errno, where it cannot be.
UniqueFd openSocket(const ListenSpec &listen)
{
    const Address address = addressOf(listen);
    UniqueFd socket(::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
        return {};
    if (address.bytes.ss_family == AF_INET6)
        ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (!listen.path.isEmpty() && isLeftOver(address))
        QFile::remove(listen.path);
    if (::bind(socket.get(), address.get(), address.length) != 0 ||
        ::listen(socket.get(), SOMAXCONN) != 0)
        return {};
    return socket;
}

QByteArray keptName(const QString &address)
{
    constexpr qsizetype digits = 32;
    return ListenSockets::namePrefix +
           QCryptographicHash::hash(address.toUtf8(), QCryptographicHash::Sha256)
               .toHex()
               .first(digits);
}

/// The port, or the name of a Unix socket's file as far as LISTEN_FDNAMES can hold it.
QString handedName(const ListenSpec &listen)
{
    constexpr qsizetype longest = 64;
    if (listen.path.isEmpty())
        return QString::number(listen.port);
    QString name = QFileInfo(listen.path).fileName().left(longest);
    for (QChar &c : name) {
        if (c <= u' ' || c > u'~' || c == u':')
            c = u'_';
    }
    return name;
}

tl::unexpected<Error> notOpened(const QString &address, int code)
{
    if (code == EADDRINUSE)
        return fail(ErrorCode::PortInUse,
                    Words::tr("listen: somebody else listens on %1 already; end that, or take "
                              "another address")
                        .arg(address));
    return fail(ErrorCode::StartFailed,
                Words::tr("listen: %1 cannot be opened: %2")
                    .arg(address, QString::fromLocal8Bit(std::system_category().message(code))),
                {{u"step"_s, u"listen"_s}, {u"errno"_s, code}});
}

} // namespace

ListenSockets::ListenSockets(SocketKeeper keeper)
    : m_keeper(std::move(keeper))
{}

Result<QList<HandedSocket>> ListenSockets::open(const QList<ListenSpec> &sockets)
{
    QList<HandedSocket> handed;
    for (const ListenSpec &listen : sockets) {
        const QString address = toString(listen);
        std::shared_ptr<const UniqueFd> &socket = m_open[address];
        if (const auto kept = m_keeper.kept.extract(keptName(address)); !socket && kept)
            socket = kept.mapped();
        if (!socket) {
            UniqueFd opened = openSocket(listen);
            if (!opened) {
                const int code = errno;
                m_open.erase(address);
                return notOpened(address, code);
            }
            socket = std::make_shared<const UniqueFd>(std::move(opened));
            m_keeper.store(keptName(address), socket->get());
        }
        handed.append({handedName(listen), socket});
    }
    return handed;
}

void ListenSockets::keepOnly(const QList<ListenSpec> &sockets)
{
    QSet<QString> addresses;
    QSet<QByteArray> names;
    for (const ListenSpec &listen : sockets) {
        addresses.insert(toString(listen));
        names.insert(keptName(toString(listen)));
    }
    std::erase_if(m_keeper.kept, [&](const auto &kept) {
        const bool isOver = !names.contains(kept.first);
        if (isOver)
            m_keeper.drop(kept.first);
        return isOver;
    });
    std::erase_if(m_open, [&](const auto &open) {
        const QString &address = open.first;
        const bool isOver = !addresses.contains(address);
        if (isOver)
            m_keeper.drop(keptName(address));
        if (isOver && address.startsWith(u'/'))
            QFile::remove(address);
        return isOver;
    });
}

} // namespace pmdaemon
