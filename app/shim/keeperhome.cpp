// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/keeperhome.h"

#include "app/shim/descriptorstore.h"
#include "app/shim/keeperprocess.h"
#include "core/slot/recordlock.h"
#include "core/slot/uniquefd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

namespace pmdaemon {

namespace {

constexpr int folderFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
// Above what a daemon or a keeper can inherit, and always the same: an exec leaves no second one.
constexpr int lockDescriptor = 3 + DescriptorStore::capacity + 2;

} // namespace

void KeeperHome::handOnLock()
{
    fcntl(lockDescriptor, F_SETFD, 0);
}

KeeperHome::Claim KeeperHome::claim(const char *home, const char *run)
{
    if (snprintf(m_slotsPath, maxPath, "%s/slots", home) >= maxPath ||
        snprintf(m_socketsPath, maxPath, "%s/slots", run) >= maxPath) {
        errno = ENAMETOOLONG;
        return Claim::Failed;
    }
    mkdir(home, 0700); // there already: just as well
    const UniqueFd folder(open(home, folderFlags));
    const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
    UniqueFd opened(openat(folder.get(), "keeper.lock", flags, 0600));
    UniqueFd lock(opened ? dup3(opened.get(), lockDescriptor, O_CLOEXEC) : -1);
    if (!lock)
        return Claim::Failed;
    opened.reset(); // before there is a lock to give up
    if (const int code = takeLock(lock.get())) {
        if (code != EAGAIN)
            return Claim::Failed;
        m_holder = lockHolder(lock.get());
        return Claim::Held;
    }
    lock.release(); // open, and so ours, until the process ends
    mkdirat(folder.get(), "keeper", 0700);
    mkdirat(folder.get(), "slots", 0700);
    m_own = openat(folder.get(), "keeper", folderFlags | O_NOFOLLOW);
    m_slots = m_own < 0 ? -1 : openat(folder.get(), "slots", folderFlags | O_NOFOLLOW);
    return m_slots < 0 ? Claim::Failed : Claim::Taken;
}

} // namespace pmdaemon
