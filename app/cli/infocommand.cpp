// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "app/cli/sanitize.h"
#include "app/cli/units.h"
#include "core/protocol/servermessage.h"

#include <QJsonDocument>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

using Facts = QList<std::pair<QString, QString>>;

QString valueText(const QJsonValue &value)
{
    if (value.isString())
        return value.toString();
    if (value.isDouble())
        return QString::number(value.toDouble(), 'g', 15);
    if (value.isBool())
        return value.toBool() ? u"true"_s : u"false"_s;
    const QJsonDocument document =
        value.isArray() ? QJsonDocument(value.toArray()) : QJsonDocument(value.toObject());
    return QString::fromUtf8(document.toJson(QJsonDocument::Compact));
}

void addRun(Facts &facts, const ProcessDetail &detail)
{
    const ProcessEntry &entry = detail.entry;
    if (entry.pid) {
        facts.append({Cli::tr("pid"), QString::number(*entry.pid)});
        facts.append({Cli::tr("uptime"), uptimeText(detail.sample.uptime)});
        facts.append({Cli::tr("cpu"), QString::number(detail.sample.cpu, 'f', 1) + u'%'});
        facts.append({Cli::tr("memory"), sizeText(detail.sample.memory)});
    }
    if (entry.port)
        facts.append({Cli::tr("port"), QString::number(*entry.port)});
    facts.append({Cli::tr("restarts"), QString::number(entry.restarts)});
    if (entry.exitCode)
        facts.append({Cli::tr("last exit code"), QString::number(*entry.exitCode)});
    if (entry.signal)
        facts.append({Cli::tr("last signal"), *entry.signal});
    if (entry.startedAt)
        facts.append({Cli::tr("started"), toRfc3339(*entry.startedAt)});
    facts.append({Cli::tr("created"), toRfc3339(entry.createdAt)});
}

Facts factsOf(const ProcessDetail &detail)
{
    const ProcessEntry &entry = detail.entry;
    Facts facts = {{Cli::tr("name"), entry.name},
                   {Cli::tr("id"), QString::number(toInt(entry.id))},
                   {Cli::tr("app"), entry.app},
                   {Cli::tr("instance"), QString::number(entry.instance)},
                   {Cli::tr("namespace"), entry.nameSpace},
                   {Cli::tr("status"), toString(entry.status)}};
    if (entry.reason)
        facts.append({Cli::tr("reason"), *entry.reason});
    facts.append({Cli::tr("health"), toString(entry.health)});
    addRun(facts, detail);
    facts.append({Cli::tr("output"), detail.outFile});
    facts.append({Cli::tr("errors"), detail.errorFile});
    for (auto it = detail.config.begin(); it != detail.config.end(); ++it) {
        if (it.key() != "name"_L1 && it.key() != "namespace"_L1)
            facts.append({it.key(), valueText(it.value())});
    }
    return facts;
}

QByteArray factsText(const Facts &facts)
{
    qsizetype width = 0;
    for (const auto &[key, value] : facts)
        width = std::max(width, key.size());
    QByteArray text;
    for (const auto &[key, value] : facts)
        text +=
            harmless(QString(key.leftJustified(width + 2) + value).toUtf8(), Colours::Strip) + '\n';
    return text;
}

} // namespace

ExitCode runInfo(Context &context, const TargetOptions &options)
{
    if (const auto connected = context.session.connect(); !connected)
        return report(context, connected.error());
    QList<Reply<QList<ProcessDetail>>> replies;
    for (const QString &target : options.targets)
        replies.append(context.session.backend().processInfo(target));

    ExitCode code = ExitCode::Ok;
    QJsonArray array;
    QByteArrayList texts;
    for (qsizetype i = 0; i < replies.size(); ++i) {
        const Result<QList<ProcessDetail>> details = await(replies[i]);
        if (!details) {
            context.output.complain(details.error().message + suggestion(context.session.backend(),
                                                                         options.targets[i],
                                                                         details.error()));
            array.append(failedTarget(options.targets[i], details.error()));
            code = code == ExitCode::Ok ? exitCodeFor(details.error()) : code;
            continue;
        }
        for (const ProcessDetail &detail : *details) {
            array.append(toJson(detail));
            texts.append(factsText(factsOf(detail)));
        }
    }
    if (context.output.json())
        context.output.write(array);
    else
        context.output.write(texts.join('\n'));
    return code;
}

} // namespace pmdaemon
