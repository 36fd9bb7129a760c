// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/daemon/daemon.h"

#include "core/process/qprocessrunner.h"
#include "core/process/subreaper.h"
#include "server/gateway.h"

#include <QCoreApplication>
#include <QLoggingCategory>

#include <cerrno>
#include <cstring>
#include <sys/resource.h>

namespace pmdaemon {

namespace {
Q_LOGGING_CATEGORY(lcDaemon, "pmdaemon.daemon", QtInfoMsg)

/// A supervised program takes some descriptors, so the soft limit is raised to the hard one.
/// Returns what it was: programs that use select() rely on the usual 1,024.
std::optional<rlimit> raiseOpenFileLimit()
{
    rlimit before{};
    if (::getrlimit(RLIMIT_NOFILE, &before) != 0)
        return std::nullopt;
    const rlimit raised{before.rlim_max, before.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &raised) != 0)
        qCWarning(lcDaemon, "the limit of open files stays at %llu: %s",
                  static_cast<unsigned long long>(before.rlim_cur), std::strerror(errno));
    return before;
}

} // namespace

Daemon::Daemon(const Settings &settings, QObject *parent)
    : QObject(parent)
    , m_settings(settings)
{}

Daemon::~Daemon() = default;

Result<void> Daemon::start(const QList<int> &inherited)
{
    auto claimed = RunDirectory::claim(m_settings.home, m_settings.runDirectory);
    if (!claimed)
        return tl::unexpected(claimed.error());
    m_runDirectory = std::move(*claimed);
    const Result<QByteArray> token = m_runDirectory->token();
    if (!token)
        return tl::unexpected(token.error());

    m_subreaper = std::make_unique<Subreaper>();
    const std::optional<rlimit> openFiles = raiseOpenFileLimit();
    m_backend = std::make_unique<LocalBackend>(m_settings.home, [this, openFiles] {
        return std::make_unique<QProcessRunner>(*m_subreaper, openFiles);
    });
    m_gateway = std::make_unique<Gateway>(*m_backend, m_settings, *token);
    if (const Result<void> listening = m_gateway->listen(inherited); !listening)
        return listening;
    return m_runDirectory->publish(
        {QCoreApplication::applicationPid(), m_settings.hosts, m_gateway->port()});
}

int Daemon::port() const
{
    return m_gateway->port();
}

QList<ListeningSocket> Daemon::listeningSockets() const
{
    return m_gateway->listeningSockets();
}

void Daemon::startApps(const QList<ProcessSpec> &apps)
{
    for (const ProcessSpec &app : apps) {
        m_backend->start(app).then(this, [name = app.name](const Result<CommandResult> &result) {
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

} // namespace pmdaemon
