// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/namedtokens.h"
#include "tests/server/gatewayfixture.h"

#include <QTemporaryDir>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

QStringList readNames(const QString &home)
{
    QStringList names;
    QStringList problems;
    for (const NamedToken &token : readNamedTokens(home, problems))
        names.append(token.name);
    return names;
}

} // namespace

/// What documented clients do, against a Gateway over a scripted Backend.
class TestGateway : public QObject
{
    Q_OBJECT

private slots:
    void listensOnBothLoopbackAddresses()
    {
        GatewayFixture fixture;
        for (const auto &address : {u"127.0.0.1"_s, u"::1"_s}) {
            RawClient client(fixture.gateway.port(), address);
            client.say(RawClient::get("/health"));
            QTRY_COMPARE(client.status(), 200);
        }
    }

    void namedTokensOpenItUntilTheyAreRevoked()
    {
        QTemporaryDir home;
        Settings settings;
        settings.home = home.path();
        settings.requireAuth = true;
        GatewayFixture fixture(settings);
        const Result<QByteArray> token =
            createNamedToken(home.path(), {u"ci"_s, Role::Read, {}, wallNow(), {}, false});
        QVERIFY(token);
        const QByteArray header = "Authorization: Bearer " + *token + "\r\n";
        const auto status = [&] {
            RawClient client(fixture.gateway.port());
            client.say(RawClient::get("/api/status", header));
            return QTest::qWaitFor([&] { return client.status() != 0; }) ? client.status() : 0;
        };
        QTRY_COMPARE(status(), 200);
        TestClient live(fixture.url(), {}, *token);
        QTRY_VERIFY(live.isOpen());
        RawClient follower(fixture.gateway.port());
        follower.say(RawClient::get("/api/logs/worker?follow=1", header));
        QTRY_COMPARE(follower.status(), 200);
        QVERIFY(revokeNamedToken(home.path(), u"ci"_s));
        QTRY_COMPARE(live.socket.closeCode(), QWebSocketProtocol::CloseCodePolicyViolated);
        QTRY_VERIFY(follower.isClosed());
        QTRY_COMPARE(status(), 401);
    }

    void namedTokensExpireOnLiveConnections()
    {
        QTemporaryDir home;
        Settings settings;
        settings.home = home.path();
        settings.requireAuth = true;
        const Result<QByteArray> token = createNamedToken(
            home.path(),
            {u"brief"_s, Role::Control, {}, wallNow(), wallNow() + milliseconds(1'500), false});
        QVERIFY(token);
        GatewayFixture fixture(settings);
        TestClient live(fixture.url(), {}, *token);
        QTRY_VERIFY(live.isOpen());
        QTRY_COMPARE(live.socket.closeCode(), QWebSocketProtocol::CloseCodePolicyViolated);
    }

    void aTicketOpensOneSessionAndNothingElse()
    {
        QTemporaryDir home;
        Settings settings;
        settings.home = home.path();
        const WallTime now = wallNow();
        const auto ticket = [&](const QString &name, milliseconds time) {
            return QString::fromLatin1(
                createNamedToken(home.path(), {name, Role::Control, {}, now, now + time, true})
                    .value_or("none"));
        };
        const QString good = ticket(u"good"_s, std::chrono::minutes(1));
        const QString late = ticket(u"late"_s, milliseconds(1));
        GatewayFixture fixture(settings);
        RawClient bearer(fixture.gateway.port());
        bearer.say(
            RawClient::get("/api/status", "Authorization: Bearer " + good.toLatin1() + "\r\n"));
        QTRY_COMPARE(bearer.status(), 401);
        const QByteArray page = "http://localhost:" + QByteArray::number(fixture.gateway.port());
        const auto authenticate = [](TestClient &client, const QString &token) {
            client.send(u"auth"_s, {{u"token"_s, token}});
            const auto isAnswered = [&] {
                return client.count(u"authenticated"_s) + client.count(u"error"_s) > 0;
            };
            return QTest::qWaitFor(isAnswered) ? client.data(u"authenticated"_s) : QJsonObject();
        };
        TestClient first(fixture.url(), page);
        QTRY_VERIFY(first.isOpen());
        const QJsonObject session = authenticate(first, good);
        QCOMPARE(session[u"role"_s], QJsonValue(u"control"_s));
        QVERIFY(!session[u"token"_s].toString().isEmpty());
        for (const QString &wrong : {good, late}) {
            TestClient second(fixture.url(), page);
            QTRY_VERIFY(second.isOpen());
            QVERIFY(authenticate(second, wrong).isEmpty());
        }
        TestClient again(fixture.url(), page);
        QTRY_VERIFY(again.isOpen());
        const QJsonObject known = authenticate(again, session[u"token"_s].toString());
        QCOMPARE(known[u"role"_s], QJsonValue(u"control"_s));
        QVERIFY(!known.contains(u"token"_s));
        QTRY_VERIFY(readNames(home.path()) == QStringList{u"late"_s});
        QVERIFY(first.isOpen());
    }

    void reportsAPortInUse()
    {
        GatewayFixture fixture;
        Settings settings;
        settings.port = fixture.gateway.port();
        Gateway second(fixture.backend, settings, {});
        const Result<void> listening = second.listen();
        QVERIFY(!listening);
        QVERIFY(listening.error().code == ErrorCode::PortInUse);
        QVERIFY(listening.error().message.contains(QString::number(settings.port)));
    }

    void refusesAddressesOfOtherMachinesNetworks()
    {
        FakeBackend backend;
        Settings settings;
        settings.hosts = {u"0.0.0.0"_s};
        settings.port = 0;
        Gateway gateway(backend, settings, {});
        QVERIFY(gateway.listen().error().code == ErrorCode::InvalidConfig);
    }

    void subscribesAsTheExamplesDo()
    {
        GatewayFixture fixture;
        TestClient client(fixture.url());
        QTRY_VERIFY(client.isOpen());
        client.send(u"subscribe"_s,
                    {{u"events"_s,
                      QJsonArray{u"process_status"_s, u"process_metrics"_s, u"system_metrics"_s}},
                     {u"processes"_s, QJsonValue::Null},
                     {u"interval"_s, 1000}});
        QTRY_COMPARE(client.count(u"process_status"_s), 2);
        QTRY_VERIFY(client.count(u"process_metrics"_s) > 0);
        QTRY_VERIFY(client.count(u"system_metrics"_s) > 0);
        QCOMPARE(client.data(u"process_status"_s)[u"snapshot"_s], true);
        QCOMPARE(client.data(u"process_metrics"_s)[u"processes"_s].toArray().size(), 2);
        QCOMPARE(client.count(u"subscribed"_s), 0); // it had no id

        fixture.backend.setStatus(1, ProcessStatus::Stopping);
        QTRY_COMPARE(client.count(u"process_status"_s), 3);
        QCOMPARE(client.data(u"process_status"_s)[u"status"_s].toString(), u"stopping"_s);
        QCOMPARE(client.data(u"process_status"_s)[u"previous_status"_s].toString(), u"online"_s);
    }

    void sendsEverythingButLogsToWhoeverSaysNothing()
    {
        GatewayFixture fixture;
        TestClient client(fixture.url());
        QTRY_VERIFY_WITH_TIMEOUT(client.count(u"process_metrics"_s) > 0, 10'000);
        QTRY_COMPARE(client.count(u"process_status"_s), 2);
        QVERIFY(fixture.backend.interest().processMetrics.contains(milliseconds{2'000}));
        QVERIFY(fixture.backend.interest().logs.isEmpty());

        // The first unsubscribe replaces all of it.
        client.send(u"unsubscribe"_s, {{u"events"_s, QJsonArray{u"health_update"_s}}}, u"1"_s);
        QTRY_COMPARE(client.count(u"unsubscribed"_s), 1);
        QVERIFY(client.data(u"unsubscribed"_s)[u"events"_s].toArray().isEmpty());
        QVERIFY(fixture.backend.interest().processMetrics.empty());
    }

    void watchesNothingWhenTheLastClientIsGone()
    {
        GatewayFixture fixture;
        {
            TestClient client(fixture.url());
            QTRY_VERIFY(client.isOpen());
            client.send(u"subscribe"_s, {{u"events"_s, QJsonArray{u"log_message"_s}}});
            QTRY_VERIFY(!fixture.backend.interest().logs.isEmpty());
        }
        QTRY_COMPARE(fixture.backend.interest(), Interest());
    }

    void runsCommandsOfTrustedLocalClients()
    {
        GatewayFixture fixture;
        TestClient client(fixture.url());
        QTRY_VERIFY(client.isOpen());
        client.send(u"command"_s, {{u"action"_s, u"restart"_s}, {u"process"_s, u"worker"_s}}, 7);
        QTRY_COMPARE(client.count(u"command_result"_s), 1);
        QCOMPARE(client.data(u"command_result"_s)[u"success"_s], true);
        QCOMPARE(client.all(u"command_result"_s).first()[u"reply_to"_s], QJsonValue(7));
        QCOMPARE(fixture.backend.commands.size(), 1);
        QCOMPARE(fixture.backend.commands.first().target, u"worker"_s);
    }

    void appliesWhatAClientSends()
    {
        GatewayFixture fixture;
        fixture.backend.applyReport = {true, {{AppChange::Kind::Added, u"web"_s, {}}}};
        TestClient client(fixture.url());
        QTRY_VERIFY(client.isOpen());
        const QJsonObject web{{u"name"_s, u"web"_s}, {u"script"_s, u"x"_s}};
        client.send(u"apply"_s,
                    {{u"apps"_s, QJsonArray{web}},
                     {u"files"_s, QJsonArray{u"/e.json"_s}},
                     {u"dry_run"_s, true}},
                    1);
        QTRY_COMPARE(client.count(u"apply_result"_s), 1);
        QCOMPARE(client.data(u"apply_result"_s),
                 (QJsonObject{{u"dry_run"_s, true},
                              {u"apps"_s, QJsonArray{QJsonObject{{u"app"_s, u"web"_s},
                                                                 {u"change"_s, u"added"_s}}}}}));
        QCOMPARE(fixture.backend.applyRequests,
                 (QList<ApplyRequest>{{{web}, {u"/e.json"_s}, true}}));
    }

    void answersEachRequest()
    {
        GatewayFixture fixture;
        fixture.backend.config = {{u"env"_s, QJsonObject{{u"SECRET"_s, u"hunter2"_s}}}};
        TestClient client(fixture.url());
        QTRY_VERIFY(client.isOpen());
        client.send(u"get_info"_s, {{u"process"_s, u"worker"_s}}, u"a"_s);
        client.send(u"get_system"_s, {}, u"b"_s);
        client.send(u"get_history"_s, {}, u"c"_s);
        client.send(u"get_logs"_s, {{u"process"_s, u"worker"_s}}, u"d"_s);
        client.send(u"ping"_s, {}, u"e"_s);
        client.send(u"get_events"_s, {{u"process"_s, u"worker"_s}, {u"limit"_s, 3}}, u"f"_s);
        QTRY_COMPARE(client.messages.size(), 6);
        QCOMPARE(client.count(u"error"_s), 0);
        QVERIFY(client.data(u"process_info"_s).contains(u"process"_s));
        QCOMPARE(client.data(u"system_info"_s)[u"role"_s].toString(), u"admin"_s);
        QCOMPARE(client.count(u"events"_s), 1);
        QCOMPARE(fixture.backend.eventQueries.first().process, u"worker"_s);
        QCOMPARE(fixture.backend.eventQueries.first().limit, 3);
        QCOMPARE(client.count(u"history"_s) + client.count(u"logs"_s) + client.count(u"pong"_s), 3);
    }

    void givesPagesReadingOnlyUntilTheyShowAToken()
    {
        GatewayFixture fixture;
        fixture.backend.config = {{u"env"_s, QJsonObject{{u"SECRET"_s, u"hunter2"_s}}}};
        TestClient page(fixture.url(), "http://localhost:3000");
        QTRY_VERIFY(page.isOpen());
        const QJsonObject stop{{u"action"_s, u"stop"_s}, {u"process"_s, u"worker"_s}};
        page.send(u"command"_s, stop, 1);
        QTRY_COMPARE(page.count(u"error"_s), 1);
        QCOMPARE(page.data(u"error"_s)[u"code"_s].toString(), u"read_only"_s);
        QVERIFY(page.data(u"error"_s)[u"message"_s].toString().contains(u"auth"_s));
        page.send(u"apply"_s, {{u"apps"_s, QJsonArray()}}, 6);
        QTRY_COMPARE(page.count(u"error"_s), 2);
        QCOMPARE(page.all(u"error"_s).last()[u"data"_s][u"code"_s].toString(), u"read_only"_s);
        QVERIFY(fixture.backend.applyRequests.isEmpty());
        page.send(u"get_info"_s, {{u"process"_s, u"worker"_s}}, 2);
        QTRY_COMPARE(page.count(u"process_info"_s), 1);
        QVERIFY(!QJsonDocument(page.data(u"process_info"_s)).toJson().contains("hunter2"));
        QVERIFY(QJsonDocument(page.data(u"process_info"_s)).toJson().contains("SECRET"));

        page.send(u"auth"_s, {{u"token"_s, u"wrong"_s}}, 3);
        QTRY_COMPARE(page.count(u"error"_s), 3);
        QCOMPARE(page.data(u"error"_s)[u"code"_s].toString(), u"unauthorized"_s);
        page.send(u"auth"_s, {{u"token"_s, QString::fromLatin1(GatewayFixture::Token)}}, 4);
        page.send(u"command"_s, stop, 5);
        QTRY_COMPARE(page.count(u"command_result"_s), 1);
        QVERIFY(fixture.backend.commands.size() == 1);
    }

    void stopsGuessing()
    {
        GatewayFixture fixture;
        TestClient client(fixture.url());
        QTRY_VERIFY(client.isOpen());
        for (int i = 0; i < 7; ++i)
            client.send(u"auth"_s, {{u"token"_s, u"guess"_s}}, i);
        QTRY_COMPARE(client.count(u"error"_s), 7);
        QCOMPARE(client.data(u"error"_s)[u"code"_s].toString(), u"rate_limited"_s);
        RawClient http(fixture.gateway.port());
        http.say(RawClient::get("/", "Authorization: Bearer wrong\r\n"));
        QTRY_COMPARE(http.status(), 429);
        QVERIFY(http.heard.contains("\r\nRetry-After: "));
        // Others of the same user, who know it, are not kept out.
        RawClient other(fixture.gateway.port());
        other.say(RawClient::get("/", QByteArray("Authorization: Bearer ") + GatewayFixture::Token +
                                          "\r\n"));
        QTRY_COMPARE(other.status(), 200);
        client.send(u"auth"_s, {{u"token"_s, QString::fromLatin1(GatewayFixture::Token)}}, 8);
        QTRY_COMPARE(client.count(u"authenticated"_s), 1);
    }

    void answersEveryMalformedMessage()
    {
        GatewayFixture fixture;
        TestClient client(fixture.url());
        QTRY_VERIFY(client.isOpen());
        const QStringList malformed = {u""_s,
                                       u"{"_s,
                                       u"[]"_s,
                                       u"{}"_s,
                                       u"{\"type\":1}"_s,
                                       u"{\"type\":\"fly\"}"_s,
                                       u"null"_s,
                                       u"{\"type\":\"command\"}"_s};
        for (const QString &text : malformed)
            client.socket.sendTextMessage(text);
        client.socket.sendBinaryMessage("{}");
        QTRY_COMPARE(client.count(u"error"_s), malformed.size() + 1);
        QVERIFY(client.isOpen());
        client.send(u"subscribe"_s,
                    {{u"events"_s, QJsonArray{u"moon_phase"_s, u"process_status"_s}}});
        QTRY_COMPARE(client.count(u"process_status"_s), 2);
        QCOMPARE(client.data(u"error"_s)[u"code"_s].toString(), u"unknown_event"_s);
    }

    void holdsNoMoreNamesThanAllowed()
    {
        GatewayFixture fixture;
        TestClient page(fixture.url(), "http://localhost:3000");
        QTRY_VERIFY(page.isOpen());
        page.send(u"subscribe"_s, {{u"events"_s, QJsonArray{u"process_event"_s}}}, 0);
        for (int i = 1; i <= 3; ++i) {
            QJsonArray names;
            for (int n = 0; n < 100; ++n)
                names.append(u"name-%1-%2"_s.arg(i).arg(n));
            page.send(u"unsubscribe"_s, {{u"processes"_s, names}}, i);
        }
        QTRY_COMPARE(page.count(u"error"_s), 1); // the third hundred
        QCOMPARE(page.data(u"error"_s)[u"code"_s].toString(), u"too_large"_s);
        QCOMPARE(page.count(u"unsubscribed"_s), 2);
    }

    void filtersByNameAndInterval()
    {
        GatewayFixture fixture;
        TestClient client(fixture.url());
        QTRY_VERIFY(client.isOpen());
        client.send(u"subscribe"_s,
                    {{u"events"_s, QJsonArray{u"process_status"_s, u"process_metrics"_s}},
                     {u"processes"_s, QJsonArray{u"worker"_s}},
                     {u"interval"_s, 5000}});
        QTRY_COMPARE(client.count(u"process_metrics"_s), 1);
        QCOMPARE(client.data(u"process_metrics"_s)[u"processes"_s].toArray().size(), 1);
        fixture.backend.setStatus(0, ProcessStatus::Stopping);
        fixture.backend.setStatus(1, ProcessStatus::Stopping);
        QTRY_COMPARE(client.count(u"process_status"_s), 2);
        QCOMPARE(client.data(u"process_status"_s)[u"name"_s].toString(), u"worker"_s);
        fixture.backend.tick(milliseconds{1'000}); // somebody else's
        fixture.backend.tick(milliseconds{5'000});
        QTRY_COMPARE(client.count(u"process_metrics"_s), 2);
    }

    void sendsTheTailBeforeLiveLines()
    {
        GatewayFixture fixture;
        for (int i = 1; i <= 5; ++i)
            fixture.backend.logLinesOnDisk.append(
                {.seq = i, .time = {}, .message = "line " + QByteArray::number(i)});
        TestClient client(fixture.url());
        QTRY_VERIFY(client.isOpen());
        client.send(u"subscribe"_s, {{u"events"_s, QJsonArray{u"log_message"_s}},
                                     {u"processes"_s, QJsonArray{u"worker"_s}},
                                     {u"tail"_s, 2}});
        QTRY_VERIFY(!fixture.backend.interest().logs.isEmpty());
        LogBatch live{ProcessId{1}, u"worker"_s, 0, 0, {}};
        live.lines = {{.seq = 5, .time = {}, .message = "line 5"},
                      {.seq = 6, .time = {}, .message = "line 6"}};
        emit fixture.backend.logLines(live);
        QTRY_VERIFY(client.count(u"log_message"_s) >= 3);
        const QList<QJsonObject> lines = client.all(u"log_message"_s);
        QCOMPARE(lines[0][u"data"_s][u"message"_s].toString(), u"line 4"_s);
        QCOMPARE(lines.last()[u"data"_s][u"message"_s].toString(), u"line 6"_s);
    }

    void readsOneTailAfterTheOther()
    {
        GatewayFixture fixture;
        fixture.backend.holdsLogs = true;
        TestClient client(fixture.url());
        QTRY_VERIFY(client.isOpen());
        const QJsonArray logs{u"log_message"_s};
        client.send(u"subscribe"_s, {{u"events"_s, logs}, {u"tail"_s, 5}});
        client.send(u"ping"_s);
        QTRY_COMPARE(client.count(u"pong"_s), 1);
        QCOMPARE(fixture.backend.logQueries.size(), 1);
        fixture.backend.releaseLogs();
        QTRY_COMPARE(fixture.backend.logQueries.size(), 2);
        QCOMPARE(fixture.backend.logQueries.last().process, u"worker"_s);
    }

    void forgetsATailThatIsNotWantedAnyMore()
    {
        GatewayFixture fixture;
        fixture.backend.holdsLogs = true;
        fixture.backend.logLinesOnDisk = {{.seq = 5, .time = {}, .message = "old"}};
        TestClient client(fixture.url());
        QTRY_VERIFY(client.isOpen());
        const QJsonArray logs{u"log_message"_s};
        const QJsonArray worker{u"worker"_s};
        client.send(u"subscribe"_s,
                    {{u"events"_s, logs}, {u"processes"_s, worker}, {u"tail"_s, 5}});
        QTRY_COMPARE(fixture.backend.logQueries.size(), 1);
        LogBatch live{ProcessId{1}, u"worker"_s, 0, 0, {}};
        live.lines = {{.seq = 6, .time = {}, .message = "live"}};
        emit fixture.backend.logLines(live);
        client.send(u"subscribe"_s, {{u"events"_s, logs}, {u"processes"_s, worker}});
        QTRY_COMPARE(client.count(u"log_message"_s), 1);
        QCOMPARE(client.data(u"log_message"_s)[u"message"_s].toString(), u"live"_s);
        fixture.backend.releaseLogs();
        client.send(u"ping"_s);
        QTRY_COMPARE(client.count(u"pong"_s), 1);
        QCOMPARE(client.count(u"log_message"_s), 1);
    }

    void letsABoundedNumberOfQuestionsWait()
    {
        GatewayFixture fixture;
        fixture.backend.holdsLogs = true;
        TestClient client(fixture.url());
        QTRY_VERIFY(client.isOpen());
        const int allowed = int(Turns::MaxWaiting) + 1;
        for (int i = 0; i < allowed + 10; ++i)
            client.send(u"get_logs"_s, {{u"process"_s, u"worker"_s}}, i);
        QTRY_COMPARE(client.count(u"error"_s), 10);
        QCOMPARE(client.data(u"error"_s)[u"code"_s].toString(), u"rate_limited"_s);
        QCOMPARE(fixture.backend.logQueries.size(), 1);
        client.send(u"get_system"_s); // others do not wait behind a log that is searched
        QTRY_COMPARE(client.count(u"system_info"_s), 1);
        fixture.backend.holdsLogs = false;
        fixture.backend.releaseLogs();
        QTRY_COMPARE(client.count(u"logs"_s), allowed);
    }

    void closesWith1001()
    {
        GatewayFixture fixture;
        TestClient client(fixture.url());
        QTRY_VERIFY(client.isOpen());
        QSignalSpy gone(&client.socket, &QWebSocket::disconnected);
        const QFuture<void> closed = fixture.gateway.close();
        QTRY_COMPARE(gone.size(), 1);
        QCOMPARE(client.socket.closeCode(), QWebSocketProtocol::CloseCodeGoingAway);
        QTRY_VERIFY(closed.isFinished());
    }
};

QTEST_GUILESS_MAIN(TestGateway)
#include "tst_gateway.moc"
