// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/metrics/metricssampler.h"

#include "core/metrics/cpuusage.h"
#include "core/metrics/processtree.h"
#include "core/metrics/systemusage.h"

#include <QFile>
#include <QTimer>

#include <algorithm>
#include <deque>

namespace pmdaemon {

using std::chrono::steady_clock;

namespace {

constexpr int readingsBetweenWalks = 3;
constexpr int openedPerTurn = 16; ///< the first reading of a process opens its files

struct TrackedProcess
{
    qint64 pid = 0;
    WallTime startedAt{};
    steady_clock::time_point start;  // the same moment, safe from jumps of the wall clock
    std::optional<ProcessTree> tree; // while it runs
    CpuUsage cpu;                    // for single questions
};

/// All that is wanted at one interval. Everything that is a rate is over this interval's own
/// period.
struct Tick
{
    std::optional<QList<ProcessId>> processes; // ascending; none = no frames of processes
    bool system = false;
    bool history = false;
    int readings = 0;
    WallTime step{};            // of the past
    bool owesProcesses = false; // the first frame
    bool owesSystem = false;
    std::unique_ptr<QTimer> timer;
    std::map<ProcessId, CpuUsage> cpu;
    SystemUsage usage;

    /// A timer that is early or late by a little must not leave one step out and take another
    /// twice.
    void nextStep(WallTime now)
    {
        step += timer->intervalAsDuration();
        if (std::chrono::abs(step - now) > timer->intervalAsDuration() / 4)
            step = now;
    }
    bool isQuiet() const { return !processes && !system; }
    bool isWanted() const { return processes || system || history; }
    bool wants(ProcessId id) const
    {
        return history || (processes && std::ranges::binary_search(*processes, id));
    }
};

struct Due
{
    std::optional<MetricsFrame> frame;
    std::optional<SystemMetrics> system;
    std::optional<MetricsMinute> minute;
};

} // namespace

class MetricsSampler::Private
{
public:
    Private(MetricsSampler *sampler, const QString &root, const QString &disk)
        : q(sampler)
        , procRoot(QFile::encodeName(root))
        , diskPath(QFile::encodeName(disk))
    {
        firstFrames.setSingleShot(true);
        QObject::connect(&firstFrames, &QTimer::timeout, q, [this] { sampleOwed(); });
        QObject::connect(&opening, &QTimer::timeout, q, [this] { openSome(); });
    }

    Tick &tick(milliseconds interval);
    void dropUnwanted();
    void paceHistory();
    void sampleRegularly(milliseconds interval);
    void sampleOwed();
    bool isUnread(ProcessId id, const Tick &tick) const;
    void openSome();
    void emitAll(const std::vector<Due> &due);
    QList<ProcessId> idsOf(const Tick &tick) const;
    ProcessSample sample(ProcessId id, Tick &tick, bool isFirst, ProcessTree::Walk walk);
    std::optional<TreeFigures> read(TrackedProcess &process, ProcessSample &sample, bool keepOpen,
                                    ProcessTree::Walk walk);

    MetricsSampler *q;
    QByteArray procRoot;
    QByteArray diskPath;
    FdBudget budget = FdBudget::ofThisProcess();
    std::map<ProcessId, TrackedProcess> processes;
    std::map<milliseconds, Tick> ticks;
    QTimer firstFrames;
    std::deque<std::pair<milliseconds, ProcessId>> toOpen; ///< newcomers, by interval
    QTimer opening;
    MetricsHistory history;
    SystemUsage systemNow;
};

Tick &MetricsSampler::Private::tick(milliseconds interval)
{
    Tick &tick = ticks[interval];
    if (!tick.timer) {
        tick.timer = std::make_unique<QTimer>();
        QObject::connect(tick.timer.get(), &QTimer::timeout, q,
                         [this, interval] { sampleRegularly(interval); });
        tick.timer->start(interval);
    }
    return tick;
}

void MetricsSampler::Private::paceHistory()
{
    for (auto &[interval, tick] : ticks) {
        const milliseconds pace = tick.history && tick.isQuiet() ? 2 * interval : interval;
        if (tick.timer->intervalAsDuration() != pace)
            tick.timer->start(pace);
    }
}

void MetricsSampler::Private::dropUnwanted()
{
    paceHistory();
    for (auto entry = ticks.begin(); entry != ticks.end();) {
        if (entry->second.isWanted()) {
            ++entry;
            continue;
        }
        // It may be this timer's signal that led here.
        entry->second.timer->stop();
        entry->second.timer.release()->deleteLater();
        entry = ticks.erase(entry);
    }
    for (auto &[id, process] : processes) {
        const auto wantsIt = [id = id](const auto &entry) { return entry.second.wants(id); };
        if (process.tree && std::ranges::none_of(ticks, wantsIt))
            process.tree->release();
    }
    for (auto &[interval, tick] : ticks)
        std::erase_if(tick.cpu, [&tick = tick](const auto &cpu) { return !tick.wants(cpu.first); });
}

/// The processes to read at this tick, ascending.
QList<ProcessId> MetricsSampler::Private::idsOf(const Tick &tick) const
{
    QList<ProcessId> ids = tick.processes.value_or(QList<ProcessId>());
    if (tick.history) {
        for (const auto &[id, process] : processes)
            ids.append(id);
        std::ranges::sort(ids);
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    }
    return ids;
}

std::optional<TreeFigures> MetricsSampler::Private::read(TrackedProcess &process,
                                                         ProcessSample &sample, bool keepOpen,
                                                         ProcessTree::Walk walk)
{
    if (!process.tree)
        return std::nullopt;
    const std::optional<TreeFigures> figures = process.tree->read(keepOpen, walk);
    if (figures) {
        sample.memory = figures->memory;
        sample.uptime =
            std::chrono::duration_cast<milliseconds>(steady_clock::now() - process.start);
    }
    return figures;
}

ProcessSample MetricsSampler::Private::sample(ProcessId id, Tick &tick, bool isFirst,
                                              ProcessTree::Walk walk)
{
    ProcessSample sample{id};
    const auto found = processes.find(id);
    if (found == processes.end())
        return sample;
    const std::optional<TreeFigures> figures = read(found->second, sample, true, walk);
    if (!figures) {
        tick.cpu.erase(id);
        return sample;
    }
    const CpuReading reading{figures->cpu, steady_clock::now()};
    const auto [cpu, isNew] = tick.cpu.try_emplace(id);
    // A first frame between two regular ones leaves these their whole period.
    sample.cpu = isFirst && !isNew ? cpu->second.peek(reading) : cpu->second.update(reading);
    if (tick.history && !isFirst && !isNew)
        history.add(tick.step, sample, tick.timer->intervalAsDuration());
    return sample;
}

void MetricsSampler::Private::sampleRegularly(milliseconds interval)
{
    Tick &tick = ticks.at(interval);
    Due due;
    MetricsFrame frame{wallNow(), interval, {}};
    tick.nextStep(frame.time);
    if (tick.history)
        due.minute = history.moveTo(tick.step);
    const bool walks = tick.readings++ % readingsBetweenWalks == 0;
    for (const ProcessId id : idsOf(tick)) {
        const bool isWatched = tick.processes && std::ranges::binary_search(*tick.processes, id);
        if (!isWatched && isUnread(id, tick)) {
            toOpen.emplace_back(interval, id); // hundreds may have started since the last tick
            continue;
        }
        const auto walk = walks || isWatched ? ProcessTree::Walk::Whole : ProcessTree::Walk::Known;
        const ProcessSample sampled = sample(id, tick, false, walk);
        if (isWatched)
            frame.processes.append(sampled);
    }
    if (tick.processes)
        due.frame = frame;
    if (tick.system || tick.history) {
        const bool hasRates = tick.usage.hasReading();
        SystemMetrics metrics = tick.usage.update(readSystem(procRoot, diskPath));
        metrics.time = frame.time;
        metrics.interval = interval;
        if (tick.history && hasRates)
            history.add(tick.step, metrics, tick.timer->intervalAsDuration());
        if (tick.system)
            due.system = metrics;
    }
    tick.owesProcesses = false;
    tick.owesSystem = false;
    if (!toOpen.empty())
        opening.start(0);
    emitAll({due});
}

/// It runs, and has not been read for this tick.
bool MetricsSampler::Private::isUnread(ProcessId id, const Tick &tick) const
{
    const auto found = processes.find(id);
    return found != processes.end() && found->second.tree && !tick.cpu.contains(id);
}

/// The first reading of processes that only the past is kept of; their next tick is the first with
/// a rate, as it would be anyway.
void MetricsSampler::Private::openSome()
{
    for (int opened = 0; opened < openedPerTurn && !toOpen.empty(); ++opened) {
        const auto [interval, id] = toOpen.front();
        toOpen.pop_front();
        const auto tick = ticks.find(interval);
        if (tick != ticks.end() && tick->second.history && isUnread(id, tick->second))
            sample(id, tick->second, true, ProcessTree::Walk::Whole);
    }
    if (toOpen.empty())
        opening.stop();
}

void MetricsSampler::Private::sampleOwed()
{
    std::vector<Due> all;
    for (auto &[interval, tick] : ticks) {
        Due &due = all.emplace_back();
        if (std::exchange(tick.owesProcesses, false) && tick.processes) {
            due.frame = MetricsFrame{wallNow(), interval, {}};
            for (const ProcessId id : *tick.processes)
                due.frame->processes.append(sample(id, tick, true, ProcessTree::Walk::Whole));
        }
        if (std::exchange(tick.owesSystem, false) && tick.system) {
            const SystemReading reading = readSystem(procRoot, diskPath);
            due.system =
                tick.usage.hasReading() ? tick.usage.peek(reading) : tick.usage.update(reading);
            due.system->time = wallNow();
            due.system->interval = interval;
        }
    }
    emitAll(all);
}

/// Last of all, because who receives it may change what is watched.
void MetricsSampler::Private::emitAll(const std::vector<Due> &all)
{
    for (const Due &due : all) {
        if (due.frame)
            emit q->processFrame(*due.frame);
        if (due.system)
            emit q->systemSampled(*due.system);
        if (due.minute)
            emit q->minuteEnded(*due.minute);
    }
}

MetricsSampler::MetricsSampler(const QString &procRoot, const QString &diskPath, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, procRoot, diskPath))
{}

MetricsSampler::~MetricsSampler() = default;

void MetricsSampler::track(ProcessId id, qint64 pid, WallTime startedAt)
{
    const auto known = d->processes.find(id);
    if (known != d->processes.end() && known->second.pid == pid &&
        known->second.startedAt == startedAt)
        return;
    untrackRun(id);
    TrackedProcess &process = d->processes[id];
    if (pid <= 0)
        return;
    process.pid = pid;
    process.startedAt = startedAt;
    process.start = steady_clock::now() - std::max(milliseconds(0), wallNow() - startedAt);
    process.tree.emplace(d->procRoot, pid, &d->budget);
}

/// The next run is another process: its CPU time begins anew.
void MetricsSampler::untrackRun(ProcessId id)
{
    d->processes.erase(id);
    for (auto &[interval, tick] : d->ticks)
        tick.cpu.erase(id);
}

void MetricsSampler::untrack(ProcessId id)
{
    untrackRun(id);
    d->history.remove(id);
}

void MetricsSampler::setProcessWatches(const std::map<milliseconds, QList<ProcessId>> &watches)
{
    for (auto &[interval, tick] : d->ticks) {
        if (!watches.contains(interval))
            tick.processes.reset();
    }
    for (const auto &[interval, ids] : watches) {
        Tick &tick = d->tick(interval);
        tick.owesProcesses = tick.owesProcesses || !tick.processes;
        tick.processes = ids;
        std::ranges::sort(*tick.processes);
        if (tick.owesProcesses)
            d->firstFrames.start(0);
    }
    d->dropUnwanted();
}

void MetricsSampler::setSystemWatches(const QList<milliseconds> &intervals)
{
    for (auto &[interval, tick] : d->ticks)
        tick.system = tick.system && intervals.contains(interval);
    for (const milliseconds interval : intervals) {
        Tick &tick = d->tick(interval);
        tick.owesSystem = tick.owesSystem || !tick.system;
        tick.system = true;
        if (tick.owesSystem)
            d->firstFrames.start(0);
    }
    d->dropUnwanted();
}

void MetricsSampler::keepHistory(milliseconds interval)
{
    for (auto &[other, tick] : d->ticks)
        tick.history = false;
    if (interval.count() > 0)
        d->tick(interval).history = true;
    d->dropUnwanted();
}

const MetricsHistory &MetricsSampler::history() const
{
    return d->history;
}

ProcessSample MetricsSampler::sampleNow(ProcessId id)
{
    ProcessSample sample{id};
    const auto found = d->processes.find(id);
    if (found == d->processes.end())
        return sample;
    const auto watched = std::ranges::find_if(
        d->ticks, [id](const auto &entry) { return entry.second.cpu.contains(id); });
    const bool isWatched = watched != d->ticks.end();
    const std::optional<TreeFigures> figures =
        d->read(found->second, sample, isWatched, ProcessTree::Walk::Whole);
    if (!figures)
        return sample;
    const CpuReading reading{figures->cpu, steady_clock::now()};
    sample.cpu =
        isWatched ? watched->second.cpu.at(id).peek(reading) : found->second.cpu.update(reading);
    return sample;
}

SystemMetrics MetricsSampler::systemNow()
{
    const SystemReading reading = readSystem(d->procRoot, d->diskPath);
    const auto watched = std::ranges::find_if(
        d->ticks, [](const auto &entry) { return entry.second.usage.hasReading(); });
    SystemMetrics metrics = watched == d->ticks.end() ? d->systemNow.update(reading)
                                                      : watched->second.usage.peek(reading);
    metrics.time = wallNow();
    return metrics;
}

} // namespace pmdaemon

#include "moc_metricssampler.cpp"
