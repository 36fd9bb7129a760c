// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/auth/peeridentity.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <unistd.h>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

TcpEnds endsOf(const QTcpSocket &accepted)
{
    return {accepted.peerAddress(), accepted.peerPort(), accepted.localAddress(),
            accepted.localPort()};
}

// Our end of the first connection, its peer's end (uid 1000), and ends that nobody holds.
constexpr char table[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n"
    "   0: 0100007F:2590 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 "
    "111 1 0 20 4 30 10 -1\n"
    "   1: 0100007F:9C40 0100007F:2590 01 00000000:00000000 00:00000000 00000000  1000        0 "
    "222 1 0 20 4 30 10 -1\n"
    "   2: 0100007F:9C41 0100007F:2590 04 00000000:00000000 00:00000000 00000000     0        0 "
    "0 1 0 20 4 30 10 -1\n"
    "   3: 0100007F:9C42 0100007F:2590 01 00000000:00000000 00:00000000 00000000     0        0 "
    "0 1 0 20 4 30 10 -1\n";

} // namespace

class TestPeerIdentity : public QObject
{
    Q_OBJECT

private slots:
    void findsTheUserOfALoopbackPeer_data()
    {
        QTest::addColumn<QString>("address");
        QTest::newRow("IPv4") << u"127.0.0.1"_s;
        QTest::newRow("IPv6") << u"::1"_s;
    }
    void findsTheUserOfALoopbackPeer()
    {
        QFETCH(QString, address);
        QTcpServer server;
        if (!server.listen(QHostAddress(address)))
            QSKIP("this machine lacks that address family");
        QTcpSocket client;
        client.connectToHost(QHostAddress(address), server.serverPort());
        QTRY_VERIFY(server.hasPendingConnections());
        QTcpSocket *accepted = server.nextPendingConnection();
        const TcpEnds ends = endsOf(*accepted);
        QCOMPARE(peerUid(ends), std::optional<uid_t>(::getuid()));

        // Once it hung up the kernel would call it root's.
        client.abort();
        QTRY_VERIFY(accepted->state() == QAbstractSocket::UnconnectedState);
        QVERIFY(!peerUid(ends));
    }

    void knowsNothingOfOtherMachines()
    {
        QVERIFY(!peerUid({QHostAddress(u"192.0.2.1"_s), 40'000, QHostAddress(u"192.0.2.2"_s), 1}));
    }

    void readsTheKernelsTable_data()
    {
        QTest::addColumn<int>("port");
        QTest::addColumn<std::optional<uid_t>>("uid");
        QTest::newRow("established") << 0x9c40 << std::optional<uid_t>(1000);
        QTest::newRow("half closed") << 0x9c41 << std::optional<uid_t>();
        QTest::newRow("held by nobody") << 0x9c42 << std::optional<uid_t>();
        QTest::newRow("not there") << 0x9c43 << std::optional<uid_t>();
    }
    void readsTheKernelsTable()
    {
        QFETCH(int, port);
        const QHostAddress loopback(QHostAddress::LocalHost);
        QTEST(peerUidFromTable(table, {loopback, static_cast<quint16>(port), loopback, 0x2590}),
              "uid");
    }
};

QTEST_GUILESS_MAIN(TestPeerIdentity)
#include "tst_peeridentity.moc"
