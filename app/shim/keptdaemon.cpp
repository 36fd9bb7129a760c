// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/keptdaemon.h"

#include "app/shim/keeperprocess.h"
#include "app/shim/pidfd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pmdaemon {

namespace {

constexpr int added = 5; ///< variables that start() adds, and the null pointer

constexpr int maxVariables = 4096;

char *variables[maxVariables];

/// Those that are about the keeper's own start.
bool isOurs(const char *variable)
{
    static const char *const names[] = {
        "LISTEN_PID=", "LISTEN_FDS=", "LISTEN_FDNAMES=", "PMDAEMON_KEEPER_FD="};
    for (const char *name : names) {
        if (strncmp(variable, name, strlen(name)) == 0)
            return true;
    }
    return false;
}

} // namespace

bool KeptDaemon::prepare(char *const *command)
{
    m_command = command;
    for (char **variable = environ; *variable; ++variable) {
        if (isOurs(*variable))
            continue;
        if (m_count == maxVariables - added)
            return false;
        variables[m_count++] = *variable;
    }
    return true;
}

bool KeptDaemon::start(const DescriptorStore &store)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    const pid_t pid = fork();
    if (pid == 0)
        becomeDaemon(store, ends[1]);
    const int error = errno;
    close(ends[1]);
    m_pidfd = pid > 0 ? openPidfd(pid).release() : -1;
    if (m_pidfd < 0) {
        if (pid > 0) {
            kill(pid, SIGKILL);
            waitpid(pid, nullptr, 0);
        }
        close(ends[0]);
        errno = error;
        return false;
    }
    m_pid = pid;
    m_socket = ends[0];
    m_isChild = true;
    return true;
}

void KeptDaemon::describe(const DescriptorStore &store) const
{
    static char names[DescriptorStore::capacity * (maxStoredName + 1) + 16];
    static char listenPid[32];
    static char listenFds[32];
    static char keeperFd[64];
    const int prefix = snprintf(names, sizeof names, "LISTEN_FDNAMES=");
    store.names(names + prefix, sizeof names - static_cast<uint32_t>(prefix));
    snprintf(listenPid, sizeof listenPid, "LISTEN_PID=%d", getpid());
    snprintf(listenFds, sizeof listenFds, "LISTEN_FDS=%d", store.count());
    snprintf(keeperFd, sizeof keeperFd, "%s=%d", keeperFdVariable, 3 + store.count());
    char **end = variables + m_count;
    *end++ = keeperFd;
    if (store.count() > 0) {
        *end++ = listenPid;
        *end++ = listenFds;
        *end++ = names;
    }
    *end = nullptr;
}

void KeptDaemon::becomeDaemon(const DescriptorStore &store, int socket)
{
    describe(store);
    KeeperProcess::undoInChild();
    if (store.giveAway(socket))
        execve(m_command[0], m_command, variables);
    say("%s cannot be executed: %s", m_command[0], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
}

bool KeptDaemon::isSound(const char *program)
{
    const pid_t pid = fork();
    if (pid == 0) {
        KeeperProcess::undoInChild();
        const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(nowhere, 1);
        char version[] = "--version";
        char *const arguments[] = {const_cast<char *>(program), version, nullptr};
        execve(program, arguments, environ);
        _exit(127);
    }
    int status = -1;
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

void KeptDaemon::become(const char *program, char *const *arguments,
                        const DescriptorStore &store) const
{
    describe(store);
    KeeperProcess::undoInChild();
    if (store.giveAway(m_socket))
        execve(program, arguments, variables);
    say("%s cannot be executed: %s", program, strerror(errno));
    _exit(126);
}

bool KeptDaemon::adopt(pid_t pid, int socket)
{
    int type = 0;
    socklen_t length = sizeof type;
    ucred peer = {};
    socklen_t peerLength = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_SEQPACKET ||
        getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &peerLength) != 0 ||
        (peer.pid != pid && peer.pid != getpid()) || fcntl(socket, F_SETFD, FD_CLOEXEC) != 0)
        return false;
    m_pidfd = openPidfd(pid).release();
    // The daemon made the pair, or this process did when it was another program and the daemon is
    // its child: while it holds the other end, its pid is nobody else's.
    pollfd other{socket, POLLHUP, 0};
    if (m_pidfd < 0 || poll(&other, 1, 0) != 0)
        return false;
    m_pid = pid;
    m_socket = socket;
    siginfo_t info = {};
    m_isChild = waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0;
    if (peer.pid == getpid())
        tell(KeeperMessage::Upgraded, "");
    return true;
}

void KeptDaemon::closeSocket()
{
    if (m_socket >= 0)
        close(m_socket);
    m_socket = -1;
}

ssize_t KeptDaemon::receive(KeeperPacket &packet, int &fd) const
{
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    iovec part{&packet, sizeof packet};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t size = recvmsg(m_socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    fd = -1;
    const cmsghdr *header = size > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
    if (!header || header->cmsg_type != SCM_RIGHTS)
        return size;
    // Padding leaves room for a second one, which nobody sends who keeps to the protocol.
    for (size_t at = CMSG_LEN(0); at + sizeof fd <= header->cmsg_len; at += sizeof fd) {
        if (fd >= 0)
            close(fd);
        memcpy(&fd, reinterpret_cast<const char *>(header) + at, sizeof fd);
    }
    return size;
}

void KeptDaemon::tellOfShim(uint64_t slot, pid_t pid) const
{
    const KeeperPacket packet{KeeperMessage::Shim, pid, slot, {}};
    if (m_socket >= 0)
        send(m_socket, &packet, KeeperPacket::headerSize, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void KeptDaemon::tell(KeeperMessage type, const char *text) const
{
    KeeperPacket packet{type, 0, 0, {}};
    const size_t length = strnlen(text, KeeperPacket::maxText);
    memcpy(packet.text, text, length);
    if (m_socket >= 0)
        send(m_socket, &packet, KeeperPacket::headerSize + length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void KeptDaemon::signal(int number) const
{
    signalPidfd(m_pidfd, number);
}

DaemonEnd KeptDaemon::end()
{
    DaemonEnd end{DaemonEnd::How::Unknown, 0};
    siginfo_t info = {};
    if (m_isChild && waitid(P_PID, static_cast<id_t>(m_pid), &info, WEXITED | WNOHANG) == 0 &&
        info.si_pid == m_pid)
        end = {info.si_code == CLD_EXITED ? DaemonEnd::How::Exited : DaemonEnd::How::Signalled,
               info.si_status};
    closeSocket();
    close(m_pidfd);
    m_pidfd = -1;
    m_pid = 0;
    return end;
}

} // namespace pmdaemon
