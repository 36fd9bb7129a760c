// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/daemon/daemon.h"

#include "app/daemon/detachedprogram.h"
#include "app/daemon/startmemory.h"
#include "core/process/installedprogram.h"
#include "core/process/scriptrunner.h"
#include "core/process/shimrunner.h"
#include "core/process/strayslots.h"
#include "core/process/subreaper.h"
#include "core/state/statestore.h"
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

/// What goes wrong with the store is told in the log; it is tried again by itself.
void reportStore(const StateStore &store)
{
    if (store.safeMode())
        qCWarning(lcDaemon).noquote() << describe(*store.safeMode());
    const auto warn = [](const Error &error) { qCWarning(lcDaemon).noquote() << error.message; };
    QObject::connect(&store, &StateStore::failed, &store, warn);
    QObject::connect(&store, &StateStore::historyLost, &store, warn);
    QObject::connect(&store, &StateStore::recovered, &store,
                     [] { qCInfo(lcDaemon, "the state is stored again"); });
}

} // namespace

Daemon::Daemon(const Settings &settings, QObject *parent)
    : QObject(parent)
    , m_settings(settings)
{}

Daemon::~Daemon() = default;

Result<void> Daemon::start(const QList<int> &inherited, SlotWatch slotWatch,
                           SocketKeeper socketKeeper)
{
    const Result<QString> shim = findShim();
    if (!shim)
        return tl::unexpected(shim.error());
    auto claimed = RunDirectory::claim(m_settings.home, m_settings.runDirectory);
    if (!claimed)
        return tl::unexpected(claimed.error());
    m_runDirectory = std::move(*claimed);
    const Result<QByteArray> token = m_runDirectory->token();
    if (!token)
        return tl::unexpected(token.error());

    Result<std::unique_ptr<StateStore>> store = StateStore::open(m_settings.home);
    if (!store)
        return tl::unexpected(store.error());
    m_store = std::move(*store);
    reportStore(*m_store);

    m_subreaper = std::make_unique<Subreaper>(m_settings.home + QStringLiteral("/keeper"));
    const ShimHome shims{
        .home = m_settings.home,
        .runDirectory = m_settings.runDirectory,
        .program = *shim,
        .openFiles = raiseOpenFileLimit(),
        .watch = std::move(slotWatch.watch),
        .forget = std::move(slotWatch.forget),
        .mayUpgrade = [program = *shim, isSound = std::optional<bool>()]() mutable {
            if (!isSound)
                isSound = isSoundProgram(program);
            return *isSound;
        }};
    const ProcessRunnerFactory makeRunner = [shims] { return std::make_unique<ShimRunner>(shims); };
    m_backend = std::make_unique<LocalBackend>(
        Surroundings{.launch = {m_settings.home, QProcessEnvironment::systemEnvironment()},
                     .makeRunner = makeRunner,
                     .makeProbeRunner =
                         [this, shims] {
                             return std::make_unique<ScriptRunner>(*m_subreaper, shims.openFiles);
                         },
                     .socketKeeper = std::move(socketKeeper)},
        QStringLiteral("/proc"));
    m_backend->keepHistory(m_settings.metricsInterval);
    m_gateway = std::make_unique<Gateway>(*m_backend, m_settings, *token);
    connect(m_gateway.get(), &Gateway::deserted, this, &Daemon::onDeserted);
    if (const Result<void> listening = m_gateway->listen(inherited); !listening)
        return listening;
    restore(makeRunner);
    return m_runDirectory->publish(
        {QCoreApplication::applicationPid(), m_settings.hosts, m_gateway->port()});
}

void Daemon::onDeserted()
{
    constexpr qint64 pause = 10'000; // ms: it costs about 0.3, and who comes often needs it again
    if (m_sinceRelease.isValid() && !m_sinceRelease.hasExpired(pause))
        return;
    m_sinceRelease.start();
    releaseFreeHeap();
}

void Daemon::restore(const ProcessRunnerFactory &makeRunner)
{
    m_backend->restore(*m_store);
    if (m_store->safeMode())
        return; // the store is empty for want of a sound one: no slot is a stray for that
    QSet<ProcessId> known;
    for (const ProcessEntry &entry : m_backend->processes())
        known.insert(entry.id);
    m_strays = std::make_unique<StraySlots>(m_settings.home, makeRunner);
    m_strays->find(known);
}

int Daemon::port() const
{
    return m_gateway->port();
}

QList<ListeningSocket> Daemon::listeningSockets() const
{
    return m_gateway->listeningSockets();
}

void Daemon::apply(const QList<ProcessSpec> &apps)
{
    for (const ProcessSpec &app : apps) {
        m_backend->apply(app).then(this, [name = app.name](const Result<CommandResult> &result) {
            if (!result)
                qCWarning(lcDaemon).noquote() << name + u':' << result.error().message;
        });
    }
}

void Daemon::shutdown(Ending ending)
{
    m_backend->close();
    if (ending == Ending::LeaveProcesses)
        finish();
    else
        m_backend->stopAll().then(this, [this] { finish(); });
}

/// The door closes last: watchers see how everything ends.
void Daemon::finish()
{
    m_backend->persisted().then(this, [this](const Result<void> &) {
        m_gateway->close();
        emit stopped();
    });
}

} // namespace pmdaemon
