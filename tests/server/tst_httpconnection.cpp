// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/http/httpconnection.h"

#include <QSignalSpy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace pmdaemon;
using namespace std::chrono_literals;

class TestHttpConnection : public QObject
{
    Q_OBJECT

    QTcpServer m_server;
    std::unique_ptr<QTcpSocket> m_client;

    /// Once it has been asked that.
    std::unique_ptr<HttpConnection> asked(const QByteArray &request)
    {
        m_client = std::make_unique<QTcpSocket>();
        m_client->connectToHost(m_server.serverAddress(), m_server.serverPort());
        m_client->write(request);
        if (!m_server.hasPendingConnections() && !m_server.waitForNewConnection(20'000))
            return nullptr;
        auto http = std::make_unique<HttpConnection>(m_server.nextPendingConnection());
        QSignalSpy requested(http.get(), &HttpConnection::requested);
        return requested.wait(20'000) ? std::move(http) : nullptr;
    }

    /// What the client has been told when so much time has passed.
    QByteArray heardAfter(HttpConnection &http, std::chrono::seconds time)
    {
        http.tick(std::chrono::steady_clock::now() + time);
        QByteArray heard;
        while (m_client->waitForReadyRead(50))
            heard += m_client->readAll();
        return heard.left(heard.indexOf('\r'));
    }

private slots:
    void initTestCase() { QVERIFY(m_server.listen(QHostAddress::LocalHost)); }

    void aQuestionIsAnsweredWithinAMinute()
    {
        const auto http = asked("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        QVERIFY(http);
        QCOMPARE(heardAfter(*http, 50s), QByteArray());
        QVERIFY(heardAfter(*http, 61s).startsWith("HTTP/1.1 504"));
    }

    void aChangeTakesAsLongAsItIsGiven()
    {
        const auto http =
            asked("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
        QVERIFY(http);
        QByteArray body;
        http->readBody(10, [&body](const QByteArray &read) { body = read; });
        QCOMPARE(body, QByteArray("{}"));
        QCOMPARE(heardAfter(*http, 23h), QByteArray());
        QVERIFY(heardAfter(*http, 25h).startsWith("HTTP/1.1 504"));
    }
};

QTEST_GUILESS_MAIN(TestHttpConnection)

#include "tst_httpconnection.moc"
