// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/restartbudget.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <barrier>
#include <cerrno>
#include <thread>
#include <vector>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

class TestRestartBudget : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void grantsAHundredAtOnceAndFiftyPerSecond();
    void isSharedByAll();
    void recoversWithTime();
    void forgetsWhatCannotBe_data();
    void forgetsWhatCannotBe();
    void boundsNothingWithoutAFile();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QByteArray m_path;
};

void TestRestartBudget::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_path = QFile::encodeName(m_folder->filePath(u"budget"_s));
}

void TestRestartBudget::grantsAHundredAtOnceAndFiftyPerSecond()
{
    RestartBudget budget;
    QCOMPARE(budget.open(m_path.constData()), 0);
    for (int i = 0; i < 100; ++i)
        QCOMPARE(budget.take(1'000), 0);
    for (int i = 1; i <= 50; ++i)
        QCOMPARE(budget.take(1'000), i * 20);
}

void TestRestartBudget::isSharedByAll()
{
    constexpr int takers = 4;
    constexpr int each = 100;
    // Many times, as all of them make the file at once.
    for (int round = 0; round < 50; ++round) {
        init();
        std::vector<int64_t> waits(takers * each);
        std::vector<std::thread> threads;
        std::barrier together(takers);
        for (int t = 0; t < takers; ++t) {
            threads.emplace_back([this, t, &waits, &together] {
                RestartBudget budget;
                together.arrive_and_wait();
                if (budget.open(m_path.constData()) != 0)
                    return;
                for (int i = 0; i < each; ++i)
                    waits[std::size_t(t * each + i)] = budget.take(1'000);
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        std::sort(waits.begin(), waits.end());
        for (int i = 0; i < takers * each; ++i)
            QCOMPARE(waits[std::size_t(i)], std::max(0, (i - 99) * 20));
    }
}

void TestRestartBudget::recoversWithTime()
{
    RestartBudget budget;
    QCOMPARE(budget.open(m_path.constData()), 0);
    for (int i = 0; i < 100; ++i)
        budget.take(1'000);
    QCOMPARE(budget.take(1'020), 0);
    QCOMPARE(budget.take(1'020), 20);
    for (int i = 0; i < 100; ++i)
        QCOMPARE(budget.take(100'000), 0);
}

void TestRestartBudget::forgetsWhatCannotBe_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("empty") << ""_ba;
    QTest::newRow("torn") << "\xff\xff"_ba;
    QTest::newRow("far ahead") << QByteArray(8, '\x7f');
    QTest::newRow("long ago") << QByteArray(8, '\xff');
}

void TestRestartBudget::forgetsWhatCannotBe()
{
    QFETCH(QByteArray, bytes);
    QFile file(QFile::decodeName(m_path));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
    file.close();
    RestartBudget budget;
    QCOMPARE(budget.open(m_path.constData()), 0);
    for (int i = 0; i < 100; ++i)
        QCOMPARE(budget.take(1'000'000), 0);
}

void TestRestartBudget::boundsNothingWithoutAFile()
{
    RestartBudget budget;
    QCOMPARE(budget.open("/nowhere/budget"), ENOENT);
    for (int i = 0; i < 1'000; ++i)
        QCOMPARE(budget.take(1'000), 0);
}

QTEST_GUILESS_MAIN(TestRestartBudget)
#include "tst_restartbudget.moc"
