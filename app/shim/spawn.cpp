// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/spawn.h"

#include "app/shim/pidfd.h"
#include "core/slot/faultpoint.h"
#include "core/slot/procentry.h"
#include "core/slot/slotfifo.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

namespace pmdaemon {

namespace {

constexpr int signalCount = 64;
constexpr size_t signalSetSize = signalCount / 8;
constexpr unsigned closeOnExec = 4; // CLOSE_RANGE_CLOEXEC

[[noreturn]] void giveUp(int channel, SpawnStep step)
{
    const SpawnFailure failure{step, errno, 0};
    ::send(channel, &failure, sizeof failure, MSG_NOSIGNAL);
    ::_exit(127);
}

/// Default dispositions before the mask is lifted. By system calls: the library keeps some signals
/// to itself.
void resetSignals()
{
    alignas(8) const char defaults[64] = {}; // the kernel's struct sigaction: SIG_DFL, no flags
    for (int number = 1; number <= signalCount; ++number)
        ::syscall(SYS_rt_sigaction, number, defaults, nullptr, signalSetSize);
    const uint64_t none = 0;
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, signalSetSize);
}

/// Puts `from` at the place of `to`, inherited by exec.
bool putAt(int from, int to)
{
    if (from == to)
        return ::fcntl(from, F_SETFD, 0) == 0;
    return ::dup2(from, to) == to;
}

/// What the shim adds to the environment of the specification, one variable each.
struct AddedEnvironment
{
    Cookie cookie;
    TextBuffer<32> channel;
    TextBuffer<32> listenPid;
    TextBuffer<32> listenCount;
    SlotSpec::SocketNames listenNames;

    static constexpr size_t MaxCount = 6;

    /// The place behind the last one.
    char **fill(const SlotSpec &spec, const SpawnPlace &slot, char **places)
    {
        const auto put = [&places](const char *variable) {
            *places++ = const_cast<char *>(variable); // exec's signature; it does not write
        };
        put(cookie.text());
        if (slot.notify)
            put(slot.notify);
        if (slot.descriptors.channel >= 0)
            put(channel.add("NODE_CHANNEL_FD=")
                    .addNumber(uint64_t(slot.descriptors.channelNumber()))
                    .text());
        if (slot.descriptors.socketCount == 0)
            return places;
        put(listenPid.add("LISTEN_PID=").addNumber(uint64_t(::getpid())).text());
        put(listenCount.add("LISTEN_FDS=")
                .addNumber(uint64_t(slot.descriptors.socketCount))
                .text());
        listenNames.add("LISTEN_FDNAMES=");
        spec.addSocketNames(listenNames);
        put(listenNames.text());
        return places;
    }
};

/// /dev/null, or what others write to.
int openInput(const SlotSpec &spec, int folder, int null)
{
    return spec.hasInput ? ::openat(folder, inputFifoName, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : null;
}

void placeStreams(const SlotSpec &spec, int folder, int channel)
{
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0)
        giveUp(channel, SpawnStep::Descriptors);
    int ends[2] = {null, null};
    for (int i = 0; i < 2; ++i) {
        if (!spec.logs[i])
            continue;
        // Both ways, so that there is no end and no SIGPIPE, whoever dies.
        ends[i] = i == 1 && spec.isShared()
                      ? ends[0]
                      : ::openat(folder, fifoNames[i], O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        if (ends[i] < 0)
            giveUp(channel, SpawnStep::Descriptors);
    }
    const int input = openInput(spec, folder, null);
    if (input < 0 || !putAt(input, 0) || !putAt(ends[0], 1) || !putAt(ends[1], 2))
        giveUp(channel, SpawnStep::Descriptors);
    // Marked rather than closed: the report of a failed exec goes through one of them.
    ::syscall(SYS_close_range, 3, ~0U, closeOnExec);
}

void setLimits(const SlotSpec &spec)
{
    rlimit limit;
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && (spec.softFiles >= 0 || spec.hardFiles >= 0)) {
        if (spec.hardFiles >= 0)
            limit.rlim_max = rlim_t(spec.hardFiles);
        if (spec.softFiles >= 0)
            limit.rlim_cur = rlim_t(spec.softFiles);
        if (limit.rlim_cur > limit.rlim_max)
            limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (::getrlimit(RLIMIT_CORE, &limit) == 0 && spec.core >= 0) {
        limit.rlim_cur = rlim_t(spec.core) < limit.rlim_max ? rlim_t(spec.core) : limit.rlim_max;
        ::setrlimit(RLIMIT_CORE, &limit);
    }
}

[[noreturn]] void runChild(const SlotSpec &spec, SpawnPlace slot, int channel)
{
    ::setsid();
    uint64_t startTime = 0;
    ssize_t got = 0;
    do {
        got = ::recv(channel, &startTime, sizeof startTime, 0);
    } while (got < 0 && errno == EINTR);
    if (got != sizeof startTime)
        ::_exit(127); // the shim died, or could not write down that there is a child
    faultPoint("child.released");
    resetSignals();
    if (spec.folder && ::chdir(spec.folder) != 0)
        giveUp(channel, SpawnStep::Chdir);
    placeStreams(spec, slot.folder, channel);
    int *const kept[] = {&channel, &slot.lock};
    if (!placeDescriptors(slot.descriptors, kept, 2))
        giveUp(channel, SpawnStep::Descriptors);
    setLimits(spec);
    LaunchLimits limits;
    spec.fillLimits(limits);
    for (int i = 0; i < 2; ++i) {
        if (spec.logs[i])
            giveStream(limits, i + 1);
    }
    if (spec.hasInput)
        giveStream(limits, 0);
    if (const LimitFailure failure = applyLimits(limits); failure.code != 0) {
        errno = failure.code;
        giveUp(channel, failure.step);
    }
    AddedEnvironment added;
    added.cookie = makeCookie(slot.inode, ::getpid(), startTime);
    const size_t places =
        spec.argumentCount + 2 + AddedEnvironment::MaxCount + spec.environmentCount + 1;
    void *memory = ::mmap(nullptr, places * sizeof(char *), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        giveUp(channel, SpawnStep::Exec);
    char **argv = static_cast<char **>(memory);
    char **envp = argv + spec.argumentCount + 2;
    spec.fillArguments(argv);
    spec.fillEnvironment(added.fill(spec, slot, envp));
    // The next shim, should ours die now, has to know whether the program may have run.
    if (::pwrite(slot.lock, &startTime, sizeof startTime, 0) != sizeof startTime)
        giveUp(channel, SpawnStep::Journal);
    faultPoint("child.marked");
    ::execve(spec.program, argv, envp);
    giveUp(channel, SpawnStep::Exec);
}

} // namespace

Cookie makeCookie(uint64_t slot, int32_t pid, uint64_t startTime)
{
    Cookie cookie;
    cookie.add("PMDAEMON_COOKIE=").addNumber(slot, 16);
    cookie.add("-").addNumber(uint64_t(pid), 16).add("-").addNumber(startTime, 16);
    return cookie;
}

SpawnFailure spawn(const SlotSpec &spec, const SpawnPlace &place, SpawnedChild &child)
{
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return {SpawnStep::Pipe, errno, 0};
    UniqueFd parentEnd(ends[0]);
    UniqueFd childEnd(ends[1]);
    const pid_t pid = ::fork();
    if (pid < 0)
        return {SpawnStep::Fork, errno, 0};
    if (pid == 0) {
        parentEnd.reset();
        runChild(spec, place, childEnd.release());
    }
    faultPoint("spawn.after-fork");
    child.pid = pid;
    child.channel = static_cast<UniqueFd &&>(parentEnd);
    child.pidfd = openPidfd(pid);
    ProcEntry entry;
    if (child.pidfd && readProcEntry(pid, entry)) {
        child.startTime = entry.startTime;
        return {};
    }
    const int code = errno;
    child.channel.reset();
    ::waitpid(pid, nullptr, 0);
    return {SpawnStep::Fork, code, 0};
}

void release(const SpawnedChild &child)
{
    ::send(child.channel.get(), &child.startTime, sizeof child.startTime, MSG_NOSIGNAL);
}

bool hasMark(int lock, uint64_t startTime)
{
    uint64_t marked = 0;
    return ::pread(lock, &marked, sizeof marked, 0) == sizeof marked && marked == startTime;
}

bool readResult(const SpawnedChild &child, SpawnFailure &failure)
{
    const ssize_t got = ::recv(child.channel.get(), &failure, sizeof failure, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (got != sizeof failure)
        failure = {};
    return true;
}

} // namespace pmdaemon
