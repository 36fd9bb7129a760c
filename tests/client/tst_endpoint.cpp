// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "client/endpoint.h"
#include "client/reconnectdelay.h"

#include <QTemporaryFile>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

class TestEndpoint : public QObject
{
    Q_OBJECT

private slots:
    void completesWhatPeopleWrite_data();
    void completesWhatPeopleWrite();
    void refusesWhatIsNoDaemon_data();
    void refusesWhatIsNoDaemon();
    void keepsSecretsOutOfTheMessage();
    void readsTokensThatNobodyElseCan();
    void waitsLongerAfterEachFailure();
};

void TestEndpoint::completesWhatPeopleWrite_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("url");
    QTest::newRow("host") << u"prod-1"_s << u"ws://prod-1:9615/ws"_s;
    QTest::newRow("host and port") << u"prod-1:9000"_s << u"ws://prod-1:9000/ws"_s;
    QTest::newRow("IPv6") << u"[::1]:9000"_s << u"ws://[::1]:9000/ws"_s;
    QTest::newRow("as served") << u"http://localhost:9615/"_s << u"ws://localhost:9615/ws"_s;
    QTest::newRow("own path") << u"ws://h:1/proxy/ws"_s << u"ws://h:1/proxy/ws"_s;
    QTest::newRow("behind TLS") << u"https://pm.example.org"_s << u"wss://pm.example.org/ws"_s;
}

void TestEndpoint::completesWhatPeopleWrite()
{
    QFETCH(QString, text);
    QFETCH(QString, url);
    const Result<QUrl> read = daemonUrl(text);
    QVERIFY2(read, read ? "" : qPrintable(read.error().message));
    QCOMPARE(read->toString(), url);
}

void TestEndpoint::refusesWhatIsNoDaemon_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text : {"", "ftp://host", "ws://", "ws://host:99999", "ws://user@host",
                             "ws://host/ws?token=1", "ws://host/#x", "a b"})
        QTest::newRow(text) << QString::fromLatin1(text);
}

void TestEndpoint::refusesWhatIsNoDaemon()
{
    QFETCH(QString, text);
    const Result<QUrl> read = daemonUrl(text);
    QVERIFY(!read);
    QCOMPARE(toString(read.error().code), toString(ErrorCode::InvalidMessage));
    QVERIFY(read.error().message.contains(u"HOST:PORT"_s));
}

void TestEndpoint::keepsSecretsOutOfTheMessage()
{
    QVERIFY(
        !daemonUrl(u"ws://u:geheim@host/ws?token=geheim"_s).error().message.contains(u"geheim"_s));
}

void TestEndpoint::readsTokensThatNobodyElseCan()
{
    QTemporaryFile file;
    QVERIFY(file.open());
    file.write(" pmd_secret\nmore\n");
    QVERIFY(file.flush());
    const Result<QByteArray> token = readTokenFile(file.fileName());
    QVERIFY2(token, token ? "" : qPrintable(token.error().message));
    QCOMPARE(*token, QByteArray("pmd_secret"));

    const auto refusal = [&] {
        const Result<QByteArray> read = readTokenFile(file.fileName());
        return read ? QString() : read.error().message;
    };
    QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::ReadOther));
    QVERIFY2(refusal().contains(u"chmod 600"_s), qPrintable(refusal()));
    QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
    QVERIFY(file.resize(0));
    QVERIFY2(refusal().contains(u"no token"_s), qPrintable(refusal()));
    QVERIFY(file.remove());
    QVERIFY(refusal().contains(file.fileName()));
}

void TestEndpoint::waitsLongerAfterEachFailure()
{
    QCOMPARE(reconnectDelay(1, 0.5), 500ms);
    QCOMPARE(reconnectDelay(2, 0.5), 1000ms);
    QCOMPARE(reconnectDelay(3, 0.5), 2000ms);
    QCOMPARE(reconnectDelay(7, 0.5), 30000ms);
    QCOMPARE(reconnectDelay(1'000'000, 0.5), 30000ms);
    QCOMPARE(reconnectDelay(1, 0), 400ms);
    QVERIFY(reconnectDelay(1, 0.999999) <= 600ms);
    QVERIFY(reconnectDelay(1, 0.999999) > 598ms);
}

QTEST_GUILESS_MAIN(TestEndpoint)
#include "tst_endpoint.moc"
