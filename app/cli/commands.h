// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/cli/session.h"
#include "core/config/ecosystem.h"
#include "core/config/settings.h"
#include "core/model/logline.h"

#include <QJsonObject>

namespace pmdaemon {

/// What a command works with. It connects the session itself: some need no daemon.
struct Context
{
    Session &session;
    Output &output;
};

struct StartOptions
{
    QString what;          ///< SCRIPT, CONFIG or NAME
    QStringList arguments; ///< for the program
    QJsonObject fields;    ///< of the configuration, from the options
    EcosystemOptions file; ///< how CONFIG is read
};

struct FileOptions
{
    QString file; ///< empty = the one in the current folder
    EcosystemOptions reading;
};

struct ImportOptions
{
    QString dump; ///< empty = dump.pm2 in PM2's home
    bool dryRun = false;
    bool force = false; ///< although PM2 is running
};

struct TargetOptions
{
    QStringList targets;
    QList<ProcessStatus> statuses; ///< of the processes that are meant; empty = all
    bool force = false;            ///< delete: do not ask
    std::optional<int> instances;  ///< scale
    QString signal;                ///< signal, stop, restart
    std::optional<PortSpec> port;  ///< restart
    bool waits = true;             ///< for the end of what they begin
    bool deletesLogs = false;      ///< delete
    QString line;                  ///< send
};

struct ListOptions
{
    QString nameSpace;             ///< empty = all
    QList<ProcessStatus> statuses; ///< likewise
    QString sort;                  ///< one of processSortKeys()
    bool watch = false;            ///< redraw what changes, until it is ended
};

struct TokenOptions
{
    QString action; ///< create, list or revoke
    QString name;
    Role role = Role::Read;                ///< create
    std::optional<milliseconds> expiresIn; ///< create; none = never
};

struct WebOptions
{
    bool opens = true; ///< in a browser; else the address is printed
};

struct KillOptions
{
    bool all = false; ///< the processes, too
};

struct StartupOptions
{
    bool isSystem = false; ///< with the machine, as root; else with the user's session
};

/// At most one of both; none = only look.
struct DoctorOptions
{
    bool restoreBackup = false;
    bool acceptLoss = false;
};

struct LogsOptions
{
    QStringList targets; ///< empty = all
    int lines = 20;
    bool follow = false;
    std::optional<LogStream> stream;
    std::optional<LogLevel> level;
    QString grep;
    std::optional<WallTime> since;
    std::optional<WallTime> until;
    bool raw = false;
    bool timestamps = false;
};

struct EventsOptions
{
    QStringList targets; ///< "all" where none is given
    int count = 20;
    bool follow = false;
    std::optional<WallTime> since;
    std::optional<WallTime> until;
};

ExitCode runApply(Context &context, const FileOptions &options);
ExitCode runDiff(Context &context, const FileOptions &options);
ExitCode runImportPm2(Context &context, const ImportOptions &options);
ExitCode runExport(Context &context, const TargetOptions &options);
ExitCode runValidate(Context &context, const FileOptions &options);
ExitCode runInit(Context &context, const FileOptions &options);
ExitCode runStart(Context &context, const StartOptions &options);
/// All but Start.
ExitCode runControl(Context &context, Action action, const TargetOptions &options);
ExitCode runList(Context &context, const ListOptions &options);
/// The list, the log of one process and keys to act, until it is left.
ExitCode runMonit(Context &context, const ListOptions &options);
ExitCode runWeb(Context &context, const WebOptions &options);
ExitCode runToken(Context &context, const TokenOptions &options);
ExitCode runInfo(Context &context, const TargetOptions &options);
/// Of processes on this machine alone.
ExitCode runEnv(Context &context, const TargetOptions &options);
/// With what they have started, where they run on this machine.
ExitCode runTree(Context &context);
/// Keeps the apps there are under a name, and makes them what they were.
ExitCode runSave(Context &context, const FileOptions &options);
ExitCode runResurrect(Context &context, const FileOptions &options);
/// Has systemd start the daemon, or not any more.
ExitCode runStartup(Context &context, const StartupOptions &options);
ExitCode runUnstartup(Context &context, const StartupOptions &options);
ExitCode runLogs(Context &context, const LogsOptions &options);
ExitCode runEvents(Context &context, const EventsOptions &options);
ExitCode runPing(Context &context);
ExitCode runKill(Context &context, const KillOptions &options);
/// Failure where something is not well.
ExitCode runDoctor(Context &context, const DoctorOptions &options);
/// Replaces daemon, keeper and shims by the installed programs.
ExitCode runUpdate(Context &context);
ExitCode runVersion(Context &context);
/// In the foreground; `ecosystemFile` may be empty.
ExitCode runDaemonCommand(Context &context, const Settings &settings, const QString &ecosystemFile);

} // namespace pmdaemon
