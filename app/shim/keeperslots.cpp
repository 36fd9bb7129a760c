// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/keeperslots.h"

#include "app/shim/keeperprocess.h"
#include "app/shim/pidfd.h"
#include "core/slot/recordlock.h"
#include "core/slot/slotclock.h"
#include "core/slot/slotfifo.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pmdaemon {

namespace {

constexpr int64_t never = INT64_MAX;
constexpr int64_t adoptionTime = 10'000; ///< in which a shim must have completed its socket
constexpr int64_t msPerStart = 50;       ///< of shims, all slots together
constexpr int64_t startsAtOnce = 20;

/// The layout of getdents64(2), for which musl and glibc have no common name.
struct FolderEntry
{
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
    char name[1];
};

/// Relative to the folder of all slots.
struct SlotPath
{
    explicit SlotPath(uint64_t id, const char *name = "")
    {
        snprintf(chars, sizeof chars, "%" PRIu64 "/%s", id, name);
    }
    char chars[32];
};

/// Nothing that is not written as the daemon writes ids.
bool parseSlot(const char *name, uint64_t *id)
{
    char *end = nullptr;
    errno = 0;
    *id = strtoull(name, &end, 10);
    return name[0] >= '0' && name[0] <= '9' && *end == '\0' && errno == 0 &&
           (name[0] != '0' || name[1] == '\0');
}

} // namespace

void KeeperSlots::open(int slots, const char *folder, const char *sockets, const char *program,
                       int limit, OnShim onShim)
{
    m_folder = slots;
    m_folderPath = folder;
    m_sockets = sockets;
    m_program = program;
    m_limit = limit < capacity ? limit : capacity;
    m_onShim = onShim;
}

void KeeperSlots::scan()
{
    alignas(FolderEntry) char buffer[4096];
    long size = 0;
    while ((size = syscall(SYS_getdents64, m_folder, buffer, sizeof buffer)) > 0) {
        for (long at = 0; at < size;) {
            const auto *entry = reinterpret_cast<const FolderEntry *>(buffer + at);
            uint64_t id = 0;
            if (parseSlot(entry->name, &id))
                add(id, false);
            at += entry->length;
        }
    }
}

void KeeperSlots::watch(uint64_t id)
{
    Slot *slot = find(id);
    if (!slot) {
        add(id, true);
        return;
    }
    openFifos(*slot);
    if (slot->phase == Phase::Watched)
        m_onShim(id, slot->pid);
    else if (slot->phase == Phase::Waiting && slot->due == never)
        slot->due = bootMs();
}

void KeeperSlots::forget(uint64_t id)
{
    if (Slot *slot = find(id)) {
        slot->phase = Phase::Gone;
        removeGone();
    }
}

KeeperSlots::Slot *KeeperSlots::find(uint64_t id)
{
    for (int i = 0; i < m_count; ++i) {
        if (m_slots[i].id == id)
            return &m_slots[i];
    }
    return nullptr;
}

void KeeperSlots::add(uint64_t id, bool needsShim)
{
    if (m_count >= m_limit) {
        if (needsShim)
            say("slot %" PRIu64 " is not watched: there are descriptors for %d slots", id, m_limit);
        return;
    }
    Slot &slot = m_slots[m_count];
    slot = {id, 0, never, Backoff(), 0, -1, {-1, -1}, Phase::Waiting, false};
    if (!findShim(slot) && slot.phase == Phase::Gone)
        return;
    ++m_count;
    openFifos(slot);
    if (slot.phase == Phase::Waiting)
        enter(slot, Phase::Waiting, needsShim ? bootMs() : never);
}

/// Watches the process that holds the slot's lock. False if there is none; Gone without a folder.
bool KeeperSlots::findShim(Slot &slot)
{
    const int lock = openat(m_folder, SlotPath(slot.id, "lock").chars,
                            O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (lock < 0) {
        if (errno == ENOENT && faccessat(m_folder, SlotPath(slot.id).chars, F_OK, 0) != 0)
            slot.phase = Phase::Gone;
        return false;
    }
    const pid_t holder = lockHolder(lock);
    slot.pidfd = holder > 0 ? openPidfd(holder).release() : -1;
    // Asked again: the pid may have become another process' before it was opened.
    const bool found = slot.pidfd >= 0 && lockHolder(lock) == holder;
    ::close(lock);
    if (found) {
        slot.pid = holder;
        enter(slot, Phase::Watched, never);
        m_onShim(slot.id, holder);
    } else if (slot.pidfd >= 0) {
        ::close(slot.pidfd);
        slot.pidfd = -1;
    }
    return found;
}

void KeeperSlots::openFifos(Slot &slot)
{
    for (int i = 0; i < 2; ++i) {
        if (slot.fifos[i] < 0)
            slot.fifos[i] = openFifo(m_folder, SlotPath(slot.id, fifoNames[i]).chars).release();
    }
}

void KeeperSlots::enter(Slot &slot, Phase phase, int64_t due)
{
    slot.phase = phase;
    slot.since = bootMs();
    slot.due = due;
}

void KeeperSlots::fill(pollfd *fds) const
{
    for (int i = 0; i < m_count; ++i)
        fds[i] = {m_slots[i].pidfd, POLLIN, 0};
}

void KeeperSlots::noteEnds(const pollfd *fds)
{
    for (int i = 0; i < m_count; ++i)
        m_slots[i].hasEnded = fds[i].revents != 0;
}

void KeeperSlots::advance()
{
    const int64_t now = bootMs();
    for (int i = 0; i < m_count; ++i) {
        if (m_slots[i].hasEnded)
            onEnd(m_slots[i]);
        if (m_slots[i].due <= now)
            onDue(m_slots[i]);
    }
    removeGone();
}

/// The process behind the pidfd has ended.
void KeeperSlots::onEnd(Slot &slot)
{
    slot.hasEnded = false;
    if (slot.phase == Phase::Adopting) {
        waitid(P_PID, static_cast<id_t>(slot.pid), nullptr, WEXITED | WNOHANG);
        endAdoption(slot);
        return;
    }
    ::close(slot.pidfd);
    slot.pidfd = -1;
    const int64_t now = bootMs();
    say("the shim of slot %" PRIu64 " (pid %d) has died", slot.id, slot.pid);
    enter(slot, Phase::Waiting, now + slot.backoff.afterEnd(now - slot.since));
}

void KeeperSlots::endAdoption(Slot &slot)
{
    ::close(slot.pidfd);
    slot.pidfd = -1;
    slot.pid = 0;
    if (findShim(slot)) {
        say("slot %" PRIu64 " has a new shim (pid %d)", slot.id, slot.pid);
        openFifos(slot);
        return;
    }
    if (slot.phase == Phase::Gone)
        return;
    const int64_t delay = slot.backoff.afterEnd(0);
    say("slot %" PRIu64 " got no shim; trying again in %" PRId64 " ms", slot.id, delay);
    enter(slot, Phase::Waiting, bootMs() + delay);
}

void KeeperSlots::onDue(Slot &slot)
{
    if (slot.phase == Phase::Adopting) {
        signalPidfd(slot.pidfd, SIGKILL);
        slot.due = never;
        return;
    }
    // Somebody else may have been faster.
    if (findShim(slot) || slot.phase == Phase::Gone)
        return;
    if (takeToken(bootMs()))
        adopt(slot);
    else
        slot.due = bootMs() + msPerStart;
}

/// Twenty starts per second, all slots together.
bool KeeperSlots::takeToken(int64_t now)
{
    if (m_tokenTime < now - startsAtOnce * msPerStart)
        m_tokenTime = now - startsAtOnce * msPerStart;
    if (m_tokenTime + msPerStart > now)
        return false;
    m_tokenTime += msPerStart;
    return true;
}

void KeeperSlots::adopt(Slot &slot)
{
    char folder[4200];
    char socket[4200];
    snprintf(folder, sizeof folder, "%s/%" PRIu64, m_folderPath, slot.id);
    snprintf(socket, sizeof socket, "%s/%" PRIu64, m_sockets, slot.id);
    const pid_t pid = fork();
    if (pid == 0) {
        char option[] = "--adopt";
        char *const arguments[] = {const_cast<char *>(m_program), option, folder, socket, nullptr};
        KeeperProcess::undoInChild();
        // What it prints is for a daemon that starts a shim.
        const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        dup2(null, STDOUT_FILENO);
        execv(m_program, arguments);
        say("%s cannot be executed: %s", m_program, strerror(errno));
        _exit(127);
    }
    slot.pidfd = pid > 0 ? openPidfd(pid).release() : -1;
    slot.pid = pid > 0 ? pid : 0;
    if (slot.pidfd >= 0) {
        enter(slot, Phase::Adopting, bootMs() + adoptionTime);
        return;
    }
    say("slot %" PRIu64 ": no shim can be started: %s", slot.id, strerror(errno));
    enter(slot, Phase::Waiting, bootMs() + slot.backoff.afterEnd(0));
}

int64_t KeeperSlots::nextDue() const
{
    int64_t due = never;
    for (int i = 0; i < m_count; ++i)
        due = m_slots[i].due < due ? m_slots[i].due : due;
    return due;
}

bool KeeperSlots::isOurs(pid_t pid) const
{
    for (int i = 0; i < m_count; ++i) {
        if (m_slots[i].phase == Phase::Adopting && m_slots[i].pid == pid)
            return true;
    }
    return false;
}

void KeeperSlots::removeGone()
{
    for (int i = m_count - 1; i >= 0; --i) {
        if (m_slots[i].phase == Phase::Gone) {
            close(m_slots[i]);
            m_slots[i] = m_slots[--m_count];
        }
    }
}

void KeeperSlots::close(Slot &slot)
{
    const int fds[] = {slot.pidfd, slot.fifos[0], slot.fifos[1]};
    for (const int fd : fds) {
        if (fd >= 0)
            ::close(fd);
    }
}

} // namespace pmdaemon
