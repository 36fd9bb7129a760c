// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/tree.h"

#include "app/shim/pidfd.h"
#include "core/slot/procentry.h"
#include "core/slot/textbuffer.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>

namespace pmdaemon {

namespace {

constexpr int maxPasses = 8;

/// A folder's entries without the memory that opendir() takes.
class NumberedEntries
{
public:
    explicit NumberedEntries(const char *path)
        : m_folder(::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    {}

    /// The next entry that is a number; 0 at the end.
    int32_t next()
    {
        for (;;) {
            if (m_at >= m_end) {
                m_end = m_folder
                            ? ::syscall(SYS_getdents64, m_folder.get(), m_buffer, sizeof m_buffer)
                            : 0;
                m_at = 0;
                if (m_end <= 0)
                    return 0;
            }
            // struct linux_dirent64: u64, s64, u16 length, u8 type, name
            const char *entry = m_buffer + m_at;
            uint16_t length = 0;
            memcpy(&length, entry + 16, sizeof length);
            m_at += length;
            if (entry[19] >= '1' && entry[19] <= '9')
                return int32_t(strtol(entry + 19, nullptr, 10));
        }
    }

private:
    UniqueFd m_folder;
    long m_at = 0;
    long m_end = 0;
    alignas(8) char m_buffer[2048];
};

using ProcPath = TextBuffer<64>;

ProcPath procPath(int32_t pid, const char *below)
{
    ProcPath path;
    path.add("/proc/").addNumber(uint64_t(pid)).add(below);
    return path;
}

/// Whether a NUL-separated list holds the entry.
bool hasEnvironmentEntry(int32_t pid, const char *wanted)
{
    const UniqueFd file(::open(procPath(pid, "/environ").text(), O_RDONLY | O_CLOEXEC));
    if (!file)
        return false;
    char block[1024];
    size_t matched = 0; // of the entry that is being read; past the end = another one
    const size_t length = strlen(wanted) + 1;
    for (;;) {
        const ssize_t got = ::read(file.get(), block, sizeof block);
        if (got <= 0)
            return false;
        for (ssize_t i = 0; i < got; ++i) {
            const bool fits = matched < length && block[i] == wanted[matched];
            matched = fits ? matched + 1 : length + 1;
            if (fits && matched == length)
                return true;
            if (block[i] == '\0')
                matched = 0;
        }
    }
}

} // namespace

bool ProcessTree::isKnown(int32_t pid) const
{
    for (size_t i = 0; i < m_count; ++i) {
        if (m_table[i].member.pid == pid)
            return true;
    }
    return false;
}

void ProcessTree::add(const Member &member)
{
    if (m_count < Capacity)
        m_table[m_count++].member = member;
}

void ProcessTree::addIfChild(int32_t pid, int32_t parent)
{
    ProcEntry entry;
    if (!isKnown(pid) && readProcEntry(pid, entry) && entry.isAlive() && entry.parent == parent)
        add({pid, entry.startTime});
}

/// Of all threads.
void ProcessTree::addChildren(int32_t parent)
{
    NumberedEntries threads(procPath(parent, "/task").text());
    while (const int32_t thread = threads.next()) {
        ProcPath path = procPath(parent, "/task/");
        path.addNumber(uint64_t(thread)).add("/children");
        const UniqueFd file(::open(path.text(), O_RDONLY | O_CLOEXEC));
        if (!file)
            continue;
        char block[512];
        int32_t pid = 0;
        ssize_t got = 0;
        while ((got = ::read(file.get(), block, sizeof block)) > 0) {
            for (ssize_t i = 0; i < got; ++i) {
                if (block[i] >= '0' && block[i] <= '9') {
                    pid = pid * 10 + (block[i] - '0');
                } else if (pid > 0) {
                    addIfChild(pid, parent);
                    pid = 0;
                }
            }
        }
    }
}

void ProcessTree::addMarked(const TreeRoot &root)
{
    NumberedEntries processes("/proc");
    while (const int32_t pid = processes.next()) {
        ProcEntry entry;
        if (isKnown(pid) || !readProcEntry(pid, entry) || !entry.isAlive() ||
            entry.startTime < root.startTime)
            continue;
        if ((root.session > 0 && entry.session == root.session) ||
            (root.cookie && hasEnvironmentEntry(pid, root.cookie)))
            add({pid, entry.startTime});
    }
}

void ProcessTree::find(const TreeRoot &root)
{
    m_count = 0;
    ProcEntry entry;
    if (root.pid > 0 && readProcEntry(root.pid, entry) && entry.startTime == root.startTime &&
        entry.isAlive())
        add({root.pid, root.startTime});
    addChildren(::getpid());
    if (root.isAdopted)
        addMarked(root);
    for (size_t i = 0; i < m_count; ++i)
        addChildren(m_table[i].member.pid);
}

/// False when it was noted before.
bool ProcessTree::noteSignalled(const Member &member)
{
    for (size_t i = 0; i < m_signalledCount; ++i) {
        if (m_table[i].signalled.pid != member.pid)
            continue;
        const bool isOther = m_table[i].signalled.startTime != member.startTime;
        m_table[i].signalled = member;
        return isOther;
    }
    if (m_signalledCount == Capacity)
        m_signalledCount = 0;
    m_table[m_signalledCount++].signalled = member;
    return true;
}

int ProcessTree::signal(const TreeRoot &root, int number)
{
    int alive = 0;
    bool isNew = true;
    for (int pass = 0; isNew && pass < maxPasses; ++pass) {
        isNew = false;
        alive = 0;
        find(root);
        for (size_t i = 0; i < m_count; ++i) {
            const Member &member = m_table[i].member;
            const UniqueFd pidfd = openPidfd(member.pid);
            ProcEntry entry;
            if (!pidfd || !readProcEntry(member.pid, entry) ||
                entry.startTime != member.startTime || !entry.isAlive())
                continue;
            const bool isFirst = number != 0 && noteSignalled(member);
            isNew = isNew || isFirst;
            int code = 0;
            if (isFirst || number == SIGKILL)
                code = signalPidfd(pidfd.get(), number);
            if (number != SIGKILL || code != EPERM)
                ++alive;
        }
    }
    return alive;
}

} // namespace pmdaemon
