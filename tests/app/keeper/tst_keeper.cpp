// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/exitcode.h"
#include "app/shim/backoff.h"
#include "core/slot/exitlog.h"
#include "core/slot/exitrecord.h"
#include "tests/app/keeper/keeperstage.h"

#include <QTcpServer>
#include <QTcpSocket>

#include <algorithm>
#include <sys/resource.h>

using namespace Qt::Literals::StringLiterals;
using namespace pmdaemon::test;

namespace pmdaemon {

static_assert(std::ranges::none_of(futileExits, [](int code) {
    return code == int(ExitCode::Ok) || code == int(ExitCode::Failure) ||
           code == int(ExitCode::Network);
}));
static_assert(std::ranges::count(futileExits, int(ExitCode::Usage)) +
                  std::ranges::count(futileExits, int(ExitCode::Exists)) +
                  std::ranges::count(futileExits, int(ExitCode::StartFailed)) +
                  std::ranges::count(futileExits, int(ExitCode::ConfigInvalid)) +
                  std::ranges::count(futileExits, int(ExitCode::PortInUse)) +
                  std::ranges::count(futileExits, int(ExitCode::Permission)) ==
              6);

class TestKeeper : public QObject
{
    Q_OBJECT

private slots:
    void backoffDoublesToItsCap();
    void wrongUsageIsCode2_data();
    void wrongUsageIsCode2();
    void aDaemonThatDiesIsStartedAgain();
    void eachTimeItWaitsLonger();
    void someEndsAreFinal_data();
    void someEndsAreFinal();
    void onceReadyNoFailureIsFinal();
    void aProgramThatIsMissingIsTold();
    void aHomeHasOneKeeper();
    void aServiceFollowsTheKeeperThatIsThere();
    void termEndsTheDaemonInOrder();
    void termAgainEndsItByForce();
    void termEndsAKeeperThatWaits();
    void hangUpIsPassedOn();
    void orphansAreRecorded();
    void noOrphanIsReapedUnrecorded();
    void theRecordIsBounded();
    void asPid1ItReapsStrangersAndEndsInOrder();
    void statusReachesTheServiceManager();
    void socketsOutliveTheirDaemon();
};

void TestKeeper::backoffDoublesToItsCap()
{
    Backoff daemon(Backoff::step);
    QList<qint64> delays;
    for (int i = 0; i < 8; ++i)
        delays.append(daemon.afterEnd(0));
    QCOMPARE(delays, (QList<qint64>{100, 200, 400, 800, 1600, 3200, 5000, 5000}));
    QCOMPARE(daemon.afterEnd(Backoff::longLife), 100);
    Backoff shim;
    QCOMPARE(shim.afterEnd(0), 0);
    QCOMPARE(shim.afterEnd(0), 100);
    QCOMPARE(shim.afterEnd(0), 200);
}

void TestKeeper::wrongUsageIsCode2_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("nothing") << QStringList{};
    QTest::newRow("no program") << QStringList{u"/home"_s, u"/run"_s, u"--"_s};
    QTest::newRow("no --") << QStringList{u"/home"_s, u"/run"_s, u"/bin/true"_s, u"x"_s};
    QTest::newRow("relative home") << QStringList{u"home"_s, u"/run"_s, u"--"_s, u"/bin/true"_s};
    QTest::newRow("relative program") << QStringList{u"/home"_s, u"/run"_s, u"--"_s, u"true"_s};
    QTest::newRow("unknown option")
        << QStringList{u"--fly"_s, u"/home"_s, u"/run"_s, u"--"_s, u"/bin/true"_s};
}

void TestKeeper::wrongUsageIsCode2()
{
    QFETCH(QStringList, arguments);
    QProcess process;
    process.start(QStringLiteral(PMDAEMON_SHIM), QStringList{u"--keep"_s} + arguments);
    QVERIFY(process.waitForFinished(patience));
    QCOMPARE(process.exitCode(), 2);
    QVERIFY(process.readAllStandardError().contains("usage"));
}

void TestKeeper::aDaemonThatDiesIsStartedAgain()
{
    KeeperStage stage;
    const QString pids = stage.path(u"pids"_s);
    stage.startScript(u"echo $$ >> $1/pids; exec sleep 100"_s);
    QTRY_COMPARE_WITH_TIMEOUT(numbersIn(pids).size(), 1, patience);
    ::kill(static_cast<pid_t>(numbersIn(pids).constFirst()), SIGKILL);
    QTRY_COMPARE_WITH_TIMEOUT(numbersIn(pids).size(), 2, patience);
    QVERIFY(numbersIn(pids)[1] != numbersIn(pids)[0]);
    stage.process().waitForReadyRead(0);
    QVERIFY(stage.process().readAllStandardError().contains("signal 9"));
}

void TestKeeper::eachTimeItWaitsLonger()
{
    KeeperStage stage;
    stage.startScript(u"date +%s%3N >> $1/times; kill -9 $$"_s);
    const QString times = stage.path(u"times"_s);
    QTRY_COMPARE_WITH_TIMEOUT(numbersIn(times).size(), 5, patience);
    const QList<qint64> at = numbersIn(times);
    for (int i = 1; i < 5; ++i)
        QVERIFY2(at[i] - at[i - 1] >= (50 << i) - 1, readAll(times).constData());
}

void TestKeeper::someEndsAreFinal_data()
{
    QTest::addColumn<int>("code");
    QTest::addColumn<bool>("isFinal");
    for (const int code : {0, 2, 11, 12, 20, 22, 30, 60})
        QTest::addRow("%d", code) << code << true;
    for (const int code : {1, 51, 70})
        QTest::addRow("%d", code) << code << false;
}

void TestKeeper::someEndsAreFinal()
{
    QFETCH(int, code);
    QFETCH(bool, isFinal);
    KeeperStage stage;
    stage.startScript(u"echo 1 >> $1/starts; exit %1"_s.arg(code));
    if (isFinal) {
        QVERIFY(stage.process().waitForFinished(patience));
        QCOMPARE(stage.process().exitCode(), code);
        QCOMPARE(numbersIn(stage.path(u"starts"_s)).size(), 1);
    } else {
        QTRY_COMPARE_WITH_TIMEOUT(numbersIn(stage.path(u"starts"_s)).size(), 2, patience);
        QCOMPARE(stage.process().state(), QProcess::Running);
    }
}

void TestKeeper::onceReadyNoFailureIsFinal()
{
    KeeperStage stage;
    const QString starts = stage.path(u"starts"_s);
    stage.start({QStringLiteral(PMDAEMON_STANDIN), u"ready-exit"_s, starts, u"22"_s});
    QTRY_COMPARE_WITH_TIMEOUT(numbersIn(starts).size(), 3, patience);
    QCOMPARE(stage.process().state(), QProcess::Running);
}

void TestKeeper::aProgramThatIsMissingIsTold()
{
    KeeperStage stage;
    NotifySocket manager(stage.path(u"notify"_s));
    manager.putInto(stage.process());
    stage.start({u"/nowhere/pmdaemon"_s});
    QVERIFY(stage.process().waitForFinished(patience));
    QCOMPARE(stage.process().exitCode(), 127);
    QVERIFY(stage.process().readAllStandardError().contains("/nowhere/pmdaemon"));
    QVERIFY(manager.text().contains("STATUS=/nowhere/pmdaemon"));
}

void TestKeeper::aHomeHasOneKeeper()
{
    KeeperStage stage;
    stage.startScript(u"exec sleep 100"_s);
    QTRY_COMPARE_WITH_TIMEOUT(keeperPid(stage.home()), qint64(stage.pid()), patience);
    QProcess second;
    second.start(stage.program(),
                 {u"--keep"_s, stage.home(), stage.home(), u"--"_s, u"/bin/true"_s});
    QVERIFY(second.waitForFinished(patience));
    QCOMPARE(second.exitCode(), 11);
    const QByteArray why = second.readAllStandardError();
    QVERIFY2(why.contains(QByteArray::number(stage.pid())), why.constData());
    QVERIFY2(why.contains(stage.home().toLocal8Bit()), why.constData());
}

void TestKeeper::aServiceFollowsTheKeeperThatIsThere()
{
    KeeperStage stage;
    NotifySocket manager(stage.path(u"notify"_s));
    stage.startScript(u"exec sleep 100"_s);
    QTRY_COMPARE_WITH_TIMEOUT(keeperPid(stage.home()), qint64(stage.pid()), patience);
    QProcess second;
    manager.putInto(second);
    second.start(stage.program(), {u"--keep"_s, u"--service"_s, stage.home(), stage.home(), u"--"_s,
                                   u"/bin/true"_s});
    QVERIFY(second.waitForFinished(patience));
    QCOMPARE(second.exitCode(), 0);
    QCOMPARE(manager.text(), "MAINPID=" + QByteArray::number(stage.pid()) + "\nREADY=1\n");
}

void TestKeeper::termEndsTheDaemonInOrder()
{
    KeeperStage stage;
    stage.startScript(u"trap 'exit 5' TERM; echo 1 > $1/up; while :; do sleep 0.05; done"_s);
    QTRY_COMPARE_WITH_TIMEOUT(numbersIn(stage.path(u"up"_s)).size(), 1, patience);
    ::kill(stage.pid(), SIGTERM);
    QVERIFY(stage.process().waitForFinished(patience));
    QCOMPARE(stage.process().exitStatus(), QProcess::NormalExit);
    QCOMPARE(stage.process().exitCode(), 5);
}

void TestKeeper::termAgainEndsItByForce()
{
    KeeperStage stage;
    stage.startScript(u"trap 'echo 1 >> $1/termed' TERM; echo 1 > $1/up;"
                      "while :; do sleep 0.05; done"_s);
    QTRY_COMPARE_WITH_TIMEOUT(numbersIn(stage.path(u"up"_s)).size(), 1, patience);
    ::kill(stage.pid(), SIGTERM);
    QTRY_COMPARE_WITH_TIMEOUT(numbersIn(stage.path(u"termed"_s)).size(), 1, patience);
    QCOMPARE(stage.process().state(), QProcess::Running);
    ::kill(stage.pid(), SIGTERM);
    QVERIFY(stage.process().waitForFinished(patience));
    QCOMPARE(stage.process().exitCode(), 128 + SIGKILL);
    QCOMPARE(numbersIn(stage.path(u"termed"_s)).size(), 1);
}

void TestKeeper::termEndsAKeeperThatWaits()
{
    KeeperStage stage;
    stage.startScript(u"trap '' TERM; echo 1 >> $1/starts; kill -9 $$"_s); // TERM ends none of them
    QTRY_COMPARE_WITH_TIMEOUT(numbersIn(stage.path(u"starts"_s)).size(), 4, patience);
    ::kill(stage.pid(), SIGTERM);
    QVERIFY(stage.process().waitForFinished(patience));
    QVERIFY(stage.process().exitCode() == 0 || stage.process().exitCode() == 128 + SIGKILL);
}

void TestKeeper::hangUpIsPassedOn()
{
    KeeperStage stage;
    stage.startScript(u"trap 'echo 1 >> $1/hung' HUP; echo 1 > $1/up;"
                      "while :; do sleep 0.05; done"_s);
    QTRY_COMPARE_WITH_TIMEOUT(numbersIn(stage.path(u"up"_s)).size(), 1, patience);
    ::kill(stage.pid(), SIGHUP);
    QTRY_COMPARE_WITH_TIMEOUT(numbersIn(stage.path(u"hung"_s)).size(), 1, patience);
}

namespace {

/// The intact records of a home.
QList<ExitRecord> recordsOf(const QString &home)
{
    const QByteArray bytes = readAll(home + u"/keeper/exits");
    QList<ExitRecord> records;
    for (qsizetype at = 0; at + qsizetype(sizeof(ExitRecord)) <= bytes.size();
         at += sizeof(ExitRecord)) {
        ExitRecord record;
        std::memcpy(&record, bytes.constData() + at, sizeof record);
        if (isIntact(record))
            records.append(record);
    }
    return records;
}

const ExitRecord *findRecord(const QList<ExitRecord> &records, qint64 pid)
{
    for (const ExitRecord &record : records) {
        if (record.pid == pid)
            return &record;
    }
    return nullptr;
}

/// Leaves behind a process that waits until there is a file "go", with its pid in "orphan".
constexpr auto orphanScript =
    u"sh -c 'sh -c \"echo \\$\\$ > $1/orphan; i=0;"
    "while ! test -e $1/go && test \\$i -lt 3000; do i=\\$((i+1)); sleep 0.02; done;"
    "exit 7\" &' sh $1; exec sleep 100";

} // namespace

void TestKeeper::orphansAreRecorded()
{
    KeeperStage stage;
    stage.startScript(QString::fromUtf16(orphanScript));
    QTRY_COMPARE_WITH_TIMEOUT(numbersIn(stage.path(u"orphan"_s)).size(), 1, patience);
    const qint64 orphan = numbersIn(stage.path(u"orphan"_s)).constFirst();
    const QByteArray stat = readAll(u"/proc/%1/stat"_s.arg(orphan));
    QFile(stage.path(u"go"_s)).open(QIODevice::WriteOnly);
    QTRY_VERIFY_WITH_TIMEOUT(findRecord(recordsOf(stage.home()), orphan), patience);
    const QList<ExitRecord> records = recordsOf(stage.home());
    const ExitRecord *record = findRecord(records, orphan);
    QCOMPARE(record->how, ExitHow::Exited);
    QCOMPARE(record->status, 7);
    QCOMPARE(QByteArray::number(quint64(record->startTime)),
             stat.mid(stat.lastIndexOf(')') + 2).split(' ').value(19));
    QVERIFY(record->bootId != 0);
    QTRY_VERIFY_WITH_TIMEOUT(!QFile::exists(u"/proc/%1"_s.arg(orphan)), patience);
}

void TestKeeper::noOrphanIsReapedUnrecorded()
{
    KeeperStage stage;
    stage.startScript(QString::fromUtf16(orphanScript));
    QTRY_COMPARE_WITH_TIMEOUT(numbersIn(stage.path(u"orphan"_s)).size(), 1, patience);
    const qint64 orphan = numbersIn(stage.path(u"orphan"_s)).constFirst();
    // As a full disk: the keeper can write to no file.
    rlimit before{};
    const rlimit none{0, RLIM_INFINITY};
    QCOMPARE(::prlimit(stage.pid(), RLIMIT_FSIZE, &none, &before), 0);
    QFile(stage.path(u"go"_s)).open(QIODevice::WriteOnly);
    QByteArray said;
    QTRY_VERIFY_WITH_TIMEOUT(
        (said += stage.process().readAllStandardError()).contains("exits cannot be recorded"),
        patience);
    QVERIFY(readAll(u"/proc/%1/stat"_s.arg(orphan)).contains(" Z "));
    QVERIFY(recordsOf(stage.home()).isEmpty());
    QCOMPARE(::prlimit(stage.pid(), RLIMIT_FSIZE, &before, nullptr), 0);
    QTRY_VERIFY_WITH_TIMEOUT(!QFile::exists(u"/proc/%1"_s.arg(orphan)), patience);
    QCOMPARE(findRecord(recordsOf(stage.home()), orphan)->status, 7);
}

void TestKeeper::theRecordIsBounded()
{
    KeeperStage stage;
    QDir(stage.home()).mkdir(u"keeper"_s);
    ExitRecord old{};
    QByteArray full;
    for (int i = 0; i < ExitLog::maxSize / qint64(sizeof old); ++i) {
        old.pid = i + 1'000'000'000;
        seal(old);
        full.append(reinterpret_cast<const char *>(&old), sizeof old);
    }
    full.append("torn");
    QFile file(stage.home() + u"/keeper/exits");
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(full) == full.size());
    file.close();
    stage.startScript(QString::fromUtf16(orphanScript));
    QTRY_COMPARE_WITH_TIMEOUT(numbersIn(stage.path(u"orphan"_s)).size(), 1, patience);
    const qint64 orphan = numbersIn(stage.path(u"orphan"_s)).constFirst();
    QFile(stage.path(u"go"_s)).open(QIODevice::WriteOnly);
    QTRY_VERIFY_WITH_TIMEOUT(!QFile::exists(u"/proc/%1"_s.arg(orphan)), patience);
    const QList<ExitRecord> records = recordsOf(stage.home());
    QVERIFY(file.size() <= ExitLog::maxSize / 2 + qint64(sizeof old));
    QCOMPARE(records.size() * qint64(sizeof old), file.size());
    QVERIFY(findRecord(records, orphan));
    QVERIFY(findRecord(records, old.pid));
}

void TestKeeper::asPid1ItReapsStrangersAndEndsInOrder()
{
    const QStringList unshare = {u"--user"_s, u"--map-root-user"_s, u"--pid"_s,
                                 u"--fork"_s, u"--kill-child"_s,    u"--mount-proc"_s};
    if (QProcess::execute(u"unshare"_s, unshare + QStringList{u"true"_s}) != 0)
        QSKIP("this user may not make a pid namespace here");
    KeeperStage stage;
    const QString script = QStringLiteral("trap 'exit 5' INT; (sh -c 'sh -c \"exit 9\" &');"
                                          "echo 1 > $1/up; while :; do sleep 0.05; done");
    stage.process().start(u"unshare"_s,
                          unshare + QStringList{stage.program(), u"--keep"_s, stage.home(),
                                                stage.home(), u"--"_s, u"/bin/sh"_s, u"-c"_s,
                                                script, u"sh"_s, stage.path(u"."_s)});
    QTRY_COMPARE_WITH_TIMEOUT(numbersIn(stage.path(u"up"_s)).size(), 1, patience);
    QTRY_VERIFY_WITH_TIMEOUT(recordsOf(stage.home()).size() >= 1, patience);
    QVERIFY(std::ranges::any_of(recordsOf(stage.home()), [](const ExitRecord &record) {
        return record.how == ExitHow::Exited && record.status == 9 && record.startTime > 0;
    }));
    // Its pid out here.
    ::kill(static_cast<pid_t>(keeperPid(stage.home())), SIGTERM);
    QVERIFY(stage.process().waitForFinished(patience));
    QCOMPARE(stage.process().exitCode(), 5);
}

void TestKeeper::statusReachesTheServiceManager()
{
    KeeperStage stage;
    NotifySocket manager(stage.path(u"notify"_s));
    manager.putInto(stage.process());
    stage.start(
        {QStringLiteral(PMDAEMON_STANDIN), u"ready-exit"_s, stage.path(u"starts"_s), u"1"_s});
    QTRY_VERIFY_WITH_TIMEOUT(manager.text().contains("READY=1\n"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(manager.text().contains("ended with code 1"), patience);
    ::kill(stage.pid(), SIGTERM);
    QVERIFY(stage.process().waitForFinished(patience));
    QVERIFY(manager.text().contains("STOPPING=1\n"));
}

void TestKeeper::socketsOutliveTheirDaemon()
{
    KeeperStage stage;
    stage.adoptThisProcess();
    auto server = std::make_unique<QTcpServer>();
    QVERIFY(server->listen(QHostAddress::LocalHost));
    const quint16 port = server->serverPort();
    const auto isListening = [port] {
        QTcpSocket socket;
        socket.connectToHost(QHostAddress(QHostAddress::LocalHost), port);
        return socket.waitForConnected(patience);
    };
    stage.send(KeeperMessage::Store, 0, "here", static_cast<int>(server->socketDescriptor()));
    stage.send(KeeperMessage::Store, 0, "not:a:name", static_cast<int>(server->socketDescriptor()));
    server.reset();
    QVERIFY(isListening());
    stage.send(KeeperMessage::Drop, 0, "there");
    stage.send(KeeperMessage::Drop, 0, "here");
    QTRY_VERIFY_WITH_TIMEOUT(!isListening(), patience);
}

} // namespace pmdaemon

QTEST_GUILESS_MAIN(pmdaemon::TestKeeper)
#include "tst_keeper.moc"
