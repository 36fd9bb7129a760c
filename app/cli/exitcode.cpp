// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/exitcode.h"

#include <algorithm>
#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

ExitCode failureOf(std::optional<Action> action)
{
    if (!action)
        return ExitCode::Failure;
    switch (*action) {
    case Action::Start:
    case Action::Scale:
        return ExitCode::StartFailed;
    case Action::Stop:
    case Action::Delete:
        return ExitCode::StopFailed;
    case Action::Restart:
    case Action::Reload:
        return ExitCode::RestartFailed;
    case Action::Signal:
    case Action::Reset:
    case Action::Flush:
    case Action::Send:
        break;
    }
    return ExitCode::Failure;
}

} // namespace

QLatin1StringView toString(ExitCode code)
{
    struct Name
    {
        ExitCode code;
        QLatin1StringView text;
    };
    static constexpr std::array names = {
        Name{ExitCode::Usage, "usage"_L1},
        Name{ExitCode::NotFound, "not_found"_L1},
        Name{ExitCode::Exists, "already_exists"_L1},
        Name{ExitCode::StartFailed, "start_failed"_L1},
        Name{ExitCode::StopFailed, "stop_failed"_L1},
        Name{ExitCode::RestartFailed, "restart_failed"_L1},
        Name{ExitCode::ConfigMissing, "config_missing"_L1},
        Name{ExitCode::ConfigUnreadable, "config_unreadable"_L1},
        Name{ExitCode::ConfigInvalid, "invalid_config"_L1},
        Name{ExitCode::PortInUse, "port_in_use"_L1},
        Name{ExitCode::HealthCheckFailed, "health_check_failed"_L1},
        Name{ExitCode::HealthWaitTimedOut, "health_wait_timed_out"_L1},
        Name{ExitCode::DaemonUnreachable, "unreachable"_L1},
        Name{ExitCode::Network, "network"_L1},
        Name{ExitCode::Permission, "unauthorized"_L1},
        Name{ExitCode::Resources, "resources"_L1},
        Name{ExitCode::Interrupted, "interrupted"_L1},
    };
    const auto found = std::find_if(names.begin(), names.end(),
                                    [code](const Name &name) { return name.code == code; });
    return found == names.end() ? "failed"_L1 : found->text;
}

ExitCode exitCodeFor(const Error &error, std::optional<Action> action)
{
    switch (error.code) {
    case ErrorCode::NotFound:
        return ExitCode::NotFound;
    case ErrorCode::AlreadyExists:
    case ErrorCode::AlreadyRunning:
        return ExitCode::Exists;
    case ErrorCode::InvalidConfig:
        return ExitCode::ConfigInvalid;
    case ErrorCode::PortInUse:
        return ExitCode::PortInUse;
    case ErrorCode::StartFailed:
        if (error.details["step"_L1] == "startup"_L1)
            return ExitCode::HealthCheckFailed;
        // A restart stops and starts: what it failed at is still the restart.
        return action && *action != Action::Start ? failureOf(action) : ExitCode::StartFailed;
    case ErrorCode::StopFailed:
        return action && *action != Action::Stop ? failureOf(action) : ExitCode::StopFailed;
    case ErrorCode::ReadOnly:
    case ErrorCode::Unauthorized:
        return ExitCode::Permission;
    case ErrorCode::RateLimited:
    case ErrorCode::TooLarge:
    case ErrorCode::StorageFull:
        return ExitCode::Resources;
    case ErrorCode::Unreachable:
    case ErrorCode::ShuttingDown:
        return ExitCode::Network;
    case ErrorCode::Timeout:
        if (error.details["step"_L1] == "ready"_L1)
            return ExitCode::HealthWaitTimedOut;
        return failureOf(action);
    case ErrorCode::NotRunning:
    case ErrorCode::Internal:
        return failureOf(action);
    case ErrorCode::InvalidJson:
    case ErrorCode::InvalidMessage:
    case ErrorCode::UnknownType:
    case ErrorCode::UnknownEvent:
    case ErrorCode::UnknownAction:
        break;
    }
    return ExitCode::Failure;
}

} // namespace pmdaemon
