// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "app/daemon/detachedprogram.h"
#include "core/config/settings.h"
#include "core/process/slotdirectory.h"
#include "core/state/statestore.h"

#include <QStorageInfo>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

// Room for the store's log, a backup beside the database and the reserve of each slot.
constexpr qint64 roomNeeded = 64 * 1024 * 1024;

/// One thing that was looked at.
struct Finding
{
    QString about; ///< for programs: "home", "state", …
    bool isWell = true;
    QString text; ///< with what to do, where it is not well
};

Finding shimFinding()
{
    const Result<QString> shim = findShim();
    return {u"shim"_s, shim.has_value(), shim ? *shim : shim.error().message};
}

Finding homeFinding(const QString &home)
{
    const QStorageInfo storage(home);
    if (!storage.isValid())
        return {u"home"_s, true, Cli::tr("%1 is made by the first command").arg(home)};
    if (storage.isReadOnly())
        return {u"home"_s, false, Cli::tr("%1 lies on a file system that is read-only").arg(home)};
    if (storage.bytesAvailable() < roomNeeded)
        return {u"home"_s, false,
                Cli::tr("there are %1 MB left for %2; make room, or nothing can be stored soon")
                    .arg(storage.bytesAvailable() / 1'000'000)
                    .arg(home)};
    return {u"home"_s, true, home};
}

Finding slotsFinding(const QString &home, bool isRunning)
{
    int alone = 0;
    const QList<ProcessId> all = SlotDirectory::all(home);
    for (const ProcessId id : all) {
        if (SlotDirectory(home, runDirectoryOf(home), id).holder() == 0)
            ++alone;
    }
    if (alone == 0 || !isRunning)
        return {u"slots"_s, true, Cli::tr("%n process(es)", nullptr, int(all.size()))};
    return {u"slots"_s, false,
            Cli::tr("%n of the processes have no shim that watches them", nullptr, alone) +
                Cli::tr("; the daemon's log says why")};
}

/// Of a daemon that does not run.
QList<Finding> stoppedFindings(const QString &home)
{
    const Finding daemon{u"daemon"_s, true, Cli::tr("not running; the first command starts it")};
    const Result<std::optional<SafeMode>> state = StateStore::inspect(home);
    if (!state)
        return {daemon, {u"state"_s, false, state.error().message}};
    return {daemon,
            {u"state"_s, !*state, *state ? describe(**state) : Cli::tr("what is stored is sound")}};
}

QList<Finding> runningFindings(Session &session)
{
    if (const auto connected = session.connect(); !connected)
        return {{u"daemon"_s, false, connected.error().message}};
    const Result<SystemInfo> info = await(session.backend().systemInfo());
    if (!info)
        return {{u"daemon"_s, false, info.error().message}};
    QList<Finding> findings{{u"daemon"_s, true,
                             Cli::tr("version %1 at %2")
                                 .arg(info->version, session.backend().endpoint().url.toString())}};
    if (info->version != QStringLiteral(PMDAEMON_VERSION))
        findings.append({u"version"_s, false,
                         Cli::tr("the daemon has version %1, this program %2")
                             .arg(info->version, QStringLiteral(PMDAEMON_VERSION))});
    for (const QString &problem : info->problems)
        findings.append({u"state"_s, false, problem});
    return findings;
}

ExitCode show(Output &output, const QList<Finding> &findings)
{
    QJsonArray array;
    QByteArray text;
    bool isWell = true;
    for (const Finding &finding : findings) {
        isWell = isWell && finding.isWell;
        array.append(QJsonObject{
            {u"about"_s, finding.about}, {u"ok"_s, finding.isWell}, {u"text"_s, finding.text}});
        text += (finding.isWell ? "ok       " : "problem  ") +
                finding.about.leftJustified(10).toUtf8() + finding.text.toUtf8() + '\n';
    }
    if (output.json())
        output.write(array);
    else
        output.write(text);
    return isWell ? ExitCode::Ok : ExitCode::Failure;
}

/// What changes the store needs it alone.
Result<void> acceptLoss(const QString &home)
{
    return StateStore::open(home).and_then([](std::unique_ptr<StateStore> &&store) {
        return store->safeMode() ? await(store->leaveSafeMode()) : Result<void>();
    });
}

ExitCode mend(Context &context, const Result<void> &mended, const QString &done)
{
    if (mended) {
        context.output.say(done);
        return ExitCode::Ok;
    }
    return report(context, {exitCodeFor(mended.error()),
                            mended.error().code == ErrorCode::AlreadyRunning
                                ? Cli::tr("the daemon uses the state: `pmdaemon kill` ends it, and "
                                          "leaves the processes alone")
                                : mended.error().message});
}

} // namespace

ExitCode runDoctor(Context &context, const DoctorOptions &options)
{
    const QString &home = context.session.options().home;
    if (!context.session.options().host.isEmpty())
        return report(
            context,
            {ExitCode::Usage, Cli::tr("doctor looks at this machine; it does not go with --host")});
    if (options.restoreBackup)
        return mend(context, StateStore::restoreBackup(home),
                    Cli::tr("the backup is the state now; what it replaced was kept beside it"));
    if (options.acceptLoss)
        return mend(context, acceptLoss(home), Cli::tr("the loss is accepted"));

    const bool isRunning = runningDaemon(home).has_value();
    return show(context.output,
                QList<Finding>{shimFinding(), homeFinding(home)} +
                    (isRunning ? runningFindings(context.session) : stoppedFindings(home)) +
                    QList<Finding>{slotsFinding(home, isRunning)});
}

} // namespace pmdaemon
