// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/shimlink.h"

#include <QFile>
#include <QLoggingCategory>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace pmdaemon {

namespace {

Q_LOGGING_CATEGORY(lcShim, "pmdaemon.shim", QtInfoMsg)

template <typename Payload>
bool copyInto(Payload &payload, QByteArrayView bytes)
{
    if (bytes.size() != sizeof payload)
        return false;
    std::memcpy(&payload, bytes.data(), sizeof payload);
    return true;
}

UniqueFd connectTo(const QString &path)
{
    const QByteArray name = QFile::encodeName(path);
    sockaddr_un address = {};
    if (name.size() >= qsizetype(sizeof address.sun_path))
        return {};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.constData(), size_t(name.size()));
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket ||
        ::connect(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        return {};
    return socket;
}

bool isTrusted(int socket)
{
    ucred peer = {};
    socklen_t length = sizeof peer;
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
           (peer.uid == ::geteuid() || peer.uid == 0);
}

} // namespace

ShimLink::ShimLink(QObject *parent)
    : QObject(parent)
{}

ShimLink::~ShimLink() = default;

void ShimLink::open(const QString &socket)
{
    m_socket = connectTo(socket);
    if (m_socket && !isTrusted(m_socket.get())) {
        qCWarning(lcShim).noquote()
            << tr("%1 belongs to another user; it is not spoken to").arg(socket);
        m_socket.reset();
    }
    m_isOpening = true;
    QMetaObject::invokeMethod(this, &ShimLink::onOpened, Qt::QueuedConnection);
}

void ShimLink::onOpened()
{
    if (!std::exchange(m_isOpening, false))
        return; // closed meanwhile
    if (!m_socket)
        return fail("it cannot be reached");
    m_isReady = true;
    m_readable = std::make_unique<QSocketNotifier>(m_socket.get(), QSocketNotifier::Read);
    connect(m_readable.get(), &QSocketNotifier::activated, this, &ShimLink::onReadable);
    emit connected();
}

void ShimLink::close()
{
    m_isOpening = false;
    m_isReady = false;
    for (std::unique_ptr<QSocketNotifier> *owner : {&m_readable, &m_writable}) {
        if (*owner) {
            (*owner)->setEnabled(false);
            owner->release()->deleteLater(); // it may be what called
        }
    }
    m_socket.reset();
    m_in.clear();
    m_out.clear();
    m_held.clear();
    m_attached.clear();
    m_pending.clear();
}

void ShimLink::request(ShimMessage type, Descriptors descriptors)
{
    if (!descriptors.empty())
        m_attached.emplace_back(m_out.size() + m_held.size(), std::move(descriptors));
    request(type);
}

void ShimLink::request(ShimMessage type, QByteArrayView payload)
{
    const ShimFrame frame{quint32(payload.size()), type, 0};
    // What a shim has read of the next request it could not hand on to the program that it becomes.
    QByteArray &out = m_pending.contains(ShimMessage::Upgrade) ? m_held : m_out;
    out.append(reinterpret_cast<const char *>(&frame), sizeof frame).append(payload);
    m_pending.enqueue(type);
    if (!m_out.isEmpty())
        send();
}

/// Up to the next descriptors; how many bytes, or -1 and errno.
qint64 ShimLink::sendSome()
{
    const bool hasDescriptors = !m_attached.empty() && m_attached.front().first == 0;
    const auto next = m_attached.begin() + (hasDescriptors ? 1 : 0);
    iovec part{
        m_out.data(),
        size_t(next == m_attached.end() ? m_out.size() : std::min(next->first, m_out.size()))};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(maxChildSockets * sizeof(int))> control{};
    if (hasDescriptors) {
        std::array<int, maxChildSockets> numbers{};
        const Descriptors &descriptors = m_attached.front().second;
        for (size_t i = 0; i < descriptors.size(); ++i)
            numbers[i] = descriptors[i]->get();
        const size_t size = descriptors.size() * sizeof(int);
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(size);
        cmsghdr *rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(size);
        std::memcpy(CMSG_DATA(rights), numbers.data(), size);
    }
    const ssize_t sent = ::sendmsg(m_socket.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0)
        return sent;
    if (hasDescriptors)
        m_attached.erase(m_attached.begin());
    for (auto &[at, descriptors] : m_attached)
        at -= sent;
    m_out.remove(0, sent);
    return sent;
}

void ShimLink::send()
{
    qint64 sent = 0;
    do {
        sent = sendSome();
    } while (sent > 0 && !m_out.isEmpty());
    // An error is told by reading.
    if (m_out.isEmpty()) {
        m_out.clear();
        if (m_writable)
            m_writable->setEnabled(false);
        return;
    }
    if (!m_writable) {
        m_writable = std::make_unique<QSocketNotifier>(m_socket.get(), QSocketNotifier::Write);
        connect(m_writable.get(), &QSocketNotifier::activated, this, &ShimLink::send);
    }
    m_writable->setEnabled(sent > 0 || errno == EAGAIN);
}

void ShimLink::onReadable()
{
    std::array<char, 16 * 1024> buffer;
    const ssize_t got = ::recv(m_socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0)
        return fail("it has ended");
    m_in.append(buffer.data(), got);
    if (!takeFrames())
        fail("it sent what makes no sense");
}

bool ShimLink::takeFrames()
{
    QByteArray bytes = std::exchange(m_in, {});
    qsizetype at = 0;
    ShimFrame frame;
    while (bytes.size() - at >= qsizetype(sizeof frame)) {
        std::memcpy(&frame, bytes.constData() + at, sizeof frame);
        if (frame.length > maxShimPayload)
            return false;
        const qsizetype begin = at + qsizetype(sizeof frame);
        if (bytes.size() - begin < qsizetype(frame.length))
            break;
        at = begin + qsizetype(frame.length);
        if (!take(frame.type, QByteArrayView(bytes).sliced(begin, frame.length)))
            return false;
        if (!m_isReady)
            return true; // a slot closed this
    }
    if (at < bytes.size())
        m_in = bytes.mid(at);
    return true;
}

bool ShimLink::take(ShimMessage type, QByteArrayView payload)
{
    switch (type) {
    case ShimMessage::Events: {
        JournalRecord record;
        for (qsizetype at = 0; m_isReady && at < payload.size(); at += sizeof record) {
            if (payload.size() - at < qsizetype(sizeof record))
                return false;
            std::memcpy(&record, payload.data() + at, sizeof record);
            if (!isIntact(record))
                return false;
            emit this->record(record);
        }
        return true;
    }
    case ShimMessage::State: {
        ShimState state;
        if (!copyInto(state, payload))
            return false;
        emit this->state(state);
        return true;
    }
    case ShimMessage::Ack: {
        ShimAck ack;
        if (m_pending.isEmpty() || !copyInto(ack, payload))
            return false;
        const ShimMessage request = m_pending.dequeue();
        if (request == ShimMessage::Upgrade) {
            m_out.append(std::exchange(m_held, {}));
            send();
        }
        emit acknowledged(request, ack.code, ack.lastSeq);
        return true;
    }
    default:
        return true; // of a later version
    }
}

void ShimLink::fail(const char *why)
{
    qCDebug(lcShim, "a shim's connection: %s", why);
    close();
    emit lost();
}

} // namespace pmdaemon

#include "moc_shimlink.cpp"
