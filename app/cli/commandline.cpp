// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/commandline.h"

#include "app/cli/carryout.h"
#include "app/cli/choices.h"
#include "app/cli/clitext.h"
#include "app/cli/specoptions.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <unistd.h>

// The whole command tree: one row per command.

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr auto programName = "pmdaemon";

/// Translated, for CLI11.
std::string text(const char *source)
{
    return Cli::tr(source).toStdString();
}

std::string programDescription()
{
    return text(QT_TRANSLATE_NOOP("Cli", "Process manager with live remote view"));
}

std::string toStdString(QLatin1StringView view)
{
    return {view.data(), static_cast<std::size_t>(view.size())};
}

template <typename Options>
using Checked = tl::expected<Options, Failure>;

template <typename Options>
ExitCode runWith(Context &context, const Checked<Options> &options,
                 ExitCode (*run)(Context &, const Options &))
{
    return options ? run(context, *options) : report(context, options.error());
}

// ---- What each command accepts -----------------------------------------------------------------

void acceptNothing(CLI::App &, Choices &) {}

void acceptTargets(CLI::App &command, Choices &choices)
{
    command
        .add_option("TARGET", choices.targets,
                    text(QT_TRANSLATE_NOOP("Cli", "name, app, id, all or namespace:NAME")))
        ->required();
}

void acceptDelete(CLI::App &command, Choices &choices)
{
    acceptTargets(command, choices);
    command.add_flag("-f,--force", choices.force,
                     text(QT_TRANSLATE_NOOP("Cli", "do not ask before several are deleted")));
}

void acceptStart(CLI::App &command, Choices &choices)
{
    command
        .add_option("SCRIPT|CONFIG|NAME", choices.what,
                    text(QT_TRANSLATE_NOOP("Cli", "a script, program or command line; an ecosystem "
                                                  "file; or a process that is known and stopped")))
        ->required();
    command.add_option("ARGS", choices.arguments,
                       text(QT_TRANSLATE_NOOP("Cli", "for the program, after --")));
    for (const SpecOption &option : specOptions()) {
        Texts &values = choices.fields[QString(option.field->key)];
        const std::string about =
            QCoreApplication::translate("SpecField", option.field->description).toStdString();
        if (option.isSwitch) {
            command.add_flag(option.flags.toStdString(), values, about);
            continue;
        }
        CLI::Option *added = command.add_option(option.flags.toStdString(), values, about);
        added->allow_extra_args(false)->type_name(toStdString(option.field->accepted));
        if (!option.isRepeated)
            added->expected(1);
    }
}

void acceptList(CLI::App &command, Choices &choices)
{
    command.add_option("--namespace", choices.nameSpace,
                       text(QT_TRANSLATE_NOOP("Cli", "only processes of this namespace")));
}

void acceptLogs(CLI::App &command, Choices &choices)
{
    command.add_option("TARGET", choices.targets,
                       text(QT_TRANSLATE_NOOP("Cli", "name, app, id or namespace:NAME; all where "
                                                     "none is given")));
    command
        .add_option("-n,--lines", choices.lines,
                    text(QT_TRANSLATE_NOOP("Cli", "how many of the last lines of each process")))
        ->check(CLI::Range(0, 100'000));
    command.add_flag("-f,--follow", choices.follow,
                     text(QT_TRANSLATE_NOOP("Cli", "go on with what is written from now on")));
    command.add_flag("--out", choices.out, text(QT_TRANSLATE_NOOP("Cli", "stdout only")));
    command.add_flag("--err", choices.err, text(QT_TRANSLATE_NOOP("Cli", "stderr only")));
    command.add_option("--grep", choices.grep,
                       text(QT_TRANSLATE_NOOP("Cli", "only lines that hold this text")));
    command.add_option("--level", choices.level,
                       text(QT_TRANSLATE_NOOP("Cli", "only lines of this level and graver ones")));
    command.add_option("--since", choices.since,
                       text(QT_TRANSLATE_NOOP("Cli", "not older than this time or so long ago")));
    command.add_option("--until", choices.until,
                       text(QT_TRANSLATE_NOOP("Cli", "not newer than this")));
    command.add_flag(
        "--raw", choices.raw,
        text(QT_TRANSLATE_NOOP("Cli", "the lines as they were written; can do anything "
                                      "to your terminal")));
    command.add_flag("--timestamps", choices.timestamps,
                     text(QT_TRANSLATE_NOOP("Cli", "with the time of each line")));
}

void acceptDaemon(CLI::App &command, Choices &choices)
{
    command.add_option("-c,--config", choices.config,
                       text(QT_TRANSLATE_NOOP("Cli", "an ecosystem file whose apps are started")));
    for (const SettingField &field : settingFields()) {
        CLI::Option *added =
            command.add_option(flagOf(field).toStdString(), choices.settings[QString(field.key)],
                               text(field.description));
        added->allow_extra_args(false)->type_name(toStdString(field.accepted));
        if (!field.isList)
            added->expected(1);
    }
}

void acceptHelp(CLI::App &command, Choices &choices)
{
    command.add_option("COMMAND", choices.what,
                       text(QT_TRANSLATE_NOOP("Cli", "what to explain; everything in short where "
                                                     "none is given")));
}

// ---- What each command does --------------------------------------------------------------------

template <Action What>
ExitCode control(Context &context, const Choices &choices)
{
    return runControl(context, What, {toQStringList(choices.targets), choices.force});
}

ExitCode start(Context &context, const Choices &choices)
{
    return runWith(context, startOptions(choices), runStart);
}

ExitCode list(Context &context, const Choices &choices)
{
    return runList(context, {toQString(choices.nameSpace)});
}

ExitCode info(Context &context, const Choices &choices)
{
    return runInfo(context, {toQStringList(choices.targets), false});
}

ExitCode logs(Context &context, const Choices &choices)
{
    return runWith(context, logsOptions(choices, wallNow()), runLogs);
}

ExitCode daemon(Context &context, const Choices &choices)
{
    const Checked<Settings> settings = daemonSettings(choices);
    return settings ? runDaemonCommand(context, *settings, toQString(choices.config))
                    : report(context, settings.error());
}

template <ExitCode (*Run)(Context &)>
ExitCode simple(Context &context, const Choices &)
{
    return Run(context);
}

struct CommandRow
{
    const char *name;
    std::vector<const char *> aliases;
    const char *description;
    void (*accept)(CLI::App &command, Choices &choices);
    ExitCode (*run)(Context &context, const Choices &choices); ///< null = help
};

const std::vector<CommandRow> &commandRows()
{
    static const std::vector<CommandRow> rows = {
        {"start",
         {},
         QT_TRANSLATE_NOOP("Cli", "start a new process, the apps of a file, or a stopped process"),
         acceptStart,
         start},
        {"stop",
         {},
         QT_TRANSLATE_NOOP("Cli", "stop processes, with everything they started"),
         acceptTargets,
         control<Action::Stop>},
        {"restart",
         {"r"},
         QT_TRANSLATE_NOOP("Cli", "stop and start processes"),
         acceptTargets,
         control<Action::Restart>},
        {"reload",
         {},
         QT_TRANSLATE_NOOP("Cli", "read the configuration again and restart instance by instance"),
         acceptTargets,
         control<Action::Reload>},
        {"delete",
         {"del", "rm"},
         QT_TRANSLATE_NOOP("Cli", "stop and forget processes"),
         acceptDelete,
         control<Action::Delete>},
        {"list",
         {"ls", "l", "ps", "status"},
         QT_TRANSLATE_NOOP("Cli", "list all processes"),
         acceptList,
         list},
        {"info",
         {"describe", "show"},
         QT_TRANSLATE_NOOP("Cli", "all that is known of processes"),
         acceptTargets,
         info},
        {"logs",
         {},
         QT_TRANSLATE_NOOP("Cli", "show and follow what processes write"),
         acceptLogs,
         logs},
        {"daemon",
         {},
         QT_TRANSLATE_NOOP("Cli", "run the daemon in the foreground"),
         acceptDaemon,
         daemon},
        {"kill",
         {},
         QT_TRANSLATE_NOOP("Cli", "end the daemon and its processes"),
         acceptNothing,
         simple<runKill>},
        {"ping",
         {},
         QT_TRANSLATE_NOOP("Cli", "check that the daemon answers"),
         acceptNothing,
         simple<runPing>},
        {"version",
         {},
         QT_TRANSLATE_NOOP("Cli", "print the version"),
         acceptNothing,
         simple<runVersion>},
        {"help", {}, QT_TRANSLATE_NOOP("Cli", "explain the commands"), acceptHelp, nullptr},
    };
    return rows;
}

// ---- The tree ----------------------------------------------------------------------------------

void acceptGlobals(CLI::App &app, Choices &choices)
{
    app.add_flag("--json", choices.json,
                 text(QT_TRANSLATE_NOOP("Cli", "print one JSON value for programs")));
    app.add_flag("-q,--quiet", choices.quiet, text(QT_TRANSLATE_NOOP("Cli", "print errors alone")));
    app.add_flag("--no-color", choices.noColour, text(QT_TRANSLATE_NOOP("Cli", "no colours")));
    app.add_option(
        "--home", choices.home,
        text(QT_TRANSLATE_NOOP("Cli", "the daemon's folder ($PMDAEMON_HOME, ~/.pmdaemon)")));
    app.add_option("--host", choices.host,
                   text(QT_TRANSLATE_NOOP("Cli", "HOST:PORT or URL of a daemon elsewhere")));
    app.add_option("--port", choices.port,
                   text(QT_TRANSLATE_NOOP("Cli", "the port of a daemon that has to be started")))
        ->check(CLI::Range(0, 65'535));
    app.add_option("--token-file", choices.tokenFile,
                   text(QT_TRANSLATE_NOOP("Cli", "a file that holds the token to use")));
    app.add_option(
        "--timeout", choices.timeout,
        text(QT_TRANSLATE_NOOP("Cli", "how long to wait for an answer: seconds, 500ms, 5m")));
    app.add_flag("--no-spawn", choices.noSpawn,
                 text(QT_TRANSLATE_NOOP("Cli", "do not start a daemon where none runs")));
}

std::map<const CLI::App *, const CommandRow *> buildTree(CLI::App &app, Choices &choices)
{
    std::map<const CLI::App *, const CommandRow *> rows;
    app.require_subcommand(1);
    app.fallthrough();
    app.set_help_flag("-h,--help", text(QT_TRANSLATE_NOOP("Cli", "explain this command")));
    acceptGlobals(app, choices);
    for (const CommandRow &row : commandRows()) {
        CLI::App *command = app.add_subcommand(row.name, text(row.description));
        for (const char *alias : row.aliases)
            command->alias(alias);
        row.accept(*command, choices);
        rows[command] = &row;
    }
    return rows;
}

/// Of a command, or of all where `about` is empty.
ExitCode help(const std::string &about, Output &output)
{
    // A tree that has parsed something explains the command that it found.
    CLI::App app(programDescription(), programName);
    Choices unused;
    buildTree(app, unused);
    for (const CLI::App *command : app.get_subcommands([](const CLI::App *) { return true; })) {
        if (!about.empty() && command->check_name(about)) {
            output.write(QByteArray::fromStdString(command->help(programName)));
            return ExitCode::Ok;
        }
    }
    if (about.empty()) {
        output.write(QByteArray::fromStdString(app.help()));
        return ExitCode::Ok;
    }
    output.complain(Cli::tr("there is no command %1; see `pmdaemon help`").arg(toQString(about)));
    return ExitCode::Usage;
}

/// The message of a wrong command line, or the help that was asked for.
ExitCode endParsing(const CLI::App &app, const CLI::ParseError &error, Output &output)
{
    const bool isHelp = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
    const std::vector<CLI::App *> chosen = app.get_subcommands();
    if (isHelp)
        return help(chosen.empty() ? std::string() : chosen.front()->get_name(), output);
    output.complain(QString::fromUtf8(error.what()) + u'\n' +
                    (chosen.empty() ? Cli::tr("`pmdaemon help` lists the commands")
                                    : Cli::tr("`pmdaemon help %1` explains the command")
                                          .arg(toQString(chosen.front()->get_name()))));
    return ExitCode::Usage;
}

[[noreturn]] void interrupted(int)
{
    ::_exit(static_cast<int>(ExitCode::Interrupted));
}

ExitCode parseAndRun(int argc, char **argv)
{
    CLI::App app(programDescription(), programName);
    Choices choices;
    const auto rows = buildTree(app, choices);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        Output output({});
        return endParsing(app, error, output);
    }
    Output output({.json = choices.json, .quiet = choices.quiet, .noColour = choices.noColour});
    const CommandRow &row = *rows.at(app.get_subcommands().front());
    if (!row.run)
        return help(choices.what, output);
    const Checked<ConnectionOptions> options = connectionOptions(choices);
    if (!options) {
        output.complain(options.error().message);
        return options.error().code;
    }
    Session session(*options);
    Context context{session, output};
    return row.run(context, choices);
}

} // namespace

int runCli(int argc, char **argv)
{
    std::signal(SIGINT, interrupted);
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(u"pmdaemon"_s);
    QCoreApplication::setApplicationVersion(QStringLiteral(PMDAEMON_VERSION));
    return static_cast<int>(parseAndRun(argc, argv));
}

} // namespace pmdaemon
