// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/gateway.h"

#include "core/config/rundirectory.h"
#include "server/http/httpconnection.h"
#include "server/rest/dashboard.h"
#include "server/rest/staticfiles.h"
#include "server/tls/tlssocket.h"
#include "server/ws/upgrade.h"

#include <QLoggingCategory>
#include <QRandomGenerator>
#include <QTcpSocket>
#include <QWebSocket>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pmdaemon {

using namespace std::chrono_literals;
using namespace Qt::Literals::StringLiterals;

namespace {

Q_LOGGING_CATEGORY(lcGateway, "pmdaemon.server", QtInfoMsg)

constexpr auto TickInterval = 500ms;
constexpr auto HandshakeDeadline = 10s;
constexpr qint64 MaxBody = 1024 * 1024; ///< of a request through REST, as of a WebSocket message
constexpr int ReservedDescriptors = 32; ///< for the daemon's own work
constexpr int PoliteRefusals = 64;      ///< connections past the limit whose words are heard out

QByteArray bootNonce()
{
    return QByteArray::number(QRandomGenerator::system()->generate64(), 36);
}

int connectionLimit(int configured)
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return configured;
    const auto possible = static_cast<qint64>(limit.rlim_cur) - ReservedDescriptors;
    return static_cast<int>(std::clamp<qint64>(possible, 1, std::max(1, configured)));
}

QString endOf(const QHostAddress &address, quint16 port)
{
    return address.toString() + u' ' + QString::number(port);
}

bool isOwn(const Peer &peer)
{
    return peer.uid && (*peer.uid == peer.ownUid || *peer.uid == 0);
}

} // namespace

Gateway::Gateway(Backend &backend, const Settings &settings, const QByteArray &localToken,
                 QObject *parent)
    : QObject(parent)
    , m_backend(backend)
    , m_settings(settings)
    , m_encoder(bootNonce())
    , m_broadcaster(backend, m_encoder)
    , m_context{backend, m_settings, m_encoder, m_broadcaster, m_tokens, m_failures}
    , m_rest(backend)
    , m_handshakes(u"PMDaemon"_s, QWebSocketServer::NonSecureMode)
    , m_listener([this](qintptr descriptor) { onDescriptor(descriptor); })
    , m_refusalLog(1, 5)
    , m_limit(connectionLimit(settings.maxConnections))
{
    if (!localToken.isEmpty())
        m_tokens.add(localToken, Role::Admin);
    if (!m_settings.home.isEmpty()) {
        connect(&m_tokenFolder, &QFileSystemWatcher::directoryChanged, this, &Gateway::readTokens);
        readTokens();
    }
    m_handshakes.setSupportedSubprotocols({QString::fromLatin1(webSocketProtocol)});
    m_handshakes.setMaxPendingConnections(m_limit);
    connect(&m_handshakes, &QWebSocketServer::newConnection, this, &Gateway::onWebSocket);
    m_tick.setInterval(TickInterval);
    m_tick.setTimerType(Qt::CoarseTimer);
    connect(&m_tick, &QTimer::timeout, this, &Gateway::onTick);
}

Gateway::~Gateway()
{
    if (m_closing)
        m_closing->finish();
}

Result<void> Gateway::listen(const QList<int> &inherited)
{
    return prepareTls().and_then(
        [&] { return m_listener.listen(m_settings.hosts, m_settings.port, inherited); });
}

Result<void> Gateway::prepareTls()
{
    if (m_settings.tlsCert.isEmpty() && m_settings.tlsKey.isEmpty() &&
        m_settings.clientCa.isEmpty()) {
        for (const QString &host : m_settings.hosts) {
            if (!QHostAddress(host).isLoopback())
                return fail(ErrorCode::InvalidConfig,
                            tr("host: %1 is not a loopback address, and other machines are let in "
                               "by TLS alone. Set tls_cert and tls_key, or leave 127.0.0.1 and "
                               "::1, and use an SSH tunnel from elsewhere (ssh -L "
                               "9615:127.0.0.1:9615 HOST).")
                                .arg(host));
        }
        return {};
    }
    Result<ServerCertificate> certificate = ServerCertificate::load(m_settings);
    if (!certificate)
        return tl::unexpected(certificate.error());
    m_certificate = *std::move(certificate);
    m_settings.allowedHosts += m_certificate->names();
    qCInfo(lcGateway).noquote() << tr("TLS with %1, good until %2, SHA-256 fingerprint %3")
                                       .arg(m_settings.tlsCert,
                                            m_certificate->expires().toString(Qt::ISODate),
                                            m_certificate->fingerprint());
    return {};
}

int Gateway::connections() const
{
    return static_cast<int>(m_visitors.size() + m_candidates.size() + m_sessions.size());
}

// Arrival

Peer Gateway::identify(const QTcpSocket &socket) const
{
    const TcpEnds ends{socket.peerAddress(), socket.peerPort(), socket.localAddress(),
                       socket.localPort()};
    return {ends.peer, peerUid(ends), ::getuid()};
}

/// Users other than ours share a quarter of the connections: they cannot lock us out. Nor can those
/// who are being turned away.
bool Gateway::isFull(const Peer &peer) const
{
    const auto count = [this](auto condition) {
        return static_cast<int>(std::count_if(m_visitors.begin(), m_visitors.end(), condition));
    };
    const int turnedAway = count([](const auto &each) { return each.second.turnedAway; });
    const int strangers = count([](const auto &each) { return !isOwn(each.second.peer); });
    return connections() - turnedAway >= m_limit ||
           (!isOwn(peer) && strangers >= std::max(1, m_limit / 4));
}

std::unique_ptr<QTcpSocket> Gateway::makeSocket(qintptr descriptor)
{
    if (!m_certificate) {
        auto socket = std::make_unique<QTcpSocket>();
        return socket->setSocketDescriptor(descriptor) ? std::move(socket) : nullptr;
    }
    std::unique_ptr<QTcpSocket> socket = makeTlsSocket(descriptor, m_certificate->current());
    if (!socket)
        return nullptr;
    connect(socket.get(), &QTcpSocket::errorOccurred, this,
            [this, made = socket.get()](QAbstractSocket::SocketError error) {
                const bool isOurs = error == QAbstractSocket::SslInternalError ||
                                    error == QAbstractSocket::SslInvalidUserDataError;
                if (isOurs && m_refusalLog.take(std::chrono::steady_clock::now()))
                    qCWarning(lcGateway).noquote()
                        << tr("TLS fails here: %1 (tls_cert, tls_key)").arg(made->errorString());
            });
    return socket;
}

void Gateway::onDescriptor(qintptr descriptor)
{
    std::unique_ptr<QTcpSocket> socket =
        connections() < m_limit + PoliteRefusals ? makeSocket(descriptor) : nullptr;
    if (!socket)
        return turnAway(static_cast<int>(descriptor));
    // Messages are small and go at once: none waits until the one before is acknowledged.
    socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    Visitor visitor{nullptr, identify(*socket)};
    const bool full = isFull(visitor.peer);
    visitor.turnedAway = full;
    visitor.http = std::make_unique<HttpConnection>(socket.release());
    HttpConnection *http = visitor.http.get();
    const quint64 id = ++m_lastVisitor;
    connect(http, &HttpConnection::requested, this, [this, id] { onRequest(id); });
    connect(
        http, &HttpConnection::finished, this, [this, id] { m_visitors.erase(id); },
        Qt::QueuedConnection);
    m_visitors.emplace(id, std::move(visitor));
    if (!m_tick.isActive())
        m_tick.start();
    if (full)
        http->respond(overloaded());
}

// Requests

void Gateway::onRequest(quint64 id)
{
    HttpConnection *http = m_visitors.at(id).http.get();
    Peer &peer = m_visitors.at(id).peer;
    if (m_certificate) {
        const QTcpSocket &socket = http->socket();
        if (!isEncrypted(socket) && !socket.localAddress().isLoopback())
            return http->respond(
                errorResponse({400, tr("TLS is spoken here: use https:// or wss://.")}));
        peer.certified = roleOf(clientCertificate(socket));
    }
    const RequestHead &head = http->head();
    const bool isWebSocket = head.path == "/ws"_L1;
    const RestApi::Match match = isWebSocket ? RestApi::Match{} : RestApi::match(head);
    const std::optional<Response> page = dashboardFile(head);
    const Access access = page          ? Access::Public
                          : isWebSocket ? Access::WebSocket
                          : match.route ? match.route->access
                                        : Access::Read;
    const auto grant = authorize(head, access, peer, m_settings, m_tokens);

    const QString peerKey = FailureLimit::keyOf(peer);
    if (!grant)
        return http->respond(refusalOf(grant.error(), peerKey));
    if (isWebSocket)
        return upgrade(id, *grant, peerKey);
    m_visitors.at(id).grant = *grant;
    const Responder respond = [this, http = QPointer(http), grant = *grant](Response response) {
        if (!http)
            return;
        if (!grant.allowOrigin.isEmpty()) {
            response.fields.append(
                RequestHead::Field{"Access-Control-Allow-Origin", grant.allowOrigin});
            response.fields.append(RequestHead::Field{"Vary", "Origin"});
        }
        http->respond(response);
    };
    if (page)
        respond(*page);
    else if (!m_settings.webRoot.isEmpty() && head.path.startsWith(QLatin1StringView(webRootPath)))
        respond(serveFile(m_settings.webRoot, head));
    else if (match.route && match.route->access == Access::Change)
        http->readBody(MaxBody,
                       [this, match, http, grant = *grant, respond](const QByteArray &body) {
                           m_rest.serve(match, http->head(), body, grant, respond);
                       });
    else if (match.route)
        m_rest.serve(match, head, {}, *grant, respond);
    else
        respond(match.otherwise);
}

/// Who shows a right token is let in whatever others of the same user have guessed.
Response Gateway::refusalOf(const Refusal &refusal, const QString &peerKey)
{
    const auto now = std::chrono::steady_clock::now();
    if (refusal.wrongToken && m_failures.isBlocked(peerKey, now)) {
        Response response =
            errorResponse({429, tr("Too many wrong tokens; try again in a minute.")});
        response.fields.append(RequestHead::Field{"Retry-After", "12"});
        return response;
    }
    if (refusal.wrongToken)
        m_failures.recordFailure(peerKey, now);
    if (!refusal.log.isEmpty() && m_refusalLog.take(now))
        qCWarning(lcGateway) << refusal.log;
    Response response = errorResponse(refusal.problem);
    if (refusal.problem.status == 401)
        response.fields.append(RequestHead::Field{"WWW-Authenticate", "Bearer realm=\"pmdaemon\""});
    return response;
}

// WebSockets

void Gateway::upgrade(quint64 id, const Grant &grant, const QString &peerKey)
{
    HttpConnection *http = m_visitors.at(id).http.get();
    if (const auto refused = refuseUpgrade(http->head()))
        return http->respond(*refused);
    QTcpSocket *socket = http->release();
    const QString end = endOf(socket->peerAddress(), socket->peerPort());
    Candidate candidate{std::make_unique<WebSocketConnection>(socket, m_settings.sendQueue), grant,
                        peerKey, std::chrono::steady_clock::now() + HandshakeDeadline};
    connect(
        candidate.connection.get(), &WebSocketConnection::finished, this,
        [this, end] { m_candidates.erase(end); }, Qt::QueuedConnection);
    m_candidates[end] = std::move(candidate);
    // Called from within the visitor: it goes when that has returned.
    QMetaObject::invokeMethod(
        this, [this, id] { m_visitors.erase(id); }, Qt::QueuedConnection);
    m_handshakes.handleConnection(socket);
}

void Gateway::onWebSocket()
{
    while (QWebSocket *webSocket = m_handshakes.nextPendingConnection()) {
        const auto at = m_candidates.find(endOf(webSocket->peerAddress(), webSocket->peerPort()));
        if (at == m_candidates.end() || m_closing) {
            webSocket->deleteLater();
            continue;
        }
        Candidate candidate = std::move(at->second);
        m_candidates.erase(at);
        candidate.connection->disconnect(this);
        candidate.connection->adopt(webSocket);
        beginSession(std::move(candidate));
    }
}

void Gateway::beginSession(Candidate candidate)
{
    auto session = std::make_unique<ClientSession>(m_context, candidate.connection.release(),
                                                   candidate.grant, candidate.peerKey);
    ClientSession *key = session.get();
    connect(
        key, &ClientSession::finished, this, [this, key] { m_sessions.erase(key); },
        Qt::QueuedConnection);
    m_sessions.emplace(key, std::move(session));
}

// Time and end

void Gateway::onTick()
{
    const auto now = std::chrono::steady_clock::now();
    for (const auto &[id, visitor] : m_visitors)
        visitor.http->tick(now);
    for (const auto &[end, candidate] : m_candidates) {
        if (now >= candidate.deadline)
            candidate.connection->abort();
    }
    for (const auto &[key, session] : m_sessions)
        session->connection().tick(now);
    endWhatIsRevoked();
    endIfEmpty();
}

void Gateway::readTokens()
{
    const QString folder = namedTokenFolder(m_settings.home);
    if (m_tokenFolder.directories().isEmpty()) {
        if (const Result<void> made = makePrivateFolder(folder); !made)
            qCWarning(lcGateway).noquote() << made.error().message;
        m_tokenFolder.addPath(folder);
    }
    const QStringList problems = m_tokens.readNamed(m_settings.home);
    for (const QString &problem : problems)
        qCWarning(lcGateway).noquote() << problem;
}

/// What expired or was revoked while it was connected.
void Gateway::endWhatIsRevoked()
{
    const WallTime now = wallNow();
    for (const auto &[key, session] : m_sessions) {
        if (!isStillGranted(session->grant(), m_tokens, now))
            session->connection().close(CloseCode::PolicyViolation,
                                        tr("the token was revoked or has expired"));
    }
    for (const auto &[id, visitor] : m_visitors) {
        if (!isStillGranted(visitor.grant, m_tokens, now))
            visitor.http->abort();
    }
}

void Gateway::endIfEmpty()
{
    if (connections() > 0)
        return;
    m_tick.stop();
    emit deserted();
    if (m_closing) {
        m_closing->finish();
        m_closing.reset();
    }
}

QFuture<void> Gateway::close()
{
    m_listener.close();
    if (m_closing)
        return m_closing->future();
    m_closing.emplace();
    m_closing->start();
    QFuture<void> closed = m_closing->future();
    for (const auto &[id, visitor] : m_visitors)
        visitor.http->respond(
            errorResponse({ErrorCode::ShuttingDown, tr("The daemon is shutting down.")}));
    for (const auto &[end, candidate] : m_candidates)
        candidate.connection->abort();
    for (const auto &[key, session] : m_sessions)
        session->connection().close(CloseCode::GoingAway, u"the daemon is shutting down"_s);
    endIfEmpty();
    return closed;
}

} // namespace pmdaemon
