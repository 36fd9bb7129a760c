// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/healthprobe.h"
#include "core/process/managedprocess.h"

#include <QElapsedTimer>
#include <QTimer>

namespace pmdaemon {

/// Probes one process while it is online, as its health check says, and tells it what came out.
/// No timer runs otherwise.
class HealthMonitor : public QObject
{
    Q_OBJECT

public:
    /// A child of the process.
    HealthMonitor(ManagedProcess &process, ProbeFactory makeProbe);
    ~HealthMonitor() override;

private:
    void onStatus(ProcessStatus status);
    void begin();
    void end();
    void probe();
    void onTimeout();
    void onFinished(ProbeResult result);
    milliseconds age() const { return milliseconds{m_online.elapsed()}; }

    ManagedProcess &m_process;
    ProbeFactory m_makeProbe;
    HealthCheckSpec m_spec;
    std::optional<HealthTracker> m_tracker;
    std::unique_ptr<HealthProbe> m_probe;
    QElapsedTimer m_online;
    QElapsedTimer m_look;
    QTimer m_next;
    QTimer m_timeout;
};

} // namespace pmdaemon
