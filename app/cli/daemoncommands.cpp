// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "app/daemon/rundaemon.h"
#include "core/config/rundirectory.h"
#include "core/process/slotdirectory.h"
#include "core/slot/uniquefd.h"

#include <QElapsedTimer>
#include <QFile>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <functional>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int protocolVersion = 1;

tl::unexpected<Error> systemError(const QString &what)
{
    return fail(errno == EPERM ? ErrorCode::Unauthorized : ErrorCode::Internal,
                what + ": "_L1 + qt_error_string(errno));
}

/// Sends the signal, then waits until it is gone. `isStill` is asked whether the pid is the one
/// that is meant.
Result<void> end(qint64 pid, int signal, milliseconds timeout,
                 const std::function<bool(qint64)> &isStill)
{
    const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    // Identified after it was opened: from here on it cannot become another one.
    // Ended but not reaped by its parent counts as gone.
    pollfd exit{process.get(), POLLIN, 0};
    if (!process || ::poll(&exit, 1, 0) != 0 || !isStill(pid))
        return fail(ErrorCode::NotFound, {});
    if (::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0) != 0)
        return systemError(u"pid %1"_s.arg(pid));
    int ready = 0;
    do
        ready = ::poll(&exit, 1, static_cast<int>(timeout.count()));
    while (ready < 0 && errno == EINTR);
    if (ready == 0)
        return fail(ErrorCode::Timeout,
                    Cli::tr("the daemon (pid %1) still runs after %2 s; it is stopping its "
                            "processes, or it hangs")
                        .arg(pid)
                        .arg(std::chrono::duration<double>(timeout).count()));
    return {};
}

/// The keeper, which ends its daemon; the daemon itself where there is none. On SIGTERM it leaves
/// the processes alone, on SIGINT it stops them.
Result<void> endDaemon(const QString &home, int signal, milliseconds timeout)
{
    if (const qint64 keeper = keeperPid(home); keeper > 0)
        return end(keeper, signal, timeout, [&home](qint64 pid) { return keeperPid(home) == pid; });
    const Result<DaemonAddress> address = readDaemonAddress(runDirectoryOf(home));
    return address ? end(address->pid, signal, timeout, isOurDaemon)
                   : tl::unexpected(Error{ErrorCode::NotFound, {}});
}

/// How many processes run in slots that the daemon, if any, knows nothing of, as when the state was
/// damaged. It would not stop them.
int unknownToDaemon(const ConnectionOptions &options)
{
    Session session({.home = options.home, .timeout = options.timeout, .maySpawn = false});
    if (!session.connect())
        return 0;
    const QList<ProcessId> all = SlotDirectory::all(options.home);
    return static_cast<int>(std::ranges::count_if(all, [&](ProcessId id) {
        return !session.backend().process(id) &&
               SlotDirectory(options.home, runDirectoryOf(options.home), id).holder() > 0;
    }));
}

} // namespace

ExitCode runPing(Context &context)
{
    QElapsedTimer timer;
    timer.start();
    if (const auto connected = context.session.connect(); !connected)
        return report(context, connected.error());
    const Result<SystemInfo> info = await(context.session.backend().systemInfo());
    if (!info)
        return report(context, {exitCodeFor(info.error()), info.error().message});
    const QString url = context.session.backend().endpoint().url.toString();
    if (context.output.json())
        context.output.write(QJsonObject{{u"url"_s, url},
                                         {u"version"_s, info->version},
                                         {u"protocol"_s, info->protocol},
                                         {u"role"_s, toString(info->role)},
                                         {u"hostname"_s, info->hostname},
                                         {u"milliseconds"_s, timer.elapsed()}});
    else
        context.output.say(Cli::tr("PMDaemon %1 at %2 answers after %3 ms; your role is %4")
                               .arg(info->version, url)
                               .arg(timer.elapsed())
                               .arg(toString(info->role)));
    return ExitCode::Ok;
}

ExitCode runKill(Context &context, const KillOptions &kill)
{
    const ConnectionOptions &options = context.session.options();
    if (!options.host.isEmpty())
        return report(
            context, {ExitCode::Usage,
                      Cli::tr("kill ends the daemon of this machine; it does not go with --host")});
    if (const int unknown = kill.all ? unknownToDaemon(options) : 0; unknown > 0)
        return report(context,
                      {ExitCode::StopFailed,
                       Cli::tr("%n process(es) run that the daemon does not know, and would go on; "
                               "nothing was stopped. `pmdaemon doctor` says why",
                               nullptr, unknown)});
    const Result<void> ended = endDaemon(options.home, kill.all ? SIGINT : SIGTERM,
                                         options.timeout.value_or(milliseconds{60'000}));
    // What should be gone is gone: no failure.
    const bool wasRunning = ended || ended.error().code != ErrorCode::NotFound;
    if (!ended && wasRunning)
        return report(context, {exitCodeFor(ended.error(), Action::Stop), ended.error().message});
    if (context.output.json())
        context.output.write(QJsonObject{{u"stopped"_s, wasRunning}});
    context.output.say(wasRunning ? Cli::tr("the daemon of %1 has ended").arg(options.home)
                                  : Cli::tr("no daemon is running for %1").arg(options.home));
    return ExitCode::Ok;
}

ExitCode runVersion(Context &context)
{
    if (context.output.json())
        context.output.write(QJsonObject{{u"version"_s, QStringLiteral(PMDAEMON_VERSION)},
                                         {u"protocol"_s, protocolVersion}});
    else
        context.output.write("pmdaemon " PMDAEMON_VERSION "\n");
    return ExitCode::Ok;
}

ExitCode runDaemonCommand(Context &context, const Settings &settings, const QString &ecosystemFile)
{
    if (settings.tlsCert.isEmpty())
        leaveTlsOut();
    const Result<void> ran = runDaemon(settings, ecosystemFile);
    if (ran)
        return ExitCode::Ok;
    return report(context, {ran.error().code == ErrorCode::NotFound
                                ? ExitCode::ConfigMissing
                                : exitCodeFor(ran.error(), Action::Start),
                            ran.error().message});
}

} // namespace pmdaemon
