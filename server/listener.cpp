// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/listener.h"

#include "server/http/response.h"

#include <QCoreApplication>
#include <QLoggingCategory>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>

namespace pmdaemon {

using namespace std::chrono_literals;

namespace {

Q_LOGGING_CATEGORY(lcServer, "pmdaemon.server", QtInfoMsg)

constexpr auto RetryInterval = 250ms;
constexpr auto QuietAfterWarning = 60s;
constexpr int PortAttempts = 16; ///< to find a port that is free on every address
constexpr int Backlog = 512;
constexpr int AcceptedAtOnce = 64; ///< then it is the turn of those who are connected

QString tr(const char *text)
{
    return QCoreApplication::translate("Listener", text);
}

int openSpare()
{
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool isMissing(QAbstractSocket::SocketError error)
{
    return error == QAbstractSocket::SocketAddressNotAvailableError ||
           error == QAbstractSocket::UnsupportedSocketOperationError;
}

/// Nothing unless it is a TCP socket that listens.
std::optional<ListeningSocket> inspect(int descriptor)
{
    int listens = 0;
    socklen_t length = sizeof listens;
    sockaddr_storage address = {};
    socklen_t addressLength = sizeof address;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) != 0 ||
        listens == 0 ||
        ::getsockname(descriptor, reinterpret_cast<sockaddr *>(&address), &addressLength) != 0 ||
        (address.ss_family != AF_INET && address.ss_family != AF_INET6))
        return {};
    const quint16 port = address.ss_family == AF_INET
                             ? reinterpret_cast<const sockaddr_in *>(&address)->sin_port
                             : reinterpret_cast<const sockaddr_in6 *>(&address)->sin6_port;
    return ListeningSocket{QHostAddress(reinterpret_cast<const sockaddr *>(&address)), ntohs(port),
                           descriptor};
}

/// Listens with a duplicate of the socket that does so at `address`. False if there is none.
bool take(QTcpServer &server, const QList<ListeningSocket> &inherited, const QHostAddress &address,
          int port)
{
    for (const ListeningSocket &socket : inherited) {
        if (socket.address != address || (port != 0 && socket.port != port))
            continue;
        const int copy = ::fcntl(socket.descriptor, F_DUPFD_CLOEXEC, 0);
        if (copy >= 0 && server.setSocketDescriptor(copy))
            return true;
        if (copy >= 0)
            ::close(copy);
    }
    return false;
}

Error listenError(const QString &host, int port, const QTcpServer &server)
{
    if (server.serverError() == QAbstractSocket::AddressInUseError)
        return {
            ErrorCode::PortInUse,
            tr("Port %1 on %2 is in use by another program. Stop that (\"ss -ltnp sport = :%1\" "
               "shows it), or choose another port (--port).")
                .arg(port)
                .arg(host)};
    return {ErrorCode::StartFailed,
            tr("Cannot listen on %1, port %2: %3.").arg(host).arg(port).arg(server.errorString())};
}

} // namespace

void turnAway(int descriptor)
{
    const QByteArray answer = toBytes(overloaded(), false);
    ::send(descriptor, answer.constData(), static_cast<std::size_t>(answer.size()),
           MSG_DONTWAIT | MSG_NOSIGNAL);
    ::close(descriptor);
}

Listener::Listener(OnDescriptor accepted, QObject *parent)
    : QObject(parent)
    , m_accepted(std::move(accepted))
    , m_spare(openSpare())
{
    m_retry.setInterval(RetryInterval);
    connect(&m_retry, &QTimer::timeout, this, &Listener::resume);
}

Listener::~Listener()
{
    if (m_spare >= 0)
        ::close(m_spare);
}

Result<void> Listener::listen(const QStringList &hosts, int port, const QList<int> &inherited)
{
    QList<ListeningSocket> given;
    for (const int descriptor : inherited) {
        if (const auto socket = inspect(descriptor))
            given.append(*socket);
    }
    Result<void> listening;
    for (int attempt = 0; attempt < (port == 0 ? PortAttempts : 1); ++attempt) {
        listening = listenOnce(hosts, port, attempt == 0 ? given : QList<ListeningSocket>());
        if (listening || listening.error().code != ErrorCode::PortInUse)
            break;
    }
    return listening;
}

Result<void> Listener::listenOnce(const QStringList &hosts, int port,
                                  const QList<ListeningSocket> &inherited)
{
    close();
    for (const QString &host : hosts) {
        auto door = std::make_unique<Door>();
        QTcpServer &server = door->server;
        server.setListenBacklogSize(Backlog);
        const int wanted = m_port != 0 ? m_port : port;
        if (!take(server, inherited, QHostAddress(host), wanted) &&
            !server.listen(QHostAddress(host), static_cast<quint16>(wanted))) {
            if (isMissing(server.serverError())) {
                qCWarning(lcServer).noquote()
                    << tr("not listening on %1: %2").arg(host, server.errorString());
                continue;
            }
            const Error error = listenError(host, wanted, server);
            close();
            return tl::unexpected(error);
        }
        m_port = server.serverPort();
        open(std::move(door));
    }
    if (m_doors.empty())
        return fail(
            ErrorCode::StartFailed,
            tr("None of the addresses %1 exists here.").arg(hosts.join(QStringLiteral(", "))));
    return {};
}

void Listener::open(std::unique_ptr<Door> door)
{
    door->server.pauseAccepting();
    door->knock =
        std::make_unique<QSocketNotifier>(door->server.socketDescriptor(), QSocketNotifier::Read);
    connect(door->knock.get(), &QSocketNotifier::activated, this,
            [this, knock = door->knock.get()] { accept(*knock); });
    m_doors.push_back(std::move(door));
}

QList<ListeningSocket> Listener::sockets() const
{
    QList<ListeningSocket> sockets;
    for (const auto &door : m_doors) {
        const QTcpServer &server = door->server;
        sockets.append({server.serverAddress(), server.serverPort(),
                        static_cast<int>(server.socketDescriptor())});
    }
    return sockets;
}

void Listener::close()
{
    m_retry.stop();
    m_doors.clear();
    m_port = 0;
}

void Listener::accept(QSocketNotifier &knock)
{
    constexpr std::array exhausted = {EMFILE, ENFILE, ENOBUFS, ENOMEM};
    const int listening = static_cast<int>(knock.socket());
    for (int i = 0; i < AcceptedAtOnce; ++i) {
        const int descriptor = ::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0) {
            m_accepted(descriptor);
            continue;
        }
        const int error = errno;
        if (std::find(exhausted.begin(), exhausted.end(), error) == exhausted.end())
            return;
        const auto now = std::chrono::steady_clock::now();
        if (now >= m_quietUntil) {
            qCWarning(lcServer).noquote() << tr("cannot accept connections: %1; they are turned "
                                                "away until descriptors are free")
                                                 .arg(qt_error_string(error));
            m_quietUntil = now + QuietAfterWarning;
        }
        knock.setEnabled(false);
        m_retry.start();
        return turnEverybodyAway(listening);
    }
}

/// Everybody who waits gets an answer, through the one descriptor kept for that.
void Listener::turnEverybodyAway(int listening)
{
    if (m_spare < 0)
        return;
    ::close(m_spare);
    for (int i = 0; i < Backlog; ++i) {
        const int descriptor = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
        if (descriptor < 0)
            break;
        turnAway(descriptor);
    }
    m_spare = openSpare();
}

void Listener::resume()
{
    m_retry.stop();
    if (m_spare < 0)
        m_spare = openSpare();
    for (const auto &door : m_doors)
        door->knock->setEnabled(true);
}

} // namespace pmdaemon
