// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/shim.h"

#include "core/slot/procentry.h"
#include "core/slot/recordlock.h"
#include "core/slot/slotclock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

namespace pmdaemon {

namespace {

/// ppoll() does not count the time that the machine sleeps, boot time does.
constexpr int64_t longestPoll = 30'000'000; // µs

enum Poll {
    SignalPoll,
    RootPoll,
    ChannelPoll,
    OutPoll,
    ErrPoll,
    ControlPolls,
    NotifyPoll = ControlPolls + ControlSocket::MaxPolls,
    MessagePoll,
    PollCount
};

/// Gives back what a start or an end needed of the stack: it will not be needed again for long.
__attribute__((noinline)) void releaseStack()
{
    constexpr uintptr_t page = 4096;
    constexpr uintptr_t most = 64 * 1024;
    const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    const uintptr_t end = (here - page / 4) / page * page;
    // Fails where the stack was never as deep, having given back the rest.
    ::madvise(reinterpret_cast<void *>(end - most), most, MADV_DONTNEED);
}

/// The earlier of two times, 0 being never.
int64_t earlier(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

/// Until something is there, or that time in µs; 0 = no such time.
int poll(pollfd *polls, nfds_t count, int64_t until)
{
    const int64_t now = bootUs();
    int64_t left = until > now ? until - now : 0;
    if (left > longestPoll)
        left = longestPoll;
    const timespec timeout{time_t(left / 1'000'000), long(left % 1'000'000 * 1'000)};
    return ::ppoll(polls, count, until == 0 ? nullptr : &timeout, nullptr);
}

} // namespace

Shim::Shim(const char *folder, const char *socket)
    : m_path(folder)
    , m_socket(socket)
{}

ShimFailure Shim::claim()
{
    m_folder.reset(::open(m_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    struct stat status;
    if (!m_folder || ::fstat(m_folder.get(), &status) != 0)
        return {"slot", errno, 0};
    m_inode = status.st_ino;
    m_bootId = currentBootId(); // later there may be no descriptor to read it with
    if (const ShimFailure failure = takeLock(); failure.step)
        return failure;
    if (const int code = m_journal.open(m_folder.get()))
        return {"journal", code, 0};
    return {};
}

ShimFailure Shim::open()
{
    if (const ShimFailure failure = claim(); failure.step)
        return failure;
    for (int i = 0; i < 2; ++i) {
        if (const int code = m_output[i].open(m_folder.get(), uint32_t(i), m_journal))
            return {"fifo", code, 0};
    }
    if (const int code = m_control.listen(m_socket))
        return {"socket", code, 0};
    return openSignals();
}

ShimFailure Shim::takeLock()
{
    if (!m_lock)
        m_lock.reset(
            ::openat(m_folder.get(), "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!m_lock)
        return {"lock", errno, 0};
    const int code = pmdaemon::takeLock(m_lock.get());
    if (code == 0) {
        // Room for the mark that each child leaves, while the disk has some.
        const uint64_t none = 0;
        struct stat status;
        if (::fstat(m_lock.get(), &status) != 0)
            return {"lock", errno, 0};
        if (status.st_nlink == 0) // the slot was removed before this shim could have it
            return {"lock", ENOENT, 0};
        if (status.st_size < off_t(sizeof none) &&
            ::pwrite(m_lock.get(), &none, sizeof none, 0) != sizeof none)
            return {"lock", errno, 0};
        return {};
    }
    const pid_t holder = code == EAGAIN ? lockHolder(m_lock.get()) : 0;
    return {"lock", holder != 0 ? EBUSY : code, holder};
}

ShimFailure Shim::openSignals()
{
    const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGXFSZ, SIGUSR1, SIGUSR2};
    for (const int number : ignored)
        ::signal(number, SIG_IGN);
    ::signal(SIGCHLD, SIG_DFL);
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGTERM);
    ::sigprocmask(SIG_SETMASK, &awaited, nullptr);
    m_signals.reset(::signalfd(-1, &awaited, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!m_signals)
        return {"signals", errno, 0};
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    return {};
}

void Shim::run()
{
    ShimPhase phase = ShimPhase::Spawning;
    while (!m_isOver) {
        onTimers(bootMs());
        m_control.flush();
        if (m_isOver)
            break;
        if (phase != m_phase && (m_phase == ShimPhase::Running || m_phase == ShimPhase::Idle))
            releaseStack();
        phase = m_phase;
        pollfd polls[PollCount];
        polls[SignalPoll] = {m_signals.get(), POLLIN, 0};
        polls[RootPoll] = {m_phase == ShimPhase::Running ? m_child.pidfd.get() : -1, POLLIN, 0};
        polls[ChannelPoll] = {m_child.channel.get(), POLLIN, 0};
        for (int i = 0; i < 2; ++i) {
            const bool isAwaited = m_output[i].isAwaited();
            polls[OutPoll + i] = {isAwaited ? m_output[i].fifo() : -1, POLLIN, 0};
        }
        polls[NotifyPoll] = {m_notify.descriptor(), POLLIN, 0};
        polls[MessagePoll] = {m_channel.descriptor(), POLLIN, 0};
        m_control.fillPolls(polls + ControlPolls);
        // Not more than needed: there cannot be more than the limit of descriptors.
        const bool talks = polls[NotifyPoll].fd >= 0 || polls[MessagePoll].fd >= 0;
        if (poll(polls, talks ? PollCount : NotifyPoll, nextTimer()) <= 0)
            continue;
        if (polls[ChannelPoll].revents)
            onChannel();
        if (talks && (polls[NotifyPoll].revents || polls[MessagePoll].revents))
            onReady();
        if (polls[RootPoll].revents && m_phase == ShimPhase::Running)
            onRootEnded();
        if (polls[SignalPoll].revents)
            onSignals();
        for (int i = 0; i < 2; ++i) {
            if (polls[OutPoll + i].revents && m_output[i].isAwaited())
                m_output[i].step(bootUs());
        }
        m_control.onPolls(polls + ControlPolls);
    }
    m_output.catchUp(bootUs());
    m_output.noteGaps();
    m_control.flush();
    m_control.close();
    ::unlink(m_socket);
}

int64_t Shim::nextTimer() const
{
    return earlier(m_output.wakeAt(), 1'000 * earlier(m_control.wakeAt(), nextStep()));
}

int64_t Shim::nextStep() const
{
    int64_t at = 0;
    switch (m_phase) {
    case ShimPhase::Idle:
        return 0;
    case ShimPhase::Waiting:
        return m_restartAt;
    case ShimPhase::Clearing:
        at = m_clearAt;
        break;
    case ShimPhase::Spawning:
    case ShimPhase::Running:
        break;
    }
    return m_isStopping && !m_isKilling ? earlier(at, m_deadline) : at;
}

void Shim::onTimers(int64_t now)
{
    m_output.step(bootUs());
    m_control.onTimer(now);
    if (m_isStopping && !m_isKilling && m_deadline <= now)
        onDeadline();
    if (m_phase == ShimPhase::Clearing && m_clearAt <= now)
        clear();
    if (m_phase == ShimPhase::Waiting)
        restartIfDue(now);
}

void Shim::onSignals()
{
    signalfd_siginfo info;
    while (::read(m_signals.get(), &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGTERM)
            beginEnd();
    }
    reapOrphans();
}

/// Whatever of the tree has lost its parent is our child; the root is seen through its pidfd.
void Shim::reapOrphans()
{
    for (;;) {
        siginfo_t info = {};
        if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
            break;
        if (m_isOurs && info.si_pid == m_child.pid && m_child.pidfd) {
            const ShimPhase before = m_phase;
            if (m_phase == ShimPhase::Spawning)
                onChannel();
            else if (m_phase == ShimPhase::Running)
                onRootEnded();
            if (m_phase == before)
                break;
            continue;
        }
        ::waitid(P_PID, id_t(info.si_pid), &info, WEXITED | WNOHANG);
    }
    if (m_phase == ShimPhase::Clearing)
        m_clearAt = earlier(m_clearAt, bootMs() + 1);
}

int Shim::answer(const ShimRequest &request, int connection)
{
    switch (request.type) {
    case ShimMessage::Start:
        return m_isEnding ? EBUSY : start();
    case ShimMessage::Stop: {
        ShimStop policy;
        memcpy(&policy, request.payload, sizeof policy);
        return stop(policy);
    }
    case ShimMessage::Signal: {
        int32_t number = 0;
        memcpy(&number, request.payload, sizeof number);
        return sendSignal(number);
    }
    case ShimMessage::UpdateSpec:
        return updateSpec();
    case ShimMessage::Upgrade:
        return upgrade(request, connection);
    case ShimMessage::Sockets:
        return takeSockets(request);
    case ShimMessage::Quit:
        if (m_phase != ShimPhase::Idle)
            return EBUSY;
        m_isOver = true;
        return 0;
    default:
        return EOPNOTSUPP;
    }
}

ShimState Shim::state() const
{
    const bool isRunning = m_phase == ShimPhase::Running;
    ShimState state = {};
    state.version = shimProtocolVersion;
    state.phase = m_phase;
    state.pid = isRunning ? m_child.pid : 0;
    state.generation = m_generation;
    state.startTime = isRunning ? m_child.startTime : 0;
    state.startedAt = m_spawnedAtWall;
    state.nextAttempt = m_phase == ShimPhase::Waiting ? m_restartAt : -1;
    state.firstSeq = m_journal.firstSeq();
    state.lastSeq = m_journal.lastSeq();
    state.unstableRuns = m_tracker.unstableRuns();
    state.stopping = m_isStopping && m_phase != ShimPhase::Idle;
    return state;
}

} // namespace pmdaemon
