// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "client/listenerowner.h"

#include <QDir>
#include <QFile>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {
const char header[] = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt "
                      "  uid  timeout inode\n";
const QString any6 = u"00000000000000000000000000000000"_s;

/// A line as the kernel prints it on a little-endian machine.
QByteArray row(const QString &local, const char *state, int uid)
{
    return u"   0: %1 00000000:0000 %2 00000000:00000000 00:00000000 00000000 %3        0 1 1\n"_s
        .arg(local, QLatin1StringView(state))
        .arg(uid, 5)
        .toLatin1();
}
} // namespace

class TestListenerOwner : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void findsTheListenerAlone();
    void countsWildcardsIn();
    void looksForIPv6();
    void saysWhenItCannotKnow();
    void seesRealListeners();

private:
    void write(const QString &table, const QByteArray &rows);

    std::unique_ptr<QTemporaryDir> m_proc;
};

void TestListenerOwner::init()
{
    m_proc = std::make_unique<QTemporaryDir>();
    QVERIFY(QDir(m_proc->path()).mkdir(u"net"_s));
}

void TestListenerOwner::write(const QString &table, const QByteArray &rows)
{
    QFile file(m_proc->filePath(u"net/"_s + table));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(header + rows);
}

void TestListenerOwner::findsTheListenerAlone()
{
    // 9615 = 0x258F. The same port elsewhere, and a connection of another user to it.
    write(u"tcp"_s, row(u"0100007F:258F"_s, "0A", 1000) + row(u"0200007F:258F"_s, "0A", 1) +
                        row(u"0100007F:2590"_s, "0A", 2) + row(u"0100007F:258F"_s, "01", 3));
    QCOMPARE(listenerOwnersFromTables(QHostAddress(u"127.0.0.1"_s), 9615, m_proc->path()),
             QList<uint>{1000});
    QCOMPARE(listenerOwnersFromTables(QHostAddress(u"127.0.0.1"_s), 80, m_proc->path()),
             QList<uint>{});
}

void TestListenerOwner::countsWildcardsIn()
{
    write(u"tcp"_s, row(u"00000000:258F"_s, "0A", 7));
    write(u"tcp6"_s, row(any6 + u":258F"_s, "0A", 8));
    QCOMPARE(listenerOwnersFromTables(QHostAddress(u"127.0.0.1"_s), 9615, m_proc->path()),
             (QList<uint>{7, 8}));
    QCOMPARE(listenerOwnersFromTables(QHostAddress(u"::1"_s), 9615, m_proc->path()),
             QList<uint>{8});
}

void TestListenerOwner::looksForIPv6()
{
    write(u"tcp6"_s, row(u"00000000000000000000000001000000:258F"_s, "0A", 5) +
                         row(u"0000000000000000FFFF00000100007F:258F"_s, "0A", 6));
    QCOMPARE(listenerOwnersFromTables(QHostAddress(u"::1"_s), 9615, m_proc->path()),
             QList<uint>{5});
    QCOMPARE(listenerOwnersFromTables(QHostAddress(u"127.0.0.1"_s), 9615, m_proc->path()),
             QList<uint>{6});
}

void TestListenerOwner::saysWhenItCannotKnow()
{
    QVERIFY(!listenerOwnersFromTables(QHostAddress(u"127.0.0.1"_s), 9615, m_proc->path()));
    write(u"tcp"_s, "  1: garbage\n\n:::: \n");
    QCOMPARE(listenerOwnersFromTables(QHostAddress(u"127.0.0.1"_s), 9615, m_proc->path()),
             QList<uint>{});
}

void TestListenerOwner::seesRealListeners()
{
    const QHostAddress four(QHostAddress::LocalHost);
    const QHostAddress six(QHostAddress::LocalHostIPv6);
    const QList<uint> ours{::geteuid()};
    for (const auto &[listens, seenByFour, seenBySix] :
         {std::tuple(four, ours, QList<uint>{}), std::tuple(six, QList<uint>{}, ours),
          std::tuple(QHostAddress(QHostAddress::AnyIPv4), ours, QList<uint>{}),
          std::tuple(QHostAddress(QHostAddress::Any), ours, ours)}) {
        QTcpServer server;
        QVERIFY(server.listen(listens));
        QCOMPARE(listenerOwners(four, server.serverPort()), seenByFour);
        QCOMPARE(listenerOwners(six, server.serverPort()), seenBySix);
        QCOMPARE(listenerOwnersFromTables(four, server.serverPort(), u"/proc"_s), seenByFour);
        QCOMPARE(listenerOwnersFromTables(six, server.serverPort(), u"/proc"_s), seenBySix);
        const quint16 port = server.serverPort();
        server.close();
        QCOMPARE(listenerOwners(four, port), QList<uint>{});
    }
}

QTEST_GUILESS_MAIN(TestListenerOwner)
#include "tst_listenerowner.moc"
