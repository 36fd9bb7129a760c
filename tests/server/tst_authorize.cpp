// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/auth/authorize.h"
#include "server/auth/failurelimit.h"

#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

constexpr char adminToken[] = "pmd_admin-token";
constexpr char readToken[] = "pmd_read-token";
constexpr uid_t ownUid = 1000;

/// A request as plain text, its peer, and settings: what authorize() decides over.
struct Case
{
    QByteArray head = "GET /ws HTTP/1.1\r\nHost: localhost:9615\r\n";
    Access access = Access::WebSocket;
    std::optional<uid_t> uid = ownUid;
    QString address = u"127.0.0.1"_s;
    Settings settings = {};

    Case &with(const QByteArray &field)
    {
        head += field + "\r\n";
        return *this;
    }
    tl::expected<Grant, Refusal> decide() const
    {
        HeadReader reader;
        if (reader.read(QByteArray(head + "\r\n")) != HeadReader::State::Complete)
            return tl::unexpected(Refusal{reader.problem(), false, {}});
        TokenTable tokens;
        tokens.add(adminToken, Role::Admin);
        tokens.add(readToken, Role::Read);
        return authorize(reader.head(), access, {QHostAddress(address), uid, ownUid}, settings,
                         tokens);
    }
    int status() const
    {
        const auto decision = decide();
        return decision ? 0 : decision.error().problem.status;
    }
    Role role() const
    {
        const auto decision = decide();
        return decision ? decision->role : Role::None;
    }
};

} // namespace

class TestAuthorize : public QObject
{
    Q_OBJECT

private slots:
    void admitsHosts_data()
    {
        QTest::addColumn<QByteArray>("host");
        QTest::addColumn<int>("status");
        const auto row = [](const char *host, int status) {
            QTest::newRow(host) << QByteArray(host) << status;
        };
        row("localhost", 0);
        row("localhost:9615", 0);
        row("LOCALHOST:9615", 0);
        row("127.0.0.1:9615", 0);
        row("[::1]:9615", 0);
        row("[::1]", 0);
        row("127.0.0.5", 0); // bound
        row("panel.example", 0);
        row("panel.example:8443", 0);
        row("with-port.example:77", 0);
        row("with-port.example:78", 421);
        row("evil.example:9615", 421);
        row("localhost.evil.example", 421);
        row("127.0.0.1.evil.example", 421);
        row("evil.example#localhost", 421);
        row("localhost.", 421);
        row("0.0.0.0:9615", 421);
        row("127.1", 421);
        row("[::ffff:127.0.0.1]:9615", 421);
        row("::1", 421);
        row("localhost:9615:1", 421);
        row("localhost:x", 421);
        row("user@localhost", 421);
    }
    void admitsHosts()
    {
        QFETCH(QByteArray, host);
        Case request{.head = "GET / HTTP/1.1\r\nHost: " + host + "\r\n"};
        request.settings.hosts = {u"127.0.0.5"_s, u"0.0.0.0"_s};
        request.settings.allowedHosts = {u"panel.example"_s, u"with-port.example:77"_s};
        for (const Access access : {Access::Public, Access::Read, Access::WebSocket}) {
            request.access = access;
            QTEST(request.status(), "status");
        }
    }

    void needsOneHost()
    {
        QCOMPARE(Case{.head = "GET / HTTP/1.1\r\n"}.status(), 400);
        QCOMPARE(Case().with("Host: localhost").status(), 400);
        QCOMPARE(Case{.head = "GET / HTTP/1.1\r\nHost:\r\n"}.status(), 421);
    }

    void admitsOrigins_data()
    {
        QTest::addColumn<QByteArray>("origin");
        QTest::addColumn<QStringList>("allowed");
        QTest::addColumn<int>("status");
        const auto row = [](const char *origin, const QStringList &allowed, int status) {
            QTest::addRow("%s [%s]", origin, qPrintable(allowed.join(u' ')))
                << QByteArray(origin) << allowed << status;
        };
        row("http://localhost:9615", {}, 0);
        row("http://localhost:3000", {}, 0);
        row("https://localhost", {}, 0);
        row("http://127.0.0.1:5173", {}, 0);
        row("http://[::1]:8080", {}, 0);
        row("https://evil.example", {}, 403);
        row("http://localhost.evil.example", {}, 403);
        row("http://127.0.0.1.evil.example:9615", {}, 403);
        row("http://evil.example:9615", {}, 403);
        row("http://user@localhost:3000", {}, 403);
        row("file://localhost", {}, 403);
        row("chrome-extension://localhost", {}, 403);
        row("localhost:9615", {}, 403);
        row("null", {}, 403);
        row("", {}, 403);
        row("null", {u"null"_s}, 0);
        row("https://panel.example", {u"https://panel.example"_s}, 0);
        row("https://panel.example:444", {u"https://panel.example"_s}, 403);
        row("http://panel.example", {u"https://panel.example"_s}, 403);
    }
    void admitsOrigins()
    {
        QFETCH(QByteArray, origin);
        QFETCH(QStringList, allowed);
        QFETCH(int, status);
        for (const Access access : {Access::Public, Access::Read, Access::WebSocket}) {
            Case request;
            request.access = access;
            request.settings.allowedOrigins = allowed;
            request.with("Origin: " + origin);
            QCOMPARE(request.status(), status);
            if (status == 0)
                QVERIFY(request.role() == Role::Read); // a page never gets more by itself
            else
                QVERIFY(request.decide().error().log.contains("allowed_origins"_L1));
        }
    }

    void tellsBrowsersOfListedOriginsOnly()
    {
        Case listed;
        listed.settings.allowedOrigins = {u"https://panel.example"_s};
        listed.with("Origin: https://panel.example");
        QCOMPARE(listed.decide()->allowOrigin, "https://panel.example");
        QVERIFY(Case().with("Origin: http://localhost:3000").decide()->allowOrigin.isEmpty());
    }

    void restrictsAListedNullOriginUnlessItShowsAToken()
    {
        Case page;
        page.settings.allowedOrigins = {u"null"_s};
        page.with("Origin: null");
        QVERIFY(page.decide()->restricted);
        page.with("X-API-Key: " + QByteArray(readToken));
        QVERIFY(!page.decide()->restricted);
    }

    void trustsLocalPrograms_data()
    {
        QTest::addColumn<int>("access");
        QTest::addColumn<Role>("role");
        QTest::addColumn<int>("status");
        QTest::newRow("ws") << int(Access::WebSocket) << Role::Admin << 0;
        QTest::newRow("read") << int(Access::Read) << Role::Read << 0;
        QTest::newRow("change") << int(Access::Change) << Role::None << 401;
        QTest::newRow("public") << int(Access::Public) << Role::Read << 0;
    }
    void trustsLocalPrograms()
    {
        QFETCH(int, access);
        QFETCH(Role, role);
        QFETCH(int, status);
        Case own{.access = Access(access)};
        QVERIFY(own.role() == role);
        QCOMPARE(own.status(), status);
        own.uid = 0; // root may anyway
        QVERIFY(own.role() == role);
    }

    void changesNeedMoreThanAReadersToken()
    {
        for (const Access access : {Access::Public, Access::Read, Access::WebSocket}) {
            Case request{.access = access};
            QVERIFY(request.with("X-API-Key: " + QByteArray(readToken)).role() == Role::Read);
        }
        Case change{.access = Access::Change};
        change.with("X-API-Key: " + QByteArray(readToken));
        QCOMPARE(change.status(), 403);
        QVERIFY(change.decide().error().problem.message.contains("control"_L1));
    }

    void changesComeAsOnlyAProgramOrOurOwnPageSendsThem_data()
    {
        QTest::addColumn<QByteArray>("fields");
        QTest::addColumn<int>("status");
        const auto row = [](const char *fields, int status) {
            QTest::newRow(fields) << QByteArray(fields) << status;
        };
        row("", 0);
        row("Content-Length: 0", 0);
        row("Content-Length: 2\r\nContent-Type: application/json", 0);
        row("Content-Length: 2\r\nContent-Type: Application/JSON; charset=utf-8", 0);
        row("Content-Length: 2", 415);
        row("Content-Length: 2\r\nContent-Type: text/plain", 415);
        row("Content-Length: 2\r\nContent-Type: text/plain; application/json", 415);
        row("Transfer-Encoding: chunked\r\nContent-Type: application/x-www-form-urlencoded", 415);
        row("Content-Length: 2\r\nContent-Type: application/json\r\nContent-Encoding: gzip", 415);
        row("Sec-Fetch-Site: same-origin", 0);
        row("Sec-Fetch-Site: none", 0);
        row("Sec-Fetch-Site: cross-site", 403);
        row("Sec-Fetch-Site: sideways", 403);
        row("Sec-Fetch-Site: cross-site\r\nOrigin: https://panel.example", 0);
    }
    void changesComeAsOnlyAProgramOrOurOwnPageSendsThem()
    {
        QFETCH(const QByteArray, fields);
        QFETCH(const int, status);
        Case change{.access = Access::Change};
        change.settings.allowedOrigins = {u"https://panel.example"_s};
        change.with("X-API-Key: " + QByteArray(adminToken));
        if (!fields.isEmpty())
            change.with(fields);
        QCOMPARE(change.status(), status);
    }

    void definesForOtherUsersAndShellsAsAdminOnly_data()
    {
        QTest::addColumn<QJsonObject>("config");
        QTest::addColumn<QString>("names");
        const auto row = [](const char *name, const QJsonObject &config, const QString &names) {
            QTest::newRow(name) << config << names;
        };
        row("nothing special", {{u"nice"_s, 5}}, {});
        row("user", {{u"user"_s, u"nobody"_s}}, u"user"_s);
        row("user by number", {{u"user"_s, 65534}}, u"user"_s);
        row("user as PM2 calls it", {{u"uid"_s, u"nobody"_s}}, u"user"_s);
        row("user as others call it", {{u"username"_s, u"nobody"_s}}, u"user"_s);
        row("group as PM2 calls it", {{u"gid"_s, 65534}}, u"group"_s);
        row("group", {{u"group"_s, u"nogroup"_s}}, u"group"_s);
        row("shell", {{u"shell"_s, true}}, u"shell"_s);
        row("from a file", {{u"config_file"_s, u"/a.json"_s}}, u"config_file"_s);
        row("none of them", {{u"shell"_s, false}}, {});
    }
    void definesForOtherUsersAndShellsAsAdminOnly()
    {
        QFETCH(QJsonObject, config);
        QFETCH(const QString, names);
        config.insert(u"script"_s, u"a.js"_s);
        const QList<QJsonObject> apps{{{u"script"_s, u"b.js"_s}}, config};
        QVERIFY(!refuseDefinitions(Role::Admin, apps));
        const auto refusal = refuseDefinitions(Role::Control, apps);
        QCOMPARE(refusal.has_value(), !names.isEmpty());
        if (refusal)
            QVERIFY(refusal->code == ErrorCode::ReadOnly && refusal->message.startsWith(names));
    }

    void distrustsWhateverMayNotBeLocal_data()
    {
        QTest::addColumn<std::function<void(Case &)>>("change");
        const auto row = [](const char *name, std::function<void(Case &)> change) {
            QTest::newRow(name) << change;
        };
        row("another user", [](Case &c) { c.uid = 65534; });
        row("unknown user", [](Case &c) { c.uid = std::nullopt; });
        row("another machine", [](Case &c) { c.address = u"192.0.2.7"_s; });
        row("require_auth", [](Case &c) { c.settings.requireAuth = true; });
        row("Forwarded", [](Case &c) { c.with("Forwarded: for=192.0.2.7"); });
        row("X-Forwarded-For", [](Case &c) { c.with("X-Forwarded-For: 192.0.2.7"); });
        row("X-Forwarded-Host", [](Case &c) { c.with("x-forwarded-host: localhost"); });
        row("X-Real-IP", [](Case &c) { c.with("X-Real-IP: 127.0.0.1"); });
        row("Via", [](Case &c) { c.with("Via: 1.1 proxy"); });
    }
    void distrustsWhateverMayNotBeLocal()
    {
        QFETCH(std::function<void(Case &)>, change);
        for (const Access access : {Access::WebSocket, Access::Read, Access::Change}) {
            Case request{.access = access};
            change(request);
            QCOMPARE(request.status(), 401);
            QVERIFY(request.decide().error().problem.message.contains("Bearer"_L1)); // the way out
            request.with("Authorization: Bearer " + QByteArray(adminToken));
            QVERIFY(request.role() == Role::Admin);
        }
        Case open{.access = Access::Public};
        change(open);
        QCOMPARE(open.status(), 0);
    }

    void localTrustCanEnd()
    {
        Case request;
        request.settings.localTrust = false;
        QVERIFY(request.role() == Role::Read);
    }

    void readsTokensWhereverTheyMayStand_data()
    {
        QTest::addColumn<QByteArray>("field");
        QTest::newRow("bearer") << QByteArray("Authorization: Bearer %");
        QTest::newRow("bearer in small letters") << QByteArray("authorization: bearer %");
        QTest::newRow("api key") << QByteArray("Authorization: ApiKey %");
        QTest::newRow("x-api-key") << QByteArray("X-API-Key: %");
        QTest::newRow("protocol") << QByteArray(
            "Sec-WebSocket-Protocol: pmdaemon, pmdaemon.bearer.%");
    }
    void readsTokensWhereverTheyMayStand()
    {
        QFETCH(QByteArray, field);
        const auto with = [&](const QByteArray &token) {
            return Case{}.with(QByteArray(field).replace("%", token));
        };
        QVERIFY(with(adminToken).role() == Role::Admin);
        QVERIFY(with(adminToken).decide()->byProof());
        // No more than the token gives, though without one it would be trusted.
        QVERIFY(with(readToken).role() == Role::Read);
        const QByteArrayList wrongOnes = {"pmd_wrong", QByteArray(adminToken).chopped(1),
                                          QByteArray(adminToken) + "x",
                                          QByteArray(adminToken).toUpper()};
        for (const QByteArray &wrong : wrongOnes) {
            QCOMPARE(with(wrong).status(), 401);
            QVERIFY(with(wrong).decide().error().wrongToken);
        }
    }

    void neverIgnoresAWrongToken()
    {
        QCOMPARE(Case().with("Authorization: Basic dXNlcjpwYXNz").status(), 401);
        QCOMPARE(Case().with("Authorization: Bearer").status(), 401);
        QCOMPARE(Case().with("X-API-Key:").status(), 401);
        Case health{.access = Access::Public};
        QCOMPARE(health.with("X-API-Key: wrong").status(), 401);
        Case mixed;
        mixed.with("Authorization: Bearer " + QByteArray(adminToken)).with("X-API-Key: wrong");
        QCOMPARE(mixed.status(), 401);
        // A protocol of somebody else's is no token.
        QVERIFY(Case().with("Sec-WebSocket-Protocol: chat").role() == Role::Admin);
    }

    void refusesTokensInUrls_data()
    {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<int>("status");
        QTest::newRow("token") << QByteArray("token=abc") << 400;
        QTest::newRow("escaped name") << QByteArray("%74oken=abc") << 400;
        QTest::newRow("access_token") << QByteArray("a=1&access_token=") << 400;
        QTest::newRow("API_KEY") << QByteArray("API_KEY=1") << 400;
        QTest::newRow("right one, other name") << QByteArray("x=pmd_admin-token") << 400;
        QTest::newRow("right one, escaped") << QByteArray("x=pmd%5fadmin%2Dtoken") << 400;
        QTest::newRow("right one, no name") << QByteArray("pmd_admin-token") << 400;
        QTest::newRow("something else") << QByteArray("name=token") << 0;
    }
    void refusesTokensInUrls()
    {
        QFETCH(QByteArray, query);
        Case request{.head = "GET /ws?" + query + " HTTP/1.1\r\nHost: localhost\r\n"};
        QTEST(request.status(), "status");
    }

    void keepsTheWebSocketReadOnlyIfToldSo()
    {
        Case request;
        request.settings.wsReadOnly = true;
        QVERIFY(request.role() == Role::Read);
        request.with("Authorization: Bearer " + QByteArray(adminToken));
        QVERIFY(request.role() == Role::Read);
        request.access = Access::Change; // REST is not meant
        QVERIFY(request.role() == Role::Admin);
    }

    void raisesARoleByMessage()
    {
        TokenTable tokens;
        tokens.add(adminToken, Role::Admin);
        tokens.add(readToken, Role::Read);
        Settings settings;
        const Grant page{.role = Role::Read, .restricted = true};
        const Result<Grant> raised =
            authorizeToken(QString::fromLatin1(adminToken), page, settings, tokens);
        QVERIFY(raised && raised->role == Role::Admin && !raised->restricted && raised->byProof());
        QVERIFY(!authorizeToken(u"wrong"_s, page, settings, tokens));
        const Grant admin{.role = Role::Admin};
        QVERIFY(authorizeToken(QString::fromLatin1(readToken), admin, settings, tokens)->role ==
                Role::Admin);
        settings.wsReadOnly = true;
        QVERIFY(authorizeToken(QString::fromLatin1(adminToken), page, settings, tokens)->role ==
                Role::Read);
    }

    void limitsFailuresByPeer()
    {
        FailureLimit limit;
        const FailureLimit::TimePoint start = std::chrono::steady_clock::now();
        for (int i = 0; i < 5; ++i) {
            QVERIFY(!limit.isBlocked(u"uid 7"_s, start));
            limit.recordFailure(u"uid 7"_s, start);
        }
        QVERIFY(limit.isBlocked(u"uid 7"_s, start));
        QVERIFY(!limit.isBlocked(u"uid 8"_s, start));
        QVERIFY(!limit.isBlocked(u"uid 7"_s, start + std::chrono::seconds(13)));
        QVERIFY(FailureLimit::keyOf({QHostAddress(u"192.0.2.7"_s), std::nullopt, 0}) !=
                FailureLimit::keyOf({QHostAddress(u"127.0.0.1"_s), 0, 0}));
    }
};

QTEST_GUILESS_MAIN(TestAuthorize)
#include "tst_authorize.moc"
