// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processevent.h"
#include "core/process/healthprobe.h"

#include <QElapsedTimer>
#include <QTimer>

namespace pmdaemon {

/// One check of one run, made again and again from its construction until its end. One look is
/// under way at a time; those whose time passes meanwhile are left out.
class ProbeCycle : public QObject
{
    Q_OBJECT

public:
    /// What a look has found. Of the update the status, type and details are set.
    struct Look
    {
        HealthTracker::Verdict verdict;
        HealthUpdate update;
        int consecutiveFailures = 0;
        QString error;           ///< in words, unless it passed
        bool impossible = false; ///< it is the `retries`th in a row that could not be made
    };

    /// `known`: the health that an earlier daemon found of this run.
    ProbeCycle(const HealthCheckSpec &spec, HealthStatus known, std::unique_ptr<HealthProbe> probe);
    ~ProbeCycle() override;

    const HealthCheckSpec &spec() const { return m_spec; }
    /// No look follows. To be deleted later where it may be on the stack.
    void end();

signals:
    void looked(const pmdaemon::ProbeCycle::Look &look);

private:
    void probe();
    void onTimeout();
    void onFinished(const ProbeResult &result);
    milliseconds age() const { return milliseconds{m_age.elapsed()}; }

    const HealthCheckSpec m_spec;
    HealthTracker m_tracker;
    std::unique_ptr<HealthProbe> m_probe; ///< null = it has ended
    int m_notRun = 0;                     ///< in a row
    QElapsedTimer m_age;
    QElapsedTimer m_look;
    QTimer m_next;
    QTimer m_timeout;
};

} // namespace pmdaemon
