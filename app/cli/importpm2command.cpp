// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "app/cli/ecosystemapps.h"
#include "core/config/pm2dump.h"

#include <QDir>
#include <QFile>

#include <csignal>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

QString pm2Home()
{
    const QString named = qEnvironmentVariable("PM2_HOME");
    return named.isEmpty() ? QDir::homePath() + "/.pm2"_L1 : named;
}

/// The PM2 that runs its apps now; 0 when there is none.
pid_t runningPm2()
{
    QFile file(pm2Home() + "/pm2.pid"_L1);
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const pid_t pid = file.readAll().trimmed().toInt();
    return pid > 0 && ::kill(pid, 0) == 0 ? pid : 0;
}

tl::expected<Pm2Dump, Failure> readDump(const QString &path)
{
    QFile file(path);
    if (!file.exists())
        return tl::unexpected(
            Failure{ExitCode::ConfigMissing,
                    Cli::tr("%1: there is no such file; `pm2 save` writes it").arg(path)});
    if (!file.open(QIODevice::ReadOnly))
        return tl::unexpected(
            Failure{ExitCode::ConfigUnreadable, Cli::tr("%1: cannot be read").arg(path)});
    const Result<Pm2Dump> dump =
        readPm2Dump(file.readAll(), QProcessEnvironment::systemEnvironment());
    if (!dump)
        return tl::unexpected(
            Failure{ExitCode::ConfigInvalid, path + ": "_L1 + dump.error().message});
    return *dump;
}

} // namespace

ExitCode runImportPm2(Context &context, const ImportOptions &options)
{
    const QString path = options.dump.isEmpty() ? pm2Home() + "/dump.pm2"_L1 : options.dump;
    const auto dump = readDump(path);
    if (!dump)
        return report(context, dump.error());
    if (const pid_t pid = runningPm2(); pid > 0 && !options.dryRun && !options.force)
        return report(context,
                      {ExitCode::Failure,
                       Cli::tr("PM2 is running (pid %1), and its apps would run twice; end it "
                               "with `pm2 kill`, or use --force")
                           .arg(pid)});
    for (const QString &notice : dump->notices)
        context.output.complain(notice);
    return applyApps(context, dump->apps, {}, options.dryRun);
}

} // namespace pmdaemon
