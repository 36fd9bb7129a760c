// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/pidfd.h"
#include "app/shim/shim.h"
#include "core/slot/faultpoint.h"
#include "core/slot/procentry.h"
#include "core/slot/slotclock.h"

#include <errno.h>
#include <signal.h>

// How a shim goes on where another one, or the program that it was before, left off.

namespace pmdaemon {

namespace {

constexpr int execPatience = 100; ///< looks at a child between fork and exec
constexpr int execPause = 10;     ///< ms between them

} // namespace

void Shim::resume(bool restarts)
{
    const SlotHistory history = readHistory(m_journal);
    m_generation = history.spawned.spawned.generation;
    m_spawnedAtWall = history.spawned.wall;
    if (m_spec.load(m_folder.get()) == 0) {
        const SlotSpec &spec = m_spec.spec();
        uint32_t stream = 0;
        m_tracker.setPolicy(spec.restart);
        if (spec.budget)
            m_budget.open(spec.budget);
        m_output.configure(spec, stream); // what is wrong is said when something is stored
        m_spec.settle();
        for (int i = 0; i < 2; ++i)
            m_output[i].finishRotation(history.rotating[i]);
    }
    if (m_spec.spec().tellsReady)
        openNotify(); // without it what the program says is lost, and it counts as ready later
    m_isReady = !m_spec.spec().tellsReady || history.isReady();
    restoreCounts(history);
    const SlotHistory::Next next = history.next();
    if (next == SlotHistory::Next::Nothing)
        return;
    if (history.bootId() != m_bootId)
        return closeOtherBoot(history);
    if (next == SlotHistory::Next::Watch)
        return watchAgain(history);
    if (next == SlotHistory::Next::Clear)
        return clearAgain(history);
    if (!restarts)
        return cancelWait();
    const bool isRestart = next == SlotHistory::Next::Restart;
    m_phase = ShimPhase::Waiting;
    m_restartAt = isRestart ? history.restartAt() : 0;
    m_hasPlace = !isRestart;
}

void Shim::cancelWait()
{
    JournalRecord record = makeRecord(RecordType::Cancelled);
    m_journal.append(record);
}

void Shim::restoreCounts(const SlotHistory &history)
{
    const bool isFailure = history.startFailed.seq > history.ended.seq;
    const JournalRecord &last = isFailure ? history.startFailed : history.ended;
    if (last.seq < history.up.seq)
        return; // a start forgets
    if (isFailure)
        m_tracker.restore(last.startFailed.unstableRuns, last.startFailed.restartsInRow);
    else
        m_tracker.restore(last.ended.unstableRuns, last.ended.restartsInRow);
}

/// A child was made. It may run, have ended, or never have gone as far as the program.
void Shim::watchAgain(const SlotHistory &history)
{
    adoptRun(history);
    const bool isAlive = m_child.pidfd && !hasEnded(m_child.pidfd.get());
    if (isAlive && (history.hasExecuted() || comesToExecute())) {
        if (!m_isOurs)
            noteAdopted(true);
        m_phase = ShimPhase::Running;
        if (!history.hasExecuted())
            onExecuted();
        else
            m_oom.begin(m_child.pid);
        if (m_isStopping && history.hasExecuted())
            sendStop();
        return;
    }
    const ExitStatus exit =
        statusOfOrphan(m_child.pidfd.get(), m_child.pid, m_child.startTime, m_folder.get());
    m_child.pidfd.reset();
    const bool mayHaveRun = history.hasExecuted() || hasMark(m_lock.get(), m_child.startTime);
    if (!mayHaveRun && !m_isStopping) {
        JournalRecord record = makeRecord(RecordType::StartFailed);
        record.startFailed.step = SpawnStep::Fork;
        record.startFailed.code = ECANCELED;
        record.startFailed.unstableRuns = m_tracker.unstableRuns();
        record.startFailed.restartsInRow = m_tracker.restartsInRow();
        m_journal.append(record);
        m_phase = ShimPhase::Waiting;
        m_restartAt = 0;
        m_hasPlace = true;
        return;
    }
    noteAdopted(false);
    recordExit(exit);
    m_phase = ShimPhase::Clearing;
    if (!m_isStopping)
        beginKilling();
    clear();
}

/// Nothing of it can be left, and what runs after a boot, and in which order, the daemon says.
void Shim::closeOtherBoot(const SlotHistory &history)
{
    const SlotHistory::Next next = history.next();
    if (next == SlotHistory::Next::Spawn || next == SlotHistory::Next::Restart)
        return cancelWait();
    if (next == SlotHistory::Next::Watch) {
        m_child.pid = history.spawned.spawned.pid;
        noteAdopted(false);
        m_spawnedAt = bootMs();
        if (history.lastBoot > history.spawned.boot)
            m_spawnedAt -= history.lastBoot - history.spawned.boot;
        recordExit({});
    }
    JournalRecord record = makeRecord(RecordType::Ended);
    record.flags = history.isStopping() ? EndedRecord::Requested : 0;
    record.ended.verdict = int32_t(RestartDecision::Verdict::StayDown);
    record.ended.unstableRuns = m_tracker.unstableRuns();
    record.ended.restartsInRow = m_tracker.restartsInRow();
    record.ended.generation = m_generation;
    m_journal.append(record);
    m_child = {};
}

/// Everything that is known of the run; without a pidfd it has ended.
void Shim::adoptRun(const SlotHistory &history)
{
    const SpawnedRecord &spawned = history.spawned.spawned;
    m_child.pid = spawned.pid;
    m_child.startTime = spawned.startTime;
    m_spawnedAt = history.spawned.boot;
    m_cookie = makeCookie(m_inode, spawned.pid, spawned.startTime);
    m_child.pidfd = openPidfd(spawned.pid);
    ProcEntry entry;
    const bool isIt =
        m_child.pidfd && readProcEntry(spawned.pid, entry) && entry.startTime == spawned.startTime;
    if (!isIt)
        m_child.pidfd.reset();
    m_isOurs = isIt && entry.parent == ::getpid();
    m_ownsSession = isIt;
    m_isStopping = history.isStopping();
    if (m_isStopping) {
        const WantedRecord &wanted = history.down.wanted;
        m_stop = {wanted.signal, wanted.tree, 0};
        m_deadline = wanted.deadline;
    }
}

/// Waits for a child between fork and exec until it is about to be the program; false when it ended
/// instead.
bool Shim::comesToExecute() const
{
    for (int looks = 0; looks < execPatience; ++looks) {
        if (hasMark(m_lock.get(), m_child.startTime))
            return true;
        pollfd entry{m_child.pidfd.get(), POLLIN, 0};
        if (::poll(&entry, 1, execPause) == 1)
            return false;
    }
    return true;
}

/// The root process ended and is written down; the rest may be there still.
void Shim::clearAgain(const SlotHistory &history)
{
    const SpawnedRecord &spawned = history.spawned.spawned;
    m_cookie = makeCookie(m_inode, spawned.pid, spawned.startTime);
    m_child.pid = spawned.pid;
    m_child.startTime = spawned.startTime;
    m_isOurs = false;
    m_uptime = history.exited.exited.uptime;
    m_exitCode = exitCodeOf(history.exited.exited);
    m_endedAt = history.exited.boot;
    m_isStopping = history.isStopping();
    m_phase = ShimPhase::Clearing;
    if (m_isStopping) {
        m_stop = {history.down.wanted.signal, history.down.wanted.tree, 0};
        m_deadline = history.down.wanted.deadline;
        m_wasKilled = m_deadline <= bootMs();
    }
    if (!m_isStopping || m_wasKilled)
        beginKilling();
    clear();
}

void Shim::noteAdopted(bool isAlive)
{
    JournalRecord record = makeRecord(RecordType::Adopted);
    record.adopted.shim = ::getpid();
    record.adopted.generation = m_generation;
    record.adopted.alive = isAlive;
    m_journal.append(record);
    faultPoint("adopt.noted");
}

} // namespace pmdaemon
