// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "app/cli/sanitize.h"

#include <QFile>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

using Variables = QMap<QString, QString>;

/// What the program began with, proc(5); it may have changed it since.
tl::expected<Variables, QString> environmentOf(const ProcessEntry &entry)
{
    if (!entry.pid)
        return tl::unexpected(Cli::tr("%1 is not running").arg(entry.name));
    QFile file(u"/proc/%1/environ"_s.arg(*entry.pid));
    if (!file.open(QIODevice::ReadOnly))
        return tl::unexpected(Cli::tr("the environment of %1 cannot be read: %2")
                                  .arg(entry.name, file.errorString()));
    Variables variables;
    for (const QByteArray &variable : file.readAll().split('\0')) {
        const qsizetype equals = variable.indexOf('=');
        if (equals > 0)
            variables.insert(QString::fromUtf8(variable.first(equals)),
                             QString::fromUtf8(variable.sliced(equals + 1)));
    }
    return variables;
}

QByteArray textOf(const Variables &variables)
{
    QByteArray text;
    for (auto it = variables.cbegin(); it != variables.cend(); ++it)
        text += harmless(QString(it.key() + u'=' + it.value()).toUtf8(), Colours::Strip) + '\n';
    return text;
}

QJsonObject toJson(const ProcessEntry &entry, const Variables &variables)
{
    QJsonObject env;
    for (auto it = variables.cbegin(); it != variables.cend(); ++it)
        env.insert(it.key(), *it);
    return {{u"name"_s, entry.name}, {u"pid"_s, entry.pid.value_or(0)}, {u"env"_s, env}};
}

} // namespace

ExitCode runEnv(Context &context, const TargetOptions &options)
{
    if (!context.session.options().host.isEmpty())
        return report(context, {ExitCode::Usage, Cli::tr("the environment of processes is shown on "
                                                         "their own machine alone")});
    if (const auto connected = context.session.connect(); !connected)
        return report(context, connected.error());
    const Backend &backend = context.session.backend();
    ExitCode code = ExitCode::Ok;
    QJsonArray array;
    QByteArrayList texts;
    const auto fail = [&](const QString &name, const Error &error, const QString &hint = {}) {
        context.output.complain(error.message + hint);
        array.append(failedTarget(name, error));
        code = code == ExitCode::Ok ? exitCodeFor(error) : code;
    };
    for (const QString &target : options.targets) {
        const QList<ProcessEntry> found = backend.resolve(target);
        const Error missing{ErrorCode::NotFound, Cli::tr("there is no process “%1”").arg(target)};
        if (found.isEmpty() && target != "all"_L1)
            fail(target, missing, suggestion(backend, target, missing));
        for (const ProcessEntry &entry : found) {
            const auto variables = environmentOf(entry);
            if (!variables) {
                fail(entry.name, {ErrorCode::NotRunning, variables.error()});
                continue;
            }
            array.append(toJson(entry, *variables));
            texts.append(textOf(*variables));
        }
    }
    if (context.output.json())
        context.output.write(array);
    else
        context.output.write(texts.join('\n'));
    return code;
}

} // namespace pmdaemon
