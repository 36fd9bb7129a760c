// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/shim/descriptorstore.h"

#include <sys/types.h>

namespace pmdaemon {

struct DaemonEnd
{
    enum class How { Exited, Signalled, Unknown };

    How how;
    int status; ///< exit code or signal
};

/// The daemon that the keeper started or took over, and the connection to it.
class KeptDaemon
{
public:
    /// `command`: program and arguments, ended by a null pointer. False if the environment is too
    /// large.
    bool prepare(char *const *command);

    /// Starts it with the stored descriptors. False and errno; it is not running then.
    bool start(const DescriptorStore &store);
    /// Whether `program` can be executed and is a pmdaemon-shim: `--version` ends with 0.
    static bool isSound(const char *program);
    /// This process becomes `program` and keeps the daemon, its socket and the stored descriptors.
    /// Ends it where that fails after all: the daemon then starts another keeper.
    [[noreturn]] void become(const char *program, char *const *arguments,
                             const DescriptorStore &store) const;
    /// The daemon is to tell everything again.
    void tell(KeeperMessage type, const char *text) const;
    /// Takes over one that runs and made the pair of sockets of which `socket` is the other end.
    bool adopt(pid_t pid, int socket);

    bool isRunning() const { return m_pid > 0; }
    pid_t pid() const { return m_pid; }
    int pidfd() const { return m_pidfd; }
    /// -1 once the daemon has closed its end.
    int socket() const { return m_socket; }
    void closeSocket();
    /// The next message, and the descriptor that came with it or -1, the caller's. The packet's
    /// size; 0 = the daemon has closed its end; -1 and errno: EAGAIN = nothing for now.
    ssize_t receive(KeeperPacket &packet, int &fd) const;
    /// A daemon that does not read is not waited for: it asks the shims themselves.
    void tellOfShim(uint64_t slot, pid_t pid) const;
    void signal(int number) const;
    /// Once the pidfd is readable: how it ended. Reaps it if it is a child.
    DaemonEnd end();

private:
    [[noreturn]] void becomeDaemon(const DescriptorStore &store, int socket);
    /// The variables that tell of what is inherited.
    void describe(const DescriptorStore &store) const;

    char *const *m_command = nullptr;
    int m_count = 0; ///< of variables, without those that differ from daemon to daemon
    pid_t m_pid = 0;
    int m_pidfd = -1;
    int m_socket = -1;
    bool m_isChild = false;
};

} // namespace pmdaemon
