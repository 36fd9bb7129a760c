// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "core/config/namedtokens.h"
#include "core/config/rundirectory.h"
#include "core/config/settings.h"

#include <QProcess>
#include <QRandomGenerator>
#include <QSaveFile>
#include <QStandardPaths>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr std::chrono::seconds ticketTime{60};

/// Good for one session that may act; those that nobody used are cleared away.
Result<QByteArray> makeTicket(const QString &home)
{
    QStringList ignored;
    const WallTime now = wallNow();
    for (const NamedToken &token : readNamedTokens(home, ignored)) {
        if (token.once && token.expiresAt && *token.expiresAt <= now)
            revokeNamedToken(home, token.name);
    }
    const QString name = "web-"_L1 + QString::number(QRandomGenerator::system()->generate(), 16);
    return createNamedToken(home, {name, Role::Control, {}, now, now + ticketTime, true});
}

/// A page that leads there: what stands on a browser's command line everybody on the machine sees.
Result<QString> makeRedirect(const QString &folder, const QString &url)
{
    const QString path = folder + "/web.html"_L1;
    const QByteArray page = "<!DOCTYPE html>\n<meta http-equiv=\"refresh\" content=\"0; url=" +
                            url.toHtmlEscaped().toUtf8() + "\">\n";
    QSaveFile file(path);
    if (file.open(QIODevice::WriteOnly) &&
        file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner) &&
        file.write(page) == page.size() && file.commit())
        return path;
    return fail(ErrorCode::Internal, u"%1: %2"_s.arg(path, file.errorString()));
}

/// False where there is no screen, or nothing that opens pages.
bool openInBrowser(const QString &path)
{
    const bool hasScreen =
        qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY");
    const QString chosen = qEnvironmentVariable("BROWSER");
    const QString program =
        QStandardPaths::findExecutable(chosen.isEmpty() ? u"xdg-open"_s : chosen);
    return hasScreen && !program.isEmpty() && QProcess::startDetached(program, {path});
}

} // namespace

ExitCode runWeb(Context &context, const WebOptions &options)
{
    if (const auto connected = context.session.connect(); !connected)
        return report(context, connected.error());
    const ConnectionOptions &connection = context.session.options();
    const std::optional<Endpoint> own = runningDaemon(connection.home);
    if (!connection.host.isEmpty() || !own)
        return report(
            context,
            {ExitCode::Usage, Cli::tr("web: signs in to the daemon of this machine alone; open the "
                                      "address of another one in a browser")});
    const Result<QByteArray> ticket = makeTicket(connection.home);
    if (!ticket)
        return report(context, {exitCodeFor(ticket.error()), ticket.error().message});
    const QString url =
        u"http://localhost:%1/#ticket=%2"_s.arg(own->url.port()).arg(QString::fromLatin1(*ticket));
    const Result<QString> page = makeRedirect(runDirectoryOf(connection.home), url);
    if (!page)
        return report(context, {exitCodeFor(page.error()), page.error().message});
    const bool isOpen = options.opens && openInBrowser(*page);
    if (context.output.json()) {
        context.output.write(QJsonObject{{u"url"_s, url}, {u"opened"_s, isOpen}});
        return ExitCode::Ok;
    }
    if (isOpen) {
        context.output.say(Cli::tr("the dashboard opens in your browser"));
        return ExitCode::Ok;
    }
    context.output.advise(Cli::tr("open this within a minute; it works once:"));
    context.output.write(url.toUtf8() + '\n');
    return ExitCode::Ok;
}

} // namespace pmdaemon
