// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processentry.h"
#include "core/model/processspec.h"

#include <QJsonObject>

namespace pmdaemon {

/// A change of status. The entry is as it is after the change.
struct StatusChange
{
    ProcessEntry process;
    ProcessStatus previous = ProcessStatus::Stopped;

    bool operator==(const StatusChange &) const = default;
};

/// What happened to a process; `details` as listed for process_event in docs/websocket.md.
struct ProcessEvent
{
    enum class Kind {
        Started,
        Stopped,
        Crashed,
        Restarted,
        HealthCheckFailed,
        MemoryLimitExceeded,
        Deleted,
        Reloaded,
        LogGap,
        CpuLimitExceeded,
        RunOverlapped,  ///< a time of `schedule` came while it still ran
        WatchSuspended, ///< its `watch` does not restart it now
    };

    Kind kind = Kind::Started;
    ProcessId id{};
    QString name;
    WallTime time{};
    QJsonObject details;

    bool operator==(const ProcessEvent &) const = default;
};

/// "started", "health_check_failed", …
QLatin1StringView toString(ProcessEvent::Kind kind);
std::optional<ProcessEvent::Kind> processEventKindFromString(QStringView text);

/// Why a process was restarted: the words of `restarted`'s reason.
enum class RestartReason { Manual, Crash, Memory, Health, Watch, Cron, Reload, Cpu };

QLatin1StringView toString(RestartReason reason);

/// "http", "tcp", "script"
QLatin1StringView toString(CheckType type);
std::optional<CheckType> checkTypeFromString(QStringView text);

/// A change of health; `details` as listed for health_update in docs/websocket.md.
struct HealthUpdate
{
    ProcessId id{};
    QString name;
    HealthStatus status = HealthStatus::Unknown;
    HealthStatus previous = HealthStatus::Unknown;
    CheckType type = CheckType::Http;
    QJsonObject details;

    bool operator==(const HealthUpdate &) const = default;
};

} // namespace pmdaemon

Q_DECLARE_METATYPE(pmdaemon::StatusChange)
Q_DECLARE_METATYPE(pmdaemon::ProcessEvent)
Q_DECLARE_METATYPE(pmdaemon::HealthUpdate)
