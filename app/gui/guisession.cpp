// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/gui/guisession.h"

#include "app/cli/session.h"
#include "app/cli/settingfields.h"
#include "app/daemon/daemon.h"
#include "client/remotebackend.h"

namespace pmdaemon {

GuiSession::GuiSession() = default;
GuiSession::~GuiSession() = default;

Result<std::unique_ptr<GuiSession>> GuiSession::open(const GuiOptions &options)
{
    std::unique_ptr<GuiSession> session(new GuiSession);
    const Result<void> opened =
        options.connect.isEmpty() ? session->openLocal(options) : session->openRemote(options);
    if (!opened)
        return tl::unexpected(opened.error());
    return session;
}

Result<void> GuiSession::openRemote(const GuiOptions &options)
{
    const Result<QUrl> url = daemonUrl(options.connect);
    if (!url)
        return tl::unexpected(url.error());
    Endpoint endpoint{.url = *url};
    if (!options.tokenFile.isEmpty()) {
        const Result<QByteArray> token = readTokenFile(options.tokenFile);
        if (!token)
            return tl::unexpected(token.error());
        endpoint.token = *token;
    }
    if (!options.fingerprint.isEmpty()) {
        const Result<QByteArray> fingerprint = fingerprintFromString(options.fingerprint);
        if (!fingerprint)
            return tl::unexpected(fingerprint.error());
        endpoint.fingerprint = *fingerprint;
    }
    m_host = url->host();
    m_remote = std::make_unique<RemoteBackend>(endpoint);
    return {};
}

Result<void> GuiSession::openLocal(const GuiOptions &options)
{
    m_host = tr("This computer");
    SettingTexts flags;
    if (options.port >= 0)
        flags[QStringLiteral("port")] = {QString::number(options.port)};
    const Result<Settings> settings = settingsOf(options.home, flags);
    if (!settings)
        return tl::unexpected(settings.error());
    // The lock on the home decides, not an address that a killed daemon may have left.
    m_daemon = std::make_unique<Daemon>(*settings);
    connect(m_daemon.get(), &Daemon::stopped, this, &GuiSession::ended);
    const Result<void> started = m_daemon->start();
    if (started)
        return {};
    m_daemon.reset();
    const std::optional<Endpoint> other = started.error().code == ErrorCode::AlreadyRunning
                                              ? runningDaemon(options.home)
                                              : std::nullopt;
    if (!other)
        return started;
    m_remote = std::make_unique<RemoteBackend>(*other);
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
        m_daemon->shutdown(Daemon::Ending::StopProcesses);
    else
        emit ended();
}

} // namespace pmdaemon
