// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/pidfd.h"
#include "app/shim/shim.h"
#include "core/slot/faultpoint.h"
#include "core/slot/procentry.h"
#include "core/slot/shortage.h"
#include "core/slot/slotclock.h"
#include "core/slot/slotfifo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/stat.h>

// One run of the program, from the fork until nothing of it is left.

namespace pmdaemon {

namespace {

constexpr int64_t firstClearPause = 5;
constexpr int64_t longestClearPause = 500;

/// In [-1, 1].
double jitter()
{
    uint32_t random = 0;
    if (::getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
        return 0;
    return double(random) / UINT32_MAX * 2 - 1;
}

} // namespace

int Shim::start()
{
    if (m_phase != ShimPhase::Idle)
        return EBUSY;
    JournalRecord wanted = makeRecord(RecordType::Wanted);
    wanted.wanted.up = 1;
    wanted.wanted.bootId = m_bootId;
    if (const int code = m_journal.append(wanted))
        return code;
    faultPoint("start.wanted");
    m_tracker.reset();
    if (const int code = m_spec.load(m_folder.get())) {
        failStart({SpawnStep::Spec, code, 0});
        return 0;
    }
    launch();
    return 0;
}

void Shim::launch()
{
    const SlotSpec &spec = m_spec.spec();
    m_tracker.setPolicy(spec.restart);
    m_isStopping = false;
    m_isKilling = false;
    m_wasKilled = false;
    m_processes.forgetSignalled();
    if (!spec.program)
        return failStart({SpawnStep::Spec, EINVAL, 0}); // a successor could not read it
    if (spec.budget)
        m_budget.open(spec.budget);
    uint32_t stream = 0;
    const LogFailure unusable = m_output.configure(spec, stream);
    m_spec.settle();
    if (unusable)
        return failStart({SpawnStep::Log, unusable.code, stream});
    m_child = {};
    if (const SpawnFailure failure = prepareTalk(spec); failure.code)
        return failStart(failure);
    SpawnPlace place{m_folder.get(), m_lock.get(), m_inode, nullptr, {}};
    if (spec.tellsReady)
        place.notify = m_notify.variable().text();
    place.descriptors = {m_sockets, m_socketCount, m_channel.childEnd()};
    const SpawnFailure failure = spawn(spec, place, m_child);
    m_channel.closeChildEnd();
    if (failure.code)
        return failStart(failure);
    JournalRecord record = makeRecord(RecordType::Spawned);
    record.spawned.pid = m_child.pid;
    record.spawned.generation = m_generation + 1;
    record.spawned.startTime = m_child.startTime;
    record.spawned.bootId = m_bootId;
    record.spawned.restartsInRow = m_tracker.restartsInRow();
    m_isOurs = true;
    if (const int code = m_journal.append(record)) {
        m_child.channel.reset(); // so it ends without having executed anything
        return failStart({SpawnStep::Journal, code, 0});
    }
    faultPoint("spawn.journalled");
    m_generation = record.spawned.generation;
    m_spawnedAt = record.boot;
    m_spawnedAtWall = record.wall;
    m_cookie = makeCookie(m_inode, m_child.pid, m_child.startTime);
    m_phase = ShimPhase::Spawning;
    release(m_child);
    faultPoint("spawn.released");
}

/// What the program is to be told and handed beside its output.
SpawnFailure Shim::prepareTalk(const SlotSpec &spec)
{
    m_isReady = !spec.tellsReady;
    while (spec.socketCount == 0 && m_socketCount > 0)
        ::close(m_sockets[--m_socketCount]); // of an earlier specification
    m_lacksSockets = size_t(m_socketCount) != spec.socketCount;
    if (m_lacksSockets)
        return {SpawnStep::Sockets, EAGAIN, 0}; // the daemon hands them on as soon as it can
    if (spec.hasInput) {
        ::unlinkat(m_folder.get(), inputFifoName, 0); // what an earlier run has not read
        if (::mkfifoat(m_folder.get(), inputFifoName, 0600) != 0)
            return {SpawnStep::Descriptors, errno, 0};
    }
    if (spec.tellsReady) {
        if (const int code = openNotify())
            return {SpawnStep::Descriptors, code, 0};
        m_notify.takeReady(0); // of an earlier run
    }
    m_channel.close();
    if (!spec.hasChannel())
        return {};
    return {SpawnStep::Descriptors, m_channel.open(), 0};
}

/// At the same name as any shim of this slot.
int Shim::openNotify(UniqueFd handedOn)
{
    if (m_notify.descriptor() >= 0)
        return 0;
    uint8_t secret[NotifySocket::SecretSize];
    const UniqueFd file(
        ::openat(m_folder.get(), "notify", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file)
        return errno;
    if (::pread(file.get(), secret, sizeof secret, 0) != sizeof secret) {
        if (::getrandom(secret, sizeof secret, 0) != sizeof secret ||
            ::pwrite(file.get(), secret, sizeof secret, 0) != sizeof secret)
            return errno;
    }
    if (!handedOn)
        return m_notify.open(secret);
    m_notify.take(static_cast<UniqueFd &&>(handedOn), secret);
    return 0;
}

void Shim::onReady()
{
    onChannel(); // a program that speaks at once has executed, whether that was seen yet or not
    LaunchLimits limits;
    m_spec.spec().fillLimits(limits);
    const uint32_t user = limits.user == LaunchLimits::Same ? ::geteuid() : limits.user;
    bool isReady = m_notify.descriptor() >= 0 && m_notify.takeReady(user);
    if (m_channel.descriptor() >= 0)
        isReady = m_channel.takeReady() || isReady;
    if (!isReady || m_isReady || m_phase != ShimPhase::Running)
        return;
    m_isReady = true;
    JournalRecord record = makeRecord(RecordType::Ready);
    record.up.pid = m_child.pid;
    record.up.generation = m_generation;
    m_journal.append(record);
    faultPoint("ready.journalled");
}

void Shim::failStart(const SpawnFailure &failure)
{
    m_child.channel.reset();
    m_channel.close();
    if (m_child.pidfd)
        reap(m_child.pidfd.get());
    m_child = {};
    if (putOff(failure))
        return;
    JournalRecord record = makeRecord(RecordType::StartFailed);
    record.startFailed.step = failure.step;
    record.startFailed.code = failure.code;
    record.startFailed.delay = -1;
    record.startFailed.stream = failure.stream;
    record.startFailed.unstableRuns = m_tracker.unstableRuns();
    m_journal.append(record);
    becomeIdle();
}

/// What fails only because the machine is short of something is tried again.
bool Shim::putOff(const SpawnFailure &failure)
{
    if (m_isStopping || !isShortage(failure.code))
        return false;
    const RestartDecision next = decide(0);
    if (next.verdict != RestartDecision::Verdict::Restart)
        return false;
    JournalRecord record = makeRecord(RecordType::StartFailed);
    record.startFailed.step = failure.step;
    record.startFailed.code = failure.code;
    record.startFailed.delay = next.delay > shortageDelay ? next.delay : shortageDelay;
    record.startFailed.stream = failure.stream;
    record.startFailed.unstableRuns = m_tracker.unstableRuns();
    record.startFailed.restartsInRow = m_tracker.restartsInRow();
    m_journal.append(record);
    m_phase = ShimPhase::Waiting;
    m_restartAt = record.boot + record.startFailed.delay;
    m_hasPlace = true; // it has waited for one already
    return true;
}

void Shim::onChannel()
{
    SpawnFailure failure;
    if (m_phase != ShimPhase::Spawning || !readResult(m_child, failure))
        return;
    if (failure.code != 0)
        return failStart(failure);
    onExecuted();
}

void Shim::onExecuted()
{
    m_child.channel.reset();
    faultPoint("spawn.executed");
    JournalRecord record = makeRecord(RecordType::Up);
    record.up.pid = m_child.pid;
    record.up.generation = m_generation;
    m_journal.append(record);
    m_phase = ShimPhase::Running;
    m_oom.begin(m_child.pid);
    if (m_isStopping)
        sendStop();
}

void Shim::onRootEnded()
{
    ExitStatus exit;
    if (m_isOurs)
        exit = statusOfChild(m_child.pidfd.get());
    else
        exit = statusOfOrphan(m_child.pidfd.get(), m_child.pid, m_child.startTime, m_folder.get());
    faultPoint("exit.seen");
    recordExit(exit);
    faultPoint("exit.journalled");
    if (m_isOurs)
        reap(m_child.pidfd.get());
    faultPoint("exit.reaped");
    m_child.pidfd.reset();
    m_phase = ShimPhase::Clearing;
    if (!m_isStopping)
        beginKilling();
    m_clearPause = 0;
    clear();
}

void Shim::recordExit(const ExitStatus &exit)
{
    m_wasOutOfMemory = exit.how == ExitHow::Signalled && exit.status == SIGKILL && !m_wasKilled &&
                       m_oom.hasKilled();
    JournalRecord record = makeRecord(RecordType::Exited);
    record.exited.pid = m_child.pid;
    record.exited.generation = m_generation;
    record.exited.how = exit.how;
    record.exited.status = exit.status;
    m_uptime = bootMs() - m_spawnedAt;
    m_exitCode = exitCodeOf(record.exited);
    record.exited.uptime = m_uptime;
    record.exited.userTime = exit.userTime;
    record.exited.systemTime = exit.systemTime;
    m_journal.append(record);
    m_endedAt = record.boot;
}

TreeRoot Shim::tree() const
{
    TreeRoot root;
    root.pid = m_phase == ShimPhase::Clearing ? 0 : m_child.pid;
    root.startTime = m_child.startTime;
    root.isAdopted = !m_isOurs;
    root.session = m_ownsSession ? m_child.pid : 0;
    root.cookie = m_cookie.text();
    return root;
}

/// Comes again until nothing is left: those that are waited for may have had children meanwhile.
void Shim::clear()
{
    const int number = m_isKilling ? SIGKILL : m_stop.tree ? m_stop.signal : 0;
    if (m_processes.signal(tree(), number) == 0)
        return finishRun();
    m_clearPause = m_clearPause == 0 ? firstClearPause : m_clearPause * 2;
    if (m_clearPause > longestClearPause)
        m_clearPause = longestClearPause;
    m_clearAt = bootMs() + m_clearPause;
}

void Shim::finishRun()
{
    faultPoint("exit.cleared");
    m_output.catchUp(bootUs());
    m_output.noteGaps();
    const RestartDecision next = decide(m_uptime, m_exitCode);
    JournalRecord record = makeRecord(RecordType::Ended);
    record.flags = uint8_t((m_isStopping ? EndedRecord::Requested : 0) |
                           (m_wasKilled ? EndedRecord::Killed : 0) |
                           (m_wasOutOfMemory ? EndedRecord::OutOfMemory : 0));
    record.ended.verdict = int32_t(next.verdict);
    record.ended.unstableRuns = m_tracker.unstableRuns();
    record.ended.delay = next.delay;
    record.ended.restartsInRow = m_tracker.restartsInRow();
    record.ended.generation = m_generation;
    m_journal.append(record);
    faultPoint("exit.ended");
    m_child = {};
    m_channel.close();
    if (next.verdict != RestartDecision::Verdict::Restart)
        return becomeIdle();
    m_phase = ShimPhase::Waiting;
    m_restartAt = m_endedAt + next.delay;
    m_hasPlace = false;
}

void Shim::becomeIdle()
{
    m_phase = ShimPhase::Idle;
    m_isStopping = false;
    m_isOver = m_isOver || m_isEnding;
}

RestartDecision Shim::decide(int64_t uptime, int exitCode)
{
    return m_tracker.afterExit({uptime, exitCode, m_isStopping}, jitter());
}

void Shim::restartIfDue(int64_t now)
{
    if (m_restartAt > now)
        return;
    if (!m_hasPlace) {
        m_hasPlace = true;
        m_restartAt = now + m_budget.take(now);
        if (m_restartAt > now)
            return;
    }
    launch();
}

} // namespace pmdaemon
