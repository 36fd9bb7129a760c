// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/commandoptions.h"

#include "app/cli/clitext.h"
#include "app/cli/specoptions.h"
#include "core/model/eventpage.h"

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

/// "How many of it run (a whole number …)"
std::string explained(const QString &description, QLatin1StringView accepted)
{
    return QString(description + " ("_L1 + accepted + u')').toStdString();
}

void acceptStatuses(CLI::App &command, Choices &choices)
{
    command
        .add_option("--status", choices.statuses,
                    optionText(QT_TRANSLATE_NOOP("Cli", "only processes in one of these, as "
                                                        "online or errored,stopped")))
        ->allow_extra_args(false)
        ->type_name("STATUS");
}

/// What tells of the past accepts. Returns the option that says how much.
CLI::Option *acceptPast(CLI::App &command, Choices &choices, const char *lines, const char *follow)
{
    command.add_option(
        "TARGET", choices.targets,
        optionText(QT_TRANSLATE_NOOP("Cli", "name, app, id or namespace:NAME; all where "
                                            "none is given")));
    command.add_flag("-f,--follow", choices.follow, optionText(follow));
    command.add_option(
        "--since", choices.since,
        optionText(QT_TRANSLATE_NOOP("Cli", "not older than this time or so long ago")));
    command.add_option("--until", choices.until,
                       optionText(QT_TRANSLATE_NOOP("Cli", "not newer than this")));
    return command.add_option("-n,--lines", choices.lines, optionText(lines));
}

constexpr const char *targetText =
    QT_TRANSLATE_NOOP("Cli", "name, app, id, all, namespace:NAME or a pattern, as 'web-*'");

} // namespace

std::string optionText(const char *source)
{
    return Cli::tr(source).toStdString();
}

void acceptNothing(CLI::App &, Choices &) {}

void acceptTargets(CLI::App &command, Choices &choices)
{
    command.add_option("TARGET", choices.targets, optionText(targetText))->required();
}

void acceptControl(CLI::App &command, Choices &choices)
{
    command
        .add_option("TARGET", choices.targets,
                    optionText(QT_TRANSLATE_NOOP("Cli", "name, app, id, all, namespace:NAME, a "
                                                        "pattern, as 'web-*', or an ecosystem "
                                                        "file")))
        ->required();
    acceptStatuses(command, choices);
}

void acceptChange(CLI::App &command, Choices &choices)
{
    acceptControl(command, choices);
    command.add_flag("--no-wait", choices.noWait,
                     optionText(QT_TRANSLATE_NOOP(
                         "Cli", "return when it is begun and stored, not when it is done")));
}

void acceptStop(CLI::App &command, Choices &choices)
{
    acceptChange(command, choices);
    command.add_option("--signal", choices.signal,
                       optionText(QT_TRANSLATE_NOOP("Cli", "instead of kill_signal, this once")));
}

void acceptRestart(CLI::App &command, Choices &choices)
{
    acceptStop(command, choices);
    command.add_option("--port", choices.newPort,
                       optionText(QT_TRANSLATE_NOOP(
                           "Cli", "of the process instead of the configured one, until somebody "
                                  "starts or restarts it again")));
}

void acceptDelete(CLI::App &command, Choices &choices)
{
    acceptChange(command, choices);
    command.add_flag("--delete-logs", choices.deleteLogs,
                     optionText(QT_TRANSLATE_NOOP("Cli", "delete its log files, too")));
    command.add_flag("-f,--force", choices.force,
                     optionText(QT_TRANSLATE_NOOP("Cli", "do not ask before several are deleted")));
}

void acceptScale(CLI::App &command, Choices &choices)
{
    command.add_option("APP", choices.what, optionText(QT_TRANSLATE_NOOP("Cli", "name of an app")))
        ->required();
    command
        .add_option("N", choices.instances,
                    optionText(QT_TRANSLATE_NOOP("Cli", "how many instances of it run")))
        ->required()
        ->check(CLI::Range(1, 5'000));
}

void acceptSignal(CLI::App &command, Choices &choices)
{
    command
        .add_option("SIGNAL", choices.signal,
                    optionText(QT_TRANSLATE_NOOP("Cli", "SIGHUP, HUP or a number")))
        ->required();
    acceptControl(command, choices);
}

void acceptSend(CLI::App &command, Choices &choices)
{
    command.add_option("TARGET", choices.what, optionText(targetText))->required();
    command.add_option("LINE", choices.line,
                       optionText(QT_TRANSLATE_NOOP(
                           "Cli", "the text, a newline is added; without: an empty one")));
}

void acceptLenient(CLI::App &command, Choices &choices)
{
    command.add_flag("--lenient", choices.lenient,
                     optionText(QT_TRANSLATE_NOOP("Cli", "leave unknown keys of a file out")));
}

void acceptFile(CLI::App &command, Choices &choices)
{
    command.add_option("FILE", choices.what,
                       optionText(QT_TRANSLATE_NOOP("Cli", "an ecosystem file; without: the one of "
                                                           "the current folder")));
    command
        .add_option("--env", choices.environment,
                    optionText(QT_TRANSLATE_NOOP("Cli", "put env_NAME of each app over its env")))
        ->type_name("NAME");
    acceptLenient(command, choices);
}

void acceptImport(CLI::App &command, Choices &choices)
{
    command.add_option(
        "DUMP", choices.what,
        optionText(QT_TRANSLATE_NOOP("Cli", "what `pm2 save` wrote (~/.pm2/dump.pm2)")));
    command.add_flag("--dry-run", choices.dryRun,
                     optionText(QT_TRANSLATE_NOOP("Cli", "show what would be done")));
    command.add_flag("-f,--force", choices.force,
                     optionText(QT_TRANSLATE_NOOP("Cli", "although PM2 is running")));
}

void acceptExport(CLI::App &command, Choices &choices)
{
    command.add_option("TARGET", choices.targets,
                       optionText(QT_TRANSLATE_NOOP("Cli", "whose apps (all)")));
}

void acceptNewFile(CLI::App &command, Choices &choices)
{
    command.add_option("FILE", choices.what,
                       optionText(QT_TRANSLATE_NOOP("Cli", "where to write it (ecosystem.yaml)")));
}

void acceptSnapshot(CLI::App &command, Choices &choices)
{
    command.add_option("SNAPSHOT", choices.what,
                       optionText(QT_TRANSLATE_NOOP("Cli", "what it is called (saved)")));
}

void acceptStartup(CLI::App &command, Choices &choices)
{
    command.add_flag("--system", choices.system,
                     optionText(QT_TRANSLATE_NOOP("Cli", "with the machine instead of your own "
                                                         "session; for root")));
}

void acceptStart(CLI::App &command, Choices &choices)
{
    command
        .add_option(
            "SCRIPT|CONFIG|NAME", choices.what,
            optionText(QT_TRANSLATE_NOOP("Cli", "a script, program or command line; an ecosystem "
                                                "file; or a process that is known and stopped")))
        ->required();
    command.add_option("ARGS", choices.arguments,
                       optionText(QT_TRANSLATE_NOOP("Cli", "for the program, after --")));
    acceptLenient(command, choices);
    for (const SpecOption &option : specOptions()) {
        Texts &values = choices.fields[QString(option.field->key)];
        const std::string about =
            explained(QCoreApplication::translate("SpecField", option.field->description),
                      option.field->accepted);
        if (option.isSwitch) {
            command.add_flag(option.flags.toStdString(), values, about);
            continue;
        }
        CLI::Option *added = command.add_option(option.flags.toStdString(), values, about);
        added->allow_extra_args(false)->type_name(option.field->key == "env"_L1 ? "NAME=VALUE"
                                                                                : "VALUE");
        if (!option.isRepeated)
            added->expected(1);
    }
}

void acceptKill(CLI::App &command, Choices &choices)
{
    command.add_flag("--all", choices.all,
                     optionText(QT_TRANSLATE_NOOP("Cli", "stop the processes, too")));
}

void acceptDoctor(CLI::App &command, Choices &choices)
{
    CLI::Option *restore = command.add_flag(
        "--restore-backup", choices.restoreBackup,
        optionText(QT_TRANSLATE_NOOP("Cli", "put the last good backup in the place of the state")));
    command
        .add_flag("--accept-loss", choices.acceptLoss,
                  optionText(QT_TRANSLATE_NOOP("Cli", "go on without what could not be used")))
        ->excludes(restore);
}

void acceptRows(CLI::App &command, Choices &choices)
{
    command.add_option("--namespace", choices.nameSpace,
                       optionText(QT_TRANSLATE_NOOP("Cli", "only processes of this namespace")));
    acceptStatuses(command, choices);
    command
        .add_option("--sort", choices.sort,
                    optionText(QT_TRANSLATE_NOOP("Cli", "by id, name, namespace, status, pid, "
                                                        "uptime, restarts, cpu or memory")))
        ->type_name("KEY");
}

void acceptList(CLI::App &command, Choices &choices)
{
    acceptRows(command, choices);
    command.add_flag("--watch", choices.watch,
                     optionText(QT_TRANSLATE_NOOP("Cli", "stay, and show each change")));
}

void acceptLogs(CLI::App &command, Choices &choices)
{
    acceptPast(command, choices,
               QT_TRANSLATE_NOOP("Cli", "how many of the last lines of each process"),
               QT_TRANSLATE_NOOP("Cli", "go on with what is written from now on"))
        ->check(CLI::Range(0, 10'000));
    command.add_flag("--out", choices.out, optionText(QT_TRANSLATE_NOOP("Cli", "stdout only")));
    command.add_flag("--err", choices.err, optionText(QT_TRANSLATE_NOOP("Cli", "stderr only")));
    command.add_option("--grep", choices.grep,
                       optionText(QT_TRANSLATE_NOOP("Cli", "only lines that hold this text")));
    command.add_option(
        "--level", choices.level,
        optionText(QT_TRANSLATE_NOOP("Cli", "only lines of this level and graver ones")));
    command.add_flag(
        "--raw", choices.raw,
        optionText(QT_TRANSLATE_NOOP("Cli", "the lines as they were written; can do anything "
                                            "to your terminal")));
    command.add_flag("--timestamps", choices.timestamps,
                     optionText(QT_TRANSLATE_NOOP("Cli", "with the time of each line")));
}

void acceptEvents(CLI::App &command, Choices &choices)
{
    acceptPast(command, choices, QT_TRANSLATE_NOOP("Cli", "how many of the last events"),
               QT_TRANSLATE_NOOP("Cli", "go on with what happens from now on"))
        ->check(CLI::Range(0, MaxEventsPerPage));
}

void acceptDaemon(CLI::App &command, Choices &choices)
{
    command.add_option(
        "-c,--config", choices.config,
        optionText(QT_TRANSLATE_NOOP("Cli", "an ecosystem file whose apps are started")));
    for (const SettingField &field : settingFields()) {
        CLI::Option *added =
            command.add_option(flagOf(field).toStdString(), choices.settings[QString(field.key)],
                               explained(Cli::tr(field.description), field.accepted));
        added->allow_extra_args(false)->type_name("VALUE");
        if (!field.isList)
            added->expected(1);
    }
}

void acceptWeb(CLI::App &command, Choices &choices)
{
    command.add_flag("--no-browser", choices.noBrowser,
                     optionText(QT_TRANSLATE_NOOP("Cli", "print the address alone")));
}

void acceptToken(CLI::App &command, Choices &choices)
{
    command.add_option("ACTION", choices.what, "create, list, revoke")
        ->required()
        ->check(CLI::IsMember({"create", "list", "revoke"}));
    command.add_option("NAME", choices.name,
                       optionText(QT_TRANSLATE_NOOP("Cli", "what the token is called")));
    command
        .add_option("--role", choices.role,
                    optionText(QT_TRANSLATE_NOOP("Cli", "what it allows: read (which is meant "
                                                        "without), control, admin")))
        ->check(CLI::IsMember({"read", "control", "admin"}));
    command.add_option(
        "--expires", choices.expires,
        optionText(QT_TRANSLATE_NOOP("Cli", "after how long, as 12h or 30d; without: never")));
}

void acceptCompletion(CLI::App &command, Choices &choices)
{
    command.add_option("SHELL", choices.what, "bash, zsh, fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

void acceptHelp(CLI::App &command, Choices &choices)
{
    command.add_option(
        "COMMAND", choices.what,
        optionText(QT_TRANSLATE_NOOP("Cli", "what to explain; everything in short where "
                                            "none is given")));
}

void acceptGlobals(CLI::App &app, Choices &choices)
{
    app.add_flag("--json", choices.json,
                 optionText(QT_TRANSLATE_NOOP("Cli", "print one JSON value for programs")));
    app.add_flag("-q,--quiet", choices.quiet,
                 optionText(QT_TRANSLATE_NOOP("Cli", "print errors alone")));
    app.add_flag("--no-color", choices.noColour,
                 optionText(QT_TRANSLATE_NOOP("Cli", "no colours")));
    app.add_option(
        "--home", choices.home,
        optionText(QT_TRANSLATE_NOOP("Cli", "the daemon's folder ($PMDAEMON_HOME, ~/.pmdaemon)")));
    app.add_option("--host", choices.host,
                   optionText(QT_TRANSLATE_NOOP("Cli", "HOST:PORT or URL of a daemon elsewhere")));
    app.add_option(
           "--port", choices.port,
           optionText(QT_TRANSLATE_NOOP("Cli", "the port of a daemon that has to be started")))
        ->check(CLI::Range(0, 65'535));
    app.add_option("--token-file", choices.tokenFile,
                   optionText(QT_TRANSLATE_NOOP("Cli", "a file that holds the token to use")));
    app.add_option("--fingerprint", choices.fingerprint,
                   optionText(QT_TRANSLATE_NOOP(
                       "Cli", "SHA-256 of the certificate of a daemon that no authority knows")));
    app.add_option(
        "--timeout", choices.timeout,
        optionText(QT_TRANSLATE_NOOP("Cli", "how long to wait for an answer: seconds, 500ms, 5m")));
    app.add_flag("--no-spawn", choices.noSpawn,
                 optionText(QT_TRANSLATE_NOOP("Cli", "do not start a daemon where none runs")));
}

} // namespace pmdaemon
