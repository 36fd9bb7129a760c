// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/command.h"
#include "core/model/error.h"

#include <optional>

namespace pmdaemon {

/// What the shell gets. Stable: docs/cli.md lists them.
enum class ExitCode {
    Ok = 0,
    Failure = 1,
    Usage = 2,
    NotFound = 10,
    Exists = 11,
    StartFailed = 12,
    StopFailed = 13,
    RestartFailed = 14,
    ConfigMissing = 20,
    ConfigUnreadable = 21,
    ConfigInvalid = 22,
    PortInUse = 30,
    HealthCheckFailed = 40,
    HealthWaitTimedOut = 41,
    DaemonUnreachable = 50,
    Network = 51,
    Permission = 60,
    Resources = 70,
    Interrupted = 130,
};

/// As programs are told it with --json, "not_found".
QLatin1StringView toString(ExitCode code);

/// `action`: what was being done; it decides where the error alone says too little.
ExitCode exitCodeFor(const Error &error, std::optional<Action> action = {});

} // namespace pmdaemon
