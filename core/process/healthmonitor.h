// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/managedprocess.h"
#include "core/process/probecycle.h"
#include "core/process/probeplan.h"

#include <vector>

namespace pmdaemon {

/// Probes one process as its checks say, and tells it what came out: with `startup` from its exec
/// until that has passed, with the others while it is online. No timer runs otherwise.
class HealthMonitor : public QObject
{
    Q_OBJECT

public:
    /// A child of the process.
    HealthMonitor(ManagedProcess &process, ProbeFactory makeProbe);
    ~HealthMonitor() override;

private:
    void onExecuted();
    void onStatus(ProcessStatus status);
    void begin(const ProbePlan &plan);
    void end();
    void onLooked(ProbePlan plan, const ProbeCycle::Look &look);

    ManagedProcess &m_process;
    ProbeFactory m_makeProbe;
    std::vector<std::unique_ptr<ProbeCycle>> m_cycles;
};

} // namespace pmdaemon
