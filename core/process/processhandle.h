// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/uniquefd.h"

#include <QByteArrayView>

#include <optional>
#include <sys/types.h>
#include <vector>

namespace pmdaemon {

/// The fields of /proc/PID/stat that tell where a process belongs, proc(5).
struct ProcessStat
{
    char state = 0; ///< 'Z' = a zombie
    pid_t parent = 0;
    pid_t session = 0;
    quint64 startTime = 0; ///< clock ticks after boot

    bool operator==(const ProcessStat &) const = default;
};
std::optional<ProcessStat> parseProcessStat(QByteArrayView text);

/// One process, held by a pidfd: its number cannot come to mean another one.
class ProcessHandle
{
public:
    /// Nothing where there is no such process.
    static std::optional<ProcessHandle> open(pid_t pid);

    pid_t pid() const { return m_pid; }
    /// Readable once the process has ended.
    int fd() const { return m_fd.get(); }
    /// As it was when the handle was opened.
    const ProcessStat &stat() const { return m_stat; }
    bool isZombie() const { return m_stat.state == 'Z' || m_stat.state == 'X'; }
    bool hasEnded() const;
    /// 0, or the errno: ESRCH when it is gone.
    int signal(int number) const;

private:
    ProcessHandle(pid_t pid, UniqueFd fd, const ProcessStat &stat);

    pid_t m_pid;
    UniqueFd m_fd;
    ProcessStat m_stat;
};

/// The children of all threads of a process, by /proc/PID/task/TID/children. Processes that come or
/// go meanwhile may be missing: ask again until the answer suits.
std::vector<pid_t> childrenOf(pid_t pid);

bool contains(const std::vector<ProcessHandle> &processes, pid_t pid);

/// Adds to `tree` all descendants of its members that are not in it yet and not zombies.
void addDescendants(std::vector<ProcessHandle> &tree);

} // namespace pmdaemon
