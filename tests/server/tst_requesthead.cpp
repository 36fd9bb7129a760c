// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/http/requesthead.h"
#include "server/http/response.h"
#include "server/ws/upgrade.h"

#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

class TestRequestHead : public QObject
{
    Q_OBJECT

private slots:
    void readsARequest()
    {
        HeadReader reader;
        const QByteArray head = "GET /api/processes/web%2Dapi?status=online&x=%20 HTTP/1.1\r\n"
                                "Host: localhost:9615\r\n"
                                "Connection: keep-alive, Upgrade\r\n"
                                "X-Thing: a\r\n\r\n";
        QVERIFY(reader.read(QByteArray(head + "next")) == HeadReader::State::Complete);
        const RequestHead &read = reader.head();
        QCOMPARE(read.method, "GET");
        QCOMPARE(read.path, u"/api/processes/web-api"_s);
        QCOMPARE(read.query, "status=online&x=%20");
        QCOMPARE(read.field("host"), "localhost:9615");
        QVERIFY(read.lists("connection", "upgrade"));
        QVERIFY(!read.lists("connection", "close"));
        QVERIFY(!read.hasBody());
        QCOMPARE(read.size, head.size());
    }

    void readsWhatDripsByteByByte()
    {
        const QByteArray head = "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n";
        HeadReader reader;
        for (qsizetype size = 1; size < head.size(); ++size)
            QVERIFY(reader.read(head.first(size)) == HeadReader::State::Incomplete);
        QVERIFY(reader.read(head) == HeadReader::State::Complete);
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("head");
        QTest::addColumn<int>("status");
        const auto row = [](const char *name, const QByteArray &head, int status) {
            QTest::newRow(name) << head << status;
        };
        const auto with = [](const QByteArray &fields) -> QByteArray {
            return "GET / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
        };
        row("bare LF", "GET / HTTP/1.1\nHost: x\n\n", 400);
        row("one bare LF", "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n", 400);
        row("bare CR", "GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n", 400);
        row("NUL", with(QByteArray("A: b\0c\r\n", 8)), 400);
        row("escape", with("A: \x1b[2J\r\n"), 400);
        row("TLS hello", QByteArray("\x16\x03\x01\x02", 4), 400);
        row("folded", with("A: b\r\n c\r\n"), 400);
        row("folded with tab", with("A: b\r\n\tc\r\n"), 400);
        row("space before colon", with("A : b\r\n"), 400);
        row("no colon", with("A\r\n"), 400);
        row("empty name", with(": b\r\n"), 400);
        row("length and chunks", with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400);
        row("two encodings", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
            400);
        row("other encoding", with("Transfer-Encoding: gzip, chunked\r\n"), 400);
        row("two CL", with("Content-Length: 1\r\nContent-Length: 1\r\n"), 400);
        row("list in CL", with("Content-Length: 1, 1\r\n"), 400);
        row("negative CL", with("Content-Length: -1\r\n"), 400);
        row("signed CL", with("Content-Length: +1\r\n"), 400);
        row("endless CL", with("Content-Length: 99999999999999999999\r\n"), 400);
        row("two hosts", with("Host: y\r\n"), 400);
        row("two hosts in other letters", with("hOST: x\r\n"), 400);
        row("two origins", with("Origin: a\r\nOrigin: a\r\n"), 400);
        row("two authorizations", with("Authorization: a\r\nAuthorization: a\r\n"), 400);
        row("no version", "GET /\r\nHost: x\r\n\r\n", 400);
        row("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400);
        row("bad method", "G(T / HTTP/1.1\r\nHost: x\r\n\r\n", 400);
        row("no target", "GET  HTTP/1.1\r\nHost: x\r\n\r\n", 400);
        row("relative target", "GET api HTTP/1.1\r\nHost: x\r\n\r\n", 400);
        row("other host in target", "GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n", 400);
        row("dots", "GET /custom/../x HTTP/1.1\r\nHost: x\r\n\r\n", 400);
        row("escaped dots", "GET /custom/%2e%2E/x HTTP/1.1\r\nHost: x\r\n\r\n", 400);
        row("escaped slash and dots", "GET /custom/..%2fx HTTP/1.1\r\nHost: x\r\n\r\n", 400);
        row("escaped NUL", "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400);
        row("half an escape", "GET /%2 HTTP/1.1\r\nHost: x\r\n\r\n", 400);
        row("no escape", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400);
        row("signed escape", "GET /%+1 HTTP/1.1\r\nHost: x\r\n\r\n", 400);
        row("bad UTF-8", "GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n", 400);
        row("backslash", "GET /a%5cb HTTP/1.1\r\nHost: x\r\n\r\n", 400);
        row("long line", with("A: " + QByteArray(9'000, 'a') + "\r\n"), 431);
        row("long line without end", "GET /" + QByteArray(9'000, 'a'), 431);
        row("long head",
            with(QByteArray("A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")
                     .repeated(200)),
            431);
        row("many fields", with(QByteArray("A: b\r\n").repeated(64)), 431);
    }
    void refuses()
    {
        QFETCH(QByteArray, head);
        HeadReader reader;
        QVERIFY(reader.read(head) == HeadReader::State::Refused);
        QTEST(reader.problem().status, "status");
        QVERIFY(!reader.problem().message.isEmpty());
        // Nothing that follows is read any more.
        QVERIFY(reader.read("GET / HTTP/1.1\r\nHost: x\r\n\r\n") == HeadReader::State::Refused);
    }

    void takesAsManyFieldsAsAllowed()
    {
        HeadReader reader;
        const QByteArray head =
            "GET / HTTP/1.1\r\nHost: x\r\n" + QByteArray("A: b\r\n").repeated(63) + "\r\n";
        QVERIFY(reader.read(head) == HeadReader::State::Complete);
        QCOMPARE(reader.head().fields.size(), 64);
    }

    void takesTheFormForProxies()
    {
        HeadReader reader;
        QVERIFY(reader.read("GET http://LocalHost:1/api?x HTTP/1.1\r\nHost: localhost:1\r\n\r\n") ==
                HeadReader::State::Complete);
        QCOMPARE(reader.head().path, u"/api"_s);
        QCOMPARE(reader.head().query, "x");
    }

    void writesAnswersThatNoPageCanUse()
    {
        const QByteArray bytes = toBytes(jsonResponse({{u"a"_s, 1}}), false);
        QVERIFY(bytes.startsWith("HTTP/1.1 200 OK\r\n"));
        QVERIFY(bytes.endsWith("\r\n\r\n{\"a\":1}"));
        for (const char *field :
             {"Content-Length: 7\r\n", "X-Content-Type-Options: nosniff\r\n",
              "X-Frame-Options: DENY\r\n", "Cache-Control: no-store\r\n",
              "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n",
              "Cross-Origin-Resource-Policy: same-origin\r\n"})
            QVERIFY2(bytes.contains(field), field);
        const QByteArray head = toBytes(jsonResponse({{u"a"_s, 1}}), true);
        QVERIFY(head.contains("Content-Length: 7\r\n"));
        QVERIFY(head.endsWith("\r\n\r\n"));
    }

    void namesErrorsAsRestDoes()
    {
        const Response response = errorResponse(Error{ErrorCode::NotFound, u"no x"_s});
        QCOMPARE(response.status, 404);
        QCOMPARE(response.body, "{\"error\":{\"code\":\"PROCESS_NOT_FOUND\",\"details\":{},"
                                "\"message\":\"no x\"},\"message\":\"no x\",\"success\":false}");
        QVERIFY(
            errorResponse(Error{ErrorCode::UnknownAction, u"x"_s}).body.contains("UNKNOWN_ACTION"));
    }

    void refusesWhatIsNoHandshake_data()
    {
        QTest::addColumn<QByteArray>("fields");
        QTest::addColumn<int>("status");
        const QByteArray good = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                "Sec-WebSocket-Version: 13\r\n"
                                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
        const auto without = [&](const char *line) {
            return QByteArray(good).replace(QByteArray(QByteArray(line) + "\r\n"), "");
        };
        QTest::newRow("good") << good << 0;
        QTest::newRow("plain") << QByteArray() << 426;
        QTest::newRow("no upgrade") << without("Upgrade: websocket") << 426;
        QTest::newRow("no connection") << without("Connection: Upgrade") << 426;
        QTest::newRow("old version") << QByteArray(good).replace("13", "8") << 426;
        QTest::newRow("no key") << without("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==") << 400;
        QTest::newRow("short key") << QByteArray(good).replace("AAAA==", "==") << 400;
        QTest::newRow("body") << good + "Content-Length: 5\r\n" << 400;
    }
    void refusesWhatIsNoHandshake()
    {
        QFETCH(QByteArray, fields);
        QFETCH(int, status);
        HeadReader reader;
        QVERIFY(reader.read(QByteArray("GET /ws HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n")) ==
                HeadReader::State::Complete);
        const auto refused = refuseUpgrade(reader.head());
        QCOMPARE(refused ? refused->status : 0, status);
    }
};

QTEST_GUILESS_MAIN(TestRequestHead)
#include "tst_requesthead.moc"
