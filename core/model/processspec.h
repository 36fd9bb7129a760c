// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/walltime.h"

#include <QMap>
#include <QString>
#include <QStringList>

#include <optional>

namespace pmdaemon {

/// The ports of an app: one, a range that is distributed over its instances, or a range of which
/// the first free one is taken. Valid: 1 ≤ first ≤ last ≤ 65535.
struct PortSpec
{
    enum class Kind { Single, Range, Auto };

    Kind kind = Kind::Single;
    int first = 0;
    int last = 0;

    bool operator==(const PortSpec &) const = default;
};

enum class CheckType { Http, Tcp, Script };

enum class RestartWhen { Always, OnFailure, Never };

/// What an app waits for before it starts: that all instances of another one are up; are up and not
/// unhealthy (what has no health check counts as healthy); have ended by themselves for good; have
/// done so with exit code 0.
enum class DependencyCondition { Started, Healthy, Completed, CompletedSuccessfully };

/// What becomes of a time of `schedule` at which it still runs: nothing, or it runs once more when
/// it has ended, or it is ended for it.
/// How people see its lines: as they are, or as objects with time, level and stream.
enum class LogType { Raw, Json };

enum class Overlap { Skip, Queue, Kill };

/// setrlimit(2), in the units of the resource; Unlimited = no limit.
struct LimitPair
{
    static constexpr qint64 Unlimited = -1;

    qint64 soft = Unlimited;
    qint64 hard = Unlimited;

    bool operator==(const LimitPair &) const = default;
};

/// A socket that the daemon opens once, for all instances and all their runs.
struct ListenSpec
{
    QString host; ///< an address, unless it has a path
    int port = 0; ///< 1 to 65535, likewise
    QString path; ///< absolute: a Unix socket

    bool operator==(const ListenSpec &) const = default;
};

/// How an app's health is probed. `url` and `script` may hold {port}, the instance's port.
struct HealthCheckSpec
{
    enum class OnUnhealthy { None, Restart };

    bool enabled = true;
    CheckType type = CheckType::Http;
    QString url;    ///< http: where to GET
    QString host;   ///< tcp: empty = 127.0.0.1
    int port = 0;   ///< tcp: 0 = the instance's port
    QString script; ///< script: a command line, healthy when it exits 0
    milliseconds interval{30'000};
    milliseconds timeout{5'000};
    milliseconds startPeriod{0};
    int retries = 3;          ///< failures in a row until unhealthy
    int successThreshold = 1; ///< successes in a row until healthy again
    QMap<QString, QString> headers;
    QList<int> expectedStatus; ///< empty = any 2xx
    QString expectedBody;      ///< a part of the body; empty = not looked at
    OnUnhealthy onUnhealthy = OnUnhealthy::Restart;

    bool operator==(const HealthCheckSpec &) const = default;
};

/// One app as its user defined it: the fields, units and defaults of docs/configuration.md. Which
/// keys stand for them, and what each accepts, is in the field table (core/config/specfields.h).
struct ProcessSpec
{
    static constexpr int Unlimited = -1;

    QString name;
    QString nameSpace = QStringLiteral("default");
    int instances = 1; ///< ≥ 1

    QString script; ///< a path, a program on PATH, or a command line; no shell
    QStringList args;
    std::optional<QString> interpreter; ///< none = by the script's extension; "none" = no one
    QStringList interpreterArgs;
    bool shell = false; ///< `script` is for /bin/sh
    QString cwd;        ///< absolute; empty = the configuration file's folder, else the client's
    QMap<QString, QString> env;
    QStringList filterEnv; ///< beginnings of names that it does not inherit; "" = all but PATH
    QString instanceVar = QStringLiteral("NODE_APP_INSTANCE"); ///< tells the instance's number
    QString incrementVar; ///< of `env`: a whole number, to which the instance's is added
    QStringList envFiles; ///< absolute; read at each start, `env` goes over what they say

    bool autorestart = true;
    std::optional<RestartWhen> restartPolicy; ///< none = as `autorestart` says
    QList<int> stopExitCodes;                 ///< 0 to 255: after these it stays down
    int maxRestarts = 16; ///< restarts after unstable runs in a row, or Unlimited
    milliseconds minUptime{1'000};
    milliseconds restartDelay{0};
    milliseconds expBackoffRestartDelay{100}; ///< 0 = no backoff

    QString cronRestart; ///< a CronExpression; empty = never
    QString schedule;    ///< likewise: the only times at which it starts; it is to end by itself
    Overlap overlap = Overlap::Skip;
    QString cronTimezone; ///< of both, its IANA name; empty = the machine's

    std::optional<QStringList> watch; ///< absolute: what it is restarted for; empty = its folder
    /// What does not count there: names, or paths from there on, with `*` and `?`.
    QStringList ignoreWatch{QStringLiteral("node_modules"),
                            QStringLiteral(".git"),
                            QStringLiteral("__pycache__"),
                            QStringLiteral("*.log"),
                            QStringLiteral("*.pid"),
                            QStringLiteral("*.swp"),
                            QStringLiteral("*~")};
    milliseconds watchDelay{200}; ///< without a change, then it is restarted

    bool waitReady = false;            ///< it says itself when it is up
    milliseconds listenTimeout{3'000}; ///< how long it may take for that

    int killSignal = 15;
    milliseconds killTimeout{1'600};
    bool treekill = true;
    QString stopCommand;              ///< a command line, run instead of sending the signal
    bool shutdownWithMessage = false; ///< Node's message "shutdown" instead of the signal
    bool hasInput = false;            ///< its standard input can be written to

    QMap<QString, DependencyCondition> dependsOn; ///< by app

    std::optional<PortSpec> port;
    QList<ListenSpec> listen; ///< sockets that it is handed, open
    std::optional<HealthCheckSpec> healthCheck;
    std::optional<HealthCheckSpec> startup;   ///< until it has passed, neither of the others counts
    std::optional<HealthCheckSpec> readiness; ///< says what its health is, and restarts nothing
    std::optional<HealthCheckSpec> liveness;  ///< restarts it, and says nothing of its health
    qint64 maxMemoryRestart = 0;              ///< bytes; 0 = no limit
    int maxCpuPercent = 0;                    ///< of one CPU, over a minute; 0 = no limit

    std::optional<int> nice;          ///< -20 to 19
    QList<int> cpuAffinity;           ///< 0 to 1023, ascending; empty = all
    std::optional<int> umask;         ///< 0 to 0777
    QMap<QString, LimitPair> rlimits; ///< by resourceNumber()'s names
    std::optional<int> oomScoreAdj;   ///< -1000 to 1000
    QString user;                     ///< a name or number; empty = the daemon's
    QString group;                    ///< likewise; empty = the user's
    bool noNewPrivileges = false;

    QString outFile;                      ///< absolute; empty = <home>/logs/<name>-out.log
    QString errorFile;                    ///< absolute; empty = <home>/logs/<name>-error.log
    qint64 maxLogSize = 10 * 1024 * 1024; ///< bytes; 0 = never rotated
    int maxLogFiles = 5;                  ///< rotated files kept beside the current one
    bool compressLogs = true;             ///< rotated files but the newest
    bool mergeLogs = false;               ///< all instances write to the same files
    QString logDateFormat; ///< formatTime()'s: what people see before its lines; empty = nothing
    LogType logType = LogType::Raw;
    bool disableLogs = false;
    QString logFile; ///< absolute: for both streams, where they have no file of their own

    QString configFile; ///< absolute: the ecosystem file it came from, which reload reads again
    QString configEnvironment; ///< the NAME of the env_NAME that was chosen there

    bool operator==(const ProcessSpec &) const = default;
};

} // namespace pmdaemon
