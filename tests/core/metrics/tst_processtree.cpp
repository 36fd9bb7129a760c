// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/metrics/processtree.h"

#include <QDir>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <semaphore>
#include <sys/wait.h>
#include <thread>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;
using std::chrono::milliseconds;

namespace {

/// /proc with processes that a test makes.
class FakeProc
{
public:
    QByteArray root() const { return QFile::encodeName(m_directory.path()); }

    void set(int pid, int ticks, int pages, const QByteArray &children)
    {
        const QString directory = m_directory.filePath(QString::number(pid));
        const QString task = directory + u"/task/%1"_s.arg(pid);
        QVERIFY(QDir().mkpath(task));
        write(directory + "/stat"_L1,
              "1 (x) S 1 1 1 0 -1 0 0 0 0 0 " + QByteArray::number(ticks) + " 0 0 0\n");
        write(directory + "/statm"_L1, "9999 " + QByteArray::number(pages) + " 1 1 0 1 0\n");
        write(task + "/children"_L1, children);
    }
    void remove(int pid) { QDir(m_directory.filePath(QString::number(pid))).removeRecursively(); }

private:
    static void write(const QString &path, const QByteArray &text)
    {
        // A new file each time, as the kernel gives a new process new ones.
        QFile::remove(path);
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    }

    QTemporaryDir m_directory;
};

qsizetype openFiles()
{
    return QDir(u"/proc/self/fd"_s).entryList(QDir::AllEntries | QDir::System).size();
}

const qint64 page = ::sysconf(_SC_PAGESIZE);
const std::chrono::nanoseconds tick =
    std::chrono::nanoseconds(1'000'000'000) / ::sysconf(_SC_CLK_TCK);

} // namespace

class TestProcessTree : public QObject
{
    Q_OBJECT

private slots:
    void addsDescendantsUp()
    {
        FdBudget budget(100);
        ProcessTree tree(QFile::encodeName(QFINDTESTDATA("fixtures/proc")), 100, &budget);
        const std::optional<TreeFigures> figures = tree.read(false);
        QVERIFY(figures);
        QCOMPARE(figures->memory, (300 + 40 + 60) * page);
        QCOMPARE(figures->cpu, (200 + 30 + 30) * tick);
    }

    void aProcessThatIsGoneHasNoFigures()
    {
        FakeProc proc;
        FdBudget budget(100);
        ProcessTree tree(proc.root(), 5, &budget);
        QVERIFY(!tree.read(true));
        proc.set(5, 10, 10, {});
        QVERIFY(tree.read(false));
        proc.remove(5);
        QVERIFY(!tree.read(false));
        tree.release();
        QCOMPARE(budget.used(), 0);
    }

    void cpuTimeNeverGoesBack()
    {
        FakeProc proc;
        FdBudget budget(100);
        ProcessTree tree(proc.root(), 5, &budget);
        proc.set(5, 100, 10, "6 7 ");
        proc.set(6, 500, 20, {});
        proc.set(7, 50, 30, {});
        QCOMPARE(tree.read(false)->cpu, 650 * tick);
        // 6 ended; 7 used 10 more.
        proc.set(5, 100, 10, "7 ");
        proc.remove(6);
        proc.set(7, 60, 30, {});
        QCOMPARE(tree.read(false)->cpu, 660 * tick);
        QCOMPARE(tree.read(false)->memory, 40 * page);
        // 7 is another process now, 8 is new.
        proc.set(5, 100, 10, "7 8 ");
        proc.set(7, 5, 30, {});
        proc.set(8, 20, 1, {});
        QCOMPARE(tree.read(false)->cpu, 685 * tick);
    }

    void aChildNamedButGoneIsSkipped()
    {
        FakeProc proc;
        FdBudget budget(100);
        ProcessTree tree(proc.root(), 5, &budget);
        proc.set(5, 1, 10, "6 5 ");
        QCOMPARE(tree.read(true)->memory, 10 * page);
    }

    void aReadingOfTheKnownCountsTheRestLater()
    {
        using Walk = ProcessTree::Walk;
        FakeProc proc;
        FdBudget budget(100);
        ProcessTree tree(proc.root(), 5, &budget);
        proc.set(5, 100, 10, "6 ");
        proc.set(6, 50, 20, {});
        QCOMPARE(tree.read(false, Walk::Known)->memory, 10 * page);
        QCOMPARE(tree.read(false)->memory, 30 * page);
        proc.set(5, 100, 10, "6 7 ");
        proc.set(6, 80, 25, {});
        proc.set(7, 40, 1, {});
        const std::optional<TreeFigures> known = tree.read(false, Walk::Known);
        QCOMPARE(known->memory, 35 * page);
        QCOMPARE(known->cpu, 180 * tick);
        QCOMPARE(tree.read(false)->cpu, 220 * tick);
        proc.remove(6);
        QCOMPARE(tree.read(false, Walk::Known)->memory, 11 * page);
        proc.remove(5);
        QVERIFY(!tree.read(false, Walk::Known));
    }

    void keepsWithinItsBudget_data()
    {
        QTest::addColumn<int>("limit");
        QTest::addColumn<int>("used");
        QTest::newRow("none") << 0 << 0;
        QTest::newRow("less than one process") << 2 << 0;
        QTest::newRow("one process") << 4 << 3;
        QTest::newRow("all") << 100 << 9;
    }
    void keepsWithinItsBudget()
    {
        QFETCH(int, limit);
        QFETCH(int, used);
        const qsizetype before = openFiles();
        FdBudget budget(limit);
        {
            ProcessTree tree(QFile::encodeName(QFINDTESTDATA("fixtures/proc")), 100, &budget);
            for (int i = 0; i < 20; ++i) {
                QCOMPARE(tree.read(true)->memory, 400 * page);
                QCOMPARE(budget.used(), used);
                QCOMPARE(openFiles(), before + used);
            }
            tree.release();
            QCOMPARE(openFiles(), before);
            QCOMPARE(tree.read(false)->memory, 400 * page);
            QCOMPARE(openFiles(), before);
            QVERIFY(tree.read(true));
        }
        QCOMPARE(budget.used(), 0);
        QCOMPARE(openFiles(), before);
    }

    void seesRealDescendantsComeAndGo()
    {
        QProcess shell;
        shell.start(u"/bin/sh"_s, {u"-c"_s, u"read a; cat & read b; kill $!; wait; read c"_s});
        QVERIFY(shell.waitForStarted());
        FdBudget budget(100);
        ProcessTree tree("/proc", shell.processId(), &budget);
        QVERIFY(tree.read(true));
        const int alone = budget.used();
        shell.write("a\n");
        QTRY_VERIFY((tree.read(true), budget.used() > alone));
        const std::chrono::nanoseconds withChild = tree.read(true)->cpu;
        shell.write("b\n");
        QTRY_VERIFY((tree.read(true), budget.used() == alone));
        QVERIFY(tree.read(true)->cpu >= withChild);
        shell.write("c\n");
        QVERIFY(shell.waitForFinished());
        QVERIFY(!tree.read(true));
        QCOMPARE(budget.used(), 0);
    }

    void seesChildrenOfEveryThread()
    {
        FdBudget budget(1'000);
        ProcessTree tree("/proc", ::getpid(), &budget);
        QVERIFY(tree.read(true));
        const qint64 before = tree.read(true)->memory;
        const int files = budget.used();
        std::binary_semaphore forked(0);
        std::binary_semaphore mayEnd(0);
        pid_t child = 0;
        std::thread thread([&] {
            child = ::fork();
            if (child == 0) {
                ::pause();
                ::_exit(0);
            }
            forked.release();
            mayEnd.acquire();
        });
        forked.acquire();
        QVERIFY(tree.read(true)->memory > before);
        QCOMPARE(budget.used(), files + 1 + 3); // the thread's list, and the child's files
        mayEnd.release();
        thread.join();
        QTRY_VERIFY((tree.read(true), budget.used() == files + 3));
        ::kill(child, SIGKILL);
        QCOMPARE(::waitpid(child, nullptr, 0), child);
        tree.read(true);
        QCOMPARE(budget.used(), files);
    }

    void countsCpuTimeInNanoseconds()
    {
        FdBudget budget(100);
        ProcessTree tree("/proc", ::getpid(), &budget);
        const std::chrono::nanoseconds first = tree.read(true)->cpu;
        // Less than a clock tick of work is seen already.
        QTRY_VERIFY(tree.read(true)->cpu > first);
        QVERIFY(tree.read(true)->cpu - first < std::chrono::hours(1));
    }
};

QTEST_GUILESS_MAIN(TestProcessTree)
#include "tst_processtree.moc"
