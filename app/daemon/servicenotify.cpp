// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/daemon/servicenotify.h"

#include <QLoggingCategory>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace pmdaemon {

namespace {
Q_LOGGING_CATEGORY(lcDaemon, "pmdaemon.daemon")
}

ServiceNotifier ServiceNotifier::take()
{
    ServiceNotifier notifier;
    notifier.m_socket = qgetenv("NOTIFY_SOCKET");
    qunsetenv("NOTIFY_SOCKET");
    return notifier;
}

void ServiceNotifier::tell(const QByteArray &state) const
{
    const QByteArray &path = m_socket;
    sockaddr_un address = {};
    if (path.size() < 2 || path.size() >= qsizetype(sizeof address.sun_path))
        return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.constData(), static_cast<std::size_t>(path.size()));
    if (path.front() == '@') // an abstract name
        address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) +
                                               static_cast<std::size_t>(path.size()));

    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const ssize_t sent =
        ::sendto(fd, state.constData(), static_cast<std::size_t>(state.size()), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr *>(&address), length);
    // Whoever started us in the background has gone by the time we end.
    if (sent < 0 && errno != ECONNREFUSED && errno != ENOENT)
        qCWarning(lcDaemon, "NOTIFY_SOCKET %s: %s", path.constData(), std::strerror(errno));
    if (fd >= 0)
        ::close(fd);
}

} // namespace pmdaemon
