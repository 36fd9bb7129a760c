// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/servicemanager.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace pmdaemon {

void ServiceManager::connect()
{
    const char *path = getenv("NOTIFY_SOCKET");
    sockaddr_un address = {};
    const size_t length = path ? strlen(path) : 0;
    if (length < 2 || length >= sizeof address.sun_path)
        return;
    address.sun_family = AF_UNIX;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') // an abstract name
        address.sun_path[0] = '\0';
    m_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (::connect(m_fd, reinterpret_cast<const sockaddr *>(&address),
                  static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length)) != 0) {
        close(m_fd);
        m_fd = -1;
    }
}

void ServiceManager::tell(const char *format, ...) const
{
    if (m_fd < 0)
        return;
    char text[1280];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    // Whoever started us in the background is gone later on.
    if (length > 0 && length < static_cast<int>(sizeof text))
        send(m_fd, text, static_cast<size_t>(length), MSG_NOSIGNAL);
}

} // namespace pmdaemon
