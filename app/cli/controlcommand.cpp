// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "app/cli/ecosystemapps.h"

#include <QFileInfo>

#include <algorithm>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

/// The targets with the apps of a file in its place, which the daemon knows nothing of.
tl::expected<QStringList, Failure> withoutFiles(Context &context, const QStringList &targets)
{
    QStringList names;
    for (const QString &target : targets) {
        const bool isFile = isEcosystemFile(target) && QFileInfo(target).isFile() &&
                            context.session.backend().resolve(target).isEmpty();
        if (!isFile) {
            names.append(target);
            continue;
        }
        const auto ecosystem = readEcosystem(context, target, {});
        if (!ecosystem)
            return tl::unexpected(ecosystem.error());
        for (const ProcessSpec &spec : ecosystem->apps)
            names.append(spec.name);
    }
    return names;
}

/// Those of them that have one of these statuses, by id; what names nothing stays, to be told.
QStringList ofStatus(const Backend &backend, const QStringList &targets,
                     const QList<ProcessStatus> &statuses)
{
    QStringList chosen;
    for (const QString &target : targets) {
        const QList<ProcessEntry> found = backend.resolve(target);
        if (found.isEmpty() && target != "all"_L1)
            chosen.append(target);
        for (const ProcessEntry &entry : found) {
            const QString id = QString::number(toInt(entry.id));
            if (statuses.contains(entry.status) && !chosen.contains(id))
                chosen.append(id);
        }
    }
    return chosen;
}

/// True when the user agrees, or cannot be asked.
bool mayDelete(Context &context, const QStringList &targets, bool force)
{
    QStringList names;
    for (const QString &target : targets) {
        for (const ProcessEntry &entry : context.session.backend().resolve(target)) {
            if (!names.contains(entry.name))
                names.append(entry.name);
        }
    }
    if (force || names.size() < 2 || !canAsk())
        return true;
    constexpr qsizetype shown = 8;
    QString list = names.first(std::min(shown, names.size())).join(", "_L1);
    if (names.size() > shown)
        list += ", …"_L1;
    return askYesNo(
        Cli::tr("Delete %n process(es) (%1)?", nullptr, static_cast<int>(names.size())).arg(list));
}

} // namespace

ExitCode runControl(Context &context, Action action, const TargetOptions &options)
{
    if (const auto connected = context.session.connect(); !connected)
        return report(context, connected.error());
    auto targets = withoutFiles(context, options.targets);
    if (!targets)
        return report(context, targets.error());
    if (!options.statuses.isEmpty())
        targets = ofStatus(context.session.backend(), *targets, options.statuses);
    if (targets->isEmpty())
        context.output.say(Cli::tr("none of them has this status"));
    if (action == Action::Delete && !mayDelete(context, *targets, options.force))
        return report(context, {ExitCode::Interrupted, Cli::tr("nothing was deleted")});
    QList<Command> commands;
    for (const QString &target : std::as_const(*targets))
        commands.append(
            {.action = action,
             .target = target,
             .config = {},
             .instances = options.instances,
             .signal = options.signal,
             .line = action == Action::Send ? std::optional(options.line) : std::nullopt,
             .port = options.port,
             .waits = options.waits,
             .keepsLogs = !options.deletesLogs});
    return carryOut(context, commands);
}

} // namespace pmdaemon
