// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/state/statestore.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QTemporaryDir>

#include <chrono>
#include <cstdio>

// What the store costs a daemon with COUNT processes (1,000) and a day of their past: the time to
// open it, the memory that it takes, and the time of a change. One figure a line.

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point begin)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// Kilobytes: `Rss:`, `Private_Dirty:` …
int memory(QByteArrayView key)
{
    QFile file(u"/proc/self/smaps_rollup"_s);
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QByteArray text = file.readAll();
    const qsizetype at = text.indexOf(key) + key.size();
    return text.mid(at, text.indexOf("kB", at) - at).trimmed().toInt();
}

std::unique_ptr<StateStore> open(const QString &home)
{
    Result<std::unique_ptr<StateStore>> store = StateStore::open(home);
    if (!store)
        qFatal("%ls", qUtf16Printable(store.error().message));
    return std::move(*store);
}

void save(StateStore &store, const StateChange &change)
{
    const Reply<void> reply = store.save(change);
    if (!reply.result())
        qFatal("%ls", qUtf16Printable(reply.result().error().message));
}

StateChange processes(int count)
{
    StateChange change;
    for (int i = 0; i < count; ++i) {
        StoredProcess process;
        process.id = ProcessId(i);
        process.name = process.spec.name = u"app-%1"_s.arg(i);
        process.spec.script = u"/srv/app-%1/server.js"_s.arg(i);
        process.spec.args = {u"--port"_s, QString::number(4'000 + i)};
        process.spec.env = {{u"NODE_ENV"_s, u"production"_s}, {u"NUMBER"_s, QString::number(i)}};
        process.wanted = Wanted::Up;
        change.put(process);
    }
    return change;
}

MetricsMinute minute(int count, WallTime time)
{
    MetricsMinute minute;
    minute.time = time;
    for (int i = 0; i < count; ++i) {
        const double cpu = i % 100;
        const double bytes = 50e6 + 4096 * i;
        minute.processes.append({ProcessId(i), {cpu, cpu + 1, cpu + 5}, {bytes, bytes, bytes}});
    }
    return minute;
}

void fill(const QString &home, int count)
{
    const auto store = open(home);
    save(*store, processes(count));
    const WallTime now = wallNow();
    double slowest = 0;
    for (int i = 24 * 60 - 1; i > 0; --i) {
        StateChange change;
        change.metrics.append(minute(count, WallTime(now - std::chrono::minutes(i))));
        const auto begin = Clock::now();
        save(*store, change);
        slowest = std::max(slowest, millisecondsSince(begin));
    }
    std::printf("one minute of figures, slowest: %.1f ms\n", slowest);
}

void measureChanges(StateStore &store)
{
    constexpr int rounds = 200;
    const StateChange change = processes(1);
    auto begin = Clock::now();
    for (int i = 0; i < rounds; ++i)
        save(store, change);
    std::printf("change, one after the other: %.2f ms\n", millisecondsSince(begin) / rounds);
    begin = Clock::now();
    Reply<void> last;
    for (int i = 0; i < rounds; ++i)
        last = store.save(change);
    std::printf("caller's time per change: %.4f ms\n", millisecondsSince(begin) / rounds);
    last.waitForFinished();
    std::printf("change, all at once: %.2f ms\n", millisecondsSince(begin) / rounds);
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication app(argc, argv);
    QCoreApplication::setLibraryPaths({}); // as the daemon
    const QStringList arguments = QCoreApplication::arguments();
    const QString number = arguments.value(1, u"1000"_s);
    const int count = number.toInt();
    if (arguments.size() > 2) {
        fill(arguments[2], count);
        return 0;
    }
    // Filled by another process, so that the memory of this one is that of opening alone.
    const QTemporaryDir home;
    if (QProcess::execute(QCoreApplication::applicationFilePath(), {number, home.path()}) != 0)
        return 1;
    const QString path = home.path();
    std::printf("database: %lld KiB\n",
                static_cast<long long>(QFileInfo(path + "/state.db"_L1).size() / 1024));
    const int before = memory("Rss:");
    const int dirtyBefore = memory("Private_Dirty:");
    auto begin = Clock::now();
    const auto store = open(path);
    std::printf("open: %.1f ms\n", millisecondsSince(begin));
    {
        const StoredState state = store->load();
        std::printf("open and load %lld: %.1f ms\n", static_cast<long long>(state.processes.size()),
                    millisecondsSince(begin));
    }
    const Reply<EventPage> checked = store->events({});
    static_cast<void>(checked.result());
    std::printf("until all is checked and backed up: %.1f ms\n", millisecondsSince(begin));
    std::printf("memory: +%d kB RSS, +%d kB of it private and dirty\n", memory("Rss:") - before,
                memory("Private_Dirty:") - dirtyBefore);
    begin = Clock::now();
    const Reply<MetricsSeries> day = store->metrics(
        {.process = ProcessId(count / 2), .from = WallTime(wallNow() - 24h), .to = wallNow()});
    static_cast<void>(day.result());
    std::printf("a day of one process, %lld minutes: %.1f ms\n",
                static_cast<long long>(day.result()->mean.time.size()), millisecondsSince(begin));
    measureChanges(*store);
    std::printf("memory after that: +%d kB RSS, +%d kB private and dirty\n",
                memory("Rss:") - before, memory("Private_Dirty:") - dirtyBefore);
    return 0;
}
