// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/pidfd.h"
#include "app/shim/shim.h"
#include "core/slot/faultpoint.h"
#include "core/slot/slotclock.h"

#include <errno.h>
#include <signal.h>

// How the program is stopped and told things.

namespace pmdaemon {

namespace {

constexpr int maxSignal = 64;
constexpr int64_t longestTimeout = int64_t(1) << 50;

} // namespace

int Shim::stop(const ShimStop &policy)
{
    if (policy.signal < 0 || policy.signal > maxSignal || policy.timeout < 0 ||
        policy.timeout > longestTimeout)
        return EINVAL;
    if (m_phase == ShimPhase::Idle)
        return 0;
    if (m_phase == ShimPhase::Waiting) {
        JournalRecord cancelled = makeRecord(RecordType::Cancelled);
        const int code = m_journal.append(cancelled);
        becomeIdle();
        return code;
    }
    JournalRecord record = makeRecord(RecordType::Wanted);
    record.wanted.signal = policy.signal;
    record.wanted.deadline = bootMs() + policy.timeout;
    record.wanted.tree = policy.tree;
    m_journal.append(record); // a stop that cannot be written down still is one
    faultPoint("stop.wanted");
    m_isStopping = true;
    m_deadline = record.wanted.deadline;
    if (m_phase == ShimPhase::Clearing)
        return 0;
    m_stop = policy;
    if (m_phase == ShimPhase::Running)
        sendStop();
    return 0;
}

void Shim::sendStop()
{
    m_processes.forgetSignalled();
    if (m_stop.signal != 0 && m_spec.spec().stopByMessage && m_channel.sendShutdown())
        m_stop.signal = 0; // it has been asked
    if (m_stop.tree)
        m_processes.signal(tree(), m_stop.signal);
    else
        signalPidfd(m_child.pidfd.get(), m_stop.signal);
    faultPoint("stop.signalled");
}

void Shim::onDeadline()
{
    m_wasKilled = true;
    beginKilling();
    faultPoint("stop.deadline");
    if (m_phase == ShimPhase::Clearing)
        m_clearAt = bootMs();
    else
        m_processes.signal(tree(), SIGKILL);
}

void Shim::beginKilling()
{
    m_isKilling = true;
    m_processes.forgetSignalled();
}

/// We are told to end: the program first.
void Shim::beginEnd()
{
    if (m_isEnding)
        return;
    m_isEnding = true;
    const SlotSpec &spec = m_spec.spec();
    if (m_phase == ShimPhase::Idle)
        m_isOver = true;
    else if (!m_isStopping)
        stop({spec.stopSignal, spec.stopTree, spec.stopTimeout});
}

int Shim::sendSignal(int number)
{
    if (number < 0 || number > maxSignal)
        return EINVAL;
    if (m_phase != ShimPhase::Running)
        return ESRCH;
    return signalPidfd(m_child.pidfd.get(), number);
}

/// In the place of those before; who runs keeps its own.
int Shim::takeSockets(const ShimRequest &request)
{
    if (request.descriptorCount > maxChildSockets)
        return EINVAL;
    while (m_socketCount > 0)
        ::close(m_sockets[--m_socketCount]);
    for (int i = 0; i < request.descriptorCount; ++i)
        m_sockets[m_socketCount++] = request.descriptors[i].release();
    if (m_phase == ShimPhase::Waiting && m_lacksSockets)
        m_restartAt = bootMs(); // what it was put off for
    return 0;
}

int Shim::updateSpec()
{
    if (const int code = m_spec.load(m_folder.get()))
        return code == ENOENT ? EINVAL : code;
    m_tracker.setPolicy(m_spec.spec().restart);
    m_output.setLimits(m_spec.spec());
    return 0;
}

} // namespace pmdaemon
