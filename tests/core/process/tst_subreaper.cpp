// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/exitwatch.h"
#include "core/process/subreaper.h"
#include "core/slot/exitrecord.h"

#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <cerrno>
#include <signal.h>
#include <sys/wait.h>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int patience = 20'000;

bool exists(qint64 pid)
{
    return ::kill(static_cast<pid_t>(pid), 0) == 0;
}

/// A shell that says what `script` says first and goes on.
class Shell
{
public:
    explicit Shell(const QString &script, const QByteArray &cookie = {})
    {
        if (!cookie.isEmpty()) {
            const qsizetype equals = cookie.indexOf('=');
            QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
            environment.insert(QString::fromUtf8(cookie.first(equals)),
                               QString::fromUtf8(cookie.sliced(equals + 1)));
            m_process.setProcessEnvironment(environment);
        }
        m_process.start(u"/bin/sh"_s, {u"-c"_s, script});
    }
    ~Shell()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    QProcess *operator->() { return &m_process; }
    pid_t pid() const { return static_cast<pid_t>(m_process.processId()); }
    /// The numbers in its next line.
    QList<pid_t> said()
    {
        QList<pid_t> numbers;
        while (!m_process.canReadLine() && m_process.waitForReadyRead(patience)) {
        }
        const QList<QByteArray> words = m_process.readLine().trimmed().split(' ');
        for (const QByteArray &word : words)
            numbers << word.toInt();
        return numbers;
    }

private:
    QProcess m_process;
};

QList<pid_t> pidsOf(const std::vector<ProcessHandle> &processes)
{
    QList<pid_t> pids;
    for (const ProcessHandle &process : processes)
        pids << process.pid();
    return pids;
}

} // namespace

class TestSubreaper : public QObject
{
    Q_OBJECT

private slots:
    void readsStat_data();
    void readsStat();
    void handleKnowsItsProcess();
    void handleOfNobody();
    void handleOutlivesItsProcess();
    void findsChildrenAndTheirChildren();
    void findsOrphansByCookieAndSession();
    void findsNobodyForAnotherMark();
    void looksAtStrangersOnce();
    void reapsOrphans();
    void recordsHowOrphansEnded();
    void leavesTheChildrenOfQProcessAlone();
    void cookiesDiffer();
    void watchWaitsForTheLast();
};

void TestSubreaper::readsStat_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("valid");
    const QByteArray rest = "Z 7 8 9 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 123456 0 0\n"_ba;
    QTest::newRow("plain") << QByteArray("42 (sh) " + rest) << true;
    QTest::newRow("name with everything") << QByteArray("42 (a) S 1 (b\n) " + rest) << true;
    QTest::newRow("cut off") << "42 (sh) S 7 8 9 0"_ba << false;
    QTest::newRow("empty") << QByteArray() << false;
    QTest::newRow("no name") << rest << false;
}

void TestSubreaper::readsStat()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, valid);
    const auto stat = parseProcessStat(text);
    QCOMPARE(stat.has_value(), valid);
    if (valid)
        QVERIFY((*stat == ProcessStat{'Z', 7, 9, 123456}));
}

void TestSubreaper::handleKnowsItsProcess()
{
    const auto self = ProcessHandle::open(::getpid());
    QVERIFY(self);
    QCOMPARE(self->pid(), ::getpid());
    QCOMPARE(self->stat().parent, ::getppid());
    QCOMPARE(self->stat().session, ::getsid(0));
    QVERIFY(self->stat().startTime > 0);
    QVERIFY(!self->isZombie());
    QVERIFY(!self->hasEnded());
    QCOMPARE(self->signal(0), 0);
    QCOMPARE(self->signal(1'000), EINVAL);
}

void TestSubreaper::handleOfNobody()
{
    QVERIFY(!ProcessHandle::open(0));
    QVERIFY(!ProcessHandle::open(-1));
    QVERIFY(!ProcessHandle::open(1 << 23)); // above any pid_max
}

void TestSubreaper::handleOutlivesItsProcess()
{
    const pid_t child = ::fork();
    if (child == 0) {
        ::pause();
        ::_exit(0);
    }
    const auto handle = ProcessHandle::open(child);
    QVERIFY(handle);
    QCOMPARE(handle->signal(SIGKILL), 0);
    siginfo_t info = {};
    QCOMPARE(::waitid(P_PID, child, &info, WEXITED | WNOWAIT), 0);
    QVERIFY(handle->hasEnded());
    QVERIFY(ProcessHandle::open(child)->isZombie());
    QCOMPARE(::waitid(P_PID, child, &info, WEXITED), 0);
    QCOMPARE(handle->signal(SIGKILL), ESRCH); // whoever has the number now
    QVERIFY(!ProcessHandle::open(child));
}

void TestSubreaper::findsChildrenAndTheirChildren()
{
    Subreaper subreaper;
    Shell shell(u"(sleep 1000 & echo $$ $!; wait) & wait"_s);
    const QList<pid_t> said = shell.said();
    QCOMPARE(said.size(), 2);
    subreaper.addRoot(shell.pid());
    const auto tree = subreaper.tree({shell.pid(), "X=none"}, shell.pid());
    QCOMPARE(tree.size(), 3u);
    QCOMPARE(tree.front().pid(), shell.pid());
    QVERIFY(contains(tree, said[1]));
    for (const ProcessHandle &member : tree)
        member.signal(SIGKILL);
}

void TestSubreaper::findsOrphansByCookieAndSession()
{
    Subreaper subreaper;
    const QByteArray cookie = subreaper.newCookie();
    Shell shell(u"setsid sh -c 'sleep 1000 & sleep 1000 & echo $$ $!; exec sleep 1000' & "
                "read go"_s,
                cookie);
    const QList<pid_t> said = shell.said();
    QCOMPARE(said.size(), 2);
    shell->write("\n");
    QVERIFY(shell->waitForFinished(patience));
    // The leader of the session is an orphan; the two it started are below it.
    QCOMPARE(subreaper.tree({0, cookie}).size(), 3u);
    QCOMPARE(subreaper.tree({said[0], "X=none"}).size(), 3u);
    // Without it they are orphans each.
    QCOMPARE(ProcessHandle::open(said[0])->signal(SIGKILL), 0);
    QTRY_COMPARE_WITH_TIMEOUT(subreaper.tree({0, cookie}).size(), 2u, patience);
    QVERIFY(pidsOf(subreaper.tree({said[0], "X=none"})).contains(said[1]));
    for (const ProcessHandle &member : subreaper.tree({0, cookie}))
        member.signal(SIGKILL);
    QTRY_VERIFY_WITH_TIMEOUT(!exists(said[0]) && !exists(said[1]), patience);
}

void TestSubreaper::findsNobodyForAnotherMark()
{
    Subreaper subreaper;
    const QByteArray cookie = subreaper.newCookie();
    Shell shell(u"setsid sleep 1000 & echo $!"_s, cookie);
    const pid_t orphan = shell.said().value(0);
    QVERIFY(shell->waitForFinished(patience));
    // While it is executing it has no environment.
    QTRY_COMPARE_WITH_TIMEOUT(pidsOf(subreaper.tree({0, cookie})), QList<pid_t>{orphan}, patience);
    QCOMPARE(subreaper.tree({0, subreaper.newCookie()}).size(), 0u);
    QCOMPARE(subreaper.tree({0, cookie.chopped(1)}).size(), 0u);
    QCOMPARE(subreaper.tree({0, cookie + '0'}).size(), 0u);
    subreaper.addRoot(orphan);
    QCOMPARE(subreaper.tree({0, cookie}).size(), 0u);
    subreaper.removeRoot(orphan);
    ProcessHandle::open(orphan)->signal(SIGKILL);
    QTRY_VERIFY_WITH_TIMEOUT(!exists(orphan), patience);
}

void TestSubreaper::looksAtStrangersOnce()
{
    Subreaper subreaper;
    const QByteArray cookie = subreaper.newCookie();
    Shell stranger(u"setsid sleep 1000 & echo $!"_s);
    Shell member(u"setsid sleep 1000 & echo $!"_s, cookie);
    const QList<pid_t> pids{stranger.said().value(0), member.said().value(0)};
    QVERIFY(stranger->waitForFinished(patience));
    QVERIFY(member->waitForFinished(patience));
    QTRY_COMPARE_WITH_TIMEOUT(pidsOf(subreaper.tree({0, cookie})), QList<pid_t>{pids[1]}, patience);
    // It becomes one when it leads its session.
    const auto strangers = [&] {
        subreaper.tree({0, cookie});
        return subreaper.strangers();
    };
    QTRY_COMPARE_WITH_TIMEOUT(strangers(), QSet<pid_t>{pids[0]}, patience);
    QCOMPARE(pidsOf(subreaper.tree({0, cookie})), QList<pid_t>{pids[1]});
    for (const pid_t pid : pids)
        ProcessHandle::open(pid)->signal(SIGKILL);
    QTRY_VERIFY_WITH_TIMEOUT(!exists(pids[0]) && !exists(pids[1]), patience);
    QVERIFY(subreaper.strangers().isEmpty()); // its number may come to mean another one
}

void TestSubreaper::reapsOrphans()
{
    Subreaper subreaper;
    Shell shell(u"for i in 1 2 3 4 5 6 7 8; do sleep 0.0$i & p=\"$p $!\"; done; echo $p"_s);
    const QList<pid_t> orphans = shell.said();
    QCOMPARE(orphans.size(), 8);
    QVERIFY(shell->waitForFinished(patience));
    for (const pid_t orphan : orphans)
        QTRY_VERIFY_WITH_TIMEOUT(!exists(orphan), patience);
}

void TestSubreaper::recordsHowOrphansEnded()
{
    const QTemporaryDir home;
    const Subreaper subreaper(home.filePath(u"keeper"_s));
    Shell shell(u"sh -c 'sh -c \"echo \\$\\$; exit 9\" &'; exec sleep 60"_s);
    const pid_t orphan = shell.said().value(0);
    QVERIFY(orphan > 0);
    QTRY_VERIFY_WITH_TIMEOUT(!exists(orphan), patience);
    QFile exits(home.filePath(u"keeper/exits"_s));
    QVERIFY(exits.open(QIODevice::ReadOnly));
    ExitRecord record;
    QCOMPARE(exits.read(reinterpret_cast<char *>(&record), sizeof record), qint64(sizeof record));
    QVERIFY(isIntact(record));
    QCOMPARE(record.pid, orphan);
    QVERIFY(record.how == ExitHow::Exited);
    QCOMPARE(record.status, 9);
    QVERIFY(record.startTime > 0);
}

void TestSubreaper::leavesTheChildrenOfQProcessAlone()
{
    Subreaper subreaper;
    for (int i = 0; i < 20; ++i) {
        QProcess process;
        QSignalSpy finished(&process, &QProcess::finished);
        process.start(u"/bin/sh"_s, {u"-c"_s, u"sleep 0.0%1; exit %2"_s.arg(i % 10).arg(i + 1)});
        QVERIFY(finished.wait(patience));
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(process.exitCode(), i + 1);
    }
}

void TestSubreaper::cookiesDiffer()
{
    Subreaper subreaper;
    const QByteArray cookie = subreaper.newCookie();
    QVERIFY(cookie.startsWith("PMDAEMON_COOKIE="));
    QVERIFY(subreaper.newCookie() != cookie);
    QVERIFY(Subreaper().newCookie() != cookie);
}

void TestSubreaper::watchWaitsForTheLast()
{
    ExitWatch watch;
    QSignalSpy ended(&watch, &ExitWatch::allEnded);
    Shell first(u"read line"_s);
    Shell second(u"read line"_s);
    std::vector<ProcessHandle> processes;
    for (const pid_t pid : {first.pid(), second.pid()})
        processes.push_back(std::move(*ProcessHandle::open(pid)));
    watch.watch(std::move(processes));
    second->write("\n");
    QVERIFY(second->waitForFinished(patience));
    QCoreApplication::processEvents();
    QCOMPARE(ended.count(), 0);
    first->write("\n");
    QVERIFY(ended.wait(patience));
    QVERIFY(!ended.wait(20));
    QCOMPARE(ended.count(), 1);
}

QTEST_GUILESS_MAIN(TestSubreaper)
#include "tst_subreaper.moc"
