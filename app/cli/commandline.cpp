// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/commandline.h"

#include "app/cli/carryout.h"
#include "app/cli/choices.h"
#include "app/cli/clitext.h"
#include "app/cli/commandoptions.h"
#include "app/cli/completion.h"
#include "app/cli/manpage.h"
#include "core/model/nearestname.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <functional>
#include <unistd.h>

// The whole command tree: one row per command.

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr auto programName = "pmdaemon";

std::string programDescription()
{
    return optionText(QT_TRANSLATE_NOOP("Cli", "Process manager with live remote view"));
}

template <typename Options>
using Checked = tl::expected<Options, Failure>;

template <typename Options>
ExitCode runWith(Context &context, const Checked<Options> &options,
                 ExitCode (*run)(Context &, const Options &))
{
    return options ? run(context, *options) : report(context, options.error());
}

// ---- What each command does --------------------------------------------------------------------

template <Action What>
ExitCode control(Context &context, const Choices &choices)
{
    const Checked<TargetOptions> options = targetOptions(choices);
    return options ? runControl(context, What, *options) : report(context, options.error());
}

ExitCode scale(Context &context, const Choices &choices)
{
    TargetOptions options;
    options.targets = {toQString(choices.what)};
    options.instances = choices.instances;
    return runControl(context, Action::Scale, options);
}

ExitCode send(Context &context, const Choices &choices)
{
    TargetOptions options;
    options.targets = {toQString(choices.what)};
    options.line = toQString(choices.line);
    return runControl(context, Action::Send, options);
}

ExitCode start(Context &context, const Choices &choices)
{
    return runWith(context, startOptions(choices), runStart);
}

template <ExitCode (*Run)(Context &, const FileOptions &)>
ExitCode ofFile(Context &context, const Choices &choices)
{
    return Run(context, fileOptions(choices));
}

ExitCode importPm2(Context &context, const Choices &choices)
{
    return runImportPm2(context, {toQString(choices.what), choices.dryRun, choices.force});
}

ExitCode exportApps(Context &context, const Choices &choices)
{
    return runWith(context, targetOptions(choices), runExport);
}

ExitCode list(Context &context, const Choices &choices)
{
    return runWith(context, listOptions(choices), runList);
}

ExitCode monit(Context &context, const Choices &choices)
{
    return runWith(context, listOptions(choices), runMonit);
}

/// The list that stays, by what takes most.
ExitCode top(Context &context, const Choices &choices)
{
    Checked<ListOptions> options = listOptions(choices);
    if (options) {
        options->watch = true;
        if (choices.sort.empty())
            options->sort = u"cpu"_s;
    }
    return runWith(context, options, runList);
}

template <ExitCode (*Run)(Context &, const StartupOptions &)>
ExitCode startup(Context &context, const Choices &choices)
{
    return Run(context, {choices.system});
}

ExitCode env(Context &context, const Choices &choices)
{
    return runWith(context, targetOptions(choices), runEnv);
}

ExitCode kill(Context &context, const Choices &choices)
{
    return runKill(context, {choices.all});
}

ExitCode doctor(Context &context, const Choices &choices)
{
    return runDoctor(context, {choices.restoreBackup, choices.acceptLoss});
}

ExitCode web(Context &context, const Choices &choices)
{
    return runWeb(context, {!choices.noBrowser});
}

ExitCode token(Context &context, const Choices &choices)
{
    return runWith(context, tokenOptions(choices), runToken);
}

ExitCode info(Context &context, const Choices &choices)
{
    return runWith(context, targetOptions(choices), runInfo);
}

ExitCode logs(Context &context, const Choices &choices)
{
    return runWith(context, logsOptions(choices, wallNow()), runLogs);
}

ExitCode events(Context &context, const Choices &choices)
{
    return runWith(context, eventsOptions(choices, wallNow()), runEvents);
}

ExitCode daemon(Context &context, const Choices &choices)
{
    const Checked<Settings> settings = daemonSettings(choices);
    return settings ? runDaemonCommand(context, *settings, toQString(choices.config))
                    : report(context, settings.error());
}

ExitCode completion(Context &context, const Choices &choices)
{
    context.output.write(completionScript(toQString(choices.what)).value_or(QByteArray()));
    return ExitCode::Ok;
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
         acceptStop,
         control<Action::Stop>},
        {"restart",
         {"r"},
         QT_TRANSLATE_NOOP("Cli", "stop and start processes"),
         acceptRestart,
         control<Action::Restart>},
        {"reload",
         {},
         QT_TRANSLATE_NOOP("Cli", "read the configuration again and restart instance by instance"),
         acceptChange,
         control<Action::Reload>},
        {"delete",
         {"del", "rm"},
         QT_TRANSLATE_NOOP("Cli", "stop and forget processes"),
         acceptDelete,
         control<Action::Delete>},
        {"scale",
         {},
         QT_TRANSLATE_NOOP("Cli", "change how many instances of an app run"),
         acceptScale,
         scale},
        {"signal",
         {},
         QT_TRANSLATE_NOOP("Cli", "send a signal to processes"),
         acceptSignal,
         control<Action::Signal>},
        {"send",
         {},
         QT_TRANSLATE_NOOP("Cli", "write a line to the standard input of processes"),
         acceptSend,
         send},
        {"reset",
         {},
         QT_TRANSLATE_NOOP("Cli", "count the restarts of processes from 0 again"),
         acceptControl,
         control<Action::Reset>},
        {"flush",
         {},
         QT_TRANSLATE_NOOP("Cli", "empty the log files of processes"),
         acceptControl,
         control<Action::Flush>},
        {"apply",
         {},
         QT_TRANSLATE_NOOP("Cli", "make the apps of a file what it says, and change nothing else"),
         acceptFile,
         ofFile<runApply>},
        {"diff",
         {},
         QT_TRANSLATE_NOOP("Cli", "show what apply would do"),
         acceptFile,
         ofFile<runDiff>},
        {"validate",
         {},
         QT_TRANSLATE_NOOP("Cli", "find everything that is wrong in a file"),
         acceptFile,
         ofFile<runValidate>},
        {"init",
         {},
         QT_TRANSLATE_NOOP("Cli", "write an example of a file, with all that may stand in it"),
         acceptNewFile,
         ofFile<runInit>},
        {"export",
         {},
         QT_TRANSLATE_NOOP("Cli", "print the apps there are as an ecosystem file"),
         acceptExport,
         exportApps},
        {"import-pm2",
         {},
         QT_TRANSLATE_NOOP("Cli", "take over what PM2 has saved"),
         acceptImport,
         importPm2},
        {"save",
         {},
         QT_TRANSLATE_NOOP("Cli", "keep the apps there are under a name"),
         acceptSnapshot,
         ofFile<runSave>},
        {"resurrect",
         {},
         QT_TRANSLATE_NOOP("Cli", "make apps again what save has kept"),
         acceptSnapshot,
         ofFile<runResurrect>},
        {"list",
         {"ls", "l", "ps", "status"},
         QT_TRANSLATE_NOOP("Cli", "list all processes"),
         acceptList,
         list},
        {"monit",
         {},
         QT_TRANSLATE_NOOP("Cli", "watch processes and the log of one, with keys to act"),
         acceptRows,
         monit},
        {"top",
         {},
         QT_TRANSLATE_NOOP("Cli", "list what takes most of the CPU, and stay"),
         acceptRows,
         top},
        {"info",
         {"describe", "show"},
         QT_TRANSLATE_NOOP("Cli", "all that is known of processes"),
         acceptTargets,
         info},
        {"env",
         {},
         QT_TRANSLATE_NOOP("Cli", "the environment that processes were started with"),
         acceptTargets,
         env},
        {"tree",
         {},
         QT_TRANSLATE_NOOP("Cli", "all processes by namespace, with what they have started"),
         acceptNothing,
         simple<runTree>},
        {"logs",
         {},
         QT_TRANSLATE_NOOP("Cli", "show and follow what processes write"),
         acceptLogs,
         logs},
        {"events",
         {},
         QT_TRANSLATE_NOOP("Cli", "show and follow what happens to processes"),
         acceptEvents,
         events},
        {"daemon",
         {},
         QT_TRANSLATE_NOOP("Cli", "run the daemon in the foreground"),
         acceptDaemon,
         daemon},
        {"startup",
         {},
         QT_TRANSLATE_NOOP("Cli", "have systemd start the daemon"),
         acceptStartup,
         startup<runStartup>},
        {"unstartup",
         {},
         QT_TRANSLATE_NOOP("Cli", "have systemd start the daemon no more"),
         acceptStartup,
         startup<runUnstartup>},
        {"kill",
         {},
         QT_TRANSLATE_NOOP("Cli", "end the daemon; its processes go on"),
         acceptKill,
         kill},
        {"update",
         {},
         QT_TRANSLATE_NOOP("Cli", "replace the daemon by the installed one; the processes go on"),
         acceptNothing,
         simple<runUpdate>},
        {"doctor",
         {},
         QT_TRANSLATE_NOOP("Cli", "look for what is wrong with the installation, and mend it"),
         acceptDoctor,
         doctor},
        {"web",
         {},
         QT_TRANSLATE_NOOP("Cli", "open the dashboard in a browser, signed in"),
         acceptWeb,
         web},
        {"token",
         {},
         QT_TRANSLATE_NOOP("Cli", "give out tokens for this daemon, list and revoke them"),
         acceptToken,
         token},
        {"ping",
         {},
         QT_TRANSLATE_NOOP("Cli", "check that the daemon answers"),
         acceptNothing,
         simple<runPing>},
        {"completion",
         {},
         QT_TRANSLATE_NOOP("Cli", "print what makes a shell complete commands and processes"),
         acceptCompletion,
         completion},
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

/// Only those commands get their options of which `isNeeded` says so: some have many.
std::map<const CLI::App *, const CommandRow *> buildTree(
    CLI::App &app, Choices &choices,
    const std::function<bool(const CLI::App &)> &isNeeded = [](const CLI::App &) { return true; })
{
    std::map<const CLI::App *, const CommandRow *> rows;
    app.require_subcommand(1);
    app.fallthrough();
    app.set_help_flag("-h,--help", optionText(QT_TRANSLATE_NOOP("Cli", "explain this command")));
    acceptGlobals(app, choices);
    for (const CommandRow &row : commandRows()) {
        CLI::App *command = app.add_subcommand(row.name, optionText(row.description));
        for (const char *alias : row.aliases)
            command->alias(alias);
        command->footer(
            optionText(QT_TRANSLATE_NOOP("Cli", "`pmdaemon help` lists the options of all.")));
        if (isNeeded(*command))
            row.accept(*command, choices);
        rows[command] = &row;
    }
    return rows;
}

/// The words that may stand where `word` stands: commands, or options of the chosen command.
std::vector<std::string> acceptedFor(const std::string &word, const CLI::App &app)
{
    std::vector<std::string> words;
    const auto append = [&words](const std::vector<std::string> &names, const char *prefix) {
        for (const std::string &name : names)
            words.push_back(prefix + name);
    };
    if (word.starts_with('-')) {
        std::vector<const CLI::App *> levels = {&app};
        for (const CLI::App *chosen : app.get_subcommands())
            levels.push_back(chosen);
        for (const CLI::App *level : levels) {
            for (const CLI::Option *option : level->get_options())
                append(option->get_lnames(), "--");
        }
    } else if (app.get_subcommands().empty()) {
        for (const CommandRow &row : commandRows()) {
            append({row.name}, "");
            append({row.aliases.begin(), row.aliases.end()}, "");
        }
    }
    return words;
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
    const std::vector<std::string> accepted = acceptedFor(about, app);
    const std::vector<QLatin1StringView> names(accepted.begin(), accepted.end());
    const QString word = toQString(about);
    output.complain(Cli::tr("there is no command %1").arg(word) + didYouMean(word, names) + u'\n' +
                    Cli::tr("`pmdaemon help` lists the commands"));
    return ExitCode::Usage;
}

/// What is wrong with the command line, with the word that was most likely meant.
QString complaintOf(const CLI::App &app, const CLI::ParseError &error)
{
    const std::vector<std::string> unknown = app.remaining(true);
    const bool isExtra = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
    const bool hasCommand = !app.get_subcommands().empty();
    // Without a command CLI11 misses one, whatever stands in its place.
    if (unknown.empty() || (hasCommand && !isExtra))
        return QString::fromUtf8(error.what());
    const QString word = toQString(unknown.front());
    const std::vector<std::string> accepted = acceptedFor(unknown.front(), app);
    const std::vector<QLatin1StringView> names(accepted.begin(), accepted.end());
    const QString text = word.startsWith(u'-') ? Cli::tr("there is no option %1")
                         : hasCommand          ? Cli::tr("%1 is one argument too many")
                                               : Cli::tr("there is no command %1");
    return text.arg(word) + didYouMean(word, names);
}

/// The message of a wrong command line, or the help that was asked for.
ExitCode endParsing(const CLI::App &app, const CLI::ParseError &error, Output &output)
{
    const bool isHelp = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
    const std::vector<CLI::App *> chosen = app.get_subcommands();
    if (isHelp)
        return help(chosen.empty() ? std::string() : chosen.front()->get_name(), output);
    return report(output, {ExitCode::Usage,
                           complaintOf(app, error) + u'\n' +
                               (chosen.empty() ? Cli::tr("`pmdaemon help` lists the commands")
                                               : Cli::tr("`pmdaemon help %1` explains the command")
                                                     .arg(toQString(chosen.front()->get_name())))});
}

/// Nothing that is opened later may become a standard stream that the caller has closed: output
/// would go there.
void occupyStandardStreams()
{
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(stream, F_GETFD) < 0) // as useless as it was
            ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

[[noreturn]] void interrupted(int)
{
    ::_exit(static_cast<int>(ExitCode::Interrupted));
}

/// Where the daemon is whose processes are completed, as far as the words say it.
ConnectionOptions connectionIn(const QStringList &words)
{
    Choices choices;
    const auto valueOf = [&words](const QString &option) {
        const qsizetype at = words.indexOf(option);
        return at < 0 ? std::string() : words.value(at + 1).toStdString();
    };
    choices.home = valueOf(u"--home"_s);
    choices.host = valueOf(u"--host"_s);
    choices.tokenFile = valueOf(u"--token-file"_s);
    choices.fingerprint = valueOf(u"--fingerprint"_s);
    choices.timeout = "1s"; // nobody waits for a completion
    choices.noSpawn = true;
    return connectionOptions(choices).value_or(ConnectionOptions{});
}

/// `__complete -- WORD…`, for the shells: a candidate per line, with what it is behind a tab.
ExitCode complete(const QStringList &words)
{
    CLI::App app(programDescription(), programName);
    Choices unused;
    buildTree(app, unused);
    Completion completion = completionFor(app, words);
    if (completion.processes) {
        Session session(connectionIn(words));
        if (session.connect())
            completion.candidates += processesFor(session.backend().processes(), words.constLast());
    }
    QByteArray lines;
    for (const Candidate &candidate : std::as_const(completion.candidates)) {
        lines += candidate.text.toUtf8();
        if (!candidate.about.isEmpty())
            lines += '\t' + candidate.about.toUtf8();
        lines += '\n';
    }
    if (completion.files)
        lines += ":files\n";
    Output({}).write(lines);
    return ExitCode::Ok;
}

/// `__man`, for the build: the page is made of the tree.
ExitCode printManPage()
{
    CLI::App app(programDescription(), programName);
    Choices unused;
    buildTree(app, unused);
    Output({}).write(manPage(app));
    return ExitCode::Ok;
}

ExitCode parseAndRun(int argc, char **argv)
{
    const QStringList words = QCoreApplication::arguments().sliced(1);
    if (words.size() > 2 && words[0] == "__complete"_L1)
        return complete(words.sliced(2));
    if (words == QStringList{u"__man"_s})
        return printManPage();
    Choices choices;
    const CommandRow *chosen = nullptr;
    {
        CLI::App app(programDescription(), programName); // no daemon has it in memory for its life
        const auto isNamed = [&](const CLI::App &command) {
            return std::any_of(argv + 1, argv + argc,
                               [&](const char *word) { return command.check_name(word); });
        };
        const auto rows = buildTree(app, choices, isNamed);
        try {
            app.parse(argc, argv);
        } catch (const CLI::ParseError &error) {
            Output output({.json = words.contains("--json"_L1)}); // parsing ended, maybe before it
            return endParsing(app, error, output);
        }
        chosen = rows.at(app.get_subcommands().front());
    }
    Output output({.json = choices.json, .quiet = choices.quiet, .noColour = choices.noColour});
    const CommandRow &row = *chosen;
    if (!row.run)
        return help(choices.what, output);
    const Checked<ConnectionOptions> options = connectionOptions(choices);
    if (!options)
        return report(output, options.error());
    const auto warn = [&output](const QString &problem) {
        output.complain(problem + u'\n' +
                        Cli::tr("`pmdaemon doctor` says what is well and what not"));
    };
    // The doctor tells it as a finding.
    Session session(*options, row.run == doctor ? Session::ProblemListener() : warn);
    Context context{session, output};
    return row.run(context, choices);
}

} // namespace

int runCli(int argc, char **argv)
{
    occupyStandardStreams();
    std::signal(SIGINT, interrupted);
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(u"pmdaemon"_s);
    QCoreApplication::setApplicationVersion(QStringLiteral(PMDAEMON_VERSION));
    return static_cast<int>(parseAndRun(argc, argv));
}

} // namespace pmdaemon
