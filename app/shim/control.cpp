// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/control.h"

#include "app/shim/shim.h"
#include "core/slot/slotclock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace pmdaemon {

namespace {

constexpr int backlog = 16;
constexpr int64_t shortageMs = 1'000;
constexpr size_t anyLength = ~size_t(0);

/// How long the payload of each request is.
struct RequestShape
{
    ShimMessage type;
    size_t length;
};

constexpr RequestShape shapes[] = {
    {ShimMessage::Status, 0},
    {ShimMessage::EventsSince, sizeof(uint64_t)},
    {ShimMessage::Subscribe, sizeof(uint64_t)},
    {ShimMessage::Start, 0},
    {ShimMessage::Stop, sizeof(ShimStop)},
    {ShimMessage::Signal, sizeof(int32_t)},
    {ShimMessage::UpdateSpec, 0},
    {ShimMessage::Upgrade, anyLength},
    {ShimMessage::Acked, sizeof(uint64_t)},
    {ShimMessage::Quit, 0},
    {ShimMessage::Sockets, 0},
};

bool isPeerTrusted(int socket)
{
    ucred peer = {};
    socklen_t length = sizeof peer;
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
           (peer.uid == ::geteuid() || peer.uid == 0);
}

uint64_t number(const char *payload)
{
    uint64_t value = 0;
    memcpy(&value, payload, sizeof value);
    return value;
}

} // namespace

int ControlSocket::listen(const char *path)
{
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address.sun_path)
        return ENAMETOOLONG;
    memcpy(address.sun_path, path, strlen(path));
    UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!listener)
        return errno;
    ::unlink(path); // of a shim that is dead: we hold the lock
    const mode_t mask = ::umask(0177);
    const int code =
        ::bind(listener.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0
            ? 0
            : errno;
    ::umask(mask);
    if (code != 0)
        return code;
    if (::listen(listener.get(), backlog) != 0)
        return errno;
    m_listener = static_cast<UniqueFd &&>(listener);
    return 0;
}

void ControlSocket::close()
{
    for (Connection &connection : m_connections)
        drop(connection);
    m_listener.reset();
}

void ControlSocket::fillPolls(pollfd *polls) const
{
    polls[0] = {m_acceptAt == 0 ? m_listener.get() : -1, POLLIN, 0};
    for (int i = 0; i < MaxConnections; ++i) {
        const Connection &connection = m_connections[i];
        const bool canRead = !connection.hasAck && connection.inLength < MaxRequest;
        const bool wantsWrite = connection.outBegin < connection.outEnd;
        polls[i + 1] = {connection.fd.get(),
                        short((canRead ? POLLIN : 0) | (wantsWrite ? POLLOUT : 0)), 0};
    }
}

void ControlSocket::onPolls(const pollfd *polls)
{
    for (int i = 0; i < MaxConnections; ++i) {
        Connection &connection = m_connections[i];
        if (!connection.fd || polls[i + 1].fd != connection.fd.get())
            continue;
        if (polls[i + 1].revents & POLLIN)
            read(connection);
        else if (polls[i + 1].revents & (POLLERR | POLLHUP | POLLNVAL))
            drop(connection);
    }
    if (polls[0].fd >= 0 && polls[0].revents & POLLIN)
        accept();
}

void ControlSocket::onTimer(int64_t now)
{
    if (m_acceptAt <= now)
        m_acceptAt = 0;
}

void ControlSocket::accept()
{
    UniqueFd fd(::accept4(m_listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        m_acceptAt = bootMs() + shortageMs; // whoever waits cannot be let in now
    if (!fd || !isPeerTrusted(fd.get()))
        return;
    Connection *connection = place();
    drop(*connection);
    connection->fd = static_cast<UniqueFd &&>(fd);
    connection->lastHeard = bootMs();
}

/// A free one, else one that only asks, else the one that was silent for longest: who still needs
/// it comes again.
ControlSocket::Connection *ControlSocket::place()
{
    Connection *best = m_connections;
    for (Connection &connection : m_connections) {
        if (!connection.fd)
            return &connection;
        const bool isLesser = best->subscribed && !connection.subscribed;
        const bool isOlder = connection.lastHeard < best->lastHeard;
        if (isLesser || (isOlder && connection.subscribed == best->subscribed))
            best = &connection;
    }
    return best;
}

void ControlSocket::drop(Connection &connection)
{
    connection.fd.reset();
    connection.cursor = {};
    connection.until = 0;
    connection.subscribed = false;
    connection.hasAck = false;
    connection.inLength = 0;
    dropDescriptors(connection);
    connection.outBegin = 0;
    connection.outEnd = 0;
}

void ControlSocket::read(Connection &connection)
{
    iovec part{buffersOf(connection).in + connection.inLength, MaxRequest - connection.inLength};
    alignas(cmsghdr) char control[CMSG_SPACE(maxChildSockets * sizeof(int))];
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t got = ::recvmsg(connection.fd.get(), &message, MSG_CMSG_CLOEXEC);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        drop(connection);
        return;
    }
    if (got > 0) {
        takeDescriptors(connection, message);
        connection.inLength += size_t(got);
        connection.lastHeard = bootMs();
    }
    flush(connection);
}

/// Beyond those that a request may have they are closed.
void ControlSocket::takeDescriptors(Connection &connection, msghdr &message)
{
    for (cmsghdr *header = CMSG_FIRSTHDR(&message); header;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; ++i) {
            int fd = -1;
            memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
            UniqueFd descriptor(fd);
            if (connection.descriptorCount < maxChildSockets)
                connection.descriptors[connection.descriptorCount++] =
                    static_cast<UniqueFd &&>(descriptor);
        }
    }
}

void ControlSocket::dropDescriptors(Connection &connection)
{
    while (connection.descriptorCount > 0)
        connection.descriptors[--connection.descriptorCount].reset();
}

/// Answers a request that has come whole; false when there is none.
bool ControlSocket::answerNext(Connection &connection)
{
    ShimFrame frame;
    if (connection.inLength < sizeof frame)
        return false;
    char *in = buffersOf(connection).in;
    memcpy(&frame, in, sizeof frame);
    if (frame.length > MaxRequest - sizeof frame) {
        drop(connection);
        return false;
    }
    const size_t whole = sizeof frame + frame.length;
    if (connection.inLength < whole)
        return false;
    connection.tag = frame.tag;
    connection.ackCode = answer(connection, {frame.type, in + sizeof frame, frame.length,
                                             connection.descriptors, connection.descriptorCount});
    connection.hasAck = true;
    connection.inLength -= whole;
    memmove(in, in + whole, connection.inLength);
    // Descriptors that have come belong to this request or, where there is one, to the next.
    if (frame.type == ShimMessage::Sockets || connection.inLength == 0)
        dropDescriptors(connection);
    return true;
}

int ControlSocket::answer(Connection &connection, const ShimRequest &request)
{
    const RequestShape *shape = nullptr;
    for (const RequestShape &candidate : shapes) {
        if (candidate.type == request.type)
            shape = &candidate;
    }
    if (!shape)
        return EOPNOTSUPP;
    if (shape->length != anyLength && shape->length != request.length)
        return EINVAL;
    switch (request.type) {
    case ShimMessage::Status: {
        const ShimState state = m_shim.state();
        put(connection, ShimMessage::State, connection.tag, &state, sizeof state);
        return 0;
    }
    case ShimMessage::Subscribe:
        connection.subscribed = true;
        [[fallthrough]];
    case ShimMessage::EventsSince:
        connection.cursor = {};
        connection.until = m_journal.lastSeq();
        // Beyond the end: of another journal, so that all is news.
        if (number(request.payload) <= connection.until)
            connection.cursor.seq = number(request.payload);
        return 0;
    case ShimMessage::Acked:
        m_journal.acknowledge(number(request.payload));
        return 0;
    default:
        return m_shim.answer(request, int(&connection - m_connections));
    }
}

void ControlSocket::put(Connection &connection, ShimMessage type, uint16_t tag, const void *payload,
                        size_t length)
{
    const ShimFrame frame{uint32_t(length), type, tag};
    char *out = buffersOf(connection).out + connection.outEnd;
    memcpy(out, &frame, sizeof frame);
    memcpy(out + sizeof frame, payload, length);
    connection.outEnd += sizeof frame + length;
}

void ControlSocket::flush()
{
    for (Connection &connection : m_connections) {
        if (connection.fd)
            flush(connection);
    }
}

void ControlSocket::flush(Connection &connection)
{
    while (connection.fd && send(connection)) {
        if (putRecords(connection))
            continue;
        if (connection.hasAck) {
            connection.hasAck = false;
            const ShimAck ack{connection.ackCode, 0, m_journal.lastSeq()};
            put(connection, ShimMessage::Ack, connection.tag, &ack, sizeof ack);
        } else if (!answerNext(connection)) {
            return;
        }
    }
}

/// True when all is sent.
bool ControlSocket::send(Connection &connection)
{
    while (connection.outBegin < connection.outEnd) {
        const ssize_t sent =
            ::send(connection.fd.get(), buffersOf(connection).out + connection.outBegin,
                   connection.outEnd - connection.outBegin, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno != EAGAIN)
            drop(connection);
        if (sent < 0)
            return false;
        connection.outBegin += size_t(sent);
    }
    connection.outBegin = 0;
    connection.outEnd = 0;
    return true;
}

/// False when there is no record to send now.
bool ControlSocket::putRecords(Connection &connection)
{
    if (connection.until > 0 && connection.cursor.seq >= connection.until)
        connection.until = 0;
    if (!connection.wantsRecords() || connection.cursor.seq >= m_journal.lastSeq())
        return false;
    JournalRecord records[RecordsPerFrame];
    const size_t count = m_journal.read(connection.cursor, records, RecordsPerFrame);
    if (count == 0) {
        connection.cursor.seq = m_journal.lastSeq(); // what is missing cannot be read
        return false;
    }
    put(connection, ShimMessage::Events, 0, records, count * sizeof records[0]);
    return true;
}

ControlSocket::HandedOn ControlSocket::handOn(int number, int asking) const
{
    const Connection &connection = m_connections[number];
    // In the middle of something: who is cut off there comes again.
    const bool isBusy = connection.outBegin < connection.outEnd || connection.until > 0 ||
                        (number != asking && (connection.hasAck || connection.inLength > 0));
    if (!connection.fd || isBusy)
        return {};
    return {connection.fd.get(), connection.cursor.seq, connection.subscribed,
            number == asking ? int(connection.tag) : -1};
}

void ControlSocket::take(const HandedOn &handed)
{
    Connection *connection = place();
    drop(*connection);
    connection->fd.reset(handed.fd);
    connection->cursor.seq = handed.seq;
    connection->subscribed = handed.subscribed;
    connection->lastHeard = bootMs();
    connection->hasAck = handed.tag >= 0;
    connection->tag = uint16_t(handed.tag);
    connection->ackCode = 0;
}

} // namespace pmdaemon
