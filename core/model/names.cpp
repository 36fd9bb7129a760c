// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/model/apply.h"
#include "core/model/command.h"
#include "core/model/enumnames.h"
#include "core/model/error.h"
#include "core/model/logline.h"
#include "core/model/processevent.h"

// The words that programs read, one table per enum. They are stable: docs/websocket.md lists them.

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr EnumNames<ErrorCode, 22> errorCodes{{
    "invalid_json"_L1,   "invalid_message"_L1, "unknown_type"_L1,   "unknown_event"_L1,
    "unknown_action"_L1, "not_found"_L1,       "already_exists"_L1, "already_running"_L1,
    "not_running"_L1,    "invalid_config"_L1,  "port_in_use"_L1,    "start_failed"_L1,
    "stop_failed"_L1,    "timeout"_L1,         "read_only"_L1,      "unauthorized"_L1,
    "rate_limited"_L1,   "too_large"_L1,       "shutting_down"_L1,  "storage_full"_L1,
    "internal"_L1,       "unreachable"_L1,
}};

constexpr EnumNames<ProcessStatus, 6> processStatuses{
    {"stopped"_L1, "starting"_L1, "online"_L1, "stopping"_L1, "errored"_L1, "restarting"_L1}};

constexpr EnumNames<HealthStatus, 3> healthStatuses{{"unknown"_L1, "healthy"_L1, "unhealthy"_L1}};

constexpr EnumNames<ProcessEvent::Kind, 12> eventKinds{
    {"started"_L1, "stopped"_L1, "crashed"_L1, "restarted"_L1, "health_check_failed"_L1,
     "memory_limit_exceeded"_L1, "deleted"_L1, "reloaded"_L1, "log_gap"_L1, "cpu_limit_exceeded"_L1,
     "run_overlapped"_L1, "watch_suspended"_L1}};

constexpr EnumNames<RestartReason, 8> restartReasons{{"manual"_L1, "crash"_L1, "memory"_L1,
                                                      "health"_L1, "watch"_L1, "cron"_L1,
                                                      "reload"_L1, "cpu"_L1}};

constexpr EnumNames<CheckType, 3> checkTypes{{"http"_L1, "tcp"_L1, "script"_L1}};

constexpr EnumNames<LogStream, 2> logStreams{{"stdout"_L1, "stderr"_L1}};

constexpr EnumNames<LogLevel, 6> logLevels{
    {"trace"_L1, "debug"_L1, "info"_L1, "warn"_L1, "error"_L1, "fatal"_L1}};

constexpr EnumNames<Action, 10> actions{{"start"_L1, "stop"_L1, "restart"_L1, "delete"_L1,
                                         "reload"_L1, "scale"_L1, "signal"_L1, "reset"_L1,
                                         "flush"_L1, "send"_L1}};

constexpr EnumNames<AppChange::Kind, 4> appChangeKinds{
    {"unchanged"_L1, "added"_L1, "changed"_L1, "removed"_L1}};
constexpr EnumNames<Role, 4> roles{{"none"_L1, "read"_L1, "control"_L1, "admin"_L1}};

} // namespace

QLatin1StringView toString(ErrorCode code)
{
    return errorCodes[code];
}
std::optional<ErrorCode> errorCodeFromString(QStringView text)
{
    return errorCodes.find(text);
}

QLatin1StringView toString(ProcessStatus status)
{
    return processStatuses[status];
}
std::optional<ProcessStatus> processStatusFromString(QStringView text)
{
    return processStatuses.find(text);
}

QLatin1StringView toString(HealthStatus status)
{
    return healthStatuses[status];
}
std::optional<HealthStatus> healthStatusFromString(QStringView text)
{
    return healthStatuses.find(text);
}

QLatin1StringView toString(ProcessEvent::Kind kind)
{
    return eventKinds[kind];
}
std::optional<ProcessEvent::Kind> processEventKindFromString(QStringView text)
{
    return eventKinds.find(text);
}

QLatin1StringView toString(RestartReason reason)
{
    return restartReasons[reason];
}

QLatin1StringView toString(CheckType type)
{
    return checkTypes[type];
}
std::optional<CheckType> checkTypeFromString(QStringView text)
{
    return checkTypes.find(text);
}

QLatin1StringView toString(LogStream stream)
{
    return logStreams[stream];
}
std::optional<LogStream> logStreamFromString(QStringView text)
{
    return logStreams.find(text);
}

QLatin1StringView toString(LogLevel level)
{
    return logLevels[level];
}
std::optional<LogLevel> logLevelFromString(QStringView text)
{
    return logLevels.find(text);
}

QLatin1StringView toString(Action action)
{
    return actions[action];
}
std::optional<Action> actionFromString(QStringView text)
{
    return actions.find(text);
}

QLatin1StringView toString(AppChange::Kind kind)
{
    return appChangeKinds[kind];
}

QLatin1StringView toString(Role role)
{
    return roles[role];
}
std::optional<Role> roleFromString(QStringView text)
{
    return roles.find(text);
}

} // namespace pmdaemon
