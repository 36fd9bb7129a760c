// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/daemon/daemon.h"

#include "app/daemon/servicenotify.h"
#include "app/daemon/unixsignals.h"
#include "core/config/specfields.h"
#include "core/process/qprocessrunner.h"
#include "core/process/subreaper.h"
#include "server/gateway.h"

#include <QCoreApplication>
#include <QLoggingCategory>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {
Q_LOGGING_CATEGORY(lcDaemon, "pmdaemon.daemon", QtInfoMsg)
}

Daemon::Daemon(const Settings &settings, QObject *parent)
    : QObject(parent)
    , m_settings(settings)
{}

Daemon::~Daemon() = default;

Result<void> Daemon::start()
{
    auto claimed = RunDirectory::claim(m_settings.home, m_settings.runDirectory);
    if (!claimed)
        return tl::unexpected(claimed.error());
    m_runDirectory = std::move(*claimed);
    const Result<QByteArray> token = m_runDirectory->token();
    if (!token)
        return tl::unexpected(token.error());

    m_subreaper = std::make_unique<Subreaper>();
    m_backend = std::make_unique<LocalBackend>(
        m_settings.home, [this] { return std::make_unique<QProcessRunner>(*m_subreaper); });
    m_gateway = std::make_unique<Gateway>(*m_backend, m_settings, *token);
    if (const Result<void> listening = m_gateway->listen(); !listening)
        return listening;
    return m_runDirectory->publish(
        {QCoreApplication::applicationPid(), m_settings.hosts, m_gateway->port()});
}

int Daemon::port() const
{
    return m_gateway->port();
}

void Daemon::startApps(const QList<ProcessSpec> &apps)
{
    for (const ProcessSpec &app : apps) {
        Command start;
        start.target = app.name;
        start.config = specToJson(app);
        m_backend->command(start).then(
            this, [name = app.name](const Result<CommandResult> &result) {
                if (!result)
                    qCWarning(lcDaemon).noquote() << name + u':' << result.error().message;
            });
    }
}

void Daemon::shutdown()
{
    // The door closes last: watchers see how everything ends.
    m_backend->shutdown().then(this, [this] {
        m_gateway->close();
        emit stopped();
    });
}

Result<void> runDaemon(const Settings &settings, const QList<ProcessSpec> &apps)
{
    Daemon daemon(settings);
    if (Result<void> started = daemon.start(); !started) {
        notifyService("STATUS=" + started.error().message.toUtf8());
        return started;
    }
    UnixSignals signals_;
    QObject::connect(&signals_, &UnixSignals::terminate, &daemon, &Daemon::shutdown);
    QObject::connect(&daemon, &Daemon::stopped, qApp, &QCoreApplication::quit);
    qCInfo(lcDaemon).noquote() << u"PMDaemon " PMDAEMON_VERSION " supervises in %1 and listens on "
                                  "port %2"_s.arg(settings.home)
                                      .arg(daemon.port());
    daemon.startApps(apps);
    notifyService("READY=1\nSTATUS=listening on port " + QByteArray::number(daemon.port()));
    QCoreApplication::exec();
    notifyService("STOPPING=1");
    return {};
}

} // namespace pmdaemon
