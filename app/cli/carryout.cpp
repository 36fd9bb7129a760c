// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"

#include "app/cli/clitext.h"
#include "core/model/nearestname.h"
#include "core/protocol/servermessage.h"

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

QString standing(const ProcessEntry &entry)
{
    QStringList facts;
    if (entry.pid)
        facts.append(Cli::tr("pid %1").arg(*entry.pid));
    if (entry.port)
        facts.append(Cli::tr("port %1").arg(*entry.port));
    if (!entry.pid && entry.reason)
        facts.append(*entry.reason);
    QString text = entry.name + ": "_L1 + toString(entry.status);
    if (!facts.isEmpty())
        text += " ("_L1 + facts.join(", "_L1) + u')';
    return text;
}

QString sentence(const ProcessEntry &entry, const Command &command)
{
    switch (command.action) {
    case Action::Delete:
        return Cli::tr("%1: deleted").arg(entry.name);
    case Action::Signal:
        return Cli::tr("%1: %2 was sent to it").arg(entry.name, command.signal);
    case Action::Reset:
        return Cli::tr("%1: restarts are counted from 0").arg(entry.name);
    case Action::Flush:
        return Cli::tr("%1: its log files are empty").arg(entry.name);
    case Action::Send:
        return Cli::tr("%1: the line was sent to it").arg(entry.name);
    case Action::Start:
    case Action::Stop:
    case Action::Restart:
    case Action::Reload:
    case Action::Scale:
        break;
    }
    return standing(entry);
}

QString failureText(const Command &command, const Error &error)
{
    QStringList lines;
    for (const QJsonValue &value : error.details["failed"_L1].toArray())
        lines.append(value["process"_L1].toString() + ": "_L1 + value["message"_L1].toString());
    if (!lines.isEmpty())
        return lines.join(u'\n');
    return Cli::tr("%1 %2: %3").arg(toString(command.action), command.target, error.message);
}

void reportDone(Output &output, const Command &command, const CommandResult &result)
{
    for (const ProcessEntry &entry : result.processes)
        output.say(sentence(entry, command));
    if (result.processes.isEmpty())
        output.say(command.target + ": "_L1 + result.message);
}

} // namespace

QString suggestion(const Backend &backend, const QString &target, const Error &error)
{
    if (error.code != ErrorCode::NotFound)
        return {};
    QByteArrayList texts;
    for (const ProcessEntry &entry : backend.processes())
        texts << entry.name.toLatin1() << entry.app.toLatin1();
    const std::vector<QLatin1StringView> names(texts.cbegin(), texts.cend());
    return didYouMean(target, names);
}

ExitCode report(Output &output, const Failure &failure)
{
    output.complain(failure.message);
    if (output.json() && !output.hasValue())
        output.write(QJsonObject{{u"error"_s, QJsonObject{{u"code"_s, toString(failure.code)},
                                                          {u"message"_s, failure.message}}}});
    return failure.code;
}

ExitCode report(Context &context, const Failure &failure)
{
    return report(context.output, failure);
}

QJsonObject failedTarget(const QString &target, const Error &error)
{
    return {{u"target"_s, target},
            {u"error"_s,
             QJsonObject{{u"code"_s, toString(error.code)}, {u"message"_s, error.message}}}};
}

ExitCode carryOut(Context &context, const QList<Command> &commands)
{
    QList<Reply<CommandResult>> replies;
    for (const Command &command : commands)
        replies.append(context.session.backend().command(command));

    ExitCode code = ExitCode::Ok;
    QJsonArray results;
    for (qsizetype i = 0; i < commands.size(); ++i) {
        if (commands.size() > 1 && !replies[i].isFinished())
            context.output.progress(Cli::tr("%1 of %2 …").arg(i).arg(commands.size()));
        const Result<CommandResult> result = await(replies[i]);
        context.output.progress({});
        if (result) {
            reportDone(context.output, commands[i], *result);
            results.append(toJson(*result, commands[i]));
            continue;
        }
        context.output.complain(
            failureText(commands[i], result.error()) +
            suggestion(context.session.backend(), commands[i].target, result.error()));
        results.append(failedCommandToJson(result.error(), commands[i]));
        if (code == ExitCode::Ok)
            code = exitCodeFor(result.error(), commands[i].action);
    }
    if (context.output.json())
        context.output.write(results);
    return code;
}

} // namespace pmdaemon
