// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/descriptorstore.h"

#include "app/shim/keeperprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

namespace pmdaemon {

namespace {

constexpr int firstInherited = 3;

bool isName(const char *name, uint32_t length)
{
    for (uint32_t i = 0; i < length; ++i) {
        if (name[i] <= ' ' || name[i] > '~' || name[i] == ':')
            return false;
    }
    return length > 0 && length <= maxStoredName;
}

} // namespace

void DescriptorStore::takeInherited()
{
    const char *pid = getenv("LISTEN_PID");
    const char *fds = getenv("LISTEN_FDS");
    if (!pid || !fds || atoi(pid) != getpid())
        return;
    const char *name = getenv("LISTEN_FDNAMES");
    const int count = atoi(fds);
    for (int i = 0; i < count && i < capacity; ++i) {
        const int fd = firstInherited + i;
        if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
            continue;
        const size_t length = name ? strcspn(name, ":") : 0;
        char made[16];
        const int madeLength = snprintf(made, sizeof made, "given-%d", i);
        // systemd gives all sockets of one unit the same name.
        if (length > 0 && isName(name, static_cast<uint32_t>(length)) &&
            !find(name, static_cast<uint32_t>(length)))
            store(name, static_cast<uint32_t>(length), fd);
        else
            store(made, static_cast<uint32_t>(madeLength), fd);
        name = name && name[length] == ':' ? name + length + 1 : nullptr;
    }
}

DescriptorStore::Entry *DescriptorStore::find(const char *name, uint32_t length)
{
    for (int i = 0; i < m_count; ++i) {
        if (strlen(m_entries[i].name) == length && memcmp(m_entries[i].name, name, length) == 0)
            return &m_entries[i];
    }
    return nullptr;
}

void DescriptorStore::store(const char *name, uint32_t length, int fd)
{
    Entry *entry = find(name, length);
    if (!isName(name, length) || (!entry && m_count == capacity)) {
        say("a socket of the daemon is not kept: %s",
            m_count == capacity ? "there are too many" : "its name is none");
        close(fd);
        return;
    }
    if (entry)
        close(entry->fd);
    else
        entry = &m_entries[m_count++];
    entry->fd = fd;
    memcpy(entry->name, name, length);
    entry->name[length] = '\0';
}

void DescriptorStore::drop(const char *name, uint32_t length)
{
    Entry *entry = find(name, length);
    if (!entry)
        return;
    close(entry->fd);
    *entry = m_entries[--m_count];
}

bool DescriptorStore::giveAway(int last) const
{
    // First out of the way of the places that they are to take.
    int moved[capacity + 1];
    const int behind = firstInherited + m_count + 1;
    for (int i = 0; i <= m_count; ++i) {
        moved[i] = fcntl(i < m_count ? m_entries[i].fd : last, F_DUPFD_CLOEXEC, behind);
        if (moved[i] < 0)
            return false;
    }
    for (int i = 0; i <= m_count; ++i) {
        if (dup2(moved[i], firstInherited + i) < 0)
            return false;
    }
    return true;
}

void DescriptorStore::names(char *buffer, uint32_t size) const
{
    uint32_t used = 0;
    buffer[0] = '\0';
    for (int i = 0; i < m_count && used < size; ++i)
        used += static_cast<uint32_t>(
            snprintf(buffer + used, size - used, "%s%s", i > 0 ? ":" : "", m_entries[i].name));
}

} // namespace pmdaemon
