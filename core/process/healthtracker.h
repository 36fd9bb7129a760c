// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processentry.h"
#include "core/model/processspec.h"

namespace pmdaemon {

/// How one probe went.
enum class ProbeOutcome {
    Passed,
    Failed,
    NotRun, ///< the probe itself could not be made: says nothing about the process
};

/// Turns the outcomes of one run's probes into its health. Pure: time comes as an argument.
///
/// Grace: until a first probe has passed, failures within start_period, or within one interval
/// where that is longer, do not count, and it is probed up to once a second, so that a program
/// which is up is soon known to be.
class HealthTracker
{
public:
    /// `known`: what an earlier daemon found of this run.
    explicit HealthTracker(const HealthCheckSpec &spec, HealthStatus known = HealthStatus::Unknown);

    struct Verdict
    {
        HealthStatus status = HealthStatus::Unknown;
        bool counted = false; ///< it was a failure, and no grace
        bool restart = false; ///< it has just become unhealthy, and that is to restart it

        bool operator==(const Verdict &) const = default;
    };

    /// `age`: since the process is online.
    Verdict add(ProbeOutcome outcome, milliseconds age);
    /// From the start of one probe to the start of the next.
    milliseconds period(milliseconds age) const;
    int consecutiveFailures() const { return m_failures; }

private:
    bool isGrace(milliseconds age) const;

    HealthCheckSpec m_spec;
    HealthStatus m_status;
    bool m_passedOnce;
    int m_failures = 0;
    int m_successes = 0;
};

} // namespace pmdaemon
