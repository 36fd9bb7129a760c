// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/exitstatus.h"

#include "core/slot/exitrecord.h"
#include "core/slot/procentry.h"
#include "core/slot/uniquefd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace pmdaemon {

namespace {

constexpr int idPidfd = 3;         // P_PIDFD, which old headers lack
constexpr uint32_t msPerTick = 10; // of USER_HZ

/// The first version of struct pidfd_info that tells of exits, linux/pidfd.h.
struct PidfdInfo
{
    uint64_t mask;
    uint64_t cgroup;
    uint32_t pid, tgid, ppid;
    uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
    int32_t exitCode;
};
static_assert(sizeof(PidfdInfo) == 64);

constexpr uint64_t infoExit = 1 << 3;
constexpr unsigned long getInfo = _IOWR(0xff, 11, PidfdInfo);

uint32_t toMs(const timeval &time)
{
    return uint32_t(time.tv_sec * 1'000 + time.tv_usec / 1'000);
}

void setWaitStatus(ExitStatus &exit, int status)
{
    if (WIFEXITED(status)) {
        exit.how = ExitHow::Exited;
        exit.status = WEXITSTATUS(status);
    } else {
        exit.how = WCOREDUMP(status) ? ExitHow::Dumped : ExitHow::Signalled;
        exit.status = WTERMSIG(status);
    }
}

/// What the keeper wrote down; the latest comes last.
bool findExitRecord(int folder, uint64_t bootId, int32_t pid, uint64_t startTime, ExitStatus &exit)
{
    const UniqueFd file(::openat(folder, "../../keeper/exits", O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat status;
    if (!file || ::fstat(file.get(), &status) != 0)
        return false;
    constexpr int64_t size = sizeof(ExitRecord);
    for (int64_t at = status.st_size / size * size - size; at >= 0; at -= size) {
        ExitRecord record;
        if (::pread(file.get(), &record, size, at) != size || !isIntact(record) ||
            record.bootId != bootId || record.pid != pid || record.startTime != startTime)
            continue;
        exit.how = record.how;
        exit.status = record.status;
        return true;
    }
    return false;
}

} // namespace

ExitStatus statusOfChild(int pidfd)
{
    siginfo_t info = {};
    rusage usage = {};
    ExitStatus exit;
    if (::syscall(SYS_waitid, idPidfd, pidfd, &info, WEXITED | WNOWAIT, &usage) != 0)
        return exit;
    exit.how = info.si_code == CLD_EXITED   ? ExitHow::Exited
               : info.si_code == CLD_DUMPED ? ExitHow::Dumped
                                            : ExitHow::Signalled;
    exit.status = info.si_status;
    exit.userTime = toMs(usage.ru_utime);
    exit.systemTime = toMs(usage.ru_stime);
    return exit;
}

void reap(int pidfd)
{
    siginfo_t info = {};
    while (::syscall(SYS_waitid, idPidfd, pidfd, &info, WEXITED, nullptr) != 0 && errno == EINTR) {
    }
}

ExitStatus statusOfOrphan(int pidfd, int32_t pid, uint64_t startTime, int slotFolder)
{
    ExitStatus exit;
    ProcEntry entry;
    if (readProcEntry(pid, entry) && entry.startTime == startTime && !entry.isAlive()) {
        exit.userTime = uint32_t(entry.userTicks) * msPerTick;
        exit.systemTime = uint32_t(entry.systemTicks) * msPerTick;
        setWaitStatus(exit, entry.waitStatus);
        return exit;
    }
    if (pidfd >= 0) {
        PidfdInfo info;
        memset(&info, 0, sizeof info);
        info.mask = infoExit;
        if (::syscall(SYS_ioctl, pidfd, getInfo, &info) == 0 && info.mask & infoExit) {
            setWaitStatus(exit, info.exitCode);
            return exit;
        }
    }
    findExitRecord(slotFolder, currentBootId(), pid, startTime, exit);
    return exit;
}

} // namespace pmdaemon
