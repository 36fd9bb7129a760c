// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "tests/app/keeper/keeperstage.h"

#include <QTcpServer>

#include <arpa/inet.h>
#include <functional>
#include <netinet/in.h>

using namespace Qt::Literals::StringLiterals;
using namespace pmdaemon::test;

namespace pmdaemon {

/// The real daemon, started in the background by the real command line.
class TestKeptDaemon : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void noConnectionIsRefusedWhileItIsReplaced();
    void itsKeeperIsReplacedToo();
    void bothDieTogether();
    void killEndsBoth();
    void inTheForegroundThereIsNoKeeper();
    void aServiceManagersSocketsAreUsed();
    void aChangedPortReleasesTheOldOne();
    void aMissingShimIsTold();

private:
    QProcessEnvironment environment() const;
    QByteArray run(const QStringList &arguments, int expected = 0) const;
    DaemonAddress address() const;
    bool isServing() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_home;
    QString m_port;
};

void TestKeptDaemon::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_home = m_folder->filePath(u"home"_s);
    m_port = u"0"_s;
}

void TestKeptDaemon::cleanup()
{
    run({u"kill"_s});
    m_folder.reset();
}

QProcessEnvironment TestKeptDaemon::environment() const
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const QString &name : environment.keys()) {
        if (name.startsWith("PMDAEMON_"_L1) || name.startsWith("LISTEN_"_L1))
            environment.remove(name);
    }
    environment.insert(u"PMDAEMON_HOME"_s, m_home);
    environment.insert(u"PMDAEMON_PORT"_s, m_port);
    return environment;
}

QByteArray TestKeptDaemon::run(const QStringList &arguments, int expected) const
{
    QProcess process;
    process.setProcessEnvironment(environment());
    process.start(QStringLiteral(PMDAEMON_PROGRAM), arguments);
    if (!process.waitForFinished(patience) || process.exitCode() != expected)
        QTest::qFail(
            QByteArray(arguments.join(u' ').toLocal8Bit() + ": " + process.readAllStandardError())
                .constData(),
            __FILE__, __LINE__);
    return process.readAllStandardOutput();
}

DaemonAddress TestKeptDaemon::address() const
{
    return readDaemonAddress(m_home + u"/run").value_or(DaemonAddress());
}

bool TestKeptDaemon::isServing() const
{
    QProcess process;
    process.setProcessEnvironment(environment());
    process.start(QStringLiteral(PMDAEMON_PROGRAM), {u"ping"_s, u"--no-spawn"_s});
    return process.waitForFinished(patience) && process.exitCode() == 0;
}

namespace {

/// Connects once, and leaves. The errno.
int visit(int port)
{
    const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in target = {};
    target.sin_family = AF_INET;
    target.sin_port = htons(static_cast<quint16>(port));
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(socket.get(), reinterpret_cast<const sockaddr *>(&target), sizeof target) == 0
               ? 0
               : errno;
}

/// As many visits as the backlog surely holds, until the daemon is another one. How many were
/// refused, or -1 if it never was.
int refusedWhileReplaced(int port, const std::function<qint64()> &pidNow, qint64 pidBefore)
{
    int refused = 0;
    for (int i = 0; i < 400; ++i) {
        refused += visit(port) == 0 ? 0 : 1;
        if (pidNow() != pidBefore)
            return refused;
        QTest::qWait(i < 100 ? 2 : 100);
    }
    return -1;
}

/// As systemd starts a program for a socket unit.
void startWithSocket(QProcess &process, const QTcpServer &server, const QStringList &command)
{
    process.setChildProcessModifier([fd = static_cast<int>(server.socketDescriptor())] {
        if (fd == 3)
            ::fcntl(fd, F_SETFD, 0);
        else
            ::dup2(fd, 3);
    });
    // LISTEN_PID is what the shell becomes.
    process.start(u"/bin/sh"_s,
                  QStringList{u"-c"_s, u"LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\""_s, u"sh"_s} +
                      command);
}

void killHard(qint64 pid)
{
    QVERIFY(pid > 0);
    ::kill(static_cast<pid_t>(pid), SIGKILL);
}

bool isAlive(qint64 pid)
{
    return ::kill(static_cast<pid_t>(pid), 0) == 0;
}

} // namespace

void TestKeptDaemon::noConnectionIsRefusedWhileItIsReplaced()
{
    run({u"list"_s});
    const DaemonAddress before = address();
    for (qint64 pid = before.pid, round = 0; round < 2; ++round) {
        killHard(pid);
        QCOMPARE(refusedWhileReplaced(
                     before.port, [this] { return address().pid; }, pid),
                 0);
        QVERIFY(isServing());
        QCOMPARE(address().port, before.port);
        pid = address().pid;
    }
}

void TestKeptDaemon::itsKeeperIsReplacedToo()
{
    run({u"list"_s});
    const DaemonAddress before = address();
    const qint64 first = keeperPid(m_home);
    killHard(first);
    QTRY_VERIFY_WITH_TIMEOUT(keeperPid(m_home) > 0 && keeperPid(m_home) != first, patience);
    // That one is the daemon's child, and no zombie of it stays.
    const qint64 child = keeperPid(m_home);
    killHard(child);
    QTRY_VERIFY_WITH_TIMEOUT(keeperPid(m_home) > 0 && keeperPid(m_home) != child, patience);
    const qint64 second = keeperPid(m_home);
    QVERIFY(isServing());
    QCOMPARE(address(), before);
    QCOMPARE(readAll(u"/proc/%1/task/%1/children"_s.arg(before.pid)).trimmed(),
             QByteArray::number(second));
    // It holds the sockets too, and starts the daemon again.
    killHard(before.pid);
    QCOMPARE(refusedWhileReplaced(
                 before.port, [this] { return address().pid; }, before.pid),
             0);
    QVERIFY(isServing());
    QCOMPARE(address().port, before.port);
    QCOMPARE(keeperPid(m_home), second);
    // And so on: a third one, for the daemon that the second one started.
    const qint64 daemon = address().pid;
    killHard(second);
    QTRY_VERIFY_WITH_TIMEOUT(keeperPid(m_home) > 0 && keeperPid(m_home) != second, patience);
    QCOMPARE(address().pid, daemon);
    QVERIFY(isServing());
}

void TestKeptDaemon::bothDieTogether()
{
    run({u"list"_s});
    const qint64 daemon = address().pid;
    killHard(keeperPid(m_home));
    killHard(daemon);
    QTRY_VERIFY_WITH_TIMEOUT(!isAlive(daemon), patience);
    QCOMPARE(keeperPid(m_home), 0);
    run({u"list"_s});
    QVERIFY(address().pid != daemon);
    QVERIFY(keeperPid(m_home) > 0);
}

void TestKeptDaemon::killEndsBoth()
{
    run({u"list"_s});
    const qint64 daemon = address().pid;
    const qint64 keeper = keeperPid(m_home);
    QVERIFY(isAlive(daemon) && isAlive(keeper) && daemon != keeper);
    QVERIFY(run({u"kill"_s}).contains("has ended"));
    QVERIFY(!isAlive(daemon));
    QCOMPARE(keeperPid(m_home), 0);
    QVERIFY(readAll(m_home + u"/pmdaemon.log").contains("listens on"));
    QVERIFY(!readAll(m_home + u"/pmdaemon.log").contains("starting it again"));
    // A daemon that is told to end itself takes its keeper along.
    run({u"list"_s});
    ::kill(static_cast<pid_t>(address().pid), SIGTERM);
    QTRY_COMPARE_WITH_TIMEOUT(keeperPid(m_home), 0, patience);
    QVERIFY(!isServing());
}

void TestKeptDaemon::inTheForegroundThereIsNoKeeper()
{
    QProcess daemon;
    daemon.setProcessEnvironment(environment());
    daemon.start(QStringLiteral(PMDAEMON_PROGRAM), {u"daemon"_s});
    QTRY_VERIFY_WITH_TIMEOUT(address().pid > 0, patience);
    QCOMPARE(address().pid, daemon.processId());
    QCOMPARE(keeperPid(m_home), 0);
    run({u"kill"_s});
    QVERIFY(daemon.waitForFinished(patience));
    QCOMPARE(daemon.exitCode(), 0);
}

void TestKeptDaemon::aServiceManagersSocketsAreUsed()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    m_port = QString::number(server.serverPort());
    NotifySocket manager(m_folder->filePath(u"notify"_s));
    QProcess daemon;
    QProcessEnvironment given = environment();
    given.insert(u"NOTIFY_SOCKET"_s, m_folder->filePath(u"notify"_s));
    daemon.setProcessEnvironment(given);
    startWithSocket(daemon, server, {QStringLiteral(PMDAEMON_PROGRAM), u"daemon"_s});
    QTRY_VERIFY2_WITH_TIMEOUT(manager.text().contains("READY=1"),
                              daemon.readAllStandardError().constData(), patience);
    // Listening there too: without the socket it would have been PortInUse.
    QCOMPARE(QString::number(address().port), m_port);
    server.close();
    QVERIFY(isServing());
    run({u"kill"_s});
    QVERIFY(daemon.waitForFinished(patience));
    QVERIFY(manager.text().contains("STOPPING=1"));
}

void TestKeptDaemon::aChangedPortReleasesTheOldOne()
{
    QTcpServer probe;
    QVERIFY(probe.listen(QHostAddress::LocalHost));
    const int other = probe.serverPort();
    probe.close();
    // What a daemon with another port has left to the keeper.
    QTcpServer stray;
    QVERIFY(stray.listen(QHostAddress::LocalHost));
    const int port = stray.serverPort();
    m_port = QString::number(other);
    QProcess keeper;
    keeper.setProcessEnvironment(environment());
    startWithSocket(keeper, stray,
                    {QStringLiteral(PMDAEMON_SHIM), u"--keep"_s, m_home, m_home + u"/run", u"--"_s,
                     QStringLiteral(PMDAEMON_PROGRAM), u"daemon"_s});
    QTRY_VERIFY_WITH_TIMEOUT(isServing(), patience);
    QCOMPARE(address().port, other);
    stray.close();
    QTRY_COMPARE_WITH_TIMEOUT(visit(port), ECONNREFUSED, patience);
    run({u"kill"_s});
    QVERIFY(keeper.waitForFinished(patience));
}

void TestKeptDaemon::aMissingShimIsTold()
{
    const QString lonely = m_folder->filePath(u"pmdaemon"_s);
    QVERIFY(QFile::copy(QStringLiteral(PMDAEMON_PROGRAM), lonely));
    QProcess process;
    process.setProcessEnvironment(environment());
    process.start(lonely, {u"list"_s});
    QVERIFY(process.waitForFinished(patience));
    QCOMPARE(process.exitCode(), 50);
    const QByteArray why = process.readAllStandardError();
    QVERIFY2(why.contains(m_folder->filePath(u"pmdaemon-shim"_s).toLocal8Bit()), why.constData());
    QVERIFY(why.contains("libexec"));
}

} // namespace pmdaemon

QTEST_GUILESS_MAIN(pmdaemon::TestKeptDaemon)
#include "tst_keptdaemon.moc"
