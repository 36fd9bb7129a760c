// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/healthtracker.h"
#include "core/process/processrunner.h"

#include <QJsonObject>

namespace pmdaemon {

struct ProbeResult
{
    ProbeOutcome outcome = ProbeOutcome::NotRun;
    QJsonObject details; ///< status_code, exit_code
    QString error;       ///< in words, unless it passed

    bool operator==(const ProbeResult &) const = default;
};

/// Looks once, when told, whether a process answers. One look at a time.
class HealthProbe : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// finished() follows, later or in this call, unless it is aborted.
    virtual void start() = 0;
    /// Ends the look that is under way, with all that it started; finished() does not follow.
    virtual void abort() = 0;
    /// What is looked at, as health_update's details begin: {url}, {host, port} or {script}.
    virtual QJsonObject subject() const = 0;

signals:
    void finished(const pmdaemon::ProbeResult &result);
};

/// `launch` and `port` are of the run that is probed.
using ProbeFactory = std::function<std::unique_ptr<HealthProbe>(
    const HealthCheckSpec &spec, const LaunchSpec &launch, std::optional<int> port)>;

/// Makes the probes of all three types.
class HealthProbes
{
public:
    /// `makeRunner`: of what runs the scripts.
    explicit HealthProbes(ProcessRunnerFactory makeRunner);

    std::unique_ptr<HealthProbe> make(const HealthCheckSpec &spec, const LaunchSpec &launch,
                                      std::optional<int> port);

private:
    ProcessRunnerFactory m_makeRunner;
};

} // namespace pmdaemon
