// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/session.h"

#include "app/cli/clitext.h"
#include "app/cli/spawndaemon.h"
#include "client/listenerowner.h"
#include "core/config/rundirectory.h"
#include "core/config/settings.h"

#include <QElapsedTimer>
#include <QFile>
#include <QLoggingCategory>

#include <sys/stat.h>
#include <unistd.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

tl::unexpected<Failure> end(ExitCode code, const QString &message)
{
    return tl::unexpected(Failure{code, message});
}

Failure spawnFailure(const Error &error)
{
    if (error.code == ErrorCode::Unauthorized)
        return {ExitCode::Permission, error.message};
    // The daemon ends with codes of the same list.
    const int code = error.details["exit_code"_L1].toInt();
    const bool telling = code == static_cast<int>(ExitCode::PortInUse) ||
                         code == static_cast<int>(ExitCode::Permission) ||
                         code == static_cast<int>(ExitCode::ConfigInvalid);
    return {telling ? static_cast<ExitCode>(code) : ExitCode::DaemonUnreachable, error.message};
}

/// Of the addresses that a daemon listens on, the one to use from this machine.
QHostAddress hostToAsk(const QStringList &hosts)
{
    QHostAddress first;
    for (const QString &text : hosts) {
        QHostAddress host(text);
        if (host == QHostAddress(QHostAddress::AnyIPv4))
            host = QHostAddress(QHostAddress::LocalHost);
        else if (host == QHostAddress(QHostAddress::AnyIPv6) || host == QHostAddress::Any)
            host = QHostAddress(QHostAddress::LocalHostIPv6);
        if (host.isLoopback())
            return host;
        first = first.isNull() ? host : first;
    }
    return first;
}

ExitCode codeFor(ConnectionState state)
{
    return state == ConnectionState::Refused ? ExitCode::Permission : ExitCode::DaemonUnreachable;
}

} // namespace

std::optional<Endpoint> runningDaemon(const QString &home)
{
    const QString runDirectory = runDirectoryOf(home);
    Result<DaemonAddress> address = readDaemonAddress(runDirectory);
    if (!address)
        return {};
    const QHostAddress host = hostToAsk(address->hosts);
    const auto owners = listenerOwners(host, static_cast<quint16>(address->port));
    if (owners && owners->isEmpty())
        return {};
    address->hosts = {host.toString()};
    Endpoint endpoint{.url = QUrl(address->url()), .token = {}, .ownDaemon = host.isLoopback()};
    // Without one the daemon still knows its own user, unless it was told not to.
    if (endpoint.ownDaemon)
        endpoint.token = readLocalToken(runDirectory).value_or(QByteArray());
    return endpoint;
}

bool isOurDaemon(qint64 pid)
{
    QFile comm(u"/proc/%1/comm"_s.arg(pid));
    struct stat info = {};
    return comm.open(QIODevice::ReadOnly) && ::fstat(comm.handle(), &info) == 0 &&
           (info.st_uid == ::geteuid() || ::geteuid() == 0) &&
           comm.readAll().startsWith("pmdaemon");
}

void leaveTlsOut()
{
    QCoreApplication::setLibraryPaths({});
    // QWebSocket asks for the default TLS configuration all the same, and Qt complains.
    QLoggingCategory::setFilterRules(u"qt.network.ssl.warning=false"_s);
}

Session::Session(ConnectionOptions options, ProblemListener onProblem)
    : m_options(std::move(options))
    , m_onProblem(std::move(onProblem))
{}

void Session::tellProblems()
{
    if (!m_onProblem)
        return;
    if (const Result<SystemInfo> info = await(m_backend->systemInfo())) {
        for (const QString &problem : info->problems)
            m_onProblem(problem);
    }
}

tl::expected<Endpoint, Failure> Session::remoteEndpoint() const
{
    const Result<QUrl> url = daemonUrl(m_options.host);
    if (!url)
        return end(ExitCode::Usage, url.error().message);
    Endpoint endpoint{.url = *url};
    if (!m_options.fingerprint.isEmpty()) {
        const Result<QByteArray> fingerprint = fingerprintFromString(m_options.fingerprint);
        if (!fingerprint)
            return end(ExitCode::Usage, fingerprint.error().message);
        endpoint.fingerprint = *fingerprint;
    }
    return endpoint;
}

tl::expected<Endpoint, Failure> Session::findEndpoint()
{
    std::optional<Endpoint> endpoint = runningDaemon(m_options.home);
    if (!endpoint && !m_options.maySpawn)
        return end(ExitCode::DaemonUnreachable,
                   Cli::tr("no daemon is running for %1; `pmdaemon daemon` starts one")
                       .arg(m_options.home));
    if (!endpoint) {
        DaemonLaunch launch;
        launch.home = m_options.home;
        launch.runDirectory = runDirectoryOf(m_options.home);
        launch.program = QCoreApplication::applicationFilePath();
        launch.arguments = {u"daemon"_s, u"--home"_s, m_options.home};
        if (m_options.port >= 0)
            launch.arguments += {u"--port"_s, QString::number(m_options.port)};
        launch.logFile = m_options.home + "/pmdaemon.log"_L1;
        launch.lockFile = launch.runDirectory + "/spawn.lock"_L1;
        const Result<void> spawned = spawnDaemon(
            launch, [&] { return (endpoint = runningDaemon(m_options.home)).has_value(); });
        if (!spawned)
            return tl::unexpected(spawnFailure(spawned.error()));
        if (!endpoint)
            endpoint = runningDaemon(m_options.home);
        if (!endpoint)
            return end(
                ExitCode::DaemonUnreachable,
                Cli::tr("the daemon started but left no address; see %1").arg(launch.logFile));
    }
    if (m_options.port > 0 && endpoint->url.port() != m_options.port)
        return end(ExitCode::Usage,
                   Cli::tr("the daemon of %1 listens on port %2; leave --port out, or use --host "
                           "for another one")
                       .arg(m_options.home)
                       .arg(endpoint->url.port()));
    return *endpoint;
}

tl::expected<void, Failure> Session::connect(const std::function<void(Backend &)> &prepare,
                                             bool reconnect)
{
    // A daemon of our own may die before it has answered, and another one be there or startable.
    constexpr int attempts = 3;
    constexpr qint64 atOnce = 2'000; // ms: one that never answers is not asked again
    QElapsedTimer timer;
    timer.start();
    tl::expected<void, Failure> connected;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        connected = connectOnce(prepare, reconnect);
        const bool died = !connected && connected.error().code == ExitCode::DaemonUnreachable &&
                          m_backend && m_backend->connectionState() != ConnectionState::Refused;
        if (!died || !m_options.host.isEmpty() || !m_options.maySpawn || timer.elapsed() > atOnce)
            break;
    }
    if (connected)
        tellProblems();
    return connected;
}

tl::expected<void, Failure> Session::connectOnce(const std::function<void(Backend &)> &prepare,
                                                 bool reconnect)
{
    m_backend.reset();
    auto endpoint = m_options.host.isEmpty() ? findEndpoint() : remoteEndpoint();
    if (!endpoint)
        return tl::unexpected(endpoint.error());
    if (!m_options.tokenFile.isEmpty()) {
        const Result<QByteArray> token = readTokenFile(m_options.tokenFile);
        if (!token)
            return end(exitCodeFor(token.error()), token.error().message);
        endpoint->token = *token;
    }
    if (endpoint->url.scheme() == "ws"_L1)
        leaveTlsOut();

    RemoteBackend::Options options;
    options.commandTimeout = m_options.timeout.value_or(options.commandTimeout);
    options.queryTimeout = m_options.timeout.value_or(options.queryTimeout);
    options.timing.handshake = m_options.timeout.value_or(options.timing.handshake);
    options.reconnect = reconnect;
    m_backend = std::make_unique<RemoteBackend>(*endpoint, options);
    if (prepare)
        prepare(*m_backend);
    QEventLoop loop;
    QString why;
    QObject::connect(m_backend.get(), &Backend::connectionStateChanged, &loop,
                     [&](ConnectionState, const QString &reason) {
                         why = reason;
                         loop.quit();
                     });
    m_backend->open();
    while (m_backend->connectionState() == ConnectionState::Connecting)
        loop.exec();
    if (m_backend->connectionState() == ConnectionState::Live)
        return {};
    const ConnectionState state = m_backend->connectionState();
    const QString text = state == ConnectionState::Refused ? Cli::tr("%1 refuses: %2")
                                                           : Cli::tr("%1 cannot be reached: %2");
    const auto failure = end(codeFor(state), text.arg(endpoint->url.authority(), why));
    m_backend->close(); // which has no reason to tell
    return failure;
}

} // namespace pmdaemon
