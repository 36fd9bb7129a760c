// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "tests/server/gatewayfixture.h"

#include <QDir>
#include <QTemporaryDir>

#include <sys/stat.h>

Q_DECLARE_METATYPE(pmdaemon::Command)

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

/// One request, one answer.
struct Exchange
{
    Exchange(const GatewayFixture &fixture, const QByteArray &request)
        : client(fixture.gateway.port())
    {
        client.say(request);
        done = QTest::qWaitFor([this] { return client.isClosed(); }, 10'000);
    }
    RawClient client;
    bool done = false;
};

} // namespace

/// With the token, or whatever stands in `fields`.
QByteArray change(const QByteArray &method, const QByteArray &path, const QByteArray &body = {},
                  const QByteArray &fields = QByteArray("Authorization: Bearer ") +
                                             GatewayFixture::Token + "\r\n")
{
    const QByteArray type = body.isEmpty() ? QByteArray() : "Content-Type: application/json\r\n"_ba;
    return RawClient::get(path, fields + type +
                                    "Content-Length: " + QByteArray::number(body.size()) + "\r\n")
               .replace("GET", method) +
           body;
}

class TestRestApi : public QObject
{
    Q_OBJECT

private slots:
    void answersEveryRoute_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QStringList>("keys");
        const auto row = [](const char *path, const QStringList &keys) {
            QTest::newRow(path) << QByteArray(path) << keys;
        };
        row("/", {u"name"_s, u"version"_s, u"description"_s, u"status"_s, u"endpoints"_s});
        row("/health", {u"status"_s, u"version"_s, u"uptime"_s, u"processes"_s});
        row("/api/status", {u"status"_s, u"timestamp"_s, u"version"_s, u"uptime"_s, u"role"_s});
        row("/api/processes", {u"success"_s, u"processes"_s, u"total"_s});
        row("/api/processes/1", {u"id"_s, u"name"_s, u"status"_s, u"config"_s});
        row("/api/processes/worker", {u"id"_s, u"name"_s, u"status"_s, u"config"_s});
        row("/api/processes/worker/logs", {u"process"_s, u"logs"_s, u"total_lines"_s, u"cursor"_s});
        row("/api/logs/worker", {u"process"_s, u"logs"_s, u"total_lines"_s, u"cursor"_s});
        row("/api/processes/worker/health", {u"process"_s, u"health"_s});
        row("/api/processes/worker/metrics", {u"step"_s, u"time"_s, u"cpu"_s, u"memory"_s});
        row("/api/system/metrics", {u"step"_s, u"time"_s, u"cpu"_s, u"load"_s});
        row("/api/schema.json", {u"$schema"_s, u"$defs"_s, u"properties"_s});
        row("/api/openapi.json", {u"openapi"_s, u"paths"_s, u"components"_s});
        row("/api/asyncapi.json", {u"asyncapi"_s, u"channels"_s, u"components"_s});
        row("/api/events", {u"events"_s, u"cursor"_s});
        row("/api/system", {u"cpu"_s, u"memory"_s, u"load"_s, u"hostname"_s, u"role"_s});
        row("/api/system/stats", {u"cpu"_s, u"memory"_s});
        row("/metrics", {});
        row("/api/sd", {});
    }
    void answersEveryRoute()
    {
        QFETCH(QByteArray, path);
        QFETCH(QStringList, keys);
        GatewayFixture fixture;
        const Exchange get(fixture, RawClient::get(path));
        QVERIFY(get.done);
        QCOMPARE(get.client.status(), 200);
        for (const QString &key : keys)
            QVERIFY2(get.client.json().contains(key), qPrintable(key));

        const Exchange head(fixture, RawClient::get(path).replace("GET", "HEAD"));
        QCOMPARE(head.client.status(), 200);
        QVERIFY(head.client.body().isEmpty());
        const Exchange put(fixture, RawClient::get(path).replace("GET", "PUT"));
        QCOMPARE(put.client.status(), 405);
        QVERIFY(put.client.heard.contains("\r\nAllow: GET, HEAD"));
        // No route is open to other hosts and other sites' pages.
        const Exchange host(fixture, RawClient::get(path).replace("localhost", "evil.example"));
        QCOMPARE(host.client.status(), 421);
        const Exchange origin(fixture, RawClient::get(path, "Origin: https://evil.example\r\n"));
        QCOMPARE(origin.client.status(), 403);
        QVERIFY(!origin.client.heard.contains("Access-Control"));
    }

    /// What stands for several may stand for none.
    void answersForAllOfNone()
    {
        GatewayFixture fixture;
        for (const ProcessEntry &entry : fixture.backend.processes())
            fixture.backend.remove(entry.id);
        const QJsonObject document =
            Exchange(fixture, RawClient::get("/api/openapi.json")).client.json();
        for (const QString &path : document[u"paths"_s].toObject().keys()) {
            const QByteArray asked = QString(path).replace(u"{id}"_s, u"all"_s).toLatin1();
            const Exchange exchange(fixture, RawClient::get(asked));
            QVERIFY2(exchange.done && exchange.client.status() > 0, asked.constData());
        }
        const Exchange health(fixture, RawClient::get("/api/processes/all/health"));
        QCOMPARE(health.client.status(), 200);
        QCOMPARE(health.client.json()[u"total"_s], QJsonValue(0));
    }

    void tellsTheHealthOfSeveral()
    {
        GatewayFixture fixture;
        const Exchange health(fixture, RawClient::get("/api/processes/all/health"));
        QCOMPARE(health.client.json()[u"total"_s], QJsonValue(2));
        QCOMPARE(health.client.json()[u"processes"_s][1][u"process"_s], QJsonValue(u"worker"_s));
    }

    void describesEveryRoute()
    {
        GatewayFixture fixture;
        const QJsonObject document =
            Exchange(fixture, RawClient::get("/api/openapi.json")).client.json();
        const QJsonObject paths = document[u"paths"_s].toObject();
        QStringList offered{u"/api/openapi.json"_s};
        const QJsonObject endpoints =
            Exchange(fixture, RawClient::get("/")).client.json()[u"endpoints"_s].toObject();
        for (const QJsonValue &path : endpoints) {
            if (path != "/ws"_L1 && !offered.contains(path.toString()))
                offered.append(path.toString());
        }
        offered.sort();
        QCOMPARE(paths.keys(), offered);
        for (const QString &path : paths.keys()) {
            const QByteArray asked = QString(path).replace(u"{id}"_s, u"worker"_s).toLatin1();
            const Exchange patch(fixture, RawClient::get(asked).replace("GET", "PATCH"));
            QCOMPARE(patch.client.status(), 405);
            const QByteArray heard = patch.client.heard;
            const qsizetype begin = heard.indexOf("\r\nAllow: ") + 9;
            const QByteArray allow = heard.sliced(begin, heard.indexOf("\r\n", begin) - begin);
            for (const QString &method : {u"get"_s, u"post"_s, u"delete"_s})
                QVERIFY2(
                    paths[path].toObject().contains(method) ==
                        allow.split(' ').join().split(',').contains(method.toUpper().toLatin1()),
                    qPrintable(path + u' ' + method));
        }
    }

    void tellsPrometheusTheFigures_data()
    {
        QTest::addColumn<QByteArray>("accept");
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<QByteArray>("counter");
        QTest::addColumn<bool>("hasEnd");
        QTest::newRow("Prometheus") << QByteArray("*/*") << QByteArray("text/plain; version=0.0.4")
                                    << QByteArray("pmdaemon_process_restarts_total") << false;
        QTest::newRow("OpenMetrics")
            << QByteArray("application/openmetrics-text;version=1.0.0,text/plain;q=0.3")
            << QByteArray("application/openmetrics-text; version=1.0.0")
            << QByteArray("pmdaemon_process_restarts") << true;
    }
    void tellsPrometheusTheFigures()
    {
        QFETCH(QByteArray, accept);
        QFETCH(QByteArray, type);
        QFETCH(QByteArray, counter);
        QFETCH(bool, hasEnd);
        GatewayFixture fixture;
        ProcessEntry odd = FakeBackend::entry(2, u"odd\"\\\n"_s);
        odd.pid.reset();
        odd.startedAt.reset();
        odd.status = ProcessStatus::Errored;
        fixture.backend.add(odd);
        fixture.backend.tick(milliseconds{1'000});
        const Exchange get(fixture, RawClient::get("/metrics", "Accept: " + accept + "\r\n"));
        QCOMPARE(get.client.status(), 200);
        QVERIFY(get.client.heard.contains(
            QByteArray("\r\nContent-Type: " + type + "; charset=utf-8\r\n")));
        const QByteArray text = get.client.body();
        const auto says = [&text](const QByteArray &line) { return text.contains(line); };
        QVERIFY(says("# TYPE " + counter + " counter\n"));
        const QByteArray worker =
            "{name=\"worker\",app=\"worker\",instance_number=\"0\",namespace=\"default\"} ";
        QVERIFY(says("\npmdaemon_process_up" + worker + "1\n"));
        QVERIFY(says("\npmdaemon_process_restarts_total" + worker + "0\n"));
        QVERIFY(says("\npmdaemon_process_cpu_ratio" + worker + "0.015\n"));
        QVERIFY(says("\npmdaemon_process_memory_bytes" + worker + "1000001\n"));
        // What is not known is not told.
        const QByteArray name = "{name=\"odd\\\"\\\\\\n\",";
        QVERIFY(says("\npmdaemon_process_up" + name));
        QVERIFY(!says("\npmdaemon_process_memory_bytes" + name));
        QVERIFY(!says("\npmdaemon_process_healthy{"));
        QVERIFY(says("\npmdaemon_processes{status=\"errored\"} 1\n"));
        QVERIFY(says("\npmdaemon_processes{status=\"stopping\"} 0\n"));
        QCOMPARE(text.endsWith("\n# EOF\n"), hasEnd);
    }

    void offersTargetsToPrometheus()
    {
        GatewayFixture fixture;
        ProcessEntry api = FakeBackend::entry(2, u"api"_s);
        api.status = ProcessStatus::Online;
        api.port = 3'000;
        fixture.backend.add(api);
        const Exchange get(fixture, RawClient::get("/api/sd"));
        const QJsonArray targets = QJsonDocument::fromJson(get.client.body()).array();
        QCOMPARE(targets.size(), 2);
        QCOMPARE(targets[0]["targets"_L1], QJsonValue(QJsonArray{u"localhost"_s}));
        QCOMPARE(targets[1]["targets"_L1], QJsonValue(QJsonArray{u"localhost:3000"_s}));
        QCOMPARE(targets[1]["labels"_L1]["__meta_pmdaemon_name"_L1], QJsonValue(u"api"_s));
    }

    void listsInTheShapeOfPm2()
    {
        GatewayFixture fixture;
        const Exchange get(fixture, RawClient::get("/api/processes?format=pm2&name=worker"));
        const QJsonArray list = QJsonDocument::fromJson(get.client.body()).array();
        QCOMPARE(list.size(), 1);
        const QJsonObject worker = list[0].toObject();
        QCOMPARE(worker["pm_id"_L1], QJsonValue(1));
        QCOMPARE(worker["name"_L1], QJsonValue(u"worker"_s));
        QVERIFY(worker["monit"_L1].toObject().contains("memory"_L1));
        const QJsonObject env = worker["pm2_env"_L1].toObject();
        QCOMPARE(env["status"_L1], QJsonValue(u"online"_s));
        QCOMPARE(env["pm_out_log_path"_L1], QJsonValue(u"/logs/worker"_s));
        const Exchange wrong(fixture, RawClient::get("/api/processes?format=xml"));
        QCOMPARE(wrong.client.status(), 400);
    }

    void followsTheLogsOfOne()
    {
        const auto line = [](qint64 seq, const QByteArray &text,
                             LogStream stream = LogStream::Out) {
            LogLine made;
            made.seq = seq;
            made.message = text;
            made.stream = stream;
            return made;
        };
        GatewayFixture fixture;
        FakeBackend &backend = fixture.backend;
        const auto write = [&backend](const QList<LogLine> &lines, int id = 1) {
            emit backend.logLines({ProcessId{id}, u"worker"_s, 0, 0, lines});
        };
        backend.logLinesOnDisk = {line(1, "one"), line(2, "two")};
        backend.holdsLogs = true;
        RawClient client(fixture.gateway.port());
        client.say(RawClient::get("/api/logs/1?follow=1&lines=5&type=out"));
        QTRY_COMPARE(backend.heldLogs.size(), size_t(1));
        // What is written while the page is read comes behind it, and once.
        write({line(2, "two"), line(3, "three"), line(4, "wrong", LogStream::Err)});
        emit backend.logLines({ProcessId{1}, u"worker"_s, 0, 7, {}}); // it was too slow for these
        backend.releaseLogs();
        write({line(5, "five")});
        write({line(6, "another's")}, 0);
        QTRY_VERIFY(client.heard.contains("five"));
        QVERIFY(client.heard.contains("event: gap\ndata: {\"dropped\":7}\n\n"));
        QVERIFY(client.heard.contains("\r\nContent-Type: text/event-stream\r\n"));
        QVERIFY(!client.heard.contains("Content-Length"));
        QStringList texts;
        for (const QByteArray &event : client.body().split('\n')) {
            if (event.startsWith("data: {\"level\""))
                texts.append(QJsonDocument::fromJson(event.mid(6))["message"_L1].toString());
        }
        QCOMPARE(texts, (QStringList{u"one"_s, u"two"_s, u"three"_s, u"five"_s}));
        QVERIFY(!backend.interest().logs.isEmpty());
        backend.applyRemoval(ProcessId{1});
        QTRY_VERIFY(client.isClosed());
        QTRY_VERIFY(backend.interest().logs.isEmpty());
    }

    void followersThatAreTooSlowMissLines()
    {
        GatewayFixture fixture;
        RawClient client(fixture.gateway.port());
        client.socket.setReadBufferSize(64 * 1024);
        client.socket.blockSignals(true); // it does not read
        client.say(RawClient::get("/api/logs/worker?follow=1"));
        QTRY_VERIFY(!fixture.backend.interest().logs.isEmpty());
        constexpr int written = 400;
        LogLine line;
        line.message = QByteArray(64 * 1024, 'x');
        for (int i = 0; i < written; ++i)
            emit fixture.backend.logLines({ProcessId{1}, u"worker"_s, 0, 0, {line}});
        client.socket.blockSignals(false);
        client.heard = client.socket.readAll();
        line.message = "last";
        const auto hearsTheLast = [&] {
            emit fixture.backend.logLines({ProcessId{1}, u"worker"_s, 0, 0, {line}});
            return QTest::qWaitFor([&] { return client.heard.contains("last"); }, 50);
        };
        QTRY_VERIFY(hearsTheLast());
        const qsizetype gap = client.heard.indexOf("event: gap\ndata: {\"dropped\":");
        QVERIFY(gap > 0);
        const QByteArray rest = client.heard.mid(gap + 28);
        const int dropped = rest.left(rest.indexOf('}')).toInt();
        const auto heard = client.heard.left(gap).count("\"type\"");
        QVERIFY(heard > 0);
        // Those of the last line that came too early are dropped, too.
        QVERIFY2(heard + dropped >= written, qPrintable(u"%1 + %2"_s.arg(heard).arg(dropped)));
    }

    void refusesToFollowWhatCannotBe_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<int>("status");
        const auto row = [](const char *path, int status) {
            QTest::newRow(path) << QByteArray(path) << status;
        };
        row("/api/logs/nobody?follow=1", 404);
        row("/api/logs/all?follow=1", 404);
        row("/api/logs/worker?follow=1&until=2026-01-01T00:00:00Z", 400);
        row("/api/logs/worker?follow=yes", 400);
    }
    void refusesToFollowWhatCannotBe()
    {
        QFETCH(QByteArray, path);
        QFETCH(int, status);
        GatewayFixture fixture;
        const Exchange get(fixture, RawClient::get(path));
        QVERIFY(get.done);
        QCOMPARE(get.client.status(), status);
    }

    void carriesCommandsOut_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<Command>("expected");
        const auto row = [](const char *method, const char *path, const char *body, Action action,
                            std::optional<int> instances = {}, const QString &signal = {}) {
            QTest::addRow("%s %s", method, path)
                << QByteArray(method) << QByteArray(path) << QByteArray(body)
                << Command{action, u"worker"_s, {}, instances, signal};
        };
        row("POST", "/api/processes/worker/start", "", Action::Start);
        row("POST", "/api/processes/worker/stop", "{}", Action::Stop);
        row("POST", "/api/processes/worker/restart", "", Action::Restart);
        row("POST", "/api/processes/worker/reload", "", Action::Reload);
        row("POST", "/api/processes/worker/scale", R"({"instances": 3})", Action::Scale, 3);
        row("POST", "/api/processes/worker/signal", R"({"signal": "HUP"})", Action::Signal, {},
            u"HUP"_s);
        row("POST", "/api/processes/worker/reset", "", Action::Reset);
        row("DELETE", "/api/processes/worker", "", Action::Delete);
        row("DELETE", "/api/processes/worker/logs", "", Action::Flush);
    }
    void carriesCommandsOut()
    {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, body);
        QFETCH(Command, expected);
        GatewayFixture fixture;
        const Exchange done(fixture, change(method, path, body));
        QCOMPARE(done.client.status(), 200);
        QCOMPARE(done.client.json()[u"success"_s], QJsonValue(true));
        QVERIFY(fixture.backend.commands == QList<Command>{expected});
        const Exchange stranger(fixture, change(method, path, body, {}));
        QCOMPARE(stranger.client.status(), 401);
        QCOMPARE(fixture.backend.commands.size(), 1);
    }

    void createsProcesses()
    {
        GatewayFixture fixture;
        const QByteArray web = R"({"name": "web", "script": "x"})";
        const Exchange made(fixture, change("POST", "/api/processes", web));
        QCOMPARE(made.client.status(), 201);
        QCOMPARE(fixture.backend.commands.size(), 1);
        QCOMPARE(fixture.backend.commands[0].target, u"web"_s);
        QCOMPARE(fixture.backend.commands[0].config,
                 (QJsonObject{{u"name"_s, u"web"_s}, {u"script"_s, u"x"_s}}));
        const Exchange again(
            fixture, change("POST", "/api/processes", R"({"name": "worker", "script": "x"})"));
        QCOMPARE(again.client.status(), 409);
        QCOMPARE(again.client.json()[u"error"_s][u"code"_s], u"PROCESS_ALREADY_EXISTS"_s);
        QCOMPARE(fixture.backend.commands.size(), 1);
    }

    void refusesBodies_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("code");
        const auto row = [](const char *name, const char *path, const QByteArray &body, int status,
                            const QString &code) {
            QTest::newRow(name) << QByteArray(path) << body << status << code;
        };
        row("no JSON", "/api/processes", "{", 400, u"CONFIG_PARSE_ERROR"_s);
        row("a list", "/api/processes", "[]", 400, u"CONFIG_PARSE_ERROR"_s);
        row("wrong fields", "/api/processes", R"({"script_": "x"})", 422, u"INVALID_CONFIG"_s);
        row("no instances", "/api/processes/worker/scale", "{}", 400, u"INVALID_MESSAGE"_s);
        row("no signal", "/api/processes/worker/signal", R"({"signal": "LOUD"})", 400,
            u"INVALID_MESSAGE"_s);
        row("no apps", "/api/config/apply", "{}", 400, u"INVALID_MESSAGE"_s);
        row("too much", "/api/config/apply", QByteArray(1024 * 1024 + 1, ' '), 413, u"TOO_LARGE"_s);
    }
    void refusesBodies()
    {
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, body);
        GatewayFixture fixture;
        const Exchange refused(fixture, change("POST", path, body));
        QTEST(refused.client.status(), "status");
        QTEST(refused.client.json()[u"error"_s][u"code"_s].toString(), "code");
        QVERIFY(fixture.backend.commands.isEmpty());
    }

    void takesBodiesInPieces()
    {
        GatewayFixture fixture;
        const QByteArray request =
            change("POST", "/api/processes", R"({"name": "web", "script": "x"})");
        RawClient client(fixture.gateway.port());
        for (const char byte : request) {
            client.say(QByteArray(1, byte));
            QCoreApplication::processEvents();
        }
        QTRY_VERIFY(client.isClosed());
        QCOMPARE(client.status(), 201);
    }

    void refusesBodiesOfUnknownLength()
    {
        GatewayFixture fixture;
        const QByteArray fields = QByteArray("Authorization: Bearer ") + GatewayFixture::Token +
                                  "\r\nContent-Type: application/json\r\n"
                                  "Transfer-Encoding: chunked\r\n";
        const Exchange chunked(
            fixture, RawClient::get("/api/processes", fields).replace("GET", "POST") + "0\r\n\r\n");
        QCOMPARE(chunked.client.status(), 411);
    }

    void appliesConfigurations()
    {
        GatewayFixture fixture;
        fixture.backend.applyReport = {true, {{AppChange::Kind::Added, u"web"_s, {}}}};
        const QByteArray body = R"({"apps": [{"name": "web", "script": "x"}], "files": ["/e"]})";
        for (const char *path :
             {"/api/config/validate", "/api/config/apply?dry_run=1", "/api/config/apply"}) {
            const Exchange done(fixture, change("POST", path, body));
            QCOMPARE(done.client.status(), 200);
            QCOMPARE(done.client.json()[u"apps"_s][0][u"change"_s], u"added"_s);
        }
        QCOMPARE(fixture.backend.applyRequests.size(), 3);
        QVERIFY(fixture.backend.applyRequests[0].dryRun);
        QVERIFY(fixture.backend.applyRequests[1].dryRun);
        QVERIFY(!fixture.backend.applyRequests[2].dryRun);
        QCOMPARE(fixture.backend.applyRequests[2].files, QStringList{u"/e"_s});
    }

    void takesFlagsOnlyAsTheyAreMeant_data()
    {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<int>("means"); // -1 = it is refused
        const auto row = [](const char *value, int means) {
            QTest::newRow(value) << QByteArray(value) << means;
        };
        row("", 1);
        row("=1", 1);
        row("=true", 1);
        row("=0", 0);
        row("=false", 0);
        row("=yes", -1);
        row("=TRUE", -1);
        row("=on", -1);
    }
    void takesFlagsOnlyAsTheyAreMeant()
    {
        QFETCH(const QByteArray, value);
        QFETCH(const int, means);
        GatewayFixture fixture;
        const Exchange removed(fixture,
                               change("DELETE", "/api/processes/worker?keep_logs" + value, {}));
        QCOMPARE(removed.client.status(), means < 0 ? 400 : 200);
        QCOMPARE(fixture.backend.commands.size(), means < 0 ? 0 : 1);
        if (means >= 0)
            QCOMPARE(fixture.backend.commands.first().keepsLogs, means == 1);
        const Exchange applied(
            fixture, change("POST", "/api/config/apply?dry_run" + value, R"({"apps": []})"));
        QCOMPARE(fixture.backend.applyRequests.size(), means < 0 ? 0 : 1);
        if (means >= 0)
            QCOMPARE(fixture.backend.applyRequests.first().dryRun, means == 1);
    }

    void asksForLogsAsItIsAsked()
    {
        GatewayFixture fixture;
        LogLine line;
        line.message = "hello";
        line.stream = LogStream::Err;
        line.time = WallTime(milliseconds(1'700'000'000'123));
        fixture.backend.logLinesOnDisk = {line};
        const Exchange page(fixture, RawClient::get("/api/processes/worker/logs?lines=5&type=error"
                                                    "&level=warn&grep=a%20b&cursor=here"));
        QCOMPARE(page.client.status(), 200);
        QCOMPARE(page.client.json()[u"logs"_s][0].toObject(),
                 (QJsonObject{{u"timestamp"_s, u"2023-11-14T22:13:20.123Z"_s},
                              {u"type"_s, u"error"_s},
                              {u"level"_s, u"info"_s},
                              {u"message"_s, u"hello"_s}}));
        QVERIFY(page.client.json()[u"cursor"_s].isNull());
        const LogQuery asked = fixture.backend.logQueries.first();
        QCOMPARE(asked.lines, 5);
        QVERIFY(asked.stream == LogStream::Err);
        QVERIFY(asked.level == LogLevel::Warn);
        QCOMPARE(asked.grep, u"a b"_s);
        QCOMPARE(asked.before, u"here"_s);
        const Exchange wrong(fixture, RawClient::get("/api/logs/worker?type=both"));
        QCOMPARE(wrong.client.status(), 400);
    }

    void namesItsEndpoints()
    {
        GatewayFixture fixture;
        const Exchange index(fixture, RawClient::get("/"));
        const QJsonObject endpoints = index.client.json()[u"endpoints"_s].toObject();
        QCOMPARE(endpoints[u"websocket"_s], u"/ws"_s);
        QCOMPARE(endpoints[u"process"_s], u"/api/processes/{id}"_s);
    }

    void listsWhatIsAskedFor_data()
    {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<int>("count");
        QTest::newRow("all") << QByteArray() << 2;
        QTest::newRow("status") << QByteArray("?status=online") << 1;
        QTest::newRow("statuses") << QByteArray("?status=online,errored") << 2;
        QTest::newRow("name") << QByteArray("?name=web%2Dapi") << 1;
        QTest::newRow("app") << QByteArray("?app=worker&status=online") << 0;
        QTest::newRow("namespace") << QByteArray("?namespace=default") << 2;
        QTest::newRow("other namespace") << QByteArray("?namespace=x") << 0;
    }
    void listsWhatIsAskedFor()
    {
        QFETCH(QByteArray, query);
        GatewayFixture fixture;
        fixture.backend.setStatus(1, ProcessStatus::Errored);
        const Exchange list(fixture, RawClient::get("/api/processes" + query));
        QTEST(list.client.json()[u"total"_s].toInt(), "count");
        QCOMPARE(list.client.json()[u"processes"_s].toArray().size(),
                 list.client.json()[u"total"_s].toInt());
    }

    void asksForEventsAsItIsAsked()
    {
        GatewayFixture fixture;
        fixture.backend.pastEvents = {{{ProcessEvent::Kind::Crashed,
                                        ProcessId(1),
                                        u"worker"_s,
                                        WallTime(milliseconds(1'700'000'000'123)),
                                        {{u"exit_code"_s, 3}}}},
                                      41};
        const Exchange page(
            fixture, RawClient::get("/api/events?process=1&limit=5&before=99"
                                    "&since=2023-11-14T00:00:00Z&until=2023-11-15T00:00:00Z"));
        QCOMPARE(page.client.status(), 200);
        QCOMPARE(page.client.json()[u"cursor"_s].toInt(), 41);
        const QJsonObject event = page.client.json()[u"events"_s].toArray().first().toObject();
        QCOMPARE(event[u"event"_s], u"crashed"_s);
        QCOMPARE(event[u"process"_s], u"worker"_s);
        QCOMPARE(event[u"time"_s], u"2023-11-14T22:13:20.123Z"_s);
        QCOMPARE(event[u"details"_s][u"exit_code"_s], QJsonValue(3));
        const EventQuery asked = fixture.backend.eventQueries.first();
        QCOMPARE(asked.process, u"1"_s);
        QCOMPARE(asked.limit, 5);
        QCOMPARE(asked.before, std::optional<qint64>(99));
        QVERIFY(asked.since && asked.until &&
                *asked.until - *asked.since == std::chrono::hours(24));
    }

    void refusesAQuestionForEventsThatMeansNothing_data()
    {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QString>("says");
        QTest::newRow("limit") << QByteArray("limit=many") << u"/limit: expected a whole number"_s;
        QTest::newRow("time") << QByteArray("since=yesterday") << u"/since: expected"_s;
        QTest::newRow("order") << QByteArray(
                                      "since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z")
                               << u"/since: lies after until"_s;
    }
    void refusesAQuestionForEventsThatMeansNothing()
    {
        QFETCH(QByteArray, query);
        QFETCH(QString, says);
        GatewayFixture fixture;
        const Exchange refused(fixture, RawClient::get("/api/events?" + query));
        QCOMPARE(refused.client.status(), 400);
        const QString message = refused.client.json()[u"message"_s].toString();
        QVERIFY2(message.startsWith(says), qPrintable(message));
        QVERIFY(fixture.backend.eventQueries.isEmpty());
    }

    void knowsDegradedHealth()
    {
        GatewayFixture fixture;
        QCOMPARE(Exchange(fixture, RawClient::get("/health")).client.json()[u"status"_s], u"ok"_s);
        fixture.backend.setStatus(1, ProcessStatus::Errored);
        const Exchange degraded(fixture, RawClient::get("/health"));
        QCOMPARE(degraded.client.status(), 200);
        QCOMPARE(degraded.client.json()[u"status"_s], u"degraded"_s);
        QCOMPARE(degraded.client.json()[u"processes"_s][u"errored"_s], QJsonValue(1));
    }

    void namesErrorsInUpperCase()
    {
        GatewayFixture fixture;
        const Exchange missing(fixture, RawClient::get("/api/processes/nobody"));
        QCOMPARE(missing.client.status(), 404);
        QCOMPARE(missing.client.json()[u"error"_s][u"code"_s], u"PROCESS_NOT_FOUND"_s);
        const Exchange nowhere(fixture, RawClient::get("/api/moon"));
        QCOMPARE(nowhere.client.status(), 404);
        QCOMPARE(nowhere.client.json()[u"error"_s][u"code"_s], u"NOT_FOUND"_s);
        QCOMPARE(nowhere.client.json()[u"success"_s], QJsonValue(false));
    }

    void hidesEnvironmentValuesFromReaders()
    {
        GatewayFixture fixture;
        fixture.backend.config = {{u"env"_s, QJsonObject{{u"SECRET"_s, u"hunter2"_s}}}};
        const Exchange reader(fixture, RawClient::get("/api/processes/worker"));
        QVERIFY(reader.client.body().contains("SECRET"));
        QVERIFY(!reader.client.body().contains("hunter2"));
        const Exchange admin(
            fixture, RawClient::get("/api/processes/worker",
                                    "X-API-Key: " + QByteArray(GatewayFixture::Token) + "\r\n"));
        QVERIFY(admin.client.body().contains("hunter2"));
    }

    void hidesTheConfigurationFromAListedNullOrigin()
    {
        Settings settings;
        settings.allowedOrigins = {u"null"_s};
        GatewayFixture fixture(settings);
        fixture.backend.config = {{u"script"_s, u"secret.sh"_s}};
        const Exchange page(fixture, RawClient::get("/api/processes/worker", "Origin: null\r\n"));
        QCOMPARE(page.client.status(), 200);
        QVERIFY(!page.client.body().contains("secret.sh"));
        QCOMPARE(page.client.json()[u"logs"_s][u"out_file"_s], QJsonValue(QString()));
        const Exchange list(fixture,
                            RawClient::get("/api/processes?format=pm2", "Origin: null\r\n"));
        QCOMPARE(list.client.status(), 200);
        QVERIFY(!list.client.body().contains("secret.sh"));
        QVERIFY(!list.client.body().contains("/logs/"));
    }

    void tellsListedOriginsThatTheyMayRead()
    {
        Settings settings;
        settings.allowedOrigins = {u"https://panel.example"_s};
        GatewayFixture fixture(settings);
        const Exchange listed(fixture,
                              RawClient::get("/api/status", "Origin: https://panel.example\r\n"));
        QCOMPARE(listed.client.status(), 200);
        QVERIFY(listed.client.heard.contains(
            "\r\nAccess-Control-Allow-Origin: https://panel.example\r\n"));
    }

    void demandsATokenWhereRequired()
    {
        Settings settings;
        settings.requireAuth = true;
        GatewayFixture fixture(settings);
        const Exchange stranger(fixture, RawClient::get("/api/status"));
        QCOMPARE(stranger.client.status(), 401);
        QVERIFY(stranger.client.heard.contains("\r\nWWW-Authenticate: Bearer"));
        QCOMPARE(Exchange(fixture, RawClient::get("/health")).client.status(), 200);
        const Exchange known(
            fixture, RawClient::get("/api/status", "Authorization: Bearer " +
                                                       QByteArray(GatewayFixture::Token) + "\r\n"));
        QCOMPARE(known.client.json()[u"role"_s], u"admin"_s);
    }

    void servesTheUsersOwnPages_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<int>("status");
        const auto row = [](const char *path, int status) {
            QTest::newRow(path) << QByteArray(path) << status;
        };
        row("/custom/", 200);
        row("/custom/index.html", 200);
        row("/custom/js/app.js", 200);
        row("/custom/js/", 404);
        row("/custom/js", 404);
        row("/custom/missing.html", 404);
        row("/custom//index.html", 404);
        row("/custom/.hidden", 404);
        row("/custom/link.html", 404);
        row("/custom/linked/secret", 404);
        row("/custom/pipe", 404);
        row("/custom/huge.bin", 413);
        row("/custom/../secret", 400);
        row("/custom/%2e%2e/secret", 400);
        row("/custom/..%2fsecret", 400);
        row("/custom", 404);
    }
    void servesTheUsersOwnPages()
    {
        QFETCH(QByteArray, path);
        QFETCH(int, status);
        QTemporaryDir folder;
        const QDir base(folder.path());
        QVERIFY(base.mkpath(u"web/js"_s) && base.mkpath(u"outside"_s));
        const auto write = [&](const QString &name, const QByteArray &text) {
            QFile file(base.filePath(name));
            return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
        };
        QVERIFY(write(u"web/index.html"_s, "<p>mine"));
        QVERIFY(write(u"web/js/app.js"_s, "mine()"));
        QVERIFY(write(u"web/.hidden"_s, "x"));
        QVERIFY(write(u"outside/secret"_s, "x"));
        QVERIFY(QFile::link(base.filePath(u"outside/secret"_s), base.filePath(u"web/link.html"_s)));
        QVERIFY(QFile::link(base.filePath(u"outside"_s), base.filePath(u"web/linked"_s)));
        QVERIFY(::mkfifo(qPrintable(base.filePath(u"web/pipe"_s)), 0600) == 0);
        QVERIFY(write(u"web/huge.bin"_s, {}) &&
                QFile::resize(base.filePath(u"web/huge.bin"_s), 9 * 1024 * 1024));
        Settings settings;
        settings.webRoot = base.filePath(u"web"_s);
        GatewayFixture fixture(settings);
        const Exchange get(fixture, RawClient::get(path));
        QCOMPARE(get.client.status(), status);
        QCOMPARE(get.client.body().contains("mine"), status == 200);
        if (status == 200) {
            QVERIFY(get.client.heard.contains("\r\nContent-Type: text/"));
            QCOMPARE(Exchange(fixture, RawClient::get(path).replace("GET", "PUT")).client.status(),
                     405);
        }
    }

    void sendsWebSocketClientsOnly101()
    {
        GatewayFixture fixture;
        QCOMPARE(Exchange(fixture, RawClient::get("/ws")).client.status(), 426);
        const Exchange elsewhere(fixture, RawClient::upgrade().replace("/ws", "/live"));
        QCOMPARE(elsewhere.client.status(), 404);
        RawClient client(fixture.gateway.port());
        client.say(RawClient::upgrade("Sec-WebSocket-Protocol: pmdaemon, pmdaemon.bearer." +
                                      QByteArray(GatewayFixture::Token) + "\r\n"));
        QTRY_COMPARE(client.status(), 101);
        QTRY_VERIFY(client.heard.contains("Sec-WebSocket-Protocol: pmdaemon\r\n"));
        QVERIFY(!client.heard.contains(GatewayFixture::Token));
    }

    void readsOneRequestPerConnection()
    {
        GatewayFixture fixture;
        const Exchange two(fixture, RawClient::get("/health") + RawClient::get("/api/status"));
        QCOMPARE(two.client.heard.count("HTTP/1.1 "), 1);
        const Exchange body(fixture, RawClient::get("/health", "Content-Length: 40\r\n") +
                                         RawClient::get("/api/status"));
        QCOMPARE(body.client.heard.count("HTTP/1.1 "), 1);
        const Exchange bad(fixture, "GET / HTTP/1.1\n\n" + RawClient::get("/health"));
        QCOMPARE(bad.client.status(), 400);
        QCOMPARE(bad.client.heard.count("HTTP/1.1 "), 1);
    }
};

QTEST_GUILESS_MAIN(TestRestApi)
#include "tst_restapi.moc"
