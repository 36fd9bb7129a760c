// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/restartbudget.h"

#include "core/slot/uniquefd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace pmdaemon {

namespace {

constexpr int64_t interval = 20; ///< ms per restart
constexpr int64_t burst = 100 * interval;
/// More than this cannot be waiting: the number is damaged, or of another boot.
constexpr int64_t maxAhead = 10 * 60 * 1'000;

} // namespace

RestartBudget::~RestartBudget()
{
    if (m_takenUntil)
        ::munmap(m_takenUntil, sizeof *m_takenUntil);
}

int RestartBudget::open(const char *path)
{
    const UniqueFd file(::open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    struct stat status;
    if (!file || ::fstat(file.get(), &status) != 0)
        return errno;
    if (!S_ISREG(status.st_mode))
        return EINVAL;
    // With its block in place: a page that the disk has no room for would be the end of the shim.
    // One byte, as another shim may have taken from it by now: the last is 0 in every valid number.
    constexpr off_t size = sizeof *m_takenUntil;
    if (status.st_size < size && ::pwrite(file.get(), "", 1, size - 1) != 1)
        return errno;
    void *memory =
        ::mmap(nullptr, sizeof *m_takenUntil, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (memory == MAP_FAILED)
        return errno;
    if (m_takenUntil)
        ::munmap(m_takenUntil, sizeof *m_takenUntil);
    m_takenUntil = static_cast<int64_t *>(memory);
    return 0;
}

int64_t RestartBudget::take(int64_t now)
{
    if (!m_takenUntil)
        return 0;
    int64_t seen = __atomic_load_n(m_takenUntil, __ATOMIC_RELAXED);
    int64_t begin = 0;
    do {
        begin = seen > now && seen < now + maxAhead ? seen : now;
    } while (!__atomic_compare_exchange_n(m_takenUntil, &seen, begin + interval, true,
                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    const int64_t wait = begin + interval - burst - now;
    return wait > 0 ? wait : 0;
}

} // namespace pmdaemon
