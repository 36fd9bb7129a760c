// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/qprocessrunner.h"
#include "core/process/shimrunner.h"

#include <QCoreApplication>
#include <QDir>
#include <QEventLoop>
#include <QFile>
#include <QTemporaryDir>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

// What the two runners cost with real programs: crash to next start, 100 starts, and 200 MB of
// output stored, beside a bare pipe-to-file copier. One figure a line.

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point begin)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

double cpuSeconds()
{
    rusage usage;
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval &time) {
        return double(time.tv_sec) + double(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double cpuSeconds(qint64 pid)
{
    QFile file(u"/proc/%1/schedstat"_s.arg(pid));
    return file.open(QFile::ReadOnly) ? file.readAll().split(' ')[0].toDouble() / 1e9 : 0;
}

void waitUntil(const std::function<bool()> &condition)
{
    while (!condition())
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
}

enum class Kind { QProcess, Shim };

/// How the output is written: 64 KiB at once, or each line of 100 bytes alone.
enum class Writes { Blocks, Lines };

QStringList output(Writes writes)
{
    return {u"megabytes"_s, u"200"_s, writes == Writes::Lines ? u"100"_s : u"65536"_s};
}

class Bench
{
public:
    Bench();
    void crashToStart(Kind kind);
    void crashToStartWithoutDaemon();
    void hundredStarts(Kind kind);
    void storing(Writes writes);

private:
    std::unique_ptr<ProcessRunner> makeRunner(Kind kind);
    void end(ProcessRunner &runner);
    qint64 shim(int number) const;
    LaunchSpec child(const QStringList &arguments, int number = 0) const;
    struct Cost
    {
        double milliseconds = 0;
        double cpu = 0; ///< of whoever stores, in seconds
    };
    Cost storeWithRunner(Kind kind, Writes writes, qint64 maxSize);
    /// How what is copied comes: through a pipe that is read from until something comes, or a named
    /// one that is polled, as whoever serves more than one has to. The kernel makes a program pay
    /// for the difference: each write sets the time of a named pipe, and wakes whoever polls it.
    enum class From { Pipe, PolledFifo };
    Cost storeWithCopier(Writes writes, From from) const;

    QTemporaryDir m_folder;
    Subreaper m_subreaper;
};

Bench::Bench()
{
    QDir(m_folder.path()).mkdir(u"run"_s);
}

std::unique_ptr<ProcessRunner> Bench::makeRunner(Kind kind)
{
    if (kind == Kind::QProcess)
        return std::make_unique<QProcessRunner>(m_subreaper);
    return std::make_unique<ShimRunner>(
        ShimHome{m_folder.path(), m_folder.filePath(u"run"_s), QStringLiteral(PMDAEMON_SHIM)});
}

/// What a runner leaves behind.
void Bench::end(ProcessRunner &runner)
{
    if (runner.pid() != 0) {
        bool ended = false;
        QObject::connect(&runner, &ProcessRunner::exited, [&] { ended = true; });
        runner.stop({});
        waitUntil([&] { return ended; });
    }
    runner.discard();
}

qint64 Bench::shim(int number) const
{
    return SlotDirectory(m_folder.path(), {}, ProcessId(number)).holder();
}

LaunchSpec Bench::child(const QStringList &arguments, int number) const
{
    LaunchSpec spec;
    spec.id = ProcessId(number);
    spec.name = u"bench"_s;
    spec.program = QStringLiteral(PMDAEMON_TESTCHILD);
    spec.arguments = arguments;
    spec.workingDirectory = m_folder.path();
    for (int i = 0; i < 30; ++i) // as much as a login shell has
        spec.environment << u"VARIABLE_%1=%2"_s.arg(i).arg(QString(40, u'x'));
    spec.logs.out = m_folder.filePath(u"%1-out.log"_s.arg(number));
    spec.logs.err = m_folder.filePath(u"%1-error.log"_s.arg(number));
    spec.restart.maxRestarts = RestartPolicy::Unlimited;
    spec.restart.backoffBase = 0;
    return spec;
}

void Bench::crashToStart(Kind kind)
{
    const auto runner = makeRunner(kind);
    Clock::time_point killed;
    std::vector<double> times;
    bool isOnline = false;
    QObject::connect(runner.get(), &ProcessRunner::started, [&] {
        if (killed != Clock::time_point())
            times.push_back(millisecondsSince(killed));
        isOnline = true;
    });
    runner->start(child({u"wait"_s}));
    waitUntil([&] { return isOnline; });
    for (int i = 0; i < 50; ++i) {
        isOnline = false;
        killed = Clock::now();
        [[maybe_unused]] const auto sent = runner->sendSignal(SIGSEGV);
        waitUntil([&] { return isOnline; });
    }
    std::printf("crash to next start, median of 50:    %8.2f ms (worst %.2f)\n", median(times),
                *std::max_element(times.begin(), times.end()));
    end(*runner);
}

/// From the signal to the first line of the next run in its log, while nothing here takes part.
void Bench::crashToStartWithoutDaemon()
{
    const auto runner = makeRunner(Kind::Shim);
    const LaunchSpec spec = child({u"wait"_s});
    QFile::remove(spec.logs.out);
    qint64 pid = 0;
    QObject::connect(runner.get(), &ProcessRunner::started, [&](qint64 started) { pid = started; });
    runner->start(spec);
    waitUntil([&] { return pid != 0; });
    const auto awaitLines = [log = QFile::encodeName(spec.logs.out)](int count) {
        struct stat status = {};
        while (::stat(log.constData(), &status) != 0 || status.st_size < count * 6) // "ready\n"
            ::usleep(50);
    };
    std::vector<double> times;
    for (int i = 1; i <= 50; ++i) {
        awaitLines(i);
        const qint64 before = pid;
        const auto killed = Clock::now();
        ::kill(static_cast<pid_t>(pid), SIGSEGV);
        awaitLines(i + 1);
        times.push_back(millisecondsSince(killed));
        waitUntil([&] { return pid != before; });
    }
    std::printf("shim alone, to the next run's output: %8.2f ms (worst %.2f)\n", median(times),
                *std::max_element(times.begin(), times.end()));
    end(*runner);
}

void Bench::hundredStarts(Kind kind)
{
    std::vector<std::unique_ptr<ProcessRunner>> runners;
    int online = 0;
    double longestTurn = 0;
    const double cpuBefore = cpuSeconds();
    const auto begin = Clock::now();
    for (int i = 0; i < 100; ++i) {
        runners.push_back(makeRunner(kind));
        QObject::connect(runners.back().get(), &ProcessRunner::started, [&] { ++online; });
        const auto turn = Clock::now();
        runners.back()->start(child({u"wait"_s}, i));
        longestTurn = std::max(longestTurn, millisecondsSince(turn));
        if (i % 4 == 3)
            QCoreApplication::processEvents();
    }
    waitUntil([&] { return online == 100; });
    std::printf(
        "100 programs online:                  %8.2f ms (longest start() %.2f, CPU %.0f ms)\n",
        millisecondsSince(begin), longestTurn, (cpuSeconds() - cpuBefore) * 1e3);
    int ended = 0;
    const auto stopBegin = Clock::now();
    for (const auto &runner : runners) {
        QObject::connect(runner.get(), &ProcessRunner::exited, [&] { ++ended; });
        runner->stop({});
    }
    waitUntil([&] { return ended == 100; });
    std::printf("100 programs stopped:                 %8.2f ms\n", millisecondsSince(stopBegin));
    for (const auto &runner : runners)
        end(*runner);
}

Bench::Cost Bench::storeWithRunner(Kind kind, Writes writes, qint64 maxSize)
{
    const auto runner = makeRunner(kind);
    bool ended = false;
    QObject::connect(runner.get(), &ProcessRunner::exited, [&] { ended = true; });
    LaunchSpec spec = child(output(writes));
    spec.restart.autorestart = false;
    spec.logs.maxSize = maxSize;
    QFile::remove(spec.logs.out);
    const double cpuBefore = cpuSeconds();
    const auto begin = Clock::now();
    runner->start(spec);
    waitUntil([&] { return ended; });
    const double milliseconds = millisecondsSince(begin);
    const double cpu = kind == Kind::Shim ? cpuSeconds(shim(0)) : cpuSeconds() - cpuBefore;
    end(*runner);
    return {milliseconds, cpu};
}

/// read() and write() of 64 KiB on a thread.
Bench::Cost Bench::storeWithCopier(Writes writes, From from) const
{
    const QByteArray target = QFile::encodeName(m_folder.filePath(u"copied.log"_s));
    ::unlink(target.constData());
    const double cpuBefore = cpuSeconds();
    const auto begin = Clock::now();
    int ends[2];
    if (from == From::PolledFifo) {
        const QByteArray name = QFile::encodeName(m_folder.filePath(u"fifo"_s));
        if (::mkfifo(name.constData(), 0600) != 0 && errno != EEXIST)
            return {};
        ends[0] = ::open(name.constData(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        ends[1] = ::open(name.constData(), O_WRONLY | O_CLOEXEC);
    } else if (::pipe2(ends, O_CLOEXEC) != 0) {
        return {};
    }
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    QByteArray program = PMDAEMON_TESTCHILD;
    std::vector<QByteArray> arguments{program};
    for (const QString &argument : output(writes))
        arguments.push_back(argument.toLatin1());
    std::vector<char *> words;
    for (QByteArray &argument : arguments)
        words.push_back(argument.data());
    words.push_back(nullptr);
    pid_t pid = 0;
    ::posix_spawn(&pid, program.constData(), &actions, nullptr, words.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    std::thread copier([&] {
        std::array<char, 64 * 1024> block;
        const UniqueFd file(::open(target.constData(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        pollfd awaited{ends[0], POLLIN, 0};
        for (;;) {
            if (from == From::PolledFifo)
                ::poll(&awaited, 1, -1);
            const ssize_t length = ::read(ends[0], block.data(), block.size());
            if (length <= 0 || ::write(file.get(), block.data(), size_t(length)) != length)
                return;
        }
    });
    copier.join();
    ::close(ends[0]);
    ::waitpid(pid, nullptr, 0);
    return {millisecondsSince(begin), cpuSeconds() - cpuBefore};
}

void Bench::storing(Writes writes)
{
    const auto print = [](const char *name, const std::vector<Cost> &costs) {
        std::vector<double> times;
        std::vector<double> cpu;
        for (const Cost &cost : costs) {
            times.push_back(cost.milliseconds);
            cpu.push_back(cost.cpu);
        }
        std::printf("  %-35s %8.0f ms (%.2f GB/s, CPU %.3f s)\n", name, median(times),
                    0.2 * 1.048576 / median(times) * 1e3, median(cpu));
    };
    constexpr qint64 rotating = 10 * 1024 * 1024;
    std::vector<Cost> copied;
    std::vector<Cost> copiedFromFifo;
    std::vector<Cost> stored;
    std::vector<Cost> byShim;
    std::vector<Cost> rotated;
    std::vector<Cost> rotatedByShim;
    for (int i = 0; i < 5; ++i) { // in turn, so that a busy machine is unfair to all
        copied.push_back(storeWithCopier(writes, From::Pipe));
        copiedFromFifo.push_back(storeWithCopier(writes, From::PolledFifo));
        stored.push_back(storeWithRunner(Kind::QProcess, writes, 0));
        byShim.push_back(storeWithRunner(Kind::Shim, writes, 0));
        rotated.push_back(storeWithRunner(Kind::QProcess, writes, rotating));
        rotatedByShim.push_back(storeWithRunner(Kind::Shim, writes, rotating));
    }
    std::printf("200 MB stored, written %s\n",
                writes == Writes::Lines ? "100 bytes at once" : "64 KiB at once");
    print("bare copier:", copied);
    print("bare copier, polled FIFO:", copiedFromFifo);
    print("QProcessRunner:", stored);
    print("shim:", byShim);
    print("QProcessRunner, rotating:", rotated);
    print("shim, rotating:", rotatedByShim);
}

} // namespace

int main(int argc, char *argv[])
{
    const QCoreApplication app(argc, argv);
    const QString only = app.arguments().value(1); // one of them, or all
    Bench bench;
    for (const Kind kind : {Kind::QProcess, Kind::Shim}) {
        std::printf("%s\n", kind == Kind::Shim ? "ShimRunner" : "QProcessRunner");
        if (only.isEmpty() || only == "crash"_L1)
            bench.crashToStart(kind);
        if (only.isEmpty() || only == "start"_L1)
            bench.hundredStarts(kind);
    }
    if (only.isEmpty() || only == "crash"_L1)
        bench.crashToStartWithoutDaemon();
    if (only.isEmpty() || only == "store"_L1) {
        bench.storing(Writes::Blocks);
        bench.storing(Writes::Lines);
    }
}
