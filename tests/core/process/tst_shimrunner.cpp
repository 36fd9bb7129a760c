// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/processhandle.h"
#include "core/process/shimrunner.h"
#include "core/slot/uniquefd.h"
#include "tests/core/process/runnercontract.h"

#include <QDir>
#include <QProcess>
#include <QSignalSpy>
#include <QTest>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

#define TRY_COMPARE(actual, expected) QTRY_COMPARE_WITH_TIMEOUT(actual, expected, 20'000)
#define TRY_VERIFY(condition) QTRY_VERIFY_WITH_TIMEOUT(condition, 20'000)

class TestShimRunner : public RunnerContract
{
    Q_OBJECT

protected:
    /// In a home of its own: one home never has two runners for one slot.
    std::unique_ptr<ProcessRunner> makeRunner() override { return makeShimRunner(++m_homes); }
    void endAll() override;

private slots:
    void goesOnWithARunningProgram();
    void tellsWhatHappenedMeanwhile();
    void resumesAWaitForARestart();
    void resumesAStopThatIsUnderWay();
    void resumesNothingWhereThereIsNoSlot();
    void survivesTheDeathOfTheShim();
    void keepsTheLastWordsOfAProgramThatEndsWithoutAShim();
    void leavesHalfOfTheDescriptorsFree();
    void keepsAStopAcrossTheDeathOfTheShim();
    void startsAlthoughTheShimIsKilledAsItBegins();
    void tellsThatShimsDieAndGoesOnTrying();
    void goesOnAfterItWasReleased();
    void releasesAShimThatItIsNotConnectedTo();
    void readsAJournalThatBeganAnew();
    void leavesNothingOfADiscardedProcess();
    void aShimThatNobodyNeedsEndsWithItsSlot();
    void doesNotSignalAnotherProcessOfThatNumber();

private:
    std::unique_ptr<ProcessRunner> makeShimRunner(int home, const QString &program = {});
    QString shimThatDies(int times) const;
    SlotDirectory slot() const;
    LaunchSpec onItsOwn(const QStringList &arguments) const;
    void killShim() const;

    int m_homes = 0;
};

namespace {

void waitForEnd(const ProcessHandle &process)
{
    pollfd entry{process.fd(), POLLIN, 0};
    QCOMPARE(::poll(&entry, 1, 20'000), 1);
}

} // namespace

std::unique_ptr<ProcessRunner> TestShimRunner::makeShimRunner(int home, const QString &program)
{
    const QString folder = path(u"home-%1"_s.arg(home));
    const QString run = path(u"run-%1"_s.arg(home));
    QDir().mkpath(folder);
    QDir().mkpath(run);
    return std::make_unique<ShimRunner>(
        ShimHome{folder, run, program.isEmpty() ? QStringLiteral(PMDAEMON_SHIM) : program});
}

/// A program that is killed that often before it is the shim.
QString TestShimRunner::shimThatDies(int times) const
{
    const QString name = path(u"shim-%1"_s.arg(m_homes));
    QFile file(name);
    if (file.open(QFile::WriteOnly)) {
        file.write("#!/bin/sh\necho >> $0.runs\n[ $(wc -l < $0.runs) -gt %1 ] || kill -9 $$\n"
                   "exec %2 \"$@\"\n"_L1.arg(QString::number(times), QStringLiteral(PMDAEMON_SHIM))
                       .toUtf8());
        file.setPermissions(QFile::ReadOwner | QFile::ExeOwner);
    }
    return name;
}

SlotDirectory TestShimRunner::slot() const
{
    return {path(u"home-%1"_s.arg(m_homes)), path(u"run-%1"_s.arg(m_homes)), ProcessId(7)};
}

LaunchSpec TestShimRunner::onItsOwn(const QStringList &arguments) const
{
    LaunchSpec spec = child(arguments);
    spec.restart.autorestart = true;
    spec.restart.maxRestarts = RestartPolicy::Unlimited;
    spec.restart.backoffBase = 0;
    return spec;
}

void TestShimRunner::endAll()
{
    for (; m_homes > 0; --m_homes) {
        const auto shim = ProcessHandle::open(static_cast<pid_t>(slot().holder()));
        if (!shim)
            continue;
        shim->signal(SIGTERM);
        waitForEnd(*shim);
    }
}

void TestShimRunner::killShim() const
{
    const auto shim = ProcessHandle::open(static_cast<pid_t>(slot().holder()));
    QVERIFY(shim);
    shim->signal(SIGKILL);
    waitForEnd(*shim);
}

void TestShimRunner::goesOnWithARunningProgram()
{
    const LaunchSpec spec = onItsOwn({u"exit-on-term"_s});
    quint64 position = 0;
    qint64 pid = 0;
    {
        auto first = record();
        first.runner->start(spec);
        TRY_COMPARE(out(), "ready\n"_ba);
        TRY_COMPARE(first.started.size(), 1u);
        pid = first.started[0];
        position = first.runner->position();
    }
    QVERIFY(isAlive(pid));
    RunnerRecord second(makeShimRunner(m_homes));
    QSignalSpy resumed(second.runner.get(), &ProcessRunner::resumed);
    LaunchSpec planned = spec;
    planned.logs.out += "-renamed"_L1;
    planned.environment = {u"PLANNED=yes"_s};
    const LaunchSpec before = second.runner->launchedBefore(planned);
    QCOMPARE(before.logs.out, spec.logs.out);
    QCOMPARE(before.environment, spec.environment);
    second.runner->resume(spec, position);
    TRY_COMPARE(resumed.size(), 1);
    const auto run = resumed[0][0].value<ResumedRun>();
    QCOMPARE(run.phase, ResumedRun::Phase::Running);
    QCOMPARE(run.pid, pid);
    QVERIFY(!run.stopping);
    QVERIFY(second.started.empty());
    QCOMPARE(second.runner->pid(), pid);
    second.runner->stop({SIGTERM, 60s, true});
    QVERIFY(ends(second, 1));
    QCOMPARE(second.exits[0].exitCode, 0);
    QVERIFY(second.exits[0].requested);
    QCOMPARE(out(), "ready\ngot SIGTERM\n"_ba);
}

void TestShimRunner::tellsWhatHappenedMeanwhile()
{
    LaunchSpec spec = onItsOwn({u"wait"_s});
    quint64 position = 0;
    qint64 pid = 0;
    {
        auto first = record();
        first.runner->start(spec);
        TRY_COMPARE(out(), "ready\n"_ba);
        TRY_COMPARE(first.started.size(), 1u);
        pid = first.started[0];
        position = first.runner->position();
    }
    ::kill(static_cast<pid_t>(pid), SIGSEGV);
    TRY_COMPARE(out(), "ready\nready\n"_ba);
    RunnerRecord second(makeShimRunner(m_homes));
    QSignalSpy resumed(second.runner.get(), &ProcessRunner::resumed);
    second.runner->resume(spec, position);
    TRY_COMPARE(resumed.size(), 1);
    QCOMPARE(second.exits.size(), 1u);
    QCOMPARE(second.exits[0].signal, SIGSEGV);
    QCOMPARE(second.started.size(), 1u);
    QVERIFY(second.started[0] != pid);
    QVERIFY(second.exits[0].at <= resumed[0][0].value<ResumedRun>().startedAt);
}

void TestShimRunner::resumesAWaitForARestart()
{
    LaunchSpec spec = onItsOwn({u"exit"_s, u"1"_s});
    spec.restart.restartDelay = 3'600'000;
    {
        auto first = record();
        first.runner->start(spec);
        QVERIFY(ends(first, 1));
    }
    RunnerRecord second(makeShimRunner(m_homes));
    QSignalSpy resumed(second.runner.get(), &ProcessRunner::resumed);
    second.runner->resume(spec, 0);
    TRY_COMPARE(resumed.size(), 1);
    QCOMPARE(second.exits.size(), 1u); // told again: nobody said that it is stored
    QCOMPARE(resumed[0][0].value<ResumedRun>().phase, ResumedRun::Phase::Waiting);
    second.runner->stop(spec.stop);
    TRY_COMPARE(second.cancelled, 1);
}

void TestShimRunner::resumesAStopThatIsUnderWay()
{
    const LaunchSpec spec = onItsOwn({u"ignore-term"_s});
    quint64 position = 0;
    {
        auto first = record();
        first.runner->start(spec);
        TRY_COMPARE(out(), "ready\n"_ba);
        TRY_COMPARE(first.started.size(), 1u);
        first.runner->stop({SIGTERM, 1s, true});
        position = first.runner->position();
        TRY_VERIFY(first.runner->position() > position);
        position = first.runner->position();
    }
    RunnerRecord second(makeShimRunner(m_homes));
    QSignalSpy resumed(second.runner.get(), &ProcessRunner::resumed);
    second.runner->resume(spec, position);
    TRY_COMPARE(resumed.size(), 1);
    QVERIFY(resumed[0][0].value<ResumedRun>().stopping);
    QVERIFY(ends(second, 1));
    QVERIFY(second.exits[0].requested);
    QVERIFY(second.exits[0].killed);
}

void TestShimRunner::resumesNothingWhereThereIsNoSlot()
{
    auto r = record();
    QSignalSpy resumed(r.runner.get(), &ProcessRunner::resumed);
    // As after a deletion that nobody lived to store: the position is of the journal that is gone.
    r.runner->resume(onItsOwn({u"wait"_s}), 1'000);
    TRY_COMPARE(resumed.size(), 1);
    QCOMPARE(resumed[0][0].value<ResumedRun>(), ResumedRun{});
    r.runner->start(child({u"exit"_s, u"3"_s}));
    QVERIFY(ends(r, 1));
    QCOMPARE(r.started.size(), 1u);
    QCOMPARE(r.exits[0].exitCode, 3);
}

void TestShimRunner::survivesTheDeathOfTheShim()
{
    auto r = record();
    r.runner->start(onItsOwn({u"exit-on-term"_s}));
    TRY_COMPARE(out(), "ready\n"_ba);
    TRY_COMPARE(r.started.size(), 1u);
    for (int round = 0; round < 5; ++round) {
        killShim();
        QVERIFY(isAlive(r.started[0]));
        TRY_VERIFY(slot().holder() != 0);
    }
    QCOMPARE(r.exits.size(), 0u);
    r.runner->stop({SIGTERM, 60s, true});
    QVERIFY(ends(r, 1));
    QVERIFY(r.exits[0].requested);
    QCOMPARE(r.started.size(), 1u);
    QCOMPARE(out(), "ready\ngot SIGTERM\n"_ba);
}

/// There is no keeper either.
void TestShimRunner::keepsTheLastWordsOfAProgramThatEndsWithoutAShim()
{
    auto r = record();
    r.runner->start(child({u"exit-on-term"_s}));
    TRY_COMPARE(out(), "ready\n"_ba);
    TRY_COMPARE(r.started.size(), 1u);
    const auto shim = ProcessHandle::open(static_cast<pid_t>(slot().holder()));
    const auto program = ProcessHandle::open(static_cast<pid_t>(r.started[0]));
    QVERIFY(shim && program);
    shim->signal(SIGSTOP);
    TRY_COMPARE(ProcessHandle::open(shim->pid())->stat().state, 'T');
    program->signal(SIGTERM);
    waitForEnd(*program);
    killShim();
    QVERIFY(ends(r, 1));
    QCOMPARE(out(), "ready\ngot SIGTERM\n"_ba);
}

void TestShimRunner::leavesHalfOfTheDescriptorsFree()
{
    const auto fifosHeld = [this] {
        qsizetype count = 0;
        const auto files = QDir(u"/proc/self/fd"_s).entryInfoList(QDir::System | QDir::Files);
        for (const QFileInfo &file : files)
            count += file.symLinkTarget().startsWith(slot().path()) ? 1 : 0;
        return count;
    };
    rlimit before{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const auto reset = qScopeGuard([before] { ::setrlimit(RLIMIT_NOFILE, &before); });
    const LaunchSpec spec = child({u"exit-on-term"_s});
    auto first = record();
    first.runner->start(spec);
    TRY_COMPARE(first.started.size(), 1u);
    QCOMPARE(fifosHeld(), 2);
    first.runner.reset();
    QCOMPARE(fifosHeld(), 0);

    const UniqueFd lowest(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const rlimit small{2 * rlim_t(lowest.get()), before.rlim_max};
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &small), 0);
    RunnerRecord second(makeShimRunner(m_homes));
    QSignalSpy resumed(second.runner.get(), &ProcessRunner::resumed);
    second.runner->resume(spec, 0);
    TRY_COMPARE(resumed.size(), 1);
    QCOMPARE(fifosHeld(), 0);
    second.runner->stop({SIGTERM, 60s, true});
    QVERIFY(ends(second, 1));
}

void TestShimRunner::keepsAStopAcrossTheDeathOfTheShim()
{
    auto r = record();
    r.runner->start(onItsOwn({u"ignore-term"_s}));
    TRY_COMPARE(out(), "ready\n"_ba);
    TRY_COMPARE(r.started.size(), 1u);
    r.runner->stop({SIGTERM, 500ms, true});
    killShim();
    QVERIFY(ends(r, 1));
    QVERIFY(r.exits[0].requested);
    QVERIFY(!isAlive(r.started[0]));
}

void TestShimRunner::startsAlthoughTheShimIsKilledAsItBegins()
{
    ++m_homes;
    RunnerRecord r(makeShimRunner(m_homes, shimThatDies(1)));
    QSignalSpy putOff(r.runner.get(), &ProcessRunner::startPutOff);
    r.runner->start(child({u"exit"_s, u"3"_s}));
    QVERIFY(ends(r, 1));
    QCOMPARE(r.exits[0].exitCode, 3);
    QCOMPARE(r.started.size(), 1u);
    QCOMPARE(putOff.size(), 0);
}

void TestShimRunner::tellsThatShimsDieAndGoesOnTrying()
{
    ++m_homes;
    const QString program = shimThatDies(2);
    RunnerRecord r(makeShimRunner(m_homes, program));
    QSignalSpy putOff(r.runner.get(), &ProcessRunner::startPutOff);
    r.runner->start(child({u"exit"_s, u"3"_s}));
    QVERIFY(ends(r, 1));
    QCOMPARE(r.started.size(), 1u);
    QCOMPARE(putOff.size(), 1);
    QVERIFY(putOff[0][0].value<Error>().message.contains(program));
}

void TestShimRunner::goesOnAfterItWasReleased()
{
    const LaunchSpec spec = onItsOwn({u"exit-on-term"_s});
    quint64 position = 0;
    {
        auto r = record();
        r.runner->start(spec);
        TRY_COMPARE(out(), "ready\n"_ba);
        r.runner->stop({SIGTERM, 60s, true});
        QVERIFY(ends(r, 1));
        position = r.runner->position();
        const auto shim = ProcessHandle::open(static_cast<pid_t>(slot().holder()));
        QVERIFY(shim);
        r.runner->release();
        waitForEnd(*shim);
    }
    RunnerRecord second(makeShimRunner(m_homes));
    QSignalSpy resumed(second.runner.get(), &ProcessRunner::resumed);
    second.runner->resume(spec, position);
    TRY_COMPARE(resumed.size(), 1);
    QCOMPARE(resumed[0][0].value<ResumedRun>().phase, ResumedRun::Phase::Idle);
    QVERIFY(second.exits.empty());
    second.runner->start(child({u"exit"_s, u"4"_s}));
    QVERIFY(ends(second, 1));
    QCOMPARE(second.exits[0].exitCode, 4);
}

/// The keeper replaces one that was killed, also where nothing runs.
void TestShimRunner::releasesAShimThatItIsNotConnectedTo()
{
    auto r = record();
    r.runner->start(onItsOwn({u"exit-on-term"_s}));
    TRY_COMPARE(out(), "ready\n"_ba);
    r.runner->stop({SIGTERM, 60s, true});
    QVERIFY(ends(r, 1));
    killShim();
    QProcess launcher;
    launcher.start(QStringLiteral(PMDAEMON_SHIM), {u"--adopt"_s, slot().path(), slot().socket()});
    QVERIFY(launcher.waitForFinished());
    const auto shim = ProcessHandle::open(static_cast<pid_t>(slot().holder()));
    QVERIFY(shim);
    r.runner->release();
    waitForEnd(*shim);
}

/// As after a removal of the slot that did not come to its end.
void TestShimRunner::readsAJournalThatBeganAnew()
{
    const LaunchSpec spec = child({u"exit"_s, u"4"_s});
    quint64 position = 0;
    {
        auto r = record();
        r.runner->start(spec);
        QVERIFY(ends(r, 1));
        position = r.runner->position();
        r.runner->release();
    }
    QTRY_COMPARE(slot().holder(), 0);
    QVERIFY(QFile::remove(slot().path() + u"/journal"_s));
    RunnerRecord second(makeShimRunner(m_homes));
    QSignalSpy resumed(second.runner.get(), &ProcessRunner::resumed);
    second.runner->resume(spec, position);
    TRY_COMPARE(resumed.size(), 1);
    second.runner->start(spec);
    QVERIFY(ends(second, 1));
    QCOMPARE(second.started.size(), 1u);
    QVERIFY(second.runner->position() > 0);
}

void TestShimRunner::leavesNothingOfADiscardedProcess()
{
    auto r = record();
    r.runner->start(child({u"exit"_s, u"0"_s}));
    QVERIFY(ends(r, 1));
    const auto shim = ProcessHandle::open(static_cast<pid_t>(slot().holder()));
    QVERIFY(shim);
    r.runner->discard();
    waitForEnd(*shim);
    QVERIFY(!QFile::exists(slot().path()));
    QVERIFY(!QFile::exists(slot().socket()));
}

/// As a keeper starts one for a process that is deleted at that moment.
void TestShimRunner::aShimThatNobodyNeedsEndsWithItsSlot()
{
    const auto runner = makeShimRunner(++m_homes); // makes the folders
    QVERIFY(slot().write(onItsOwn({u"exit-on-term"_s}), std::nullopt));
    QProcess launcher;
    launcher.start(QStringLiteral(PMDAEMON_SHIM), {u"--adopt"_s, slot().path(), slot().socket()});
    QVERIFY(launcher.waitForFinished());
    QVERIFY(launcher.readAllStandardOutput().startsWith("ok "));
    const auto shim = ProcessHandle::open(static_cast<pid_t>(slot().holder()));
    QVERIFY(shim);
    slot().remove();
    waitForEnd(*shim);
    QVERIFY(!slot().exists());
}

void TestShimRunner::doesNotSignalAnotherProcessOfThatNumber()
{
    auto r = record();
    r.runner->start(child({u"wait"_s}));
    TRY_COMPARE(out(), "ready\n"_ba);
    TRY_COMPARE(r.started.size(), 1u);
    ::kill(static_cast<pid_t>(r.started[0]), SIGKILL);
    QVERIFY(ends(r, 1));
    QVERIFY(r.runner->sendSignal(0).error().code == ErrorCode::NotRunning);
}

QTEST_GUILESS_MAIN(TestShimRunner)
#include "tst_shimrunner.moc"
