// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/http/httpconnection.h"
#include "tests/server/gatewayfixture.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QTcpServer>

#include <arpa/inet.h>
#include <cerrno>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace pmdaemon;
using namespace std::chrono_literals;
using namespace Qt::Literals::StringLiterals;

namespace {

/// A client below Qt, which reads only when told to and buffers nothing.
class MuteClient
{
public:
    explicit MuteClient(quint16 port)
        : m_fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        if (port != 0)
            connectTo(port);
    }
    ~MuteClient() { ::close(m_fd); }
    void connectTo(quint16 port)
    {
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(m_fd, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0)
            qFatal("connect: %s", std::strerror(errno));
        ::fcntl(m_fd, F_SETFL, O_NONBLOCK);
    }
    /// False when the other end is gone. Runs the event loop while the kernel's buffers are full.
    bool say(QByteArrayView bytes)
    {
        while (!bytes.isEmpty()) {
            const ssize_t sent = ::send(m_fd, bytes.data(), size_t(bytes.size()), MSG_NOSIGNAL);
            if (sent < 0 && errno != EAGAIN)
                return false;
            if (sent < 0 && !QTest::qWaitFor([this] { return isWritable(); }, 20'000))
                return false;
            bytes = bytes.sliced(std::max<ssize_t>(sent, 0));
        }
        QCoreApplication::processEvents();
        return true;
    }
    /// What has arrived so far is added to heard; false at the end.
    bool listen()
    {
        std::array<char, 65'536> buffer;
        ssize_t size = 0;
        while ((size = ::recv(m_fd, buffer.data(), buffer.size(), 0)) > 0)
            heard.append(buffer.data(), size);
        return size < 0 && errno == EAGAIN;
    }
    bool waitForEnd()
    {
        return QTest::qWaitFor([this] { return !listen(); }, 20'000);
    }
    void upgrade()
    {
        say(RawClient::upgrade());
        if (!QTest::qWaitFor(
                [this] {
                    listen();
                    return heard.contains("\r\n\r\n");
                },
                10'000))
            qFatal("no handshake: %s", heard.constData());
        heard.remove(0, heard.indexOf("\r\n\r\n") + 4);
    }
    /// The code of the last frame, if that is a close frame with this code.
    bool heardClose(CloseCode code) const
    {
        QByteArray frame = closeFrame(code, {});
        return heard.contains(frame.sliced(2)) && heard.lastIndexOf('\x88') >= 0;
    }

    QByteArray heard;

private:
    bool isWritable() const { return ::send(m_fd, "", 0, MSG_NOSIGNAL) == 0; }
    int m_fd;
};

/// Memory is measured where no sanitizer adds to it.
#ifdef __SANITIZE_ADDRESS__
constexpr bool measuresMemory = false;
#else
constexpr bool measuresMemory = true;
#endif

qint64 residentBytes()
{
    QFile file(u"/proc/self/statm"_s);
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    return file.readAll().split(' ').at(1).toLongLong() * ::sysconf(_SC_PAGESIZE);
}

constexpr qint64 AttackBudget = 8 * 1024 * 1024;

/// A well-behaved client that must not notice an attack.
struct Canary
{
    explicit Canary(GatewayFixture &fixture)
        : backend(fixture.backend)
        , client(fixture.url())
    {
        if (!QTest::qWaitFor([this] { return client.isOpen(); }))
            qFatal("the canary cannot connect");
        client.send(u"subscribe"_s, {{u"events"_s, QJsonArray{u"process_event"_s}}}, 1);
        if (!QTest::qWaitFor([this] { return client.count(u"subscribed"_s) == 1; }))
            qFatal("the canary cannot subscribe");
        before = residentBytes();
    }
    void chirp()
    {
        ProcessEvent event;
        event.id = ProcessId{1};
        event.name = u"worker"_s;
        event.details = {{u"n"_s, ++sent}};
        emit backend.processEvent(event);
    }
    bool isWell()
    {
        chirp();
        if (!QTest::qWaitFor([this] { return client.count(u"process_event"_s) == sent; }, 20'000))
            return false;
        const qint64 grown = residentBytes() - before;
        if (measuresMemory && grown > AttackBudget)
            qWarning("grown by %lld bytes", grown);
        return !measuresMemory || grown <= AttackBudget;
    }

    FakeBackend &backend;
    TestClient client;
    qint64 before = 0;
    int sent = 0;
};

/// One end of a WebSocket as the Gateway makes it, with a client at the other.
struct OneSocket
{
    OneSocket()
        : upgrades(u"test"_s, QWebSocketServer::NonSecureMode)
    {
        server.listen(QHostAddress::LocalHost);
        client = std::make_unique<MuteClient>(server.serverPort());
        wait([this] { return server.hasPendingConnections(); });
        QTcpSocket *socket = server.nextPendingConnection();
        client->say(RawClient::upgrade());
        wait([socket] { return socket->bytesAvailable() > 0; });
        connection = std::make_unique<WebSocketConnection>(socket, 1024 * 1024);
        upgrades.handleConnection(socket);
        wait([this] { return upgrades.hasPendingConnections(); });
        connection->adopt(upgrades.nextPendingConnection());
        wait([this] {
            client->listen();
            return client->heard.endsWith("\r\n\r\n");
        });
        client->heard.clear();
    }

    template <typename F>
    static void wait(F condition)
    {
        if (!QTest::qWaitFor(condition, 10'000))
            qFatal("no handshake");
    }

    QTcpServer server;
    QWebSocketServer upgrades;
    std::unique_ptr<MuteClient> client;
    std::unique_ptr<WebSocketConnection> connection;
};

} // namespace

class TestHostileClients : public QObject
{
    Q_OBJECT

    static bool isServed(const GatewayFixture &fixture)
    {
        RawClient client(fixture.gateway.port());
        client.say(RawClient::get("/health"));
        return QTest::qWaitFor([&] { return client.status() != 0; }) && client.status() == 200;
    }

private slots:
    void dropsAHeadThatDrips()
    {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        MuteClient client(server.serverPort());
        QTRY_VERIFY(server.hasPendingConnections());
        HttpConnection connection(server.nextPendingConnection());
        QSignalSpy finished(&connection, &HttpConnection::finished);
        const auto start = std::chrono::steady_clock::now();
        for (const char byte : QByteArray("GET / HTTP/1.1\r\nHo"))
            client.say({&byte, 1});
        connection.tick(start + 5s);
        QVERIFY(client.listen());
        connection.tick(start + 11s);
        QVERIFY(client.waitForEnd());
        QVERIFY(client.heard.startsWith("HTTP/1.1 408 "));
        client.say("st: localhost\r\n\r\n");
        QTRY_VERIFY(client.heard.count("HTTP/1.1") == 1);
        connection.tick(start + 60s); // hangs up, though the client does not
        QTRY_COMPARE(finished.size(), 1);
    }

    void dropsASilentConnection()
    {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        MuteClient client(server.serverPort());
        QTRY_VERIFY(server.hasPendingConnections());
        HttpConnection connection(server.nextPendingConnection());
        connection.tick(std::chrono::steady_clock::now() + 11s);
        QVERIFY(client.waitForEnd());
        QVERIFY(client.heard.isEmpty());
    }

    void dropsAMessageThatDrips()
    {
        OneSocket socket;
        const auto start = std::chrono::steady_clock::now();
        socket.client->say(RawClient::frame(0x81, "hello").first(8));
        QTest::qWait(1);
        socket.connection->tick(start + 10s);
        QVERIFY(socket.connection->isOpen());
        socket.connection->tick(start + 20s);
        QVERIFY(socket.client->waitForEnd());
        QVERIFY(socket.client->heardClose(CloseCode::PolicyViolation));
    }

    void dropsWhoeverAnswersNoPings()
    {
        OneSocket socket;
        QSignalSpy finished(socket.connection.get(), &WebSocketConnection::finished);
        const auto start = std::chrono::steady_clock::now();
        socket.connection->tick(start + 31s);
        QTRY_VERIFY(socket.client->listen() && socket.client->heard == QByteArray("\x89\0", 2));
        // An answer counts.
        socket.client->say(RawClient::frame(0x8a, {}));
        QTest::qWait(1);
        socket.connection->tick(start + 62s);
        socket.connection->tick(start + 93s);
        QVERIFY(socket.connection->isOpen());
        socket.connection->tick(start + 124s);
        QTRY_COMPARE(finished.size(), 1);
    }

    void giveUpOnAClientThatClosesButDoesNotRead()
    {
        OneSocket socket;
        QSignalSpy finished(socket.connection.get(), &WebSocketConnection::finished);
        const auto start = std::chrono::steady_clock::now();
        socket.connection->close(CloseCode::GoingAway, {});
        QVERIFY(!socket.connection->isOpen());
        socket.connection->tick(start + 1s);
        QVERIFY(finished.isEmpty());
        socket.connection->tick(start + 10s);
        QTRY_COMPARE(finished.size(), 1);
    }

    void takesNothingForAClientThatHasClosed()
    {
        OneSocket socket;
        QSignalSpy finished(socket.connection.get(), &WebSocketConnection::finished);
        socket.client->say(RawClient::frame(0x88, "\x03\xe8"));
        QTRY_VERIFY(!socket.connection->isOpen());
        QTRY_COMPARE(finished.size(), 1);
        QVERIFY(socket.connection->isCongested());
        QCOMPARE(socket.connection->send(SendQueue::Kind::Log, "x"), SendQueue::Outcome::Dropped);
        socket.connection->close(CloseCode::GoingAway, {});
        socket.connection->tick(std::chrono::steady_clock::now() + 124s);
    }

    void answersAFrameSentWithTheHandshake()
    {
        GatewayFixture fixture;
        RawClient client(fixture.gateway.port());
        client.say(RawClient::upgrade() + RawClient::frame(0x81, "{\"type\":\"ping\",\"id\":1}") +
                   RawClient::frame(0x81, "{\"type\":\"ping\",\"id\":2}"));
        QTRY_COMPARE(client.heard.count("\"pong\""), 2);
        QVERIFY(client.heard.indexOf("\"reply_to\":1") < client.heard.indexOf("\"reply_to\":2"));
    }

    void refusesAGibibyteAtOnce()
    {
        GatewayFixture fixture;
        Canary canary(fixture);
        MuteClient client(fixture.gateway.port());
        client.upgrade();
        client.say(QByteArray(QByteArray::fromHex("81ff0000000040000000") + "mask"));
        client.say(QByteArray(300'000, 'x'));
        QVERIFY(client.waitForEnd());
        QVERIFY(client.heardClose(CloseCode::TooLarge));
        QVERIFY(canary.isWell());
    }

    void refusesTwoMebibytesInFragments()
    {
        GatewayFixture fixture;
        Canary canary(fixture);
        MuteClient client(fixture.gateway.port());
        client.upgrade();
        client.say(RawClient::frame(0x01, QByteArray(16'384, 'x')));
        for (int i = 0; i < 127 && client.say(RawClient::frame(0x00, QByteArray(16'384, 'x'))); ++i)
            ;
        QVERIFY(client.waitForEnd());
        QVERIFY(client.heardClose(CloseCode::TooLarge));
        QVERIFY(canary.isWell());
    }

    void takesALargeMessageAndLivesOn()
    {
        GatewayFixture fixture;
        MuteClient client(fixture.gateway.port());
        client.upgrade();
        client.say(RawClient::frame(0x81, QByteArray(1024 * 1024, '[')));
        QTRY_VERIFY(client.listen() && client.heard.contains("\"invalid_"));
        client.say(RawClient::frame(0x81, "{\"type\":\"ping\"}"));
        QTRY_VERIFY(client.listen() && client.heard.contains("\"pong\""));
    }

    void refusesUnmaskedFrames()
    {
        GatewayFixture fixture;
        MuteClient client(fixture.gateway.port());
        client.upgrade();
        client.say("\x81\x02hi");
        QVERIFY(client.waitForEnd());
        QVERIFY(client.heardClose(CloseCode::ProtocolError));
    }

    void endsAPingFlood()
    {
        GatewayFixture fixture;
        Canary canary(fixture);
        MuteClient client(fixture.gateway.port());
        client.upgrade();
        const QByteArray pings = RawClient::frame(0x89, QByteArray(100, 'p')).repeated(1'000);
        for (int i = 0; i < 200 && client.say(pings); ++i)
            ;
        QVERIFY(client.waitForEnd());
        QVERIFY(canary.isWell());
    }

    void endsAMessageFlood()
    {
        GatewayFixture fixture;
        Canary canary(fixture);
        MuteClient client(fixture.gateway.port());
        client.upgrade();
        const QByteArray messages = RawClient::frame(0x81, "{\"type\":\"ping\"}").repeated(100);
        bool open = true;
        for (int i = 0; i < 1'000 && open; ++i)
            open = client.say(messages) && client.listen();
        client.waitForEnd();
        QVERIFY(client.heard.contains("\"rate_limited\""));
        QVERIFY(client.heardClose(CloseCode::PolicyViolation));
        QVERIFY(canary.isWell());
    }

    void givesUpOnAReaderThatDoesNotRead()
    {
        GatewayFixture fixture;
        Canary canary(fixture);
        MuteClient client(fixture.gateway.port());
        client.upgrade();
        client.say(RawClient::frame(0x81, "{\"type\":\"subscribe\",\"data\":{\"events\":"
                                          "[\"process_event\",\"log_message\","
                                          "\"process_metrics\"]}}"));
        QTRY_VERIFY(!fixture.backend.interest().logs.isEmpty());

        LogBatch lines{ProcessId{1}, u"worker"_s, 0, 0, {}};
        for (int i = 0; i < 100; ++i)
            lines.lines.append({.seq = i, .time = {}, .message = QByteArray(1'000, 'x')});
        for (int i = 0; i < 200; ++i) { // 20 MB of log, then metrics: dropped and replaced
            emit fixture.backend.logLines(lines);
            fixture.backend.tick(milliseconds{1'000});
            if (i % 10 == 0)
                QCoreApplication::processEvents();
        }
        QVERIFY(canary.isWell());
        ProcessEvent event;
        event.id = ProcessId{1};
        event.name = u"worker"_s;
        event.details = {{u"text"_s, QString(10'000, u'x')}};
        // Nothing of these may be dropped: at the limit the reader goes.
        for (int i = 0; i < 2'000 && !fixture.backend.interest().logs.isEmpty(); ++i) {
            emit fixture.backend.processEvent(event);
            ++canary.sent;
            QCoreApplication::processEvents();
        }
        QTRY_VERIFY(fixture.backend.interest().logs.isEmpty());
        QTRY_COMPARE(canary.client.count(u"process_event"_s), canary.sent);
    }

    void turnsAwayWhoeverIsTooMany()
    {
        Settings settings;
        settings.maxConnections = 3;
        GatewayFixture fixture(settings);
        std::vector<std::unique_ptr<TestClient>> clients;
        for (int i = 0; i < 3; ++i)
            clients.push_back(std::make_unique<TestClient>(fixture.url()));
        for (const auto &client : clients)
            QTRY_VERIFY(client->isOpen());
        RawClient excess(fixture.gateway.port());
        QTRY_COMPARE(excess.status(), 503);
        QVERIFY(excess.heard.contains("\r\nRetry-After: "));
        QTRY_VERIFY(excess.isClosed());
        // However many they are, each is told.
        std::vector<std::unique_ptr<RawClient>> many;
        for (int i = 0; i < 200; ++i)
            many.push_back(std::make_unique<RawClient>(fixture.gateway.port()));
        for (const auto &client : many)
            QTRY_COMPARE(client->status(), 503);
        many.clear();
        clients.pop_back();
        QVERIFY(QTest::qWaitFor([&] { return isServed(fixture); }));
    }

    void acceptsAgainWhenDescriptorsAreFree()
    {
        GatewayFixture fixture;
        QVERIFY(isServed(fixture)); // what was accepted before must not hide that nothing can be
        std::array<std::unique_ptr<MuteClient>, 4> clients;
        for (auto &client : clients)
            client = std::make_unique<MuteClient>(0);
        rlimit before{};
        ::getrlimit(RLIMIT_NOFILE, &before);
        const int next = ::dup(0);
        ::close(next);
        const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"cannot accept connections"_s));
        ::setrlimit(RLIMIT_NOFILE, &none);
        for (auto &client : clients)
            client->connectTo(fixture.gateway.port());
        bool allTold = true;
        for (auto &client : clients) {
            client->waitForEnd();
            allTold = allTold && client->heard.startsWith("HTTP/1.1 503 ");
        }
        ::setrlimit(RLIMIT_NOFILE, &before);
        QVERIFY(allTold);
        RawClient later(fixture.gateway.port());
        later.say(RawClient::get("/health"));
        QTRY_COMPARE(later.status(), 200);
    }

    void survivesConnectionsThatComeAndGo()
    {
        GatewayFixture fixture;
        Canary canary(fixture);
        const auto descriptors = [] { return QDir(u"/proc/self/fd"_s).count(); };
        const auto before = descriptors();
        for (int i = 0; i < 300; ++i) {
            MuteClient client(fixture.gateway.port());
            if (i % 3 == 0)
                client.upgrade();
            else if (i % 3 == 1)
                client.say("GET / HT");
        }
        QTRY_COMPARE(descriptors(), before);
        QVERIFY(canary.isWell());
    }
};

QTEST_GUILESS_MAIN(TestHostileClients)
#include "tst_hostileclients.moc"
