// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/daemon/rundaemon.h"

#include "app/daemon/daemon.h"
#include "app/daemon/detachedprogram.h"
#include "app/daemon/inheritedsockets.h"
#include "app/daemon/keeperconnection.h"
#include "app/daemon/servicenotify.h"
#include "app/daemon/startmemory.h"
#include "app/daemon/unixsignals.h"
#include "core/config/ecosystem.h"
#include "core/config/rundirectory.h"
#include "core/process/installedprogram.h"

#include <QCoreApplication>
#include <QLoggingCategory>
#include <QTimer>

#include <algorithm>
#include <chrono>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

// After it nothing of the start is under way any more.
constexpr std::chrono::seconds startTime{5};

Q_LOGGING_CATEGORY(lcDaemon, "pmdaemon.daemon", QtInfoMsg)

/// Whom the daemon tells how it fares: its keeper, or without one whoever started it.
class Announcer
{
public:
    explicit Announcer(const Settings &settings)
        : m_manager(ServiceNotifier::take())
        , m_keeper(
              KeeperConnection::take({settings.home, settings.runDirectory, m_manager.socket()}))
    {}

    KeeperConnection *keeper() const { return m_keeper.get(); }

    void ready(const QString &status)
    {
        if (m_keeper)
            m_keeper->ready(status);
        else
            m_manager.tell("READY=1\nSTATUS=" + status.toUtf8());
    }
    void status(const QString &status)
    {
        if (m_keeper)
            m_keeper->status(status);
        else
            m_manager.tell("STATUS=" + status.toUtf8());
    }
    void stopping()
    {
        if (m_keeper)
            m_keeper->stopping();
        else
            m_manager.tell("STOPPING=1");
    }

private:
    ServiceNotifier m_manager;
    std::unique_ptr<KeeperConnection> m_keeper;
};

/// Unique per address, and without the ':' that separates names.
QByteArray nameOf(const ListeningSocket &socket)
{
    return "http-" + socket.address.toString().toLatin1().replace(':', '_') + '-' +
           QByteArray::number(socket.port);
}

/// What apps listen on, of an earlier daemon, is taken out of `inherited`.
SocketKeeper socketKeeperOf(KeeperConnection &keeper, std::vector<InheritedSocket> &inherited)
{
    SocketKeeper sockets;
    sockets.store = [&keeper](const QByteArray &name, int fd) { keeper.store(name, fd); };
    sockets.drop = [&keeper](const QByteArray &name) { keeper.drop(name); };
    std::erase_if(inherited, [&](InheritedSocket &socket) {
        if (!socket.name.startsWith(ListenSockets::namePrefix))
            return false;
        sockets.kept.emplace(socket.name,
                             std::make_shared<const UniqueFd>(std::move(socket.descriptor)));
        return true;
    });
    return sockets;
}

/// From now on the next daemon inherits what this one listens on, and nothing else.
void handOver(KeeperConnection &keeper, const QList<ListeningSocket> &sockets,
              const std::vector<InheritedSocket> &inherited)
{
    QByteArrayList names;
    for (const ListeningSocket &socket : sockets) {
        names.append(nameOf(socket));
        keeper.store(names.constLast(), socket.descriptor);
    }
    for (const InheritedSocket &socket : inherited) {
        if (!names.contains(socket.name))
            keeper.drop(socket.name);
    }
}

QList<int> descriptorsOf(const std::vector<InheritedSocket> &sockets)
{
    QList<int> descriptors;
    for (const InheritedSocket &socket : sockets)
        descriptors.append(socket.descriptor.get());
    return descriptors;
}

/// A keeper that runs another file than the installed one becomes that.
void upgradeKeeper(KeeperConnection &keeper, const QString &home)
{
    const Result<QString> shim = findShim();
    if (!shim || !isOutdated(keeperPid(home), *shim))
        return;
    QObject::connect(&keeper, &KeeperConnection::upgraded, &keeper, [](const QString &failure) {
        if (!failure.isEmpty())
            qCWarning(lcDaemon).noquote() << u"the keeper stays what it is: "_s + failure;
    });
    keeper.upgrade(*shim);
}

void applyTo(Daemon &daemon, const Ecosystem &ecosystem)
{
    for (const QString &notice : ecosystem.notices)
        qCWarning(lcDaemon).noquote() << notice;
    daemon.apply(ecosystem.apps);
}

} // namespace

Result<void> runDaemon(const Settings &settings, const QString &ecosystemFile)
{
    UnixSignals signals_; // first: who finds the address may end the daemon at once
    const bool hasFile = !ecosystemFile.isEmpty();
    const Result<Ecosystem> ecosystem =
        hasFile ? loadEcosystem(ecosystemFile) : Result<Ecosystem>(Ecosystem{});
    if (!ecosystem)
        return tl::unexpected(ecosystem.error());
    std::vector<InheritedSocket> inherited = takeInheritedSockets();
    Announcer announcer(settings);
    Daemon daemon(settings);
    SlotWatch slotWatch;
    SocketKeeper socketKeeper;
    if (KeeperConnection *keeper = announcer.keeper()) {
        slotWatch.watch = [keeper](ProcessId id) { keeper->watch(quint64(toInt(id))); };
        slotWatch.forget = [keeper](ProcessId id) { keeper->forget(quint64(toInt(id))); };
        socketKeeper = socketKeeperOf(*keeper, inherited);
    }
    if (Result<void> started =
            daemon.start(descriptorsOf(inherited), slotWatch, std::move(socketKeeper));
        !started) {
        announcer.status(started.error().message);
        return started;
    }
    if (announcer.keeper())
        handOver(*announcer.keeper(), daemon.listeningSockets(), inherited);
    inherited.clear();
    const auto end = [&announcer, &daemon](Daemon::Ending ending) {
        announcer.stopping();
        daemon.shutdown(ending);
    };
    QObject::connect(&signals_, &UnixSignals::terminate, &daemon,
                     [end] { end(Daemon::Ending::LeaveProcesses); });
    QObject::connect(&signals_, &UnixSignals::interrupt, &daemon,
                     [end] { end(Daemon::Ending::StopProcesses); });
    QObject::connect(&signals_, &UnixSignals::replace, &daemon, [&announcer, &daemon] {
        if (!announcer.keeper()) {
            qCWarning(lcDaemon, "without a keeper nothing starts the daemon again: it goes on");
            return;
        }
        announcer.keeper()->replace();
        daemon.shutdown(Daemon::Ending::LeaveProcesses);
    });
    QObject::connect(&signals_, &UnixSignals::hangUp, &daemon, [&daemon, ecosystemFile] {
        if (ecosystemFile.isEmpty())
            return;
        loadEcosystemLater(ecosystemFile).then(&daemon, [&daemon](const Result<Ecosystem> &reread) {
            if (reread)
                applyTo(daemon, *reread);
            else
                qCWarning(lcDaemon).noquote()
                    << u"everything stays as it is: "_s + reread.error().message;
        });
    });
    QObject::connect(&daemon, &Daemon::stopped, qApp, &QCoreApplication::quit);
    qCInfo(lcDaemon).noquote() << u"PMDaemon " PMDAEMON_VERSION " supervises in %1 and listens on "
                                  "port %2"_s.arg(settings.home)
                                      .arg(daemon.port());
    applyTo(daemon, *ecosystem);
    announcer.ready(u"listening on port %1"_s.arg(daemon.port()));
    if (announcer.keeper())
        upgradeKeeper(*announcer.keeper(), settings.home);
    QTimer::singleShot(startTime, &daemon, &releaseStartMemory);
    QCoreApplication::exec();
    return {};
}

} // namespace pmdaemon
