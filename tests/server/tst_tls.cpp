// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "client/remotebackend.h"
#include "tests/server/gatewayfixture.h"

#include <QProcess>
#include <QSslCertificate>
#include <QSslKey>
#include <QSslSocket>
#include <QTcpServer>
#include <QTemporaryDir>

using namespace Qt::Literals::StringLiterals;

namespace pmdaemon {

/// A client that says what it is told through TLS, and trusts whoever answers.
class TlsClient : public QObject
{
public:
    explicit TlsClient(quint16 port, const QSslConfiguration &configuration = {})
    {
        QSslConfiguration trusting = configuration;
        trusting.setPeerVerifyMode(QSslSocket::VerifyNone);
        socket.setSslConfiguration(trusting);
        connect(&socket, &QSslSocket::readyRead, this, [this] { heard += socket.readAll(); });
        socket.connectToHostEncrypted(u"127.0.0.1"_s, port);
    }
    bool isClosed() const { return socket.state() == QAbstractSocket::UnconnectedState; }
    int status() const { return heard.mid(9, 3).toInt(); }

    QSslSocket socket;
    QByteArray heard;
};

class TestTls : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();

    void otherAddressesTakeIt();
    void unusableFilesAreNamed_data();
    void unusableFilesAreNamed();
    void requestsAreAnswered();
    void bodiesArriveWhole();
    void refusedBodiesGetTheirAnswer();
    void theSamePortSpeaksPlainOnLoopback();
    void whoIsStillInTheHandshakeDoesNotDelayTheEnd();
    void webSocketsCarryLargeMessages();
    void clientsWithoutTrustNeedTheFingerprint();
    void itsNamesAreAllowedHosts();
    void replacedFilesAreShown();
    void clientsShowCertificates();
    void aCertificateOfAClientIsARole();

private:
    void make(const QString &name, const QStringList &more);
    QString file(const QString &name) const { return m_folder.filePath(name); }
    Settings withTls(const QString &name = u"own"_s) const
    {
        Settings settings;
        settings.port = 0;
        settings.tlsCert = file(name + ".crt"_L1);
        settings.tlsKey = file(name + ".key"_L1);
        return settings;
    }
    QSslConfiguration shownBy(const QString &client) const;

    QTemporaryDir m_folder;
};

void TestTls::make(const QString &name, const QStringList &more)
{
    QProcess openssl;
    openssl.start(u"openssl"_s,
                  QStringList{u"req"_s, u"-x509"_s, u"-newkey"_s, u"ec"_s, u"-pkeyopt"_s,
                              u"ec_paramgen_curve:prime256v1"_s, u"-nodes"_s, u"-days"_s, u"2"_s,
                              u"-keyout"_s, file(name + ".key"_L1), u"-out"_s,
                              file(name + ".crt"_L1)} +
                      more);
    QVERIFY(openssl.waitForFinished());
    QVERIFY2(openssl.exitCode() == 0, openssl.readAllStandardError().constData());
    QVERIFY(QFile::setPermissions(file(name + ".key"_L1), QFile::ReadOwner | QFile::WriteOwner));
}

void TestTls::initTestCase()
{
    make(u"own"_s, {u"-subj"_s, u"/CN=daemon"_s, u"-addext"_s,
                    u"subjectAltName=DNS:pm.example.org,DNS:*.example.org"_s});
    make(u"other"_s, {u"-subj"_s, u"/CN=other"_s});
    make(u"authority"_s, {u"-subj"_s, u"/CN=authority"_s});
    const auto client = [this](const QString &name, const QString &subject) {
        make(name, {u"-subj"_s, subject, u"-CA"_s, file(u"authority.crt"_s), u"-CAkey"_s,
                    file(u"authority.key"_s), u"-addext"_s, u"extendedKeyUsage=clientAuth"_s});
    };
    client(u"operator"_s, u"/OU=read/OU=control/CN=operator"_s);
    client(u"guest"_s, u"/CN=guest"_s);
}

QSslConfiguration TestTls::shownBy(const QString &client) const
{
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    QFile key(file(client + ".key"_L1));
    if (!key.open(QIODevice::ReadOnly))
        return configuration;
    configuration.setPrivateKey(QSslKey(&key, QSsl::Ec));
    configuration.setLocalCertificateChain(QSslCertificate::fromPath(file(client + ".crt"_L1)));
    return configuration;
}

void TestTls::otherAddressesTakeIt()
{
    FakeBackend backend;
    Settings settings;
    settings.port = 0;
    settings.hosts = {u"0.0.0.0"_s};
    Gateway open(backend, settings, {});
    const Result<void> refused = open.listen();
    QVERIFY(!refused && refused.error().message.contains("tls_cert"_L1));
    settings = withTls();
    settings.hosts = {u"0.0.0.0"_s};
    Gateway closed(backend, settings, {});
    const Result<void> listening = closed.listen();
    QVERIFY2(listening, listening ? "" : qPrintable(listening.error().message));
}

void TestTls::unusableFilesAreNamed_data()
{
    QTest::addColumn<std::function<void(Settings &)>>("change");
    QTest::addColumn<QString>("told");
    const auto row = [](const char *name, const std::function<void(Settings &)> &change,
                        const QString &told) { QTest::newRow(name) << change << told; };
    row(
        "no key", [](Settings &s) { s.tlsKey.clear(); }, u"tls_key is not set"_s);
    row(
        "no certificate", [](Settings &s) { s.tlsCert.clear(); }, u"tls_cert is not set"_s);
    row(
        "a client_ca alone",
        [](Settings &s) {
            s.clientCa = std::exchange(s.tlsCert, {});
            s.tlsKey.clear();
        },
        u"tls_cert is not set"_s);
    row(
        "missing", [](Settings &s) { s.tlsCert = u"/nowhere/x"_s; }, u"/nowhere/x"_s);
    row(
        "a key for a certificate", [](Settings &s) { s.tlsCert = s.tlsKey; }, u"tls_cert: "_s);
    row(
        "a certificate for a key", [](Settings &s) { s.tlsKey = s.tlsCert; }, u"tls_key: "_s);
    row(
        "no authority", [](Settings &s) { s.clientCa = s.tlsKey; }, u"client_ca: "_s);
    row(
        "a key for all to read",
        [this](Settings &s) {
            s.tlsKey = file(u"public.key"_s);
            QVERIFY(QFile::copy(file(u"own.key"_s), s.tlsKey));
            QVERIFY(QFile::setPermissions(s.tlsKey, QFile::ReadOwner | QFile::ReadOther));
        },
        u"chmod"_s);
}

void TestTls::unusableFilesAreNamed()
{
    QFETCH(const std::function<void(Settings &)>, change);
    QFETCH(const QString, told);
    Settings settings = withTls();
    change(settings);
    FakeBackend backend;
    Gateway gateway(backend, settings, {});
    const Result<void> listening = gateway.listen();
    QVERIFY(!listening && listening.error().code == ErrorCode::InvalidConfig);
    QVERIFY2(listening.error().message.contains(told), qPrintable(listening.error().message));
    QCOMPARE(gateway.port(), 0);
}

void TestTls::requestsAreAnswered()
{
    const GatewayFixture fixture(withTls());
    TlsClient client(fixture.gateway.port());
    client.socket.write(RawClient::get("/api/processes"));
    QTRY_VERIFY(client.isClosed());
    QCOMPARE(client.status(), 200);
    QVERIFY(client.heard.contains("web-api"));
    QCOMPARE(client.socket.error(), QAbstractSocket::RemoteHostClosedError); // and not cut off
}

void TestTls::bodiesArriveWhole()
{
    const GatewayFixture fixture(withTls());
    const QByteArray body =
        R"({"apps":[{"name":"a","script":"a","env":{"A":")" + QByteArray(900'000, 'x') + R"("}}]})";
    TlsClient client(fixture.gateway.port());
    client.socket.write("POST /api/config/validate HTTP/1.1\r\nHost: localhost\r\n"
                        "Content-Type: application/json\r\nAuthorization: Bearer " +
                        QByteArray(GatewayFixture::Token) + "\r\nContent-Length: " +
                        QByteArray::number(body.size()) + "\r\n\r\n" + body);
    QTRY_VERIFY(client.isClosed());
    QCOMPARE(client.status(), 200);
    const QJsonObject app = fixture.backend.applyRequests.first().apps.first();
    QCOMPARE(app[u"env"_s][u"A"_s].toString().size(), 900'000);
}

void TestTls::refusedBodiesGetTheirAnswer()
{
    const GatewayFixture fixture(withTls());
    TlsClient client(fixture.gateway.port());
    client.socket.write("POST /api/config/validate HTTP/1.1\r\nHost: localhost\r\n"
                        "Content-Type: application/json\r\nAuthorization: Bearer " +
                        QByteArray(GatewayFixture::Token) + "\r\nContent-Length: 9000000\r\n\r\n" +
                        QByteArray(1'000'000, 'x'));
    QTRY_COMPARE(client.status(), 413);
}

void TestTls::theSamePortSpeaksPlainOnLoopback()
{
    const GatewayFixture fixture(withTls());
    RawClient raw(fixture.gateway.port());
    raw.say(RawClient::get("/api/processes"));
    QTRY_COMPARE(raw.status(), 200);
    TestClient client(fixture.url());
    QTRY_VERIFY(client.isOpen());
    client.send(u"get_system"_s);
    QTRY_COMPARE(client.count(u"system_info"_s), 1);
}

void TestTls::whoIsStillInTheHandshakeDoesNotDelayTheEnd()
{
    QTcpServer nobody;
    QVERIFY(nobody.listen(QHostAddress::LocalHost));
    const TlsClient client(nobody.serverPort());
    QVERIFY(nobody.waitForNewConnection(5'000));
    QTcpSocket *const greeted = nobody.nextPendingConnection();
    QTRY_VERIFY(greeted->bytesAvailable() > 0);

    GatewayFixture fixture(withTls());
    RawClient raw(fixture.gateway.port());
    raw.say(greeted->readAll());
    QTRY_VERIFY(!raw.heard.isEmpty()); // the server's half
    const QFuture<void> closed = fixture.gateway.close();
    QTRY_VERIFY_WITH_TIMEOUT(closed.isFinished(), 2'500);
    QTRY_VERIFY(raw.isClosed());
    QVERIFY(!raw.heard.contains("HTTP/"));
}

void TestTls::webSocketsCarryLargeMessages()
{
    const GatewayFixture fixture(withTls());
    QUrl url = fixture.url();
    url.setScheme(u"wss"_s);
    QWebSocket client;
    QStringList heard;
    connect(&client, &QWebSocket::textMessageReceived, this,
            [&heard](const QString &text) { heard.append(text); });
    QSslConfiguration trusting = QSslConfiguration::defaultConfiguration();
    trusting.setPeerVerifyMode(QSslSocket::VerifyNone);
    client.setSslConfiguration(trusting);
    client.open(url);
    QTRY_COMPARE(client.state(), QAbstractSocket::ConnectedState);
    // More than fits into the server's buffer at once, in one go.
    for (int i = 0; i < 4; ++i)
        client.sendTextMessage(u"{\"type\": \"ping\", \"id\": %1, \"data\": {\"x\": \"%2\"}}"_s.arg(
            QString::number(i), QString(900'000, u'x')));
    QTRY_COMPARE(heard.size(), 4);
    QVERIFY(heard.last().contains(u"\"reply_to\":3"_s));
}

void TestTls::clientsWithoutTrustNeedTheFingerprint()
{
    const GatewayFixture fixture(withTls());
    QUrl url = fixture.url();
    url.setScheme(u"wss"_s);
    const auto certificate = QSslCertificate::fromPath(file(u"own.crt"_s)).constFirst();
    const QByteArray digest = certificate.digest(QCryptographicHash::Sha256);

    RemoteBackend refused(Endpoint{.url = url});
    QSignalSpy states(&refused, &Backend::connectionStateChanged);
    refused.open();
    QTRY_COMPARE(refused.connectionState(), ConnectionState::Refused);
    const QString told = states.last()[1].toString();
    QVERIFY2(told.contains(QString::fromLatin1(digest.toHex(':').toUpper())), qPrintable(told));

    RemoteBackend trusting(Endpoint{.url = url, .fingerprint = digest});
    trusting.open();
    QTRY_COMPARE(trusting.connectionState(), ConnectionState::Live);
    QCOMPARE(trusting.processes().size(), 2);
}

void TestTls::itsNamesAreAllowedHosts()
{
    const GatewayFixture fixture(withTls());
    for (const auto &[host, status] :
         {std::pair{"pm.example.org", 200}, {"evil.example.org", 421}, {"example.org", 421}}) {
        TlsClient client(fixture.gateway.port());
        client.socket.write("GET /health HTTP/1.1\r\nHost: " + QByteArray(host) + "\r\n\r\n");
        QTRY_COMPARE(client.status(), status);
    }
}

void TestTls::replacedFilesAreShown()
{
    const auto replace = [this](const QString &with) {
        for (const QString &ending : {u".crt"_s, u".key"_s}) {
            QFile::remove(file(u"current"_s + ending));
            QVERIFY(QFile::copy(file(with + ending), file(u"current"_s + ending)));
        }
    };
    replace(u"own"_s);
    const GatewayFixture fixture(withTls(u"current"_s));
    const auto shown = [&] {
        TlsClient client(fixture.gateway.port());
        if (!QTest::qWaitFor([&] { return client.socket.isEncrypted(); }))
            return QString();
        return client.socket.peerCertificate().subjectInfo(QSslCertificate::CommonName).value(0);
    };
    QCOMPARE(shown(), u"daemon"_s);
    replace(u"other"_s);
    QCOMPARE(shown(), u"other"_s);
    QFile::remove(file(u"current.key"_s));
    QCOMPARE(shown(), u"other"_s);
}

void TestTls::clientsShowCertificates()
{
    Settings settings = withTls();
    settings.clientCa = file(u"authority.crt"_s);
    const GatewayFixture fixture(settings);
    for (const QString &wrong : {QString(), u"other"_s}) {
        TlsClient client(fixture.gateway.port(), wrong.isEmpty()
                                                     ? QSslConfiguration::defaultConfiguration()
                                                     : shownBy(wrong));
        client.socket.write(RawClient::get("/health"));
        QTRY_VERIFY(client.isClosed());
        QCOMPARE(client.heard, QByteArray());
    }
    TlsClient guest(fixture.gateway.port(), shownBy(u"guest"_s));
    guest.socket.write(RawClient::get("/health"));
    QTRY_COMPARE(guest.status(), 200);
}

void TestTls::aCertificateOfAClientIsARole()
{
    Settings settings = withTls();
    settings.clientCa = file(u"authority.crt"_s);
    settings.requireAuth = true;
    const GatewayFixture fixture(settings);
    const auto statusOf = [&](const QString &client, const QByteArray &request) {
        TlsClient asking(fixture.gateway.port(), shownBy(client));
        asking.socket.write(request);
        (void)QTest::qWaitFor([&] { return asking.status() != 0; });
        return asking.status();
    };
    const QByteArray page = "Origin: https://localhost\r\n";
    const QByteArray stop = "POST /api/processes/web-api/stop HTTP/1.1\r\nHost: localhost\r\n";
    QCOMPARE(statusOf(u"guest"_s, RawClient::get("/api/processes")), 401);
    QCOMPARE(statusOf(u"operator"_s, RawClient::get("/api/processes")), 200);
    QCOMPARE(statusOf(u"operator"_s, stop + "\r\n"), 200);
    QCOMPARE(statusOf(u"operator"_s, stop + page + "\r\n"), 401);
}

} // namespace pmdaemon

QTEST_GUILESS_MAIN(pmdaemon::TestTls)
#include "tst_tls.moc"
