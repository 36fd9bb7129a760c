// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/managedprocess.h"

#include <array>

namespace pmdaemon {

namespace {

struct Edge
{
    ProcessStatus from;
    Trigger trigger;
    ProcessStatus to;
};

using enum ProcessStatus;
constexpr std::array edges = {
    Edge{Stopped, Trigger::Start, Starting},      Edge{Stopped, Trigger::Restart, Starting},
    Edge{Starting, Trigger::Stop, Stopping},      Edge{Starting, Trigger::Restart, Restarting},
    Edge{Starting, Trigger::Up, Online},          Edge{Starting, Trigger::LaunchFailed, Errored},
    Edge{Starting, Trigger::Ended, Stopped},      Edge{Starting, Trigger::Failed, Errored},
    Edge{Starting, Trigger::Respawn, Restarting}, Edge{Online, Trigger::Stop, Stopping},
    Edge{Online, Trigger::Restart, Restarting},   Edge{Online, Trigger::Ended, Stopped},
    Edge{Online, Trigger::Failed, Errored},       Edge{Online, Trigger::Respawn, Restarting},
    Edge{Stopping, Trigger::Start, Restarting},   Edge{Stopping, Trigger::Restart, Restarting},
    Edge{Stopping, Trigger::Gone, Stopped},       Edge{Errored, Trigger::Start, Starting},
    Edge{Errored, Trigger::Stop, Stopped},        Edge{Errored, Trigger::Restart, Starting},
    Edge{Restarting, Trigger::Stop, Stopping},    Edge{Restarting, Trigger::Launch, Starting},
    Edge{Restarting, Trigger::Gone, Starting},
};

} // namespace

std::optional<ProcessStatus> transition(ProcessStatus from, Trigger trigger)
{
    for (const Edge &edge : edges) {
        if (edge.from == from && edge.trigger == trigger)
            return edge.to;
    }
    return std::nullopt;
}

} // namespace pmdaemon
