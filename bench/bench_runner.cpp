// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/qprocessrunner.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QFile>
#include <QTemporaryDir>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <vector>

// What the runner costs with real programs: crash to next start, 100 starts, and 200 MB of output
// stored, beside a bare pipe-to-file copier. One figure a line.

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

void waitUntil(const std::function<bool()> &condition)
{
    while (!condition())
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
}

class Bench
{
public:
    void crashToStart();
    void hundredStarts();
    void storing();

private:
    LaunchSpec child(const QStringList &arguments, int number = 0) const;
    struct Cost
    {
        double milliseconds = 0;
        double cpu = 0;
    };
    Cost storeWithRunner(qint64 maxSize);
    Cost storeWithCopier() const;

    QTemporaryDir m_folder;
    Subreaper m_subreaper;
};

LaunchSpec Bench::child(const QStringList &arguments, int number) const
{
    LaunchSpec spec;
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

void Bench::crashToStart()
{
    QProcessRunner runner(m_subreaper);
    Clock::time_point killed;
    std::vector<double> times;
    bool isOnline = false;
    QObject::connect(&runner, &ProcessRunner::started, [&] {
        if (killed != Clock::time_point())
            times.push_back(millisecondsSince(killed));
        isOnline = true;
    });
    runner.start(child({u"wait"_s}));
    for (int i = 0; i < 50; ++i) {
        isOnline = false;
        killed = Clock::now();
        [[maybe_unused]] const auto sent = runner.sendSignal(SIGSEGV);
        waitUntil([&] { return isOnline; });
    }
    std::printf("crash to next start, median of 50:    %8.2f ms (worst %.2f)\n", median(times),
                *std::max_element(times.begin(), times.end()));
}

void Bench::hundredStarts()
{
    std::vector<std::unique_ptr<QProcessRunner>> runners;
    int online = 0;
    double longestTurn = 0;
    const double cpuBefore = cpuSeconds();
    const auto begin = Clock::now();
    for (int i = 0; i < 100; ++i) {
        runners.push_back(std::make_unique<QProcessRunner>(m_subreaper));
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
}

Bench::Cost Bench::storeWithRunner(qint64 maxSize)
{
    QProcessRunner runner(m_subreaper);
    bool ended = false;
    QObject::connect(&runner, &ProcessRunner::exited, [&] { ended = true; });
    LaunchSpec spec = child({u"megabytes"_s, u"200"_s});
    spec.restart.autorestart = false;
    spec.logs.maxSize = maxSize;
    QFile::remove(spec.logs.out);
    const double cpuBefore = cpuSeconds();
    const auto begin = Clock::now();
    runner.start(spec);
    waitUntil([&] { return ended; });
    return {millisecondsSince(begin), cpuSeconds() - cpuBefore};
}

/// read() and write() of 64 KiB on a thread.
Bench::Cost Bench::storeWithCopier() const
{
    const QByteArray target = QFile::encodeName(m_folder.filePath(u"copied.log"_s));
    ::unlink(target.constData());
    const double cpuBefore = cpuSeconds();
    const auto begin = Clock::now();
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return {};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    QByteArray program = PMDAEMON_TESTCHILD;
    QByteArray behaviour = "megabytes";
    QByteArray count = "200";
    char *const words[] = {program.data(), behaviour.data(), count.data(), nullptr};
    pid_t pid = 0;
    ::posix_spawn(&pid, program.constData(), &actions, nullptr, words, environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    std::thread copier([&] {
        std::array<char, 64 * 1024> block;
        const UniqueFd file(::open(target.constData(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        ssize_t length = 0;
        while ((length = ::read(ends[0], block.data(), block.size())) > 0) {
            if (::write(file.get(), block.data(), size_t(length)) != length)
                return;
        }
    });
    copier.join();
    ::close(ends[0]);
    ::waitpid(pid, nullptr, 0);
    return {millisecondsSince(begin), cpuSeconds() - cpuBefore};
}

void Bench::storing()
{
    const auto print = [](const char *name, const std::vector<Cost> &costs) {
        std::vector<double> times;
        std::vector<double> cpu;
        for (const Cost &cost : costs) {
            times.push_back(cost.milliseconds);
            cpu.push_back(cost.cpu);
        }
        std::printf("200 MB stored, %-22s %8.0f ms (%.2f GB/s, CPU %.2f s/GB)\n", name,
                    median(times), 0.2 * 1.048576 / median(times) * 1e3,
                    median(cpu) / 0.2 / 1.048576);
    };
    std::vector<Cost> copied;
    std::vector<Cost> stored;
    std::vector<Cost> rotated;
    for (int i = 0; i < 5; ++i) { // in turn, so that a busy machine is unfair to all
        copied.push_back(storeWithCopier());
        stored.push_back(storeWithRunner(0));
        rotated.push_back(storeWithRunner(10 * 1024 * 1024));
    }
    print("bare copier:", copied);
    print("runner:", stored);
    print("runner, rotating:", rotated);
}

} // namespace

int main(int argc, char *argv[])
{
    const QCoreApplication app(argc, argv);
    const QString only = app.arguments().value(1); // one of them, or all
    Bench bench;
    if (only.isEmpty() || only == "crash"_L1)
        bench.crashToStart();
    if (only.isEmpty() || only == "start"_L1)
        bench.hundredStarts();
    if (only.isEmpty() || only == "store"_L1)
        bench.storing();
}
