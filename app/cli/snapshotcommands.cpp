// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "app/cli/ecosystemapps.h"
#include "core/config/specvalues.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonDocument>
#include <QSaveFile>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

/// Where the snapshot of that name lies; a Failure where that is none.
tl::expected<QString, Failure> snapshotFile(const Context &context, const QString &name)
{
    const QString chosen = name.isEmpty() ? u"saved"_s : name;
    if (!isValidName(chosen))
        return tl::unexpected(
            Failure{ExitCode::Usage, Cli::tr("\"%1\" is no name of a snapshot; accepted is %2")
                                         .arg(chosen, NameValue::accepted)});
    return context.session.options().home + "/snapshots/"_L1 + chosen + ".json"_L1;
}

/// As an ecosystem file it would be a mistake; here there were no apps.
bool isEmptySnapshot(const QString &path)
{
    QFile file(path);
    const QJsonValue apps = file.open(QIODevice::ReadOnly)
                                ? QJsonDocument::fromJson(file.readAll())["apps"_L1]
                                : QJsonValue();
    return apps.isArray() && apps.toArray().isEmpty();
}

} // namespace

ExitCode runSave(Context &context, const FileOptions &options)
{
    const auto path = snapshotFile(context, options.file);
    if (!path)
        return report(context, path.error());
    const auto apps = appsOf(context, {u"all"_s});
    if (!apps)
        return report(context, apps.error());
    // What is in it may be secret.
    const bool hasFolder =
        QDir().mkpath(QFileInfo(*path).path()) &&
        QFile::setPermissions(QFileInfo(*path).path(),
                              QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    QSaveFile file(*path);
    const QByteArray text = QJsonDocument(QJsonObject{{u"apps"_s, *apps}}).toJson();
    if (!hasFolder || !file.open(QIODevice::WriteOnly) ||
        !file.setPermissions(QFile::ReadOwner | QFile::WriteOwner) ||
        file.write(text) != text.size() || !file.commit())
        return report(context,
                      {ExitCode::Failure,
                       Cli::tr("%1 cannot be written: %2").arg(*path, file.errorString())});
    if (context.output.json())
        context.output.write(QJsonObject{{u"file"_s, *path}, {u"apps"_s, apps->size()}});
    context.output.say(Cli::tr("%n app(s) saved in %1", nullptr, int(apps->size())).arg(*path));
    return ExitCode::Ok;
}

ExitCode runResurrect(Context &context, const FileOptions &options)
{
    const auto path = snapshotFile(context, options.file);
    if (!path)
        return report(context, path.error());
    if (!QFile::exists(*path))
        return report(context,
                      {ExitCode::ConfigMissing,
                       Cli::tr("%1: there is no such file; `pmdaemon save` writes it").arg(*path)});
    if (isEmptySnapshot(*path))
        return applyApps(context, {}, {}, false);
    const auto ecosystem = readEcosystem(context, *path, {});
    if (!ecosystem)
        return report(context, ecosystem.error());
    QList<ProcessSpec> apps = ecosystem->apps;
    for (ProcessSpec &app : apps)
        app.configFile.clear(); // a reload is not to read the snapshot
    return applyApps(context, apps, {}, false);
}

} // namespace pmdaemon
