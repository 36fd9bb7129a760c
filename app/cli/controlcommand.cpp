// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"

#include <algorithm>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

/// True when the user agrees, or cannot be asked.
bool mayDelete(Context &context, const TargetOptions &options)
{
    QStringList names;
    for (const QString &target : options.targets) {
        for (const ProcessEntry &entry : context.session.backend().resolve(target)) {
            if (!names.contains(entry.name))
                names.append(entry.name);
        }
    }
    if (options.force || names.size() < 2 || !canAsk())
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
    if (action == Action::Delete && !mayDelete(context, options))
        return report(context, {ExitCode::Interrupted, Cli::tr("nothing was deleted")});
    QList<Command> commands;
    for (const QString &target : options.targets)
        commands.append({.action = action,
                         .target = target,
                         .config = {},
                         .instances = options.instances,
                         .signal = options.signal});
    return carryOut(context, commands);
}

} // namespace pmdaemon
