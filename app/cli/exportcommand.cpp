// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/ecosystemapps.h"
#include "core/config/variables.h"

#include <QJsonDocument>
#include <QSet>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

tl::expected<QJsonArray, Failure> appsOf(Context &context, const QStringList &targets)
{
    if (const auto connected = context.session.connect(); !connected)
        return tl::unexpected(connected.error());
    RemoteBackend &backend = context.session.backend();
    QSet<QString> seen;
    QJsonArray apps;
    for (const QString &target : targets) {
        if (target == "all"_L1 && backend.processes().isEmpty())
            continue;
        const Result<QList<ProcessDetail>> details = await(backend.processInfo(target));
        if (!details)
            return tl::unexpected(
                Failure{exitCodeFor(details.error()),
                        details.error().message + suggestion(backend, target, details.error())});
        for (const ProcessDetail &detail : *details) {
            QJsonObject config = detail.config;
            config.remove("config_file"_L1);
            config.remove("config_env"_L1);
            if (!seen.contains(detail.entry.app))
                apps.append(withoutVariables(QJsonValue(config)));
            seen.insert(detail.entry.app);
        }
    }
    return apps;
}

ExitCode runExport(Context &context, const TargetOptions &options)
{
    const auto apps =
        appsOf(context, options.targets.isEmpty() ? QStringList{u"all"_s} : options.targets);
    if (!apps)
        return report(context, apps.error());
    const QJsonObject file{{u"apps"_s, *apps}};
    if (context.output.json())
        context.output.write(file);
    else
        context.output.write(QJsonDocument(file).toJson());
    return ExitCode::Ok;
}

} // namespace pmdaemon
