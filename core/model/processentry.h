// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/walltime.h"

#include <QHashFunctions>
#include <QMetaType>
#include <QString>

#include <optional>

namespace pmdaemon {

/// A small integer ≥ 0 on the wire, never used again while the daemon's store lives.
enum class ProcessId : int {};

constexpr int toInt(ProcessId id)
{
    return static_cast<int>(id);
}
inline size_t qHash(ProcessId id, size_t seed = 0)
{
    return ::qHash(toInt(id), seed);
}

/// The six statuses of the protocol; the transitions are in core/process/managedprocess.h.
enum class ProcessStatus { Stopped, Starting, Online, Stopping, Errored, Restarting };

/// "stopped", "starting", …
QLatin1StringView toString(ProcessStatus status);
std::optional<ProcessStatus> processStatusFromString(QStringView text);

/// What commands want of a process, whatever it is now.
enum class Wanted {
    Down,
    Up,
    Gone, ///< it is being deleted
};

enum class HealthStatus { Unknown, Healthy, Unhealthy };

/// "unknown", "healthy", "unhealthy"
QLatin1StringView toString(HealthStatus status);
std::optional<HealthStatus> healthStatusFromString(QStringView text);

/// One instance of an app as every client lists it, without its figures (see MetricsFrame).
struct ProcessEntry
{
    ProcessId id{};
    QString name; ///< the app's name; `<app>-<instance>` where the app has two instances or more
    QString app;
    int instance = 0;
    QString nameSpace;
    ProcessStatus status = ProcessStatus::Stopped;
    HealthStatus health = HealthStatus::Unknown;
    std::optional<qint64> pid; ///< while a process exists
    std::optional<int> port;
    int restarts = 0;              ///< since the start that a person or program asked for
    std::optional<int> exitCode;   ///< of the last run, if it exited
    std::optional<QString> signal; ///< "SIGSEGV": of the last run, if a signal ended it
    std::optional<QString> reason; ///< why it is in this status, in words, where that says more
    WallTime createdAt{};
    std::optional<WallTime> startedAt; ///< while a process exists

    bool operator==(const ProcessEntry &) const = default;
};

/// "web" for the only instance, else "web-0", "web-1", …
QString instanceName(const QString &app, int instance, int instances);

/// Milliseconds since the start; 0 when not running, never negative.
milliseconds uptimeOf(const ProcessEntry &entry, WallTime now);

} // namespace pmdaemon

Q_DECLARE_METATYPE(pmdaemon::ProcessEntry)
