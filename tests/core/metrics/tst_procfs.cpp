// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/metrics/procfs.h"
#include "core/slot/uniquefd.h"

#include <QTemporaryFile>
#include <QTest>

#include <fcntl.h>

using namespace pmdaemon;

class TestProcFs : public QObject
{
    Q_OBJECT

    static QByteArray fixture(const char *name)
    {
        const QString path = QFINDTESTDATA("fixtures/proc") + QLatin1StringView(name);
        return procfs::readFile(QFile::encodeName(path));
    }

private slots:
    void waitingForDisksIsNotBusy()
    {
        const procfs::CpuTicks ticks = procfs::parseStat(fixture("/stat"));
        QCOMPARE(ticks.total, 1000 + 50 + 300 + 8000 + 150 + 10 + 20 + 70);
        QCOMPARE(ticks.busy, 1000 + 50 + 300 + 10 + 20 + 70);
        QCOMPARE(ticks.cores, 2);
    }

    void memoryIsInBytes()
    {
        const procfs::Memory memory = procfs::parseMemInfo(fixture("/meminfo"));
        QCOMPARE(memory.total, 8'000'000LL * 1024);
        QCOMPARE(memory.available, 6'000'000LL * 1024);
        QCOMPARE(memory.swapTotal, 2'000'000LL * 1024);
        QCOMPARE(memory.swapFree, 1'500'000LL * 1024);
    }

    void readsLoadAndUptime()
    {
        const procfs::Load load = procfs::parseLoadAverage(fixture("/loadavg"));
        QCOMPARE(load.one, 0.52);
        QCOMPARE(load.five, 1.25);
        QCOMPARE(load.fifteen, 2.0);
        QCOMPARE(procfs::parseUptime(fixture("/uptime")), 86'405);
    }

    void trafficLeavesLoopbackOut()
    {
        const procfs::Traffic traffic = procfs::parseNetDev(fixture("/net/dev"));
        QCOMPARE(traffic.received, 1'005'000);
        QCOMPARE(traffic.sent, 203'000);
    }

    void aProcessNameMayHoldParentheses()
    {
        QCOMPARE(procfs::parseProcessTicks(fixture("/100/stat")), 200);
        QCOMPARE(procfs::parseResidentPages(fixture("/100/statm")), 300);
    }

    void listsPids()
    {
        std::vector<qint64> pids{1};
        procfs::parsePids(fixture("/100/task/100/children"), pids);
        QCOMPARE(pids, (std::vector<qint64>{1, 101, 102}));
    }

    void whatIsMissingOrBrokenIsZero_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("word") << QByteArray("cpu");
        QTest::newRow("no numbers") << QByteArray("cpu x y z\nMemTotal: kB\neth0: - -\n)");
        QTest::newRow("NUL bytes") << QByteArray(64, '\0');
    }
    void whatIsMissingOrBrokenIsZero()
    {
        QFETCH(QByteArray, text);
        QCOMPARE(procfs::parseStat(text).total, 0);
        QCOMPARE(procfs::parseMemInfo(text).total, 0);
        QCOMPARE(procfs::parseLoadAverage(text).one, 0.0);
        QCOMPARE(procfs::parseNetDev(text).received, 0);
        QCOMPARE(procfs::parseUptime(text), 0);
        QCOMPARE(procfs::parseProcessTicks(text), 0);
        QCOMPARE(procfs::parseResidentPages(text), 0);
        std::vector<qint64> pids;
        procfs::parsePids(text, pids);
        QVERIFY(pids.empty());
    }

    void readsFilesOfAnySizeAgainAndAgain()
    {
        QTemporaryFile file;
        QVERIFY(file.open());
        const UniqueFd reader(::open(file.fileName().toLocal8Bit().constData(), O_RDONLY));
        QByteArray buffer;
        for (const int size : {0, 1, 3071, 3072, 4095, 4096, 4097, 50'000, 10}) {
            const QByteArray content(size, 'x');
            QVERIFY(file.resize(0) && file.seek(0) && file.write(content) == size && file.flush());
            QVERIFY(procfs::readAgain(reader.get(), buffer));
            QCOMPARE(buffer, content);
        }
    }

    void theMachineItselfIsReadable()
    {
        QVERIFY(procfs::parseStat(procfs::readFile("/proc/stat")).cores > 0);
        QVERIFY(procfs::parseMemInfo(procfs::readFile("/proc/meminfo")).available > 0);
        const procfs::Disk disk = procfs::diskOf("/");
        QVERIFY(disk.total > 0);
        QVERIFY(disk.used <= disk.total);
        QCOMPARE(procfs::diskOf("/no/such/place").total, 0);
    }
};

QTEST_GUILESS_MAIN(TestProcFs)
#include "tst_procfs.moc"
