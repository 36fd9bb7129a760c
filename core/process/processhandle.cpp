// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/processhandle.h"

#include "core/metrics/procfs.h"

#include <QByteArrayList>
#include <QStringBuilder>

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <memory>
#include <poll.h>
#include <sys/syscall.h>

namespace pmdaemon {

namespace {

QByteArray procPath(pid_t pid, const char *below)
{
    return "/proc/" + QByteArray::number(pid) + below;
}

struct CloseDir
{
    void operator()(DIR *folder) const { ::closedir(folder); }
};

} // namespace

std::optional<ProcessStat> parseProcessStat(QByteArrayView text)
{
    // The name in parentheses may hold anything; the fields follow the last parenthesis.
    const qsizetype name = text.lastIndexOf(')');
    if (name < 0)
        return std::nullopt;
    const QList<QByteArray> fields = text.sliced(name + 1).toByteArray().trimmed().split(' ');
    if (fields.size() < 20)
        return std::nullopt;
    return ProcessStat{fields[0].isEmpty() ? '\0' : fields[0].front(), fields[1].toInt(),
                       fields[3].toInt(), fields[19].toULongLong()};
}

ProcessHandle::ProcessHandle(pid_t pid, UniqueFd fd, const ProcessStat &stat)
    : m_pid(pid)
    , m_fd(std::move(fd))
    , m_stat(stat)
{}

std::optional<ProcessHandle> ProcessHandle::open(pid_t pid)
{
    UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!fd)
        return std::nullopt;
    const auto stat = parseProcessStat(procfs::readFile(procPath(pid, "/stat")));
    if (!stat)
        return std::nullopt;
    ProcessHandle handle(pid, std::move(fd), *stat);
    // Not reaped yet, so the number still was its own when stat was read.
    if (handle.signal(0) == ESRCH)
        return std::nullopt;
    return handle;
}

bool ProcessHandle::hasEnded() const
{
    pollfd entry{m_fd.get(), POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
}

int ProcessHandle::signal(int number) const
{
    return ::syscall(SYS_pidfd_send_signal, m_fd.get(), number, nullptr, 0) == 0 ? 0 : errno;
}

std::vector<pid_t> childrenOf(pid_t pid)
{
    std::vector<pid_t> children;
    const QByteArray tasks = procPath(pid, "/task");
    const std::unique_ptr<DIR, CloseDir> folder(::opendir(tasks.constData()));
    if (!folder)
        return children;
    std::vector<qint64> pids;
    while (const dirent *entry = ::readdir(folder.get())) {
        if (entry->d_name[0] == '.')
            continue;
        procfs::parsePids(procfs::readFile(tasks + '/' + entry->d_name + "/children"), pids);
    }
    children.assign(pids.begin(), pids.end());
    return children;
}

bool contains(const std::vector<ProcessHandle> &processes, pid_t pid)
{
    return std::any_of(processes.begin(), processes.end(),
                       [pid](const ProcessHandle &process) { return process.pid() == pid; });
}

void addDescendants(std::vector<ProcessHandle> &tree)
{
    for (std::size_t i = 0; i < tree.size(); ++i) {
        for (const pid_t child : childrenOf(tree[i].pid())) {
            if (contains(tree, child))
                continue;
            auto handle = ProcessHandle::open(child);
            if (handle && !handle->isZombie() && handle->stat().parent == tree[i].pid())
                tree.push_back(std::move(*handle));
        }
    }
}

} // namespace pmdaemon
