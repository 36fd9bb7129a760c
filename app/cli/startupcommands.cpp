// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "app/daemon/detachedprogram.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QProcess>
#include <QSaveFile>
#include <QStandardPaths>

#include <unistd.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr auto unitName = "pmdaemon.service"_L1;

struct Place
{
    QString unit;        ///< where the unit is written
    QString model;       ///< the resource that it is made of
    QStringList manager; ///< how systemctl is told which manager is meant
    QString home;        ///< as the model has it
};

Place placeOf(bool isSystem)
{
    if (isSystem)
        return {u"/etc/systemd/system/"_s + unitName,
                u":/systemd/pmdaemon.service.in"_s,
                {},
                u"%S/pmdaemon"_s};
    const QString config = QStandardPaths::writableLocation(QStandardPaths::ConfigLocation);
    return {config + "/systemd/user/"_L1 + unitName,
            u":/systemd/pmdaemon-user.service.in"_s,
            {u"--user"_s},
            u"%h/.pmdaemon"_s};
}

/// As systemd reads a word of ExecStart: quoted, % doubled.
QString unitWord(QString text)
{
    text.replace(u'%', "%%"_L1).replace(u'\\', "\\\\"_L1).replace(u'"', "\\\""_L1);
    return text.contains(u' ') || text.contains(u'"') ? u'"' + text + u'"' : text;
}

/// Empty where it cannot be made.
QByteArray unitText(const Place &place, const QString &home)
{
    QFile model(place.model);
    if (!model.open(QIODevice::ReadOnly))
        return {};
    QString text = QString::fromUtf8(model.readAll());
    const QString folder = QFileInfo(QCoreApplication::applicationFilePath()).path();
    text.replace("@CMAKE_INSTALL_FULL_BINDIR@/pmdaemon-shim"_L1,
                 unitWord(findShim().value_or(folder + "/pmdaemon-shim"_L1)));
    text.replace("@CMAKE_INSTALL_FULL_BINDIR@/pmdaemon"_L1,
                 unitWord(QCoreApplication::applicationFilePath()));
    if (home != QDir::homePath() + "/.pmdaemon"_L1 && place.home.startsWith("%h"_L1)) {
        text.replace("%t/pmdaemon"_L1, unitWord(home + "/run"_L1));
        text.replace(place.home, unitWord(home));
    }
    return text.toUtf8();
}

/// What went wrong, or nothing.
std::optional<QString> systemctl(const Place &place, const QStringList &arguments)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    const QStringList all = place.manager + arguments;
    process.start(u"systemctl"_s, all);
    if (!process.waitForStarted())
        return Cli::tr("systemctl cannot be run: %1").arg(process.errorString());
    process.waitForFinished(-1);
    if (process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0)
        return std::nullopt;
    return Cli::tr("systemctl %1: %2")
        .arg(all.join(u' '), QString::fromLocal8Bit(process.readAll()).trimmed());
}

} // namespace

ExitCode runStartup(Context &context, const StartupOptions &options)
{
    const Place place = placeOf(options.isSystem);
    if (options.isSystem && ::geteuid() != 0)
        return report(context, {ExitCode::Permission,
                                Cli::tr("only root has the machine start the daemon; without "
                                        "--system it starts with your own session")});
    const QByteArray text = unitText(place, context.session.options().home);
    QDir().mkpath(QFileInfo(place.unit).path());
    QSaveFile file(place.unit);
    if (text.isEmpty() || !file.open(QIODevice::WriteOnly) || file.write(text) != text.size() ||
        !file.commit())
        return report(context,
                      {ExitCode::Failure,
                       Cli::tr("%1 cannot be written: %2").arg(place.unit, file.errorString())});
    context.output.say(Cli::tr("%1 is written").arg(place.unit));
    for (const QStringList &step :
         {QStringList{u"daemon-reload"_s}, QStringList{u"enable"_s, QString(unitName)}}) {
        if (const auto failure = systemctl(place, step))
            return report(context, {ExitCode::Failure, *failure});
    }
    context.output.say(
        options.isSystem
            ? Cli::tr("the daemon starts with the machine; now: systemctl start pmdaemon")
            : Cli::tr("the daemon starts with your session, and with the machine after "
                      "`loginctl enable-linger`; now: pmdaemon kill; systemctl --user start "
                      "pmdaemon"));
    if (context.output.json())
        context.output.write(QJsonObject{{u"unit"_s, place.unit}, {u"enabled"_s, true}});
    return ExitCode::Ok;
}

ExitCode runUnstartup(Context &context, const StartupOptions &options)
{
    const Place place = placeOf(options.isSystem);
    if (!QFile::exists(place.unit))
        return report(
            context,
            {ExitCode::NotFound,
             Cli::tr("%1: there is no such unit; `pmdaemon startup` makes it").arg(place.unit)});
    if (const auto failure = systemctl(place, {u"disable"_s, QString(unitName)}))
        return report(context, {ExitCode::Failure, *failure});
    if (!QFile::remove(place.unit))
        return report(context,
                      {ExitCode::Permission, Cli::tr("%1 cannot be removed").arg(place.unit)});
    if (const auto failure = systemctl(place, {u"daemon-reload"_s}))
        return report(context, {ExitCode::Failure, *failure});
    context.output.say(Cli::tr("the daemon does not start by itself any more; what runs goes on"));
    if (context.output.json())
        context.output.write(QJsonObject{{u"unit"_s, place.unit}, {u"enabled"_s, false}});
    return ExitCode::Ok;
}

} // namespace pmdaemon
