// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/operation.h"

#include <QSet>

#include <deque>

namespace pmdaemon {

/// Restarts instances of one app one after the other, each once the one before it is online again.
/// The first that does not come up ends it: the others go on as they were. One that is stopped or
/// deleted while it waits for its turn stays so. Deletes itself.
class RollingReload : public QObject
{
    Q_OBJECT

public:
    RollingReload(Supervisor &supervisor, Operation &operation, std::deque<ProcessId> instances);

private:
    void next();
    bool isStillWanted(const ManagedProcess &process) const;
    void onSettled(ProcessId id, bool reached);

    Supervisor &m_supervisor;
    Operation &m_operation;
    std::deque<ProcessId> m_waiting;
    QSet<ProcessId> m_wereUp; ///< at the beginning
    std::optional<ProcessId> m_current;
};

} // namespace pmdaemon
