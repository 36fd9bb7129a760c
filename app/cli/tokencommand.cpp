// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "app/cli/table.h"
#include "core/config/namedtokens.h"

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

QJsonObject toJson(const NamedToken &token)
{
    return {{u"name"_s, token.name},
            {u"role"_s, toString(token.role)},
            {u"created_at"_s, toRfc3339(token.createdAt)},
            {u"expires_at"_s,
             token.expiresAt ? QJsonValue(toRfc3339(*token.expiresAt)) : QJsonValue::Null}};
}

ExitCode reportError(Context &context, const Error &error)
{
    return report(context, {exitCodeFor(error), error.message});
}

ExitCode create(Context &context, const TokenOptions &options)
{
    NamedToken made{options.name, options.role, {}, wallNow(), {}, false};
    if (options.expiresIn)
        made.expiresAt = made.createdAt + *options.expiresIn;
    const Result<QByteArray> token = createNamedToken(context.session.options().home, made);
    if (!token)
        return reportError(context, token.error());
    if (context.output.json()) {
        QJsonObject json = toJson(made);
        json.insert(u"token"_s, QString::fromLatin1(*token));
        context.output.write(json);
        return ExitCode::Ok;
    }
    context.output.complain(Cli::tr("Keep it now: it is not stored, and not shown again."));
    context.output.write(*token + '\n');
    return ExitCode::Ok;
}

ExitCode list(Context &context)
{
    QStringList problems;
    const QList<NamedToken> tokens = readNamedTokens(context.session.options().home, problems);
    for (const QString &problem : std::as_const(problems))
        context.output.complain(problem);
    if (context.output.json()) {
        QJsonArray json;
        for (const NamedToken &token : tokens)
            json.append(toJson(token));
        context.output.write(json);
        return ExitCode::Ok;
    }
    QList<QList<TableCell>> rows;
    for (const NamedToken &token : tokens) {
        const bool isOver = token.expiresAt && *token.expiresAt <= wallNow();
        const QString end = !token.expiresAt ? Cli::tr("never")
                            : isOver         ? Cli::tr("has expired")
                                             : toRfc3339(*token.expiresAt);
        rows.append({{token.name}, {toString(token.role)}, {toRfc3339(token.createdAt)}, {end}});
    }
    if (rows.isEmpty())
        context.output.say(Cli::tr("there are none; `pmdaemon token create NAME` makes one"));
    else
        context.output.write(renderTable({{.title = Cli::tr("name")},
                                          {.title = Cli::tr("allows")},
                                          {.title = Cli::tr("made")},
                                          {.title = Cli::tr("expires")}},
                                         rows, context.output.width()));
    return ExitCode::Ok;
}

ExitCode revoke(Context &context, const TokenOptions &options)
{
    const Result<void> revoked = revokeNamedToken(context.session.options().home, options.name);
    if (!revoked)
        return reportError(context, revoked.error());
    if (context.output.json())
        context.output.write(QJsonObject{{u"revoked"_s, options.name}});
    context.output.say(
        Cli::tr("%1: revoked; who is connected with it is let go of").arg(options.name));
    return ExitCode::Ok;
}

} // namespace

ExitCode runToken(Context &context, const TokenOptions &options)
{
    if (options.action == "list"_L1)
        return list(context);
    return options.action == "create"_L1 ? create(context, options) : revoke(context, options);
}

} // namespace pmdaemon
