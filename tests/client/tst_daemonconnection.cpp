// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "client/daemonconnection.h"
#include "tests/client/scripteddaemon.h"

#include <QCryptographicHash>
#include <QSignalSpy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr int patience = 20'000;

/// A TCP server that answers any request with the given bytes, or not at all.
class RawServer : public QTcpServer
{
public:
    explicit RawServer(const QByteArray &answer)
        : m_answer(answer)
    {
        listen(QHostAddress::LocalHost);
    }
    QUrl url() const { return QUrl(u"ws://127.0.0.1:%1/ws"_s.arg(serverPort())); }
    QByteArray received;
    bool upgrades = false; ///< a good WebSocket handshake, and silence from then on

protected:
    void incomingConnection(qintptr descriptor) override
    {
        auto *socket = new QTcpSocket(this);
        socket->setSocketDescriptor(descriptor);
        connect(socket, &QTcpSocket::readyRead, socket, [this, socket] {
            received += socket->readAll();
            if (received.endsWith("\r\n\r\n"))
                socket->write(upgrades ? upgradeAnswer() : m_answer);
        });
    }

private:
    QByteArray upgradeAnswer() const
    {
        constexpr QByteArrayView name = "Sec-WebSocket-Key: ";
        const qsizetype at = received.indexOf(name) + name.size();
        const QByteArray key = received.mid(at, received.indexOf("\r\n", at) - at);
        const QByteArray accept =
            QCryptographicHash::hash(QByteArray(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"),
                                     QCryptographicHash::Sha1)
                .toBase64();
        return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
               "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
               accept + "\r\n\r\n";
    }

    QByteArray m_answer;
};

DaemonConnection::Loss lossOf(const QSignalSpy &spy)
{
    return spy.at(0).at(0).value<DaemonConnection::Loss>();
}
QString reasonOf(const QSignalSpy &spy)
{
    return spy.at(0).at(1).toString();
}

} // namespace

class TestDaemonConnection : public QObject
{
    Q_OBJECT

private slots:
    void opensAndCarriesMessages();
    void sendsTheTokenAsAHeader();
    void failsWhereNobodyListens();
    void givesUpASilentHandshake();
    void tellsWhyItWasRefused_data();
    void tellsWhyItWasRefused();
    void losesAPeerThatFallsSilent();
    void survivesWhatIsNoWebSocket_data();
    void survivesWhatIsNoWebSocket();
    void losesAPeerThatSendsTooMuch();
    void tellsAShutdown();
    void usesAFreshSocketForEachAttempt();
    void staysQuietAfterClose();
    void acceptsItsOwnListener();
    void keepsTheLocalTokenOnTheLoopback();
};

void TestDaemonConnection::opensAndCarriesMessages()
{
    ScriptedDaemon daemon;
    DaemonConnection connection({daemon.url()});
    QSignalSpy opened(&connection, &DaemonConnection::opened);
    QSignalSpy received(&connection, &DaemonConnection::received);
    connection.open();
    QVERIFY(opened.wait(patience));
    connection.send(R"({"type":"get_system"})");
    QVERIFY(received.wait(patience));
    QVERIFY(received.at(0).at(0).toByteArray().contains("system_info"));
}

void TestDaemonConnection::sendsTheTokenAsAHeader()
{
    RawServer server("HTTP/1.1 500 No\r\n\r\n");
    DaemonConnection connection({server.url(), "pmd_secret"});
    QSignalSpy lost(&connection, &DaemonConnection::lost);
    connection.open();
    QVERIFY(lost.wait(patience));
    QVERIFY(server.received.contains("Authorization: Bearer pmd_secret\r\n"));
    QVERIFY(!server.received.contains("Origin"));
}

void TestDaemonConnection::failsWhereNobodyListens()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    const QUrl url(u"ws://127.0.0.1:%1/ws"_s.arg(server.serverPort()));
    server.close();
    for (const bool ownDaemon : {false, true}) {
        DaemonConnection connection({url, {}, ownDaemon});
        QSignalSpy lost(&connection, &DaemonConnection::lost);
        connection.open();
        QTRY_COMPARE_WITH_TIMEOUT(lost.size(), 1, patience);
        QCOMPARE(lossOf(lost), DaemonConnection::Loss::Failed);
        QVERIFY2(reasonOf(lost).contains(ownDaemon ? u"nobody listens"_s : u"refused"_s),
                 qPrintable(reasonOf(lost)));
    }
}

void TestDaemonConnection::givesUpASilentHandshake()
{
    RawServer server({});
    DaemonConnection connection({server.url()}, {.handshake = 50ms});
    QSignalSpy lost(&connection, &DaemonConnection::lost);
    connection.open();
    QVERIFY(lost.wait(patience));
    QCOMPARE(lossOf(lost), DaemonConnection::Loss::Failed);
}

void TestDaemonConnection::tellsWhyItWasRefused_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<bool>("isRefusal");
    QTest::addColumn<QString>("reason");
    const QByteArray body = R"({"success":false,"error":{"code":"UNAUTHORIZED","message":"who?"}})";
    QTest::newRow("401") << QByteArray("HTTP/1.1 401 Unauthorized\r\n\r\n") << true << u"token"_s;
    QTest::newRow("401 with words")
        << "HTTP/1.1 401 Unauthorized\r\nContent-Length: " + QByteArray::number(body.size()) +
               "\r\n\r\n" + body
        << true << u"who?"_s;
    QTest::newRow("403") << QByteArray("HTTP/1.1 403 Forbidden\r\n\r\n") << true << u"admit"_s;
    QTest::newRow("404") << QByteArray("HTTP/1.1 404 Not Found\r\n\r\n") << true << u"path"_s;
    QTest::newRow("421") << QByteArray("HTTP/1.1 421 Misdirected\r\n\r\n") << true
                         << u"allowed_hosts"_s;
    QTest::newRow("503") << QByteArray("HTTP/1.1 503 Busy\r\n\r\n") << false << u"503"_s;
}

void TestDaemonConnection::tellsWhyItWasRefused()
{
    QFETCH(QByteArray, answer);
    QFETCH(bool, isRefusal);
    QFETCH(QString, reason);
    RawServer server(answer);
    DaemonConnection connection({server.url()});
    QSignalSpy lost(&connection, &DaemonConnection::lost);
    connection.open();
    QVERIFY(lost.wait(patience));
    QCOMPARE(lossOf(lost) == DaemonConnection::Loss::Refused, isRefusal);
    QVERIFY2(reasonOf(lost).contains(reason), qPrintable(reasonOf(lost)));
}

void TestDaemonConnection::losesAPeerThatFallsSilent()
{
    RawServer server({});
    server.upgrades = true;
    DaemonConnection connection({server.url()}, {.handshake = 20s, .ping = 20ms});
    QSignalSpy opened(&connection, &DaemonConnection::opened);
    QSignalSpy lost(&connection, &DaemonConnection::lost);
    connection.open();
    QVERIFY(opened.wait(patience));
    QVERIFY(!lost.isEmpty() || lost.wait(patience));
    QCOMPARE(lossOf(lost), DaemonConnection::Loss::Failed);
    QVERIFY(reasonOf(lost).contains(u"silent"_s));
}

void TestDaemonConnection::survivesWhatIsNoWebSocket_data()
{
    QTest::addColumn<QByteArray>("answer");
    const QByteArray upgraded = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                "Connection: Upgrade\r\nSec-WebSocket-Accept: ";
    QTest::newRow("another protocol") << QByteArray("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    QTest::newRow("binary") << QByteArray("\x16\x03\x01\x00\xff\x00\r\n\r\n", 10);
    QTest::newRow("half a head") << QByteArray("HTTP/1.1 101 Switching");
    QTest::newRow("wrong key") << upgraded + "bm9wZQ==\r\n\r\n";
    QTest::newRow("no key") << QByteArray("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    QTest::newRow("endless head") << "HTTP/1.1 101 X\r\nA: " + QByteArray(4'000'000, 'a');
}

void TestDaemonConnection::survivesWhatIsNoWebSocket()
{
    QFETCH(QByteArray, answer);
    RawServer server(answer);
    DaemonConnection connection({server.url()}, {.handshake = 300ms});
    QSignalSpy lost(&connection, &DaemonConnection::lost);
    connection.open();
    QVERIFY(lost.wait(patience));
    QCOMPARE(lost.size(), 1);
}

void TestDaemonConnection::losesAPeerThatSendsTooMuch()
{
    ScriptedDaemon daemon;
    DaemonConnection connection({daemon.url()});
    QSignalSpy opened(&connection, &DaemonConnection::opened);
    QSignalSpy received(&connection, &DaemonConnection::received);
    QSignalSpy lost(&connection, &DaemonConnection::lost);
    connection.open();
    QVERIFY(opened.wait(patience));
    QTRY_COMPARE_WITH_TIMEOUT(daemon.clients.size(), 1, patience);
    daemon.clients.first()->setOutgoingFrameSize(16 * 1024 * 1024);
    daemon.send(QByteArray(10 * 1024 * 1024, ' '));
    QVERIFY(lost.wait(patience));
    QCOMPARE(received.size(), 0);
}

void TestDaemonConnection::tellsAShutdown()
{
    ScriptedDaemon daemon;
    DaemonConnection connection({daemon.url()});
    QSignalSpy lost(&connection, &DaemonConnection::lost);
    connection.open();
    QTRY_COMPARE_WITH_TIMEOUT(daemon.clients.size(), 1, patience);
    daemon.clients.first()->close(QWebSocketProtocol::CloseCodeGoingAway);
    QVERIFY(lost.wait(patience));
    QCOMPARE(lossOf(lost), DaemonConnection::Loss::Failed);
    QVERIFY(reasonOf(lost).contains(u"shut down"_s));
}

void TestDaemonConnection::usesAFreshSocketForEachAttempt()
{
    ScriptedDaemon daemon;
    DaemonConnection connection({daemon.url()});
    QSignalSpy opened(&connection, &DaemonConnection::opened);
    connection.open();
    QVERIFY(opened.wait(patience));
    connection.open();
    QVERIFY(opened.wait(patience));
    QTRY_COMPARE_WITH_TIMEOUT(daemon.accepted, 2, patience);
    QTRY_COMPARE_WITH_TIMEOUT(daemon.clients.size(), 1, patience);
}

void TestDaemonConnection::staysQuietAfterClose()
{
    ScriptedDaemon daemon;
    DaemonConnection connection({daemon.url()});
    QSignalSpy opened(&connection, &DaemonConnection::opened);
    QSignalSpy lost(&connection, &DaemonConnection::lost);
    connection.open();
    QVERIFY(opened.wait(patience));
    connection.close();
    QTRY_COMPARE_WITH_TIMEOUT(daemon.clients.size(), 0, patience);
    QCOMPARE(lost.size(), 0);
}

void TestDaemonConnection::acceptsItsOwnListener()
{
    ScriptedDaemon daemon;
    DaemonConnection connection({daemon.url(), {}, true});
    QSignalSpy opened(&connection, &DaemonConnection::opened);
    connection.open();
    QVERIFY(opened.wait(patience));
}

void TestDaemonConnection::keepsTheLocalTokenOnTheLoopback()
{
    // A name may lead anywhere.
    RawServer server("HTTP/1.1 500 No\r\n\r\n");
    const QUrl named(u"ws://localhost:%1/ws"_s.arg(server.serverPort()));
    DaemonConnection connection({named, "pmd_secret", true});
    QSignalSpy lost(&connection, &DaemonConnection::lost);
    connection.open();
    QTRY_COMPARE_WITH_TIMEOUT(lost.size(), 1, patience);
    QVERIFY(!server.received.contains("pmd_secret"));
}

QTEST_GUILESS_MAIN(TestDaemonConnection)
#include "tst_daemonconnection.moc"
