// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processentry.h"
#include "core/model/processspec.h"
#include "core/process/operation.h"

#include <QHash>
#include <QSet>

#include <deque>

namespace pmdaemon {

/// Restarts instances of one app one after the other, each once the one before it is online again.
/// The first that does not come up ends it: the others go on as they were, and have the definition
/// again that they run by. One that is stopped or
/// deleted while it waits for its turn stays so. Deletes itself.
class RollingReload : public QObject
{
    Q_OBJECT

public:
    /// `before`: the definitions of the instances before this reload.
    RollingReload(Supervisor &supervisor, Operation &operation, std::deque<ProcessId> instances,
                  QHash<ProcessId, ProcessSpec> before);

private:
    void next();
    bool isStillWanted(const ManagedProcess &process) const;
    void giveUp();
    void onSettled(ProcessId id, bool reached);

    Supervisor &m_supervisor;
    Operation &m_operation;
    std::deque<ProcessId> m_waiting;
    QSet<ProcessId> m_wereUp; ///< at the beginning
    QHash<ProcessId, ProcessSpec> m_before;
    std::optional<ProcessId> m_current;
};

} // namespace pmdaemon
