// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "tests/core/process/runnercontract.h"

#include "core/process/processhandle.h"

#include <QDir>
#include <QEventLoop>
#include <QFile>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QTimer>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

Q_DECLARE_METATYPE(pmdaemon::LaunchLimits)

namespace pmdaemon {

namespace {

constexpr int patience = 20'000;

using Verdict = RestartDecision::Verdict;

RestartPolicy always(std::int64_t delay = 0)
{
    RestartPolicy policy;
    policy.maxRestarts = RestartPolicy::Unlimited;
    policy.restartDelay = delay;
    policy.backoffBase = 0;
    return policy;
}

QByteArray numberedLines(const QByteArray &prefix, int count)
{
    QByteArray lines;
    for (int i = 0; i < count; ++i)
        lines += prefix + ' ' + QByteArray::number(i) + '\n';
    return lines;
}

/// "tree 1 2 3" as [1, 2, 3]
QList<qint64> pidsIn(const QByteArray &text)
{
    QList<qint64> pids;
    const QList<QByteArray> words = text.trimmed().split(' ');
    for (const QByteArray &word : words.sliced(1))
        pids << word.toLongLong();
    return pids;
}

bool anyAlive(const QList<qint64> &pids)
{
    return std::any_of(pids.begin(), pids.end(), isAlive);
}

} // namespace

#define TRY_COMPARE(actual, expected) QTRY_COMPARE_WITH_TIMEOUT(actual, expected, patience)
#define TRY_VERIFY(condition) QTRY_VERIFY_WITH_TIMEOUT(condition, patience)

RunnerRecord::RunnerRecord(std::unique_ptr<ProcessRunner> observed)
    : runner(std::move(observed))
{
    ProcessRunner *r = runner.get();
    QObject::connect(r, &ProcessRunner::started, r,
                     [this](qint64 pid, WallTime) { started.push_back(pid); });
    QObject::connect(r, &ProcessRunner::exited, r,
                     [this](const ProcessExit &exit) { exits.push_back(exit); });
    QObject::connect(r, &ProcessRunner::startFailed, r,
                     [this](const Error &error) { failures.push_back(error); });
    QObject::connect(r, &ProcessRunner::logFailed, r,
                     [this](const Error &error) { logFailures.push_back(error); });
    QObject::connect(r, &ProcessRunner::waitCancelled, r, [this] { ++cancelled; });
    QObject::connect(r, &ProcessRunner::stopNoted, r, [this] { ++stopsNoted; });
    QObject::connect(r, &ProcessRunner::ready, r, [this] { ++ready; });
}

int openDescriptors()
{
    return int(QDir(u"/proc/self/fd"_s).entryList(QDir::System | QDir::Files).size());
}

bool isAlive(qint64 pid)
{
    const auto handle = ProcessHandle::open(static_cast<pid_t>(pid));
    return handle && !handle->isZombie();
}

bool exists(qint64 pid)
{
    return ::kill(static_cast<pid_t>(pid), 0) == 0;
}

LaunchSpec RunnerContract::child(const QStringList &arguments) const
{
    LaunchSpec spec;
    spec.id = ProcessId(7);
    spec.name = u"app"_s;
    spec.program = QStringLiteral(PMDAEMON_TESTCHILD);
    spec.arguments = arguments;
    spec.workingDirectory = m_folder->path();
    spec.environment = {u"PATH=/usr/bin:/bin"_s, u"LANG=C"_s};
    spec.logs = {path(u"out.log"_s), path(u"err.log"_s), 0, 5};
    spec.restart.autorestart = false;
    return spec;
}

QByteArray RunnerContract::logged(const QString &name) const
{
    QFile file(path(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool RunnerContract::ends(RunnerRecord &r, std::size_t exits)
{
    QEventLoop loop;
    QTimer::singleShot(patience, &loop, &QEventLoop::quit);
    connect(r.runner.get(), &ProcessRunner::exited, &loop, [&] {
        if (r.exits.size() >= exits)
            loop.quit();
    });
    if (r.exits.size() < exits)
        loop.exec();
    return r.exits.size() == exits;
}

void RunnerContract::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void RunnerContract::cleanup()
{
    endAll();
    m_folder.reset();
}

void RunnerContract::reportsExitCode_data()
{
    QTest::addColumn<int>("code");
    for (const int code : {0, 1, 42, 127, 255})
        QTest::addRow("%d", code) << code;
}

void RunnerContract::reportsExitCode()
{
    QFETCH(int, code);
    auto r = record();
    QCOMPARE(r.runner->pid(), 0);
    r.runner->start(child({u"exit"_s, QString::number(code)}));
    QVERIFY(ends(r, 1));
    QCOMPARE(r.started.size(), 1u);
    QVERIFY(r.started[0] > 0);
    QCOMPARE(r.exits[0].exitCode, code);
    QCOMPARE(r.exits[0].signal, std::nullopt);
    QVERIFY(!r.exits[0].requested);
    QVERIFY(!r.exits[0].killed);
    QCOMPARE(r.exits[0].next.verdict, Verdict::StayDown);
    QCOMPARE(r.runner->pid(), 0);
}

void RunnerContract::reportsSignal_data()
{
    QTest::addColumn<int>("number");
    for (const int number : {SIGSEGV, SIGKILL, SIGTERM, SIGPIPE, SIGABRT})
        QTest::addRow("%d", number) << number;
}

void RunnerContract::reportsSignal()
{
    QFETCH(int, number);
    auto r = record();
    r.runner->start(child({u"signal"_s, QString::number(number)}));
    QVERIFY(ends(r, 1));
    QCOMPARE(r.exits[0].signal, number);
    QCOMPARE(r.exits[0].exitCode, std::nullopt);
}

void RunnerContract::passesArgumentsVerbatim()
{
    auto r = record();
    r.runner->start(
        child({u"echo"_s, u"a b"_s, u""_s, u"$(touch x)"_s, u"\"'\\"_s, u"two\nlines"_s, u"üñ"_s}));
    QVERIFY(ends(r, 1));
    QCOMPARE(out(), "[a b]\n[]\n[$(touch x)]\n[\"'\\]\n[two\nlines]\n[\xc3\xbc\xc3\xb1]\n"_ba);
    QVERIFY(!QFile::exists(path(u"x"_s)));
}

void RunnerContract::givesTheProgramItsLimits()
{
    auto r = record();
    LaunchSpec spec = child({});
    spec.program = u"/bin/sh"_s;
    spec.arguments = {u"-c"_s, u"nice; umask; ulimit -Sn; ulimit -Hn; ulimit -c; "
                               "cat /proc/self/oom_score_adj; "
                               "grep -E '^(NoNewPrivs|Cpus_allowed_list)' /proc/self/status"_s};
    spec.limits.hasNice = true;
    spec.limits.nice = 19;
    spec.limits.umask = 027;
    spec.limits.addResource({RLIMIT_NOFILE, 64, 128});
    spec.limits.addResource({RLIMIT_CORE, 0, 0});
    spec.limits.hasOomScore = true;
    spec.limits.oomScore = 1'000;
    spec.limits.noNewPrivileges = true;
    cpu_set_t allowed;
    QCOMPARE(::sched_getaffinity(0, sizeof allowed, &allowed), 0);
    int cpu = 0;
    while (!CPU_ISSET(cpu, &allowed))
        ++cpu;
    spec.limits.addCpu(cpu);
    r.runner->start(spec);
    QVERIFY(ends(r, 1));
    QCOMPARE(out().simplified(), "19 0027 64 128 0 1000 NoNewPrivs: 1 Cpus_allowed_list: "_ba +
                                     QByteArray::number(cpu));
    QCOMPARE(err(), ""_ba);
}

void RunnerContract::runsAsAnotherUser()
{
    if (::geteuid() != 0)
        QSKIP("only root may do that");
    constexpr unsigned nobody = 65'534;
    auto r = record();
    LaunchSpec spec = child({});
    spec.program = u"/bin/sh"_s;
    spec.workingDirectory = u"/"_s;
    spec.arguments = {u"-c"_s, u"grep -E '^(Uid|Gid|Groups|CapEff|CapPrm)' /proc/self/status; "
                               "echo anew >/dev/stdout"_s};
    spec.limits.hasCredentials = true;
    spec.limits.user = nobody;
    spec.limits.group = nobody;
    spec.limits.addGroup(100);
    r.runner->start(spec);
    QVERIFY(ends(r, 1));
    const QByteArray none = "0000000000000000";
    QCOMPARE(out().simplified(),
             "Uid: 65534 65534 65534 65534 Gid: 65534 65534 65534 65534 Groups: 100 CapPrm: "_ba +
                 none + " CapEff: " + none + " anew");
    QCOMPARE(r.exits[0].exitCode, 0);
}

void RunnerContract::saysWhichLimitCannotBe_data()
{
    QTest::addColumn<LaunchLimits>("limits");
    QTest::addColumn<QString>("step");
    LaunchLimits cpus;
    cpus.addCpu(LaunchLimits::maxCpus - 1);
    QTest::newRow("CPU") << cpus << u"sched_setaffinity"_s;
    LaunchLimits resources;
    resources.addResource({RLIMIT_CORE, 2, 1});
    QTest::newRow("resource") << resources << u"prlimit"_s;
    LaunchLimits account;
    account.hasCredentials = true;
    account.user = 0;
    if (::geteuid() != 0)
        QTest::newRow("user") << account << u"setresuid"_s;
}

void RunnerContract::saysWhichLimitCannotBe()
{
    QFETCH(LaunchLimits, limits);
    QFETCH(QString, step);
    auto r = record();
    LaunchSpec spec = child({u"exit"_s, u"0"_s});
    spec.limits = limits;
    r.runner->start(spec);
    TRY_COMPARE(r.failures.size(), 1U);
    QVERIFY(r.failures[0].code == ErrorCode::StartFailed);
    QCOMPARE(r.failures[0].details[u"step"_s].toString(), step);
    QVERIFY(r.started.empty());
}

void RunnerContract::startsInCleanSurroundings()
{
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGUSR1, SIG_IGN);
    sigset_t blocked;
    sigset_t before;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGUSR2);
    ::sigprocmask(SIG_BLOCK, &blocked, &before);
    const int leak = ::dup(1); // not close-on-exec
    const mode_t mask = ::umask(027);
    auto r = record();
    r.runner->start(child({u"report"_s}));
    ::umask(mask);
    ::close(leak);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    ::signal(SIGUSR1, SIG_DFL);
    QVERIFY(ends(r, 1));
    QVERIFY(qEnvironmentVariableIsSet("PATH"));

    const QByteArray text = '\n' + out();
    for (const char *line :
         {"session own", "group own", "SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000",
          "SigPnd:\t0000000000000000", "fds 0,1,2", "stdin /dev/null", "umask 23",
          "env PATH=/usr/bin:/bin", "env LANG=C"}) {
        const QByteArray wanted = QByteArray("\n").append(line).append('\n');
        QVERIFY2(text.contains(wanted), text.constData());
    }
    QVERIFY(text.contains(QFile::encodeName(QDir(m_folder->path()).canonicalPath())));
    QList<QByteArray> lines = text.split('\n');
    lines.removeIf([](const QByteArray &line) {
        return !line.startsWith("env ") || line.startsWith("env PMDAEMON_");
    });
    QCOMPARE(lines.size(), 2); // nothing of our own environment
}

void RunnerContract::storesBothStreams()
{
    auto r = record();
    r.runner->start(child({u"both-streams"_s}));
    QVERIFY(ends(r, 1));
    QCOMPARE(out(), "to stdout\n"_ba);
    QCOMPARE(err(), "to stderr\n"_ba);
}

void RunnerContract::storesBothStreamsInOneFile()
{
    auto r = record();
    LaunchSpec spec = child({u"both-streams"_s});
    spec.logs.err = spec.logs.out;
    r.runner->start(spec);
    QVERIFY(ends(r, 1));
    QCOMPARE(out(), "to stdout\nto stderr\n"_ba);
}

void RunnerContract::throwsOutputAwayWithoutFiles()
{
    auto r = record();
    LaunchSpec spec = child({u"both-streams"_s});
    spec.logs.out = u"/dev/null"_s;
    spec.logs.err.clear();
    r.runner->start(spec);
    QVERIFY(ends(r, 1));
    QCOMPARE(r.exits[0].exitCode, 0);
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files), QStringList());
}

void RunnerContract::storesBytesExactly_data()
{
    QTest::addColumn<int>("size");
    for (const int size : {0, 1, 4'096, 65'536, 300'000, 3'000'000})
        QTest::addRow("%d", size) << size;
}

void RunnerContract::storesBytesExactly()
{
    QFETCH(int, size);
    auto r = record();
    r.runner->start(child({u"pattern"_s, QString::number(size)}));
    QVERIFY(ends(r, 1));
    QByteArray expected(size, '\0');
    for (int i = 0; i < size; ++i)
        expected[i] = static_cast<char>(i * 7);
    QVERIFY(out() == expected);
    for (char &byte : expected)
        byte = static_cast<char>(~byte);
    QVERIFY(err() == expected);
}

void RunnerContract::storesWhatWasWrittenBeforeACrash()
{
    auto r = record();
    QByteArray expected;
    for (int round = 0; round < 100; ++round) {
        const QString prefix = u"round %1 line"_s.arg(round);
        bool stored = false;
        expected += numberedLines(prefix.toUtf8(), 1'000);
        const auto check = QObject::connect(r.runner.get(), &ProcessRunner::exited, this,
                                            [&] { stored = out() == expected; });
        r.runner->start(child({u"lines-then-crash"_s, u"1000"_s, prefix}));
        QVERIFY(ends(r, std::size_t(round) + 1));
        QVERIFY2(stored, qPrintable(u"round %1"_s.arg(round)));
        QObject::disconnect(check);
    }
}

void RunnerContract::rotatesWhileRunning()
{
    auto r = record();
    LaunchSpec spec = child({u"lines-then-crash"_s, u"20000"_s});
    spec.logs.maxSize = 50'000;
    spec.logs.maxFiles = 100;
    r.runner->start(spec);
    QVERIFY(ends(r, 1));
    QByteArray all = out();
    QVERIFY(QFile::exists(path(u"out.log.3"_s)));
    for (int n = 1; QFile::exists(path(u"out.log.%1"_s.arg(n))); ++n)
        all.prepend(logged(u"out.log.%1"_s.arg(n)));
    QVERIFY(all == numberedLines("line", 20'000));
}

void RunnerContract::saysWhyAProgramCannotStart_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("step");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("words");
    QTest::newRow("no such program") << "missing"
                                     << "execve" << ENOENT << "does not exist";
    QTest::newRow("not executable") << "plain"
                                    << "execve" << EACCES << "must not be executed";
    QTest::newRow("folder") << "folder"
                            << "execve" << EACCES << "is a folder";
    QTest::newRow("below a file") << "plain/below"
                                  << "execve" << ENOTDIR << "cannot be executed";
    QTest::newRow("no format") << "text"
                               << "execve" << ENOEXEC << "neither a program";
    QTest::newRow("no interpreter") << "script"
                                    << "execve" << ENOENT << "interpreter";
    QTest::newRow("no cwd") << "cwd missing"
                            << "chdir" << ENOENT << "does not exist";
    QTest::newRow("cwd is a file") << "cwd plain"
                                   << "chdir" << ENOTDIR << "is not a folder";
    if (::geteuid() != 0)
        QTest::newRow("cwd forbidden") << "cwd closed"
                                       << "chdir" << EACCES << "must not be entered";
    QTest::newRow("too long") << "too long"
                              << "execve" << E2BIG << "too long";
}

void RunnerContract::saysWhyAProgramCannotStart()
{
    QFETCH(QString, what);
    QFETCH(QString, step);
    QFETCH(int, code);
    QFETCH(QString, words);
    for (const auto &[name, text] : {std::pair{u"plain"_s, "x"_ba}, std::pair{u"text"_s, "x"_ba},
                                     std::pair{u"script"_s, "#!/no/such/thing\n"_ba}}) {
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
        file.close();
        if (name != u"plain"_s)
            file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    }
    QVERIFY(QDir(m_folder->path()).mkdir(u"folder"_s));
    QVERIFY(QDir(m_folder->path()).mkdir(u"closed"_s));
    QFile::setPermissions(path(u"closed"_s), {});

    LaunchSpec spec = child({u"exit"_s, u"0"_s});
    spec.restart = always();
    QString &subject = step == u"chdir"_s ? spec.workingDirectory : spec.program;
    if (what == u"too long"_s)
        spec.arguments << QString(200'000, u'x');
    else
        subject = path(what.split(u' ').last());
    auto r = record();
    r.runner->start(spec);
    TRY_COMPARE(r.failures.size(), 1u);
    const Error &error = r.failures[0];
    QVERIFY(error.code == ErrorCode::StartFailed);
    QCOMPARE(error.details.value("step"_L1).toString(), step);
    QCOMPARE(error.details.value("errno"_L1).toInt(), code);
    QCOMPARE(error.details.value("path"_L1).toString(), subject);
    QVERIFY2(error.message.contains(words), qPrintable(error.message));
    QVERIFY2(error.message.contains(QString::fromLocal8Bit(::strerror(code))),
             qPrintable(error.message));
    QTest::qWait(50); // no retry
    QCOMPARE(r.failures.size(), 1u);
    QCOMPARE(r.started.size(), 0u);
    QCOMPARE(r.exits.size(), 0u);
    QCOMPARE(r.runner->pid(), 0);
}

void RunnerContract::refusesAnUnsafeLogFile()
{
    QVERIFY(QFile::link(path(u"victim"_s), path(u"out.log"_s)));
    auto r = record();
    r.runner->start(child({u"both-streams"_s}));
    TRY_COMPARE(r.failures.size(), 1u);
    QVERIFY(r.failures[0].code == ErrorCode::StartFailed);
    QVERIFY(r.failures[0].message.contains(path(u"out.log"_s)));
    QVERIFY(!QFile::exists(path(u"victim"_s)));
    QCOMPARE(r.started.size(), 0u);
}

void RunnerContract::canStartAfterAFailedStart()
{
    auto r = record();
    LaunchSpec spec = child({u"exit"_s, u"5"_s});
    spec.workingDirectory = path(u"missing"_s);
    r.runner->start(spec);
    TRY_COMPARE(r.failures.size(), 1u);
    r.runner->start(child({u"exit"_s, u"5"_s}));
    QVERIFY(ends(r, 1));
    QCOMPARE(r.exits[0].exitCode, 5);
}

void RunnerContract::goesIdleWhenTheProgramVanished()
{
    QVERIFY(QFile::copy(QStringLiteral(PMDAEMON_TESTCHILD), path(u"copy"_s)));
    auto r = record();
    LaunchSpec spec = child({u"wait"_s});
    spec.program = path(u"copy"_s);
    spec.restart = always();
    r.runner->start(spec);
    TRY_COMPARE(out(), "ready\n"_ba);
    TRY_COMPARE(r.started.size(), 1u); // the program may be quicker than the word of its start
    QVERIFY(QFile::remove(spec.program));
    QVERIFY(r.runner->sendSignal(SIGKILL));
    TRY_COMPARE(r.failures.size(), 1u);
    QCOMPARE(r.exits.size(), 1u);
    QCOMPARE(r.exits[0].next.verdict, Verdict::Restart);
    QCOMPARE(r.runner->pid(), 0);
    r.runner->start(child({u"exit"_s, u"1"_s}));
    QVERIFY(ends(r, 2));
}

void RunnerContract::restartsAtOnceEachTime()
{
    auto r = record();
    LaunchSpec spec = child({u"lines-then-crash"_s, u"1"_s});
    spec.restart = always();
    spec.restart.maxRestarts = 49;
    spec.restart.minUptime = 60'000;
    r.runner->start(spec);
    QVERIFY(ends(r, 50));
    QCOMPARE(r.started.size(), 50u);
    for (const ProcessExit &exit : r.exits)
        QCOMPARE(exit.signal, SIGKILL);
    for (std::size_t i = 0; i + 1 < r.exits.size(); ++i)
        QCOMPARE(r.exits[i].next, (RestartDecision{Verdict::Restart, 0}));
    QCOMPARE(out(), numberedLines("line", 1).repeated(50));
}

void RunnerContract::waitsBetweenRestarts()
{
    auto r = record();
    LaunchSpec spec = child({u"exit"_s, u"1"_s});
    spec.restart = always(300);
    std::vector<std::chrono::steady_clock::time_point> ended;
    std::vector<std::chrono::steady_clock::time_point> begun;
    QObject::connect(r.runner.get(), &ProcessRunner::exited, this,
                     [&ended] { ended.push_back(std::chrono::steady_clock::now()); });
    QObject::connect(r.runner.get(), &ProcessRunner::started, this,
                     [&begun] { begun.push_back(std::chrono::steady_clock::now()); });
    r.runner->start(spec);
    TRY_COMPARE(r.started.size(), 3u);
    for (std::size_t i = 0; i < 2; ++i) {
        QCOMPARE(r.exits[i].next, (RestartDecision{Verdict::Restart, 300}));
        QVERIFY(begun[i + 1] - ended[i] > 200ms);
    }
    r.runner->stop(spec.stop);
}

void RunnerContract::restartsAfterExitZero()
{
    auto r = record();
    LaunchSpec spec = child({u"exit"_s, u"0"_s});
    spec.restart = always();
    r.runner->start(spec);
    TRY_VERIFY(r.started.size() >= 3);
    r.runner->stop(spec.stop);
}

void RunnerContract::staysDownAfterSuccess()
{
    auto r = record();
    LaunchSpec spec = child({u"exit"_s, u"0"_s});
    spec.restart.autorestart = true;
    spec.restart.onlyAfterFailure = true;
    r.runner->start(spec);
    QVERIFY(ends(r, 1));
    QCOMPARE(r.exits[0].next.verdict, Verdict::StayDown);
    spec.arguments = {u"exit"_s, u"1"_s};
    r.runner->start(spec);
    TRY_VERIFY(r.exits.size() >= 2); // it goes on at once
    QCOMPARE(r.exits[1].next.verdict, Verdict::Restart);
    r.runner->stop({});
}

void RunnerContract::staysDownAfterAStopCode()
{
    auto r = record();
    LaunchSpec spec = child({u"exit"_s, u"42"_s});
    spec.restart.autorestart = true;
    spec.restart.addStopCode(42);
    r.runner->start(spec);
    QVERIFY(ends(r, 1));
    QCOMPARE(r.exits[0].next.verdict, Verdict::StayDown);
}

void RunnerContract::givesUp()
{
    auto r = record();
    LaunchSpec spec = child({u"exit"_s, u"9"_s});
    spec.restart = always();
    spec.restart.maxRestarts = 3;
    spec.restart.minUptime = 60'000;
    r.runner->start(spec);
    QVERIFY(ends(r, 4));
    QCOMPARE(r.exits[3].next.verdict, Verdict::GiveUp);
    QTest::qWait(50);
    QCOMPARE(r.started.size(), 4u);
    QCOMPARE(r.runner->pid(), 0);
}

void RunnerContract::forgetsFailuresWhenStartedAgain()
{
    auto r = record();
    LaunchSpec spec = child({u"exit"_s, u"9"_s});
    spec.restart = always();
    spec.restart.maxRestarts = 1;
    spec.restart.minUptime = 60'000;
    for (std::size_t round = 1; round <= 3; ++round) {
        r.runner->start(spec);
        QVERIFY(ends(r, 2 * round));
        QCOMPARE(r.exits.back().next.verdict, Verdict::GiveUp);
    }
}

void RunnerContract::stopsBySignal()
{
    auto r = record();
    LaunchSpec spec = child({u"exit-on-term"_s});
    spec.restart = always();
    r.runner->start(spec);
    TRY_COMPARE(out(), "ready\n"_ba);
    TRY_COMPARE(r.started.size(), 1u); // the program may be quicker than what is told of it
    QCOMPARE(r.runner->pid(), r.started[0]);
    r.runner->stop({SIGTERM, 60s, true});
    QVERIFY(ends(r, 1));
    QCOMPARE(r.exits[0].exitCode, 0);
    QVERIFY(r.exits[0].requested);
    QVERIFY(!r.exits[0].killed);
    QCOMPARE(r.exits[0].next.verdict, Verdict::StayDown);
    QCOMPARE(out(), "ready\ngot SIGTERM\n"_ba);
    QTest::qWait(50);
    QCOMPARE(r.started.size(), 1u);
}

void RunnerContract::stopTellsTheWholeTree_data()
{
    QTest::addColumn<bool>("tree");
    QTest::newRow("tree") << true;
    QTest::newRow("root alone, then the rest is killed") << false;
}

void RunnerContract::stopTellsTheWholeTree()
{
    QFETCH(bool, tree);
    auto r = record();
    r.runner->start(child({u"five-processes"_s}));
    TRY_VERIFY(out().endsWith('\n'));
    const QList<qint64> pids = pidsIn(out());
    QCOMPARE(pids.size(), 5);
    TRY_COMPARE(r.runner->pid(), pids[0]);
    QVERIFY(std::all_of(pids.begin(), pids.end(), isAlive));
    r.runner->stop({SIGTERM, tree ? milliseconds(60s) : 200ms, tree});
    QVERIFY(ends(r, 1));
    QVERIFY(!anyAlive(pids));
    QCOMPARE(r.exits[0].signal, SIGTERM);
    QCOMPARE(r.exits[0].killed, !tree);
}

void RunnerContract::killsWhatIgnoresTheSignal()
{
    auto r = record();
    r.runner->start(child({u"ignore-term"_s}));
    TRY_COMPARE(out(), "ready\n"_ba);
    r.runner->stop({SIGTERM, 100ms, true});
    QVERIFY(ends(r, 1));
    QCOMPARE(r.exits[0].signal, SIGKILL);
    QVERIFY(r.exits[0].requested);
    QVERIFY(r.exits[0].killed);
}

void RunnerContract::killsTheWholeTree()
{
    for (int round = 0; round < 10; ++round) {
        QFile::remove(path(u"out.log"_s));
        auto r = record();
        r.runner->start(child({u"five-processes"_s, u"ignore"_s}));
        TRY_VERIFY(out().endsWith('\n'));
        const QList<qint64> pids = pidsIn(out());
        QCOMPARE(pids.size(), 5);
        r.runner->stop({SIGTERM, 20ms, true});
        QVERIFY(ends(r, 1));
        QVERIFY(r.exits[0].killed);
        QVERIFY(!anyAlive(pids));
    }
}

void RunnerContract::killsWhatIsBornWhileStopping()
{
    auto r = record();
    r.runner->start(child({u"multiply-on-term"_s}));
    TRY_COMPARE(out(), "ready\n"_ba);
    TRY_COMPARE(r.started.size(), 1u);
    const pid_t session = static_cast<pid_t>(r.started[0]);
    r.runner->stop({SIGTERM, 300ms, true});
    QVERIFY(ends(r, 1));
    QVERIFY(r.exits[0].killed);
    QCOMPARE(r.exits[0].exitCode, 0);
    for (const pid_t child : childrenOf(::getpid())) {
        const auto handle = ProcessHandle::open(child);
        QVERIFY(!handle || handle->isZombie() || handle->stat().session != session);
    }
}

void RunnerContract::killsATreeThatKeepsForking()
{
    auto r = record();
    r.runner->start(child({u"keep-forking"_s}));
    TRY_COMPARE(out(), "ready\n"_ba);
    r.runner->stop({SIGTERM, 50ms, true});
    QVERIFY(ends(r, 1));
    QVERIFY(r.exits[0].killed);
    TRY_VERIFY(childrenOf(::getpid()).empty());
}

void RunnerContract::killsLeftoversOfACrash()
{
    auto r = record();
    LaunchSpec spec = child({u"leave-child"_s});
    spec.restart = always();
    spec.restart.maxRestarts = 4;
    spec.restart.minUptime = 60'000;
    QObject::connect(r.runner.get(), &ProcessRunner::exited, this, [this, &r] {
        // The next run may have begun, and left one of its own.
        const QList<QByteArray> lines =
            out().trimmed().split('\n').first(qsizetype(r.exits.size()));
        for (const QByteArray &line : lines)
            QVERIFY(!isAlive(line.mid(5).toLongLong()));
    });
    r.runner->start(spec);
    QVERIFY(ends(r, 5));
    QCOMPARE(out().count("left "), 5);
    for (const ProcessExit &exit : r.exits) {
        QCOMPARE(exit.exitCode, 3);
        QVERIFY(!exit.killed);
    }
}

void RunnerContract::stopsWhileWaiting()
{
    auto r = record();
    LaunchSpec spec = child({u"exit"_s, u"1"_s});
    spec.restart = always(3'600'000);
    r.runner->start(spec);
    QVERIFY(ends(r, 1));
    QCOMPARE(r.cancelled, 0);
    r.runner->stop(spec.stop);
    TRY_COMPARE(r.cancelled, 1);
    r.runner->stop(spec.stop);
    QCOMPARE(r.cancelled, 1);
    spec.restart.autorestart = false;
    r.runner->start(spec);
    QVERIFY(ends(r, 2));
}

void RunnerContract::stopsRightAfterStart()
{
    auto r = record();
    LaunchSpec spec = child({u"wait"_s});
    spec.restart = always();
    for (std::size_t round = 1; round <= 20; ++round) {
        r.runner->start(spec);
        r.runner->stop({SIGTERM, 60s, true});
        QVERIFY(ends(r, round));
        QVERIFY(r.exits.back().requested);
        QCOMPARE(r.exits.back().signal, SIGTERM);
        QCOMPARE(r.started.size(), round);
        QVERIFY(!isAlive(r.started.back()));
    }
}

void RunnerContract::stopsInsideExited()
{
    auto r = record();
    LaunchSpec spec = child({u"exit"_s, u"1"_s});
    spec.restart = always(3'600'000);
    QObject::connect(r.runner.get(), &ProcessRunner::exited, this,
                     [&r, &spec] { r.runner->stop(spec.stop); });
    r.runner->start(spec);
    TRY_COMPARE(r.cancelled, 1);
    QTest::qWait(50);
    QCOMPARE(r.started.size(), 1u);
}

/// Either the restart is called off, or the new run is stopped.
void RunnerContract::stopsWhatRestartsAtOnce()
{
    auto r = record();
    LaunchSpec spec = child({u"exit"_s, u"1"_s});
    spec.restart = always();
    QObject::connect(r.runner.get(), &ProcessRunner::exited, this, [&r, &spec] {
        if (r.exits.size() == 5)
            r.runner->stop(spec.stop);
    });
    r.runner->start(spec);
    TRY_VERIFY(r.cancelled == 1 || (!r.exits.empty() && r.exits.back().requested));
    const std::size_t started = r.started.size();
    QCOMPARE(r.exits.size(), started);
    QTest::qWait(50);
    QCOMPARE(r.started.size(), started);
}

void RunnerContract::stopWhenIdleDoesNothing()
{
    auto r = record();
    r.runner->stop({});
    r.runner->start(child({u"exit"_s, u"0"_s}));
    QVERIFY(ends(r, 1));
    r.runner->stop({});
    QCOMPARE(r.exits.size(), 1u);
    QCOMPARE(r.cancelled, 0);
    QVERIFY(!r.exits[0].requested);
}

void RunnerContract::startsAgainInsideExited()
{
    auto r = record();
    QObject::connect(r.runner.get(), &ProcessRunner::exited, this, [this, &r] {
        if (r.exits.size() < 5)
            r.runner->start(child({u"exit"_s, QString::number(r.exits.size())}));
    });
    r.runner->start(child({u"exit"_s, u"0"_s}));
    QVERIFY(ends(r, 5));
    for (int i = 0; i < 5; ++i)
        QCOMPARE(r.exits[std::size_t(i)].exitCode, i);
}

void RunnerContract::stopTwiceIsOneExit()
{
    auto r = record();
    r.runner->start(child({u"ignore-term"_s}));
    TRY_COMPARE(out(), "ready\n"_ba);
    r.runner->stop({SIGTERM, 60s, true});
    r.runner->stop({SIGTERM, 50ms, true}); // the last word counts
    QVERIFY(ends(r, 1));
    QTest::qWait(50);
    QCOMPARE(r.exits.size(), 1u);
    QVERIFY(r.exits[0].killed);
}

void RunnerContract::tellsWhenTheProgramSaysReady_data()
{
    QTest::addColumn<QString>("behaviour");
    QTest::newRow("sd_notify") << u"notify"_s;
    QTest::newRow("node") << u"node-channel"_s;
}

void RunnerContract::tellsWhenTheProgramSaysReady()
{
    QFETCH(QString, behaviour);
    auto r = record();
    LaunchSpec spec = child({behaviour});
    spec.tellsReady = true;
    r.runner->start(spec);
    TRY_COMPARE(r.ready, 1);
    QCOMPARE(r.started.size(), 1u);
    r.runner->stop({});
    QVERIFY(ends(r, 1));
}

void RunnerContract::tellsReadyOnceInEachRun()
{
    auto r = record();
    LaunchSpec spec = child({u"notify"_s, u"READY=1\nREADY=1"_s});
    spec.tellsReady = true;
    spec.restart = always();
    r.runner->start(spec);
    TRY_COMPARE(r.ready, 1);
    QVERIFY(r.runner->sendSignal(SIGKILL));
    TRY_COMPARE(r.ready, 2);
    r.runner->stop({});
    QVERIFY(ends(r, 2));
}

void RunnerContract::takesNothingElseForReady()
{
    auto r = record();
    LaunchSpec spec = child({u"notify"_s, u"READY=10\nXREADY=1\nSTATUS=READY=1"_s});
    spec.tellsReady = true;
    r.runner->start(spec);
    TRY_COMPARE(out(), "ready\n"_ba); // it was sent before
    TRY_COMPARE(r.started.size(), 1u);
    QVERIFY(r.runner->sendSignal(SIGUSR1));
    QVERIFY(ends(r, 1));
    QCOMPARE(r.ready, 0);
}

void RunnerContract::stopsByMessage()
{
    auto r = record();
    LaunchSpec spec = child({u"node-channel"_s});
    spec.stop.byMessage = true;
    r.runner->start(spec);
    TRY_COMPARE(out(), "ready\n"_ba);
    TRY_COMPARE(r.started.size(), 1u);
    r.runner->stop(spec.stop);
    QVERIFY(ends(r, 1));
    QCOMPARE(r.exits[0].exitCode, 7);
    QVERIFY(r.exits[0].requested);
    QVERIFY(!r.exits[0].killed);
}

void RunnerContract::stopsBySignalWhereNobodyTakesMessages()
{
    auto r = record();
    LaunchSpec spec = child({u"wait"_s});
    r.runner->start(spec);
    TRY_COMPARE(out(), "ready\n"_ba);
    TRY_COMPARE(r.started.size(), 1u);
    r.runner->stop({.signal = SIGUSR1, .byMessage = true}); // it was given no channel
    QVERIFY(ends(r, 1));
    QCOMPARE(r.exits[0].signal, SIGUSR1);
}

void RunnerContract::leavesItToOthersToAskForTheEnd()
{
    auto r = record();
    r.runner->start(child({u"wait"_s}));
    TRY_COMPARE(out(), "ready\n"_ba);
    TRY_COMPARE(r.started.size(), 1u);
    r.runner->stop({.signal = 0, .timeout = 20s});
    TRY_COMPARE(r.stopsNoted, 1);
    QVERIFY(r.runner->sendSignal(SIGUSR2));
    QVERIFY(ends(r, 1));
    QCOMPARE(r.exits[0].signal, SIGUSR2);
    QVERIFY(r.exits[0].requested);
}

void RunnerContract::writesToTheInput()
{
    auto r = record();
    LaunchSpec spec = child({u"copy-input"_s});
    spec.hasInput = true;
    r.runner->start(spec);
    TRY_COMPARE(out(), "ready\n"_ba);
    TRY_COMPARE(r.started.size(), 1u);
    QVERIFY(r.runner->send("one\n"));
    QVERIFY(r.runner->send("two\nthree\n"));
    TRY_COMPARE(out(), "ready\none\ntwo\nthree\n"_ba);
    QVERIFY(r.runner->send("end\n"));
    QVERIFY(ends(r, 1));
    QCOMPARE(r.exits[0].exitCode, 0);
}

void RunnerContract::saysWhyNothingCanBeWritten()
{
    auto r = record();
    QVERIFY(r.runner->send("x").error().code == ErrorCode::NotRunning);
    r.runner->start(child({u"wait"_s}));
    TRY_COMPARE(r.started.size(), 1u);
    QVERIFY(r.runner->send("x").error().code == ErrorCode::InvalidConfig);
    r.runner->stop({});
    QVERIFY(ends(r, 1));
    LaunchSpec spec = child({u"wait"_s});
    spec.hasInput = true;
    r.runner->start(spec);
    TRY_COMPARE(r.started.size(), 2u);
    QVERIFY(r.runner->send(QByteArray(5'000, 'x')).error().code == ErrorCode::TooLarge);
    Result<void> sent;
    for (int i = 0; i < 1'000 && sent; ++i) // it never reads
        sent = r.runner->send(QByteArray(4'096, 'x'));
    QVERIFY(sent.error().code == ErrorCode::Timeout);
    r.runner->stop({});
    QVERIFY(ends(r, 2));
}

namespace {

std::shared_ptr<const UniqueFd> listenAt(QTcpServer &server)
{
    if (!server.listen(QHostAddress::LocalHost))
        return {};
    return std::make_shared<const UniqueFd>(
        ::fcntl(int(server.socketDescriptor()), F_DUPFD_CLOEXEC, 0));
}

/// What the program behind that port says first.
QByteArray answerAt(quint16 port)
{
    QTcpSocket client;
    client.connectToHost(QHostAddress::LocalHost, port);
    QByteArray answer;
    const auto isWhole = [&] { // the runner has its own to do meanwhile
        answer += client.readAll();
        return answer.endsWith('\n');
    };
    return QTest::qWaitFor(isWhole, patience) ? answer : QByteArray();
}

} // namespace

void RunnerContract::handsOnSockets()
{
    QTcpServer servers[2];
    auto r = record();
    LaunchSpec spec = child({u"listen"_s});
    spec.sockets = {{u"web"_s, listenAt(servers[0])}, {u"admin"_s, listenAt(servers[1])}};
    QVERIFY(spec.sockets[0].descriptor && spec.sockets[1].descriptor);
    for (QTcpServer &server : servers)
        server.pauseAccepting();
    spec.restart = always();
    r.runner->start(spec);
    TRY_COMPARE(out(), "own yes\nnames web:admin\n"_ba);
    QCOMPARE(answerAt(servers[0].serverPort()), "0\n"_ba);
    QCOMPARE(answerAt(servers[1].serverPort()), "1\n"_ba);
    TRY_COMPARE(r.started.size(), 1u);
    QVERIFY(r.runner->sendSignal(SIGKILL));
    QCOMPARE(answerAt(servers[0].serverPort()), "0\n"_ba); // the next run has the same ones
    r.runner->stop({});
    QVERIFY(ends(r, 2));
}

void RunnerContract::sendsSignals()
{
    auto r = record();
    QVERIFY(r.runner->sendSignal(SIGTERM).error().code == ErrorCode::NotRunning);
    r.runner->start(child({u"wait"_s}));
    TRY_COMPARE(out(), "ready\n"_ba);
    TRY_COMPARE(r.started.size(), 1u);
    QVERIFY(r.runner->sendSignal(0));
    QVERIFY(r.runner->sendSignal(1'000).error().code == ErrorCode::InvalidMessage);
    QVERIFY(r.runner->sendSignal(SIGUSR1));
    QVERIFY(ends(r, 1));
    QCOMPARE(r.exits[0].signal, SIGUSR1);
    QVERIFY(!r.exits[0].requested);
    QVERIFY(r.runner->sendSignal(SIGTERM).error().code == ErrorCode::NotRunning);
}

void RunnerContract::noticesExitWithClosedOutput()
{
    auto r = record();
    r.runner->start(child({u"close-output"_s}));
    TRY_COMPARE(out(), "ready\n"_ba);
    TRY_COMPARE(r.started.size(), 1u);
    QTest::qWait(50);
    QCOMPARE(r.exits.size(), 0u);
    QVERIFY(r.runner->sendSignal(SIGKILL));
    QVERIFY(ends(r, 1));
}

/// It is either found and ended, or what it writes later is stored.
void RunnerContract::losesNothingOfAnEscapedProcess()
{
    auto r = record();
    r.runner->start(child({u"escape"_s, path(u"go"_s)}));
    TRY_VERIFY(out().endsWith('\n'));
    const qint64 escaped = out().mid(8).trimmed().toLongLong();
    QVERIFY(isAlive(escaped));
    TRY_COMPARE(r.started.size(), 1u);
    QVERIFY(r.runner->sendSignal(SIGKILL));
    QVERIFY(ends(r, 1)); // does not wait for the pipe
    QFile go(path(u"go"_s));
    const bool isAtLarge = isAlive(escaped);
    QVERIFY(go.open(QIODevice::WriteOnly));
    if (isAtLarge)
        TRY_VERIFY(out().endsWith("late\n"));
    TRY_VERIFY(!exists(escaped)); // reaped as well
}

void RunnerContract::leavesNoDescriptorsAndNoZombies()
{
    const auto cycle = [this](RunnerRecord &r, const QString &behaviour) {
        r.runner->start(child({behaviour}));
        r.runner->stop({SIGKILL, 60s, true});
        const std::size_t before = r.exits.size();
        QVERIFY(ends(r, before + 1));
    };
    auto r = record();
    for (const QString &behaviour : {u"wait"_s, u"five-processes"_s})
        cycle(r, behaviour);
    const int before = openDescriptors();
    for (int i = 0; i < 200; ++i)
        cycle(r, i % 2 == 0 ? u"wait"_s : u"five-processes"_s);
    r.runner->start(child({u"leave-child"_s}));
    QVERIFY(ends(r, 203));
    TRY_VERIFY(openDescriptors() <= before);
    TRY_VERIFY(childrenOf(::getpid()).empty());
}

} // namespace pmdaemon
