// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/gui/guisession.h"

#include "app/daemon/daemon.h"
#include "client/remotebackend.h"
#include "core/config/rundirectory.h"

#include <QFile>

namespace pmdaemon {

namespace {

Result<QByteArray> readToken(const QString &path)
{
    if (path.isEmpty())
        return QByteArray();
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return fail(
            ErrorCode::Unauthorized,
            GuiSession::tr("The token file %1 cannot be read: %2").arg(path, file.errorString()));
    }
    // A token is a line; whatever else this file is, it is not read whole.
    return file.readLine(4'096).trimmed();
}

} // namespace

GuiSession::GuiSession() = default;
GuiSession::~GuiSession() = default;

Result<std::unique_ptr<GuiSession>> GuiSession::open(const GuiOptions &options)
{
    std::unique_ptr<GuiSession> session(new GuiSession);
    Result<void> opened;
    if (!options.connect.isEmpty()) {
        const Result<QByteArray> token = readToken(options.tokenFile);
        opened = token ? session->connectTo(options.connect, *token, false)
                       : tl::unexpected(token.error());
    } else {
        // The lock on the home decides, not an address that a killed daemon may have left.
        session->m_host = tr("This computer");
        session->m_daemon = std::make_unique<Daemon>(options.settings);
        connect(session->m_daemon.get(), &Daemon::stopped, session.get(), &GuiSession::ended);
        opened = session->m_daemon->start();
        if (!opened && opened.error().code == ErrorCode::AlreadyRunning) {
            session->m_daemon.reset();
            opened = session->connectToLocal(options.settings.runDirectory);
        }
    }
    if (!opened)
        return tl::unexpected(opened.error());
    return session;
}

Result<void> GuiSession::connectToLocal(const QString &runDirectory)
{
    const Result<DaemonAddress> address = readDaemonAddress(runDirectory);
    if (!address)
        return tl::unexpected(address.error());
    const Result<QByteArray> token = readLocalToken(runDirectory);
    if (!token)
        return tl::unexpected(token.error());
    return connectTo(address->url(), *token, true);
}

Result<void> GuiSession::connectTo(const QString &address, const QByteArray &token, bool ownDaemon)
{
    const Result<QUrl> url = daemonUrl(address);
    if (!url)
        return tl::unexpected(url.error());
    if (!ownDaemon)
        m_host = url->host();
    m_remote = std::make_unique<RemoteBackend>(
        Endpoint{.url = *url, .token = token, .ownDaemon = ownDaemon});
    return {};
}

Backend &GuiSession::backend()
{
    if (m_remote)
        return *m_remote;
    return m_daemon->backend();
}

MainWindow::Options GuiSession::windowOptions() const
{
    return {.host = m_host,
            .canRetry = m_remote != nullptr,
            .ownsProcesses = m_daemon != nullptr,
            .emptyText = tr("No process yet. Start one in a terminal with “pmdaemon start SCRIPT”: "
                            "it appears here at once.")};
}

void GuiSession::tryToConnect()
{
    if (m_remote)
        m_remote->open();
}

void GuiSession::end()
{
    if (m_daemon)
        m_daemon->shutdown();
    else
        emit ended();
}

} // namespace pmdaemon
