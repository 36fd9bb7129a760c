// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processspec.h"

#include <vector>

namespace pmdaemon {

/// One check of an app, and what its outcome does.
struct ProbePlan
{
    HealthCheckSpec check;
    bool tellsHealth = false; ///< of the process
    bool restarts = false;    ///< when it fails
};

/// The check that a process has to pass before it is online, if there is one.
std::optional<ProbePlan> startupProbe(const ProcessSpec &spec);
/// The checks that run while it is online.
std::vector<ProbePlan> onlineProbes(const ProcessSpec &spec);
/// The check that tells the health: `readiness`, else `health_check`, `liveness`, `startup`; null
/// where none is enabled, so that there is no health.
const HealthCheckSpec *healthTeller(const ProcessSpec &spec);

} // namespace pmdaemon
