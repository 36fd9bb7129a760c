// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/portallocator.h"
#include "tests/support/comparenames.h"

#include <QSet>
#include <QTcpServer>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

using Kind = PortSpec::Kind;

ProcessEntry instance(int id, int number = 0)
{
    ProcessEntry entry;
    entry.id = ProcessId{id};
    entry.name = u"app-%1"_s.arg(id);
    entry.instance = number;
    return entry;
}

} // namespace

class TestPortAllocator : public QObject
{
    Q_OBJECT

    QSet<int> m_busy;
    PortAllocator make()
    {
        m_busy.clear();
        return PortAllocator([this](int port) { return !m_busy.contains(port); });
    }

private slots:
    void givesASinglePort()
    {
        PortAllocator ports = make();
        QCOMPARE(ports.take({Kind::Single, 3000, 3000}, instance(1)), Result<int>(3000));
    }

    void distributesARange()
    {
        PortAllocator ports = make();
        for (int i = 0; i < 4; ++i)
            QCOMPARE(ports.take({Kind::Range, 3000, 3003}, instance(i, i)), Result<int>(3000 + i));
    }

    void takesTheFirstFreeOne()
    {
        PortAllocator ports = make();
        m_busy = {3000, 3001};
        QCOMPARE(ports.take({Kind::Auto, 3000, 3010}, instance(1)), Result<int>(3002));
        QCOMPARE(ports.take({Kind::Auto, 3000, 3010}, instance(2)), Result<int>(3003));
    }

    void neverGivesOneTwice()
    {
        PortAllocator ports = make();
        QVERIFY(ports.take({Kind::Single, 3000, 3000}, instance(1)));
        const Result<int> second = ports.take({Kind::Single, 3000, 3000}, instance(2));
        QCOMPARE(second.error().code, ErrorCode::PortInUse);
        QVERIFY(second.error().message.contains("3000"_L1));
        QVERIFY(second.error().message.contains("app-1"_L1));
        QCOMPARE(second.error().details["holder"_L1], QJsonValue(u"app-1"_s));
        QCOMPARE(second.error().details["port"_L1], QJsonValue(3000));
        ports.release(ProcessId{1});
        QVERIFY(ports.take({Kind::Single, 3000, 3000}, instance(2)));
    }

    void namesAPortThatAStrangerHolds()
    {
        PortAllocator ports = make();
        m_busy = {3000};
        const Result<int> taken = ports.take({Kind::Single, 3000, 3000}, instance(1));
        QCOMPARE(taken.error().code, ErrorCode::PortInUse);
        QVERIFY(!taken.error().details.contains("holder"_L1));
    }

    void autoKeepsItsPortOverRestarts()
    {
        PortAllocator ports = make();
        m_busy = {3000};
        const PortSpec range{Kind::Auto, 3000, 3010};
        QCOMPARE(ports.take(range, instance(1)), Result<int>(3001));
        ports.release(ProcessId{1});
        m_busy.clear();
        QCOMPARE(ports.take(range, instance(1)), Result<int>(3001));
        ports.forget(ProcessId{1});
        QCOMPARE(ports.take(range, instance(1)), Result<int>(3000));
    }

    void saysWhenAnAutoRangeIsUsedUp()
    {
        PortAllocator ports = make();
        m_busy = {3000, 3001};
        QCOMPARE(ports.take({Kind::Auto, 3000, 3001}, instance(1)).error().code,
                 ErrorCode::PortInUse);
    }

    void theRealTestBinds()
    {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost, 0));
        const int port = server.serverPort();
        QVERIFY(!isPortFree(port));
        server.close();
        QVERIFY(isPortFree(port));
    }
};

QTEST_GUILESS_MAIN(TestPortAllocator)
#include "tst_portallocator.moc"
