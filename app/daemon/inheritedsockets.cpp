// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/daemon/inheritedsockets.h"

#include <fcntl.h>

namespace pmdaemon {

namespace {
constexpr int firstInherited = 3;
}

std::vector<InheritedSocket> takeInheritedSockets()
{
    const bool forUs = qgetenv("LISTEN_PID").toLongLong() == ::getpid();
    const int count = forUs ? qEnvironmentVariableIntValue("LISTEN_FDS") : 0;
    const QByteArrayList names = qgetenv("LISTEN_FDNAMES").split(':');
    for (const char *variable : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
        qunsetenv(variable);
    std::vector<InheritedSocket> sockets;
    for (int i = 0; i < count; ++i) {
        const int descriptor = firstInherited + i;
        if (::fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0)
            sockets.push_back({names.value(i), UniqueFd(descriptor)});
    }
    return sockets;
}

} // namespace pmdaemon
