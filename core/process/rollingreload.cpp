// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/rollingreload.h"

#include "core/process/supervisor.h"

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

bool isUp(const ManagedProcess &process)
{
    const ProcessStatus status = process.entry().status;
    return status != ProcessStatus::Stopped && status != ProcessStatus::Stopping;
}

} // namespace

RollingReload::RollingReload(Supervisor &supervisor, Operation &operation,
                             std::deque<ProcessId> instances, QHash<ProcessId, ProcessSpec> before)
    : QObject(&operation)
    , m_supervisor(supervisor)
    , m_operation(operation)
    , m_waiting(std::move(instances))
    , m_before(std::move(before))
{
    for (const ProcessId id : m_waiting) {
        const ManagedProcess *process = m_supervisor.process(id);
        if (process && isUp(*process))
            m_wereUp.insert(id);
    }
    m_operation.hold();
    connect(&operation, &Operation::settled, this, &RollingReload::onSettled);
    next();
}

bool RollingReload::isStillWanted(const ManagedProcess &process) const
{
    return !m_supervisor.isBeingRemoved(process) &&
           (isUp(process) || !m_wereUp.contains(process.entry().id));
}

void RollingReload::next()
{
    m_current.reset();
    ManagedProcess *process = nullptr;
    while (!process && !m_waiting.empty()) {
        process = m_supervisor.process(m_waiting.front());
        m_waiting.pop_front();
        if (process && !isStillWanted(*process))
            process = nullptr;
    }
    if (!process) {
        m_operation.release();
        deleteLater();
        return;
    }
    m_current = process->entry().id;
    m_operation.await(*process, Operation::Goal::Online);
    process->restart(RestartReason::Reload);
}

void RollingReload::giveUp()
{
    for (const ProcessId id : std::exchange(m_waiting, {})) {
        ManagedProcess *process = m_supervisor.process(id);
        if (process && process->entry().pid && !m_supervisor.isBeingRemoved(*process))
            m_supervisor.keepDefinition(*process, m_before.value(id));
    }
}

void RollingReload::onSettled(ProcessId id, bool reached)
{
    if (id != m_current)
        return;
    if (!reached)
        giveUp();
    else if (ManagedProcess *process = m_supervisor.process(id))
        process->report(ProcessEvent::Kind::Reloaded,
                        {{u"pid"_s, process->entry().pid.value_or(0)}});
    next();
}

} // namespace pmdaemon

#include "moc_rollingreload.cpp"
