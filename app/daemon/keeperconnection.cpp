// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/daemon/keeperconnection.h"

#include "app/daemon/detachedprogram.h"

#include <QCoreApplication>
#include <QFile>
#include <QLoggingCategory>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

Q_LOGGING_CATEGORY(lcKeeper, "pmdaemon.keeper", QtInfoMsg)

bool isPacketSocket(int fd)
{
    int type = 0;
    socklen_t length = sizeof type;
    return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_SEQPACKET;
}

} // namespace

std::unique_ptr<KeeperConnection> KeeperConnection::take(const KeeperLaunch &launch)
{
    bool isNumber = false;
    const int fd = qEnvironmentVariableIntValue(keeperFdVariable, &isNumber);
    qunsetenv(keeperFdVariable);
    if (!isNumber || !isPacketSocket(fd) || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return nullptr;
    return std::unique_ptr<KeeperConnection>(new KeeperConnection(UniqueFd(fd), launch));
}

KeeperConnection::KeeperConnection(UniqueFd socket, KeeperLaunch launch)
    : m_launch(std::move(launch))
{
    ::getrlimit(RLIMIT_NOFILE, &m_openFiles);
    m_retry.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this, &KeeperConnection::startKeeper);
    attach(std::move(socket));
}

void KeeperConnection::attach(UniqueFd socket)
{
    m_socket = std::move(socket);
    m_since.start();
    m_readable = std::make_unique<QSocketNotifier>(m_socket.get(), QSocketNotifier::Read);
    m_writable = std::make_unique<QSocketNotifier>(m_socket.get(), QSocketNotifier::Write);
    m_writable->setEnabled(false);
    connect(m_readable.get(), &QSocketNotifier::activated, this, &KeeperConnection::read);
    connect(m_writable.get(), &QSocketNotifier::activated, this, &KeeperConnection::flush);
}

// What is told

void KeeperConnection::store(const QByteArray &name, int descriptor)
{
    UniqueFd copy(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
    if (!copy) {
        qCWarning(lcKeeper, "%s is not kept: %s", name.constData(), std::strerror(errno));
        return;
    }
    UniqueFd &kept = m_stored[name];
    kept = std::move(copy);
    send({KeeperMessage::Store, 0, name});
}

void KeeperConnection::drop(const QByteArray &name)
{
    m_stored.erase(name);
    send({KeeperMessage::Drop, 0, name});
}

void KeeperConnection::watch(quint64 slot)
{
    m_watched.insert(slot);
    send({KeeperMessage::Watch, slot});
}

void KeeperConnection::forget(quint64 slot)
{
    m_watched.erase(slot);
    send({KeeperMessage::Forget, slot});
}

void KeeperConnection::ready(const QString &status)
{
    m_ready = true;
    m_status = status;
    send({KeeperMessage::Ready, 0, status.toUtf8()});
}

void KeeperConnection::status(const QString &status)
{
    m_status = status;
    send({KeeperMessage::Status, 0, status.toUtf8()});
}

void KeeperConnection::stopping()
{
    m_stopping = true;
    m_retry.stop();
    send({KeeperMessage::Stopping});
}

void KeeperConnection::replace()
{
    m_stopping = true;
    m_retry.stop();
    send({KeeperMessage::Replace});
}

void KeeperConnection::upgrade(const QString &program)
{
    send({KeeperMessage::Upgrade, 0, QFile::encodeName(program)});
}

// How

void KeeperConnection::send(Message message)
{
    // Without a keeper it is part of what the next one is told.
    if (!m_socket)
        return;
    m_queue.push_back(std::move(message));
    if (m_queue.size() == 1)
        flush();
}

void KeeperConnection::flush()
{
    while (!m_queue.empty()) {
        if (!sendNow(m_queue.front()) && (errno == EAGAIN || errno == EINTR))
            break;
        // Any other error is the keeper's end, which read() sees.
        m_queue.pop_front();
    }
    m_writable->setEnabled(!m_queue.empty());
}

/// False and errno.
bool KeeperConnection::sendNow(const Message &message) const
{
    KeeperPacket packet{message.type, 0, message.slot, {}};
    const std::size_t length =
        std::min<std::size_t>(static_cast<std::size_t>(message.text.size()), KeeperPacket::maxText);
    std::memcpy(packet.text, message.text.constData(), length);
    iovec part{&packet, KeeperPacket::headerSize + length};
    msghdr header = {};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    if (message.type == KeeperMessage::Store) {
        const auto stored = m_stored.find(message.text);
        if (stored == m_stored.end())
            return true; // dropped meanwhile
        const int descriptor = stored->second.get();
        header.msg_control = control.data();
        header.msg_controllen = control.size();
        cmsghdr *rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(rights), &descriptor, sizeof(int));
    }
    return ::sendmsg(m_socket.get(), &header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

void KeeperConnection::read()
{
    KeeperPacket packet;
    ssize_t size = 0;
    while ((size = ::recv(m_socket.get(), &packet, sizeof packet, MSG_DONTWAIT)) > 0) {
        if (size >= KeeperPacket::headerSize)
            take(packet, size - KeeperPacket::headerSize);
    }
    if (size == 0 || (errno != EAGAIN && errno != EINTR))
        onLost();
}

void KeeperConnection::take(const KeeperPacket &packet, qsizetype length)
{
    if (packet.type == KeeperMessage::Shim)
        emit shimStarted(packet.slot, packet.pid);
    if (packet.type == KeeperMessage::NotUpgraded)
        emit upgraded(QString::fromUtf8(packet.text, length));
    if (packet.type == KeeperMessage::Upgraded) {
        tellAll();
        emit upgraded({});
    }
}

// When it dies

void KeeperConnection::onLost()
{
    m_readable.reset();
    m_writable.reset();
    m_queue.clear();
    m_socket.reset();
    if (m_stopping)
        return;
    const auto delay = std::chrono::milliseconds(m_backoff.afterEnd(m_since.elapsed()));
    qCWarning(lcKeeper, "the keeper has died; starting another one in %lld ms",
              static_cast<long long>(delay.count()));
    m_retry.start(delay);
}

void KeeperConnection::startKeeper()
{
    if (m_keeper > 0)
        ::waitpid(m_keeper, nullptr, WNOHANG); // else the reaper of orphans has it
    const Result<pid_t> started = launchKeeper();
    m_keeper = started.value_or(0);
    if (started) {
        tellAll();
        return;
    }
    qCWarning(lcKeeper).noquote() << started.error().message;
    onLost();
}

Result<pid_t> KeeperConnection::launchKeeper()
{
    const Result<QString> shim = findShim();
    if (!shim)
        return tl::unexpected(shim.error());
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return fail(ErrorCode::StartFailed, u"socketpair: "_s + qt_error_string(errno));
    attach(UniqueFd(ends[0]));
    const UniqueFd theirs(ends[1]);
    DetachedProgram program;
    program.arguments = {QFile::encodeName(*shim),
                         "--keep",
                         "--adopt-daemon",
                         QByteArray::number(::getpid()),
                         QFile::encodeName(m_launch.home),
                         QFile::encodeName(m_launch.runDirectory),
                         "--",
                         QFile::encodeName(QCoreApplication::applicationFilePath())};
    for (const QString &argument : QCoreApplication::arguments().mid(1))
        program.arguments.append(argument.toLocal8Bit());
    program.environment = environmentWithout({"NOTIFY_SOCKET", keeperFdVariable});
    program.environment.append(QByteArray(keeperFdVariable) + '=' +
                               QByteArray::number(DetachedProgram::inheritedFd));
    // An abstract name may be somebody else's by now.
    if (m_launch.notifySocket.startsWith('/'))
        program.environment.append("NOTIFY_SOCKET=" + m_launch.notifySocket);
    program.inherited = theirs.get();
    program.openFiles = m_openFiles;
    return launchDetached(std::move(program));
}

void KeeperConnection::tellAll()
{
    for (const auto &stored : m_stored)
        send({KeeperMessage::Store, 0, stored.first});
    for (const quint64 slot : m_watched)
        send({KeeperMessage::Watch, slot});
    if (m_ready)
        send({KeeperMessage::Ready, 0, m_status.toUtf8()});
}

} // namespace pmdaemon
