// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "app/cli/ecosystemapps.h"
#include "core/config/specfields.h"
#include "core/config/specvalues.h"

#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

tl::expected<QList<Command>, Failure> commandsOfFile(Context &context, const StartOptions &options)
{
    if (!options.fields.isEmpty() || !options.arguments.isEmpty())
        return tl::unexpected(Failure{
            ExitCode::Usage,
            Cli::tr("%1: options and arguments are not combined with a configuration file; write "
                    "them into it")
                .arg(options.what)});
    const auto ecosystem = readEcosystem(context, options.what, options.file);
    if (!ecosystem)
        return tl::unexpected(ecosystem.error());
    QList<Command> commands;
    for (const ProcessSpec &spec : ecosystem->apps)
        commands.append({.action = Action::Start, .target = spec.name, .config = specToJson(spec)});
    return commands;
}

/// A file becomes absolute, since the daemon's folder is another one; a command line and a program
/// on PATH stay as they are.
std::optional<QString> scriptOf(const QString &what)
{
    const QFileInfo info(what);
    if (info.isFile())
        return info.absoluteFilePath();
    const QString program = what.section(u' ', 0, 0, QString::SectionSkipEmpty);
    const QFileInfo first(program);
    if (program != what && first.isFile())
        return what;
    const bool found =
        !program.contains(u'/') && !QStandardPaths::findExecutable(program).isEmpty();
    return found ? std::optional(what) : std::nullopt;
}

tl::expected<Command, Failure> commandOfScript(const StartOptions &options, const Backend &backend)
{
    const bool isForShell = options.fields.value("shell"_L1).toBool();
    const std::optional<QString> script =
        isForShell ? std::optional(options.what) : scriptOf(options.what);
    if (!script) {
        const Error error{ErrorCode::NotFound, Cli::tr("%1: there is no process and no file of "
                                                       "this name, and no such program on PATH")
                                                   .arg(options.what)};
        return tl::unexpected(
            Failure{ExitCode::NotFound, error.message + suggestion(backend, options.what, error)});
    }
    QJsonObject config = options.fields;
    config[u"script"_s] = *script;
    config[u"cwd"_s] = QDir::current().absoluteFilePath(config[u"cwd"_s].toString());
    if (!options.arguments.isEmpty())
        config[u"args"_s] = QJsonArray::fromStringList(options.arguments);
    const auto spec = specFromJson(config);
    if (!spec)
        return tl::unexpected(Failure{ExitCode::ConfigInvalid, specError(spec.error()).message});
    config[u"name"_s] = spec->name;
    return Command{.action = Action::Start, .target = spec->name, .config = config};
}

/// An existing entry where nothing is given that would define another one.
bool namesEntry(const Backend &backend, const StartOptions &options)
{
    QJsonObject defining = options.fields;
    defining.remove("port"_L1);
    defining.remove("instances"_L1);
    return defining.isEmpty() && options.arguments.isEmpty() &&
           !backend.resolve(options.what).isEmpty();
}

Command commandOfEntry(const StartOptions &options)
{
    Command command{.action = Action::Start, .target = options.what};
    if (options.fields.contains("port"_L1))
        command.port = PortsValue::parse(options.fields["port"_L1]);
    if (options.fields.contains("instances"_L1))
        command.instances = InstancesValue::parse(options.fields["instances"_L1]);
    return command;
}

} // namespace

ExitCode runStart(Context &context, const StartOptions &options)
{
    QList<Command> commands;
    if (isEcosystemFile(options.what)) {
        // Before the daemon is bothered: what is wrong in the file is wrong without it.
        auto ofFile = commandsOfFile(context, options);
        if (!ofFile)
            return report(context, ofFile.error());
        commands = *std::move(ofFile);
    }
    if (const auto connected = context.session.connect(); !connected)
        return report(context, connected.error());
    if (!commands.isEmpty())
        return carryOut(context, commands);
    if (namesEntry(context.session.backend(), options))
        return carryOut(context, {commandOfEntry(options)});
    const auto command = commandOfScript(options, context.session.backend());
    return command ? carryOut(context, {*command}) : report(context, command.error());
}

} // namespace pmdaemon
