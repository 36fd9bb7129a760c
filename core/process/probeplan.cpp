// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/probeplan.h"

#include <array>

namespace pmdaemon {

namespace {

bool isEnabled(const std::optional<HealthCheckSpec> &check)
{
    return check && check->enabled;
}

ProbePlan planOf(const ProcessSpec &spec, const HealthCheckSpec &check)
{
    const bool isReadiness = spec.readiness && &check == &*spec.readiness;
    return {check, &check == healthTeller(spec),
            !isReadiness && check.onUnhealthy == HealthCheckSpec::OnUnhealthy::Restart};
}

} // namespace

std::optional<ProbePlan> startupProbe(const ProcessSpec &spec)
{
    return isEnabled(spec.startup) ? std::optional(planOf(spec, *spec.startup)) : std::nullopt;
}

std::vector<ProbePlan> onlineProbes(const ProcessSpec &spec)
{
    std::vector<ProbePlan> plans;
    for (const auto *check : {&spec.healthCheck, &spec.readiness, &spec.liveness}) {
        if (isEnabled(*check))
            plans.push_back(planOf(spec, **check));
    }
    return plans;
}

const HealthCheckSpec *healthTeller(const ProcessSpec &spec)
{
    for (const auto *check : {&spec.readiness, &spec.healthCheck, &spec.liveness, &spec.startup}) {
        if (isEnabled(*check))
            return &**check;
    }
    return nullptr;
}

} // namespace pmdaemon
