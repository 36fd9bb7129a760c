// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/manpage.h"

#include "app/cli/clitext.h"
#include "app/cli/exitcode.h"

namespace pmdaemon {

namespace {

struct Meaning
{
    QByteArray term;
    const char *text;
};

QByteArray numberOf(ExitCode code)
{
    return QByteArray::number(int(code));
}

QList<Meaning> exitCodes()
{
    using enum ExitCode;
    return {{numberOf(Ok), QT_TRANSLATE_NOOP("Cli", "it is done")},
            {numberOf(Failure), QT_TRANSLATE_NOOP("Cli", "another failure")},
            {numberOf(Usage), QT_TRANSLATE_NOOP("Cli", "the command line is wrong")},
            {numberOf(NotFound), QT_TRANSLATE_NOOP("Cli", "there is no such process")},
            {numberOf(Exists), QT_TRANSLATE_NOOP("Cli", "there is one of this name already")},
            {numberOf(StartFailed), QT_TRANSLATE_NOOP("Cli", "a start failed")},
            {numberOf(StopFailed), QT_TRANSLATE_NOOP("Cli", "a stop failed")},
            {numberOf(RestartFailed), QT_TRANSLATE_NOOP("Cli", "a restart failed")},
            {numberOf(ConfigMissing), QT_TRANSLATE_NOOP("Cli", "there is no such file")},
            {numberOf(ConfigUnreadable), QT_TRANSLATE_NOOP("Cli", "the file cannot be read")},
            {numberOf(ConfigInvalid), QT_TRANSLATE_NOOP("Cli", "the file says what cannot be")},
            {numberOf(PortInUse), QT_TRANSLATE_NOOP("Cli", "a port is in use")},
            {numberOf(HealthCheckFailed), QT_TRANSLATE_NOOP("Cli", "a health check failed")},
            {numberOf(HealthWaitTimedOut),
             QT_TRANSLATE_NOOP("Cli", "a process was not healthy in time")},
            {numberOf(DaemonUnreachable), QT_TRANSLATE_NOOP("Cli", "no daemon answers")},
            {numberOf(Network), QT_TRANSLATE_NOOP("Cli", "the connection was lost")},
            {numberOf(Permission), QT_TRANSLATE_NOOP("Cli", "this user or token may not do that")},
            {numberOf(Resources),
             QT_TRANSLATE_NOOP("Cli", "the machine is short of processes, memory or room")},
            {numberOf(Interrupted), QT_TRANSLATE_NOOP("Cli", "Ctrl-C ended it")}};
}

QList<Meaning> environment()
{
    return {
        {"PMDAEMON_HOME", QT_TRANSLATE_NOOP("Cli", "the daemon's folder (~/.pmdaemon)")},
        {"PMDAEMON_*", QT_TRANSLATE_NOOP("Cli", "each setting of `pmdaemon daemon`, in capitals")},
        {"NO_COLOR", QT_TRANSLATE_NOOP("Cli", "no colours, if it is not empty")}};
}

/// As text that means nothing to roff: https://man7.org/linux/man-pages/man7/groff_char.7.html
QByteArray roff(const std::string &text)
{
    QByteArray escaped = QByteArray::fromStdString(text);
    escaped.replace('\\', "\\e").replace('-', "\\-").replace('\n', ' ');
    if (escaped.startsWith('.') || escaped.startsWith('\''))
        escaped.prepend("\\&");
    return escaped;
}

QByteArray roff(const QByteArray &text)
{
    return roff(text.toStdString());
}

QByteArray section(const QString &title)
{
    return ".SH " + roff(title.toUpper().toUtf8()) + '\n';
}

/// A term and what it is.
QByteArray entry(const QByteArray &term, const QByteArray &text)
{
    return ".TP\n" + term + '\n' + text + '\n';
}

QByteArray bold(const std::string &text)
{
    return "\\fB" + roff(text) + "\\fR";
}

QByteArray italic(const std::string &text)
{
    return "\\fI" + roff(text) + "\\fR";
}

QByteArray termOf(const CLI::Option &option)
{
    if (option.get_positional())
        return italic(option.get_name());
    QByteArrayList names;
    for (const std::string &name : option.get_snames())
        names.append(bold('-' + name));
    for (const std::string &name : option.get_lnames())
        names.append(bold("--" + name));
    const QByteArray term = names.join(", ");
    // Behind a colon stands what CLI11 checks, which the description says in words.
    const std::string type = option.get_type_name().substr(0, option.get_type_name().find(':'));
    return option.get_items_expected_max() > 0 ? term + ' ' + italic(type) : term;
}

QByteArray optionsOf(const CLI::App &command)
{
    QByteArray text;
    for (const CLI::Option *option : command.get_options()) {
        if (option != command.get_help_ptr())
            text += entry(termOf(*option), roff(option->get_description()));
    }
    return text;
}

QByteArray usageOf(const CLI::App &command)
{
    QByteArray usage = bold("pmdaemon " + command.get_name());
    bool hasOptions = false;
    for (const CLI::Option *option : command.get_options())
        hasOptions = hasOptions || (option->nonpositional() && option != command.get_help_ptr());
    if (hasOptions)
        usage += " [" + italic("OPTION") + "...]";
    for (const CLI::Option *option : command.get_options()) {
        if (!option->get_positional())
            continue;
        const bool isList = option->get_items_expected_max() > 1;
        const QByteArray name = italic(option->get_name()) + (isList ? "..." : "");
        usage += option->get_required() ? QByteArray(' ' + name) : QByteArray(" [" + name + ']');
    }
    return usage;
}

QByteArray commandText(const CLI::App &command)
{
    QByteArray heading = roff(command.get_name());
    for (const std::string &alias : command.get_aliases())
        heading += ", " + roff(alias);
    const std::string about = command.get_description();
    return ".SS " + heading + '\n' + usageOf(command) + "\n.PP\n" + roff(about) + '\n' +
           optionsOf(command);
}

QByteArray listOf(const QList<Meaning> &meanings)
{
    QByteArray text;
    for (const Meaning &meaning : meanings)
        text += entry(bold(meaning.term.toStdString()), roff(Cli::tr(meaning.text).toUtf8()));
    return text;
}

} // namespace

QByteArray manPage(const CLI::App &tree)
{
    QByteArray page = ".TH PMDAEMON 1 \"\" \"PMDaemon " PMDAEMON_VERSION "\"\n";
    page += section(Cli::tr("Name")) + "pmdaemon \\- " + roff(tree.get_description()) + '\n';
    page += section(Cli::tr("Synopsis")) + bold("pmdaemon") + ' ' + italic("COMMAND") + " [" +
            italic("OPTION") + "...]\n";
    page += section(Cli::tr("Description")) +
            roff(Cli::tr("A command that needs the daemon starts it in the background where none "
                         "runs. TARGET is a name, an app, an id, all or namespace:NAME. With "
                         "several, all are tried and reported, and the exit code is that of the "
                         "first failure.")
                     .toUtf8()) +
            '\n';
    page += section(Cli::tr("Global options")) + optionsOf(tree);
    page += section(Cli::tr("Commands"));
    for (const CLI::App *command : tree.get_subcommands([](const CLI::App *) { return true; }))
        page += commandText(*command);
    page += section(Cli::tr("Exit status")) + listOf(exitCodes());
    page += section(Cli::tr("Environment")) + listOf(environment());
    return page;
}

} // namespace pmdaemon
