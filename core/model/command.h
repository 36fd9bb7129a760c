// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/metrics.h"
#include "core/model/processevent.h"
#include "core/model/processspec.h"

#include <QJsonObject>

namespace pmdaemon {

enum class Action { Start, Stop, Restart, Delete, Reload, Scale, Signal, Reset, Flush, Send };

/// "start", … and back; the words of the protocol's `action`.
QLatin1StringView toString(Action action);
std::optional<Action> actionFromString(QStringView text);

/// read ⊂ control ⊂ admin
enum class Role { None, Read, Control, Admin };

QLatin1StringView toString(Role role);
std::optional<Role> roleFromString(QStringView text);

/// What somebody wants done. `target` is a name, an app, an id in digits, "all" or "namespace:X".
struct Command
{
    Action action = Action::Start;
    QString target = {};
    /// start, reload: one app's fields, as docs/configuration.md
    std::optional<QJsonObject> config = {};
    std::optional<int> instances = {}; ///< scale; start, reload: instead of the definition's
    /// "SIGHUP", "HUP" or a number in digits. signal: which; stop, restart: instead of kill_signal.
    QString signal = {};
    std::optional<QString> line = {}; ///< send: without its newline
    /// start, restart: of the runs that begin, until it is started or restarted by somebody again.
    std::optional<PortSpec> port = {};
    /// False: it is answered when it is begun and stored, not when it is done.
    bool waits = true;
    /// It is answered by then at the latest, with Timeout; what was begun goes on.
    std::optional<milliseconds> timeout = {};
    bool keepsLogs = true; ///< delete: else the log files are deleted, too

    bool operator==(const Command &) const = default;
};

/// A command that was carried out: the entries it was for, as they are afterwards.
struct CommandResult
{
    QString message;
    QList<ProcessEntry> processes;

    bool operator==(const CommandResult &) const = default;
};

/// One process with all that is known of it. `config` is the resolved configuration with the keys
/// of docs/configuration.md; environment values are replaced by "<redacted>" below the role
/// control.
struct ProcessDetail
{
    ProcessEntry entry;
    ProcessSample sample;
    QJsonObject config;
    std::optional<HealthUpdate> health; ///< the last probe's outcome, where a check is configured
    QString outFile;
    QString errorFile;
    QList<int> ports;

    bool operator==(const ProcessDetail &) const = default;
};

/// The machine, the daemon on it, and what this client may do there.
struct SystemInfo
{
    SystemMetrics metrics;
    QString hostname;
    QString platform; ///< "linux"
    QString arch;     ///< "x86_64"
    QString version;  ///< of the daemon
    int protocol = 1;
    QStringList capabilities;
    QString hostId; ///< stable for the machine and home, says nothing else
    WallTime time{};
    Role role = Role::None;
    QStringList problems; ///< of the daemon itself, in words with what to do; empty = it is well

    bool operator==(const SystemInfo &) const = default;
};

} // namespace pmdaemon
