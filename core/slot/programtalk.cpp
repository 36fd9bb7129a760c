// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/programtalk.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace pmdaemon {

namespace {

constexpr char variableName[] = "NOTIFY_SOCKET=@";
constexpr char readyMessage[] = "\"ready\"";
constexpr char shutdownMessage[] = "\"shutdown\"\n";

/// Whether one of the lines is "READY=1".
bool saysReady(const char *text, size_t length)
{
    constexpr char assignment[] = "READY=1";
    constexpr size_t size = sizeof assignment - 1;
    const char *const end = text + length;
    while (text < end) {
        const void *newline = memchr(text, '\n', size_t(end - text));
        const char *lineEnd = newline ? static_cast<const char *>(newline) : end;
        if (size_t(lineEnd - text) == size && memcmp(text, assignment, size) == 0)
            return true;
        text = lineEnd + 1;
    }
    return false;
}

uint32_t senderOf(const msghdr &message)
{
    const cmsghdr *header = CMSG_FIRSTHDR(&message);
    ucred credentials = {};
    credentials.uid = UINT32_MAX;
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_CREDENTIALS)
        memcpy(&credentials, CMSG_DATA(header), sizeof credentials);
    return credentials.uid;
}

} // namespace

void NotifySocket::setName(const uint8_t (&secret)[SecretSize])
{
    m_variable = {};
    m_variable.add(variableName).add("pmdaemon-");
    for (const uint8_t byte : secret)
        m_variable.addNumber(byte >> 4, 16).addNumber(byte & 15, 16);
}

void NotifySocket::take(UniqueFd socket, const uint8_t (&secret)[SecretSize])
{
    setName(secret);
    m_socket = static_cast<UniqueFd &&>(socket);
}

int NotifySocket::open(const uint8_t (&secret)[SecretSize])
{
    setName(secret);
    const char *const name = m_variable.text() + sizeof variableName - 1;
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    memcpy(address.sun_path + 1, name, strlen(name)); // behind a NUL: the abstract namespace
    const auto length = socklen_t(offsetof(sockaddr_un, sun_path) + 1 + strlen(name));
    UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0 ||
        ::bind(fd.get(), reinterpret_cast<const sockaddr *>(&address), length) != 0)
        return errno;
    m_socket = static_cast<UniqueFd &&>(fd);
    return 0;
}

bool NotifySocket::takeReady(uint32_t user)
{
    bool isReady = false;
    for (;;) {
        char text[4096];
        // No room for descriptors that somebody may send: the kernel closes those.
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))];
        iovec part{text, sizeof text};
        msghdr message = {};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        const ssize_t got = ::recvmsg(m_socket.get(), &message, MSG_CMSG_CLOEXEC);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return isReady;
        const uint32_t sender = senderOf(message);
        const bool isTrusted = sender == user || sender == 0 || sender == ::geteuid();
        isReady = isReady || (isTrusted && saysReady(text, size_t(got)));
    }
}

int NodeChannel::open()
{
    close();
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return errno;
    m_ours.reset(ends[0]);
    m_childs.reset(ends[1]);
    return 0;
}

void NodeChannel::close()
{
    m_ours.reset();
    m_childs.reset();
    m_length = 0;
}

bool NodeChannel::takeReady()
{
    char bytes[1024];
    const ssize_t got = ::recv(m_ours.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        m_ours.reset();
        return false;
    }
    bool isReady = false;
    for (ssize_t i = 0; i < got; ++i) {
        if (bytes[i] != '\n') {
            if (m_length < sizeof m_line)
                m_line[m_length] = bytes[i];
            m_length += m_length <= sizeof m_line; // beyond: it is too long to be one of ours
            continue;
        }
        constexpr size_t size = sizeof readyMessage - 1;
        isReady = isReady || (m_length == size && memcmp(m_line, readyMessage, size) == 0);
        m_length = 0;
    }
    return isReady;
}

bool NodeChannel::sendShutdown() const
{
    constexpr ssize_t size = sizeof shutdownMessage - 1;
    return m_ours &&
           ::send(m_ours.get(), shutdownMessage, size_t(size), MSG_NOSIGNAL | MSG_DONTWAIT) == size;
}

} // namespace pmdaemon
