// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/listener.h"

#include <QSignalSpy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <unistd.h>

using namespace Qt::Literals::StringLiterals;

namespace pmdaemon {

/// Sockets that whoever started the daemon has opened for it.
class TestListener : public QObject
{
    Q_OBJECT

private slots:
    void init();

    void whatFitsIsUsed();
    void anyPortTakesTheOneThatIsThere();
    void whatDoesNotFitIsLeftAlone();
    void whatIsNoListeningSocketIsPassedBy();
    void itsOwnSocketsAreTold();
    void closingLeavesTheOriginalListening();

private:
    int m_accepted = 0;
    std::unique_ptr<QTcpServer> m_given;
    std::unique_ptr<Listener> m_listener;
};

namespace {

bool reaches(int port)
{
    QTcpSocket socket;
    socket.connectToHost(QHostAddress(QHostAddress::LocalHost), static_cast<quint16>(port));
    return socket.waitForConnected();
}

int descriptorOf(const QTcpServer &server)
{
    return static_cast<int>(server.socketDescriptor());
}

} // namespace

void TestListener::init()
{
    m_accepted = 0;
    m_given = std::make_unique<QTcpServer>();
    QVERIFY(m_given->listen(QHostAddress::LocalHost));
    m_given->pauseAccepting();
    m_listener = std::make_unique<Listener>([this](qintptr descriptor) {
        ::close(static_cast<int>(descriptor));
        ++m_accepted;
    });
}

void TestListener::whatFitsIsUsed()
{
    const int port = m_given->serverPort();
    const QList<int> given = {descriptorOf(*m_given)};
    QVERIFY(!m_listener->listen({u"127.0.0.1"_s}, port));
    QVERIFY(m_listener->listen({u"127.0.0.1"_s}, port, given));
    QCOMPARE(m_listener->port(), port);
    QVERIFY(reaches(port));
    QTRY_COMPARE(m_accepted, 1);
}

void TestListener::anyPortTakesTheOneThatIsThere()
{
    QVERIFY(m_listener->listen({u"127.0.0.1"_s}, 0, {descriptorOf(*m_given)}));
    QCOMPARE(m_listener->port(), m_given->serverPort());
}

void TestListener::whatDoesNotFitIsLeftAlone()
{
    QTcpServer probe;
    QVERIFY(probe.listen(QHostAddress::LocalHost));
    const int other = probe.serverPort();
    probe.close();
    QVERIFY(m_listener->listen({u"127.0.0.1"_s}, other, {descriptorOf(*m_given)}));
    QCOMPARE(m_listener->port(), other);
    QVERIFY(reaches(other));
    QTRY_COMPARE(m_accepted, 1);
    QVERIFY(m_listener->listen({u"127.0.0.2"_s}, m_given->serverPort(), {descriptorOf(*m_given)}));
    QCOMPARE(m_listener->sockets().constFirst().address, QHostAddress(u"127.0.0.2"_s));
}

void TestListener::whatIsNoListeningSocketIsPassedBy()
{
    QVERIFY(m_listener->listen({u"127.0.0.1"_s}, 0, {STDERR_FILENO, 9'999}));
    QVERIFY(reaches(m_listener->port()));
}

void TestListener::itsOwnSocketsAreTold()
{
    QVERIFY(m_listener->sockets().isEmpty());
    QVERIFY(m_listener->listen({u"127.0.0.1"_s, u"127.0.0.2"_s}, 0));
    const QList<ListeningSocket> sockets = m_listener->sockets();
    QCOMPARE(sockets.size(), 2);
    for (const ListeningSocket &socket : sockets) {
        QCOMPARE(socket.port, m_listener->port());
        QVERIFY(socket.descriptor > 0);
    }
    QCOMPARE(sockets[1].address, QHostAddress(u"127.0.0.2"_s));
}

void TestListener::closingLeavesTheOriginalListening()
{
    QVERIFY(m_listener->listen({u"127.0.0.1"_s}, 0, {descriptorOf(*m_given)}));
    m_listener->close();
    QVERIFY(reaches(m_given->serverPort()));
}

} // namespace pmdaemon

QTEST_GUILESS_MAIN(pmdaemon::TestListener)
#include "tst_listener.moc"
