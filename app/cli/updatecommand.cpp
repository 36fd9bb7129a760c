// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "app/cli/spawndaemon.h"
#include "app/daemon/detachedprogram.h"
#include "core/config/rundirectory.h"
#include "core/config/settings.h"
#include "core/process/installedprogram.h"
#include "core/process/processhandle.h"
#include "core/process/slotdirectory.h"

#include <QDeadlineTimer>
#include <QThread>

#include <csignal>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {

// An exec is seen in /proc alone, which tells nobody.
constexpr unsigned long lookAgain = 20; // ms
constexpr auto patience = 10s;

/// What runs the installed programs, and what does not yet.
struct Progress
{
    bool keeper = false;
    int shims = 0;
    QJsonArray pending; ///< slots

    bool isDone() const { return keeper && pending.isEmpty(); }
};

Progress progressOf(const QString &home, const QString &shim)
{
    Progress progress;
    const qint64 keeper = keeperPid(home);
    progress.keeper = keeper > 0 && !isOutdated(keeper, shim);
    for (const ProcessId id : SlotDirectory::all(home)) {
        const qint64 holder = SlotDirectory(home, runDirectoryOf(home), id).holder();
        if (isOutdated(holder, shim))
            progress.pending.append(toInt(id));
        else if (holder > 0)
            ++progress.shims;
    }
    return progress;
}

Progress waitForAll(const QString &home, const QString &shim)
{
    const QDeadlineTimer deadline(patience);
    Progress progress = progressOf(home, shim);
    while (!progress.isDone() && !deadline.hasExpired()) {
        QThread::msleep(lookAgain);
        progress = progressOf(home, shim);
    }
    return progress;
}

/// Why it cannot be done; nothing = it can.
std::optional<Failure> obstacle(const Context &context, qint64 daemon)
{
    const QString own = QCoreApplication::applicationFilePath();
    const QString theirs = programOf(daemon);
    if (keeperPid(context.session.options().home) == 0)
        return Failure{
            ExitCode::Failure,
            Cli::tr("the daemon (pid %1) runs in the foreground, and nothing would start "
                    "it again: end it and start it anew; its processes go on")
                .arg(daemon)};
    if (own != theirs)
        return Failure{
            ExitCode::Failure,
            Cli::tr("the daemon (pid %1) was started from %2; this is %3. Run the one that "
                    "it is to become, or `pmdaemon kill` and start it from here")
                .arg(daemon)
                .arg(theirs, own)};
    return {};
}

ExitCode show(Output &output, const Progress &progress, const SystemInfo &info, qint64 pid)
{
    if (output.json())
        output.write(QJsonObject{{u"version"_s, info.version},
                                 {u"daemon"_s, pid},
                                 {u"keeper"_s, progress.keeper},
                                 {u"shims"_s, progress.shims},
                                 {u"pending"_s, progress.pending}});
    output.say(Cli::tr("the daemon is version %1 now (pid %2)").arg(info.version).arg(pid));
    if (!progress.keeper)
        output.complain(Cli::tr("its keeper is still the old one; the daemon's log says why"));
    if (!progress.pending.isEmpty())
        output.complain(Cli::tr("%n shim(s) are still the old ones: they are replaced as soon as "
                                "their processes have started or stopped",
                                nullptr, int(progress.pending.size())));
    return progress.keeper ? ExitCode::Ok : ExitCode::Failure;
}

} // namespace

ExitCode runUpdate(Context &context)
{
    const ConnectionOptions &options = context.session.options();
    if (!options.host.isEmpty())
        return report(context, {ExitCode::Usage, Cli::tr("update replaces the daemon of this "
                                                         "machine; it does not go with --host")});
    const Result<QString> shim = findShim();
    if (!shim)
        return report(context, {ExitCode::Failure, shim.error().message});
    const QString run = runDirectoryOf(options.home);
    const Result<DaemonAddress> address = readDaemonAddress(run);
    const auto daemon = ProcessHandle::open(address ? static_cast<pid_t>(address->pid) : 0);
    // Identified after it was opened: from here on it cannot become another one.
    if (!daemon || daemon->isZombie() || !isOurDaemon(daemon->pid())) {
        context.output.say(Cli::tr("no daemon is running for %1: the next one is the installed one")
                               .arg(options.home));
        if (context.output.json())
            context.output.write(QJsonObject{{u"daemon"_s, QJsonValue::Null}});
        return ExitCode::Ok;
    }
    if (const std::optional<Failure> failure = obstacle(context, daemon->pid()))
        return report(context, *failure);
    if (const int code = daemon->signal(SIGUSR1))
        return report(context, {ExitCode::Permission, qt_error_string(code)});
    const auto isReplaced = [&] {
        const Result<DaemonAddress> now = readDaemonAddress(run);
        return now && now->pid != daemon->pid() && runningDaemon(options.home);
    };
    if (!waitForDaemon(run, options.timeout.value_or(20s), isReplaced))
        return report(context,
                      {ExitCode::DaemonUnreachable,
                       Cli::tr("the new daemon does not get ready; its processes go on. See %1")
                           .arg(options.home + "/pmdaemon.log"_L1)});
    if (const auto connected = context.session.connect(); !connected)
        return report(context, connected.error());
    const Result<SystemInfo> info = await(context.session.backend().systemInfo());
    if (!info)
        return report(context, {exitCodeFor(info.error()), info.error().message});
    const Result<DaemonAddress> now = readDaemonAddress(run);
    return show(context.output, waitForAll(options.home, *shim), *info, now ? now->pid : 0);
}

} // namespace pmdaemon
