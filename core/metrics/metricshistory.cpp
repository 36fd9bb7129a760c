// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/metrics/metricshistory.h"

#include "core/metrics/historyring.h"
#include "core/metrics/minutegatherer.h"

#include <QHash>

namespace pmdaemon {

using namespace std::chrono_literals;

namespace {

qint64 count(WallTime time)
{
    return time.time_since_epoch().count();
}

/// The rings of one thing that is sampled.
template <std::size_t Channels>
struct Rings
{
    std::array<HistoryRing<Channels>, 2> rings{HistoryRing<Channels>{1'000, 600},
                                               HistoryRing<Channels>{10'000, 720}};

    void add(WallTime time, milliseconds period,
             const typename HistoryRing<Channels>::Sample &sample)
    {
        for (auto before = std::chrono::ceil<std::chrono::seconds>(period) - 1s; before >= 0s;
             before -= 1s) {
            for (HistoryRing<Channels> &ring : rings)
                ring.add(count(time - before), sample);
        }
    }

    const HistoryRing<Channels> &pick(WallTime from, milliseconds step) const
    {
        const auto fits = [from, step](const HistoryRing<Channels> &ring) {
            return step.count() > 0 ? ring.step() >= step.count() : ring.reachesBackTo(count(from));
        };
        const auto found = std::find_if(rings.begin(), rings.end(), fits);
        return found == rings.end() ? rings.back() : *found;
    }
};

qint64 whole(double value)
{
    return std::llround(value);
}

/// Away with the digits that a float made up.
double hundredths(double value)
{
    return std::round(value * 100) / 100;
}

} // namespace

class MetricsHistory::Private
{
public:
    QHash<ProcessId, Rings<2>> processes; // cpu, memory
    Rings<5> system;                      // cpu, memory used, load, bytes in, bytes out
    MinuteGatherer minute;
};

MetricsHistory::MetricsHistory()
    : d(std::make_unique<Private>())
{}

MetricsHistory::~MetricsHistory() = default;

std::optional<MetricsMinute> MetricsHistory::moveTo(WallTime time)
{
    return d->minute.moveTo(time);
}

void MetricsHistory::add(WallTime time, const ProcessSample &sample, milliseconds period)
{
    d->minute.add(sample);
    d->processes[sample.id].add(time, period, {sample.cpu, double(sample.memory)});
}

void MetricsHistory::add(WallTime time, const SystemMetrics &metrics, milliseconds period)
{
    d->minute.add(metrics);
    d->system.add(time, period,
                  {metrics.cpuUsage, double(metrics.memoryTotal - metrics.memoryAvailable),
                   metrics.loadOne, double(metrics.networkRxPerSecond),
                   double(metrics.networkTxPerSecond)});
}

void MetricsHistory::remove(ProcessId id)
{
    d->processes.remove(id);
    d->minute.remove(id);
}

History MetricsHistory::process(ProcessId id, WallTime from, WallTime to, milliseconds step) const
{
    History history;
    const auto found = d->processes.constFind(id);
    if (found == d->processes.cend())
        return history;
    const HistoryRing<2> &ring = found->pick(from, step);
    history.step = milliseconds(ring.step());
    ring.forEach(count(from), count(to), [&history](qint64 end, const auto &sample) {
        history.time.append(end);
        history.cpu.append(hundredths(sample[0]));
        history.memory.append(whole(sample[1]));
    });
    return history;
}

History MetricsHistory::system(WallTime from, WallTime to, milliseconds step) const
{
    const HistoryRing<5> &ring = d->system.pick(from, step);
    History history;
    history.step = milliseconds(ring.step());
    ring.forEach(count(from), count(to), [&history](qint64 end, const auto &sample) {
        history.time.append(end);
        history.cpu.append(hundredths(sample[0]));
        history.memory.append(whole(sample[1]));
        history.load.append(hundredths(sample[2]));
        history.networkRx.append(whole(sample[3]));
        history.networkTx.append(whole(sample[4]));
    });
    return history;
}

History MetricsHistory::currentProcess(ProcessId id) const
{
    History history;
    history.step = 1min;
    if (const std::optional<MetricsMinute> minute = d->minute.currentProcess(id)) {
        const ProcessMinute &process = minute->processes.first();
        history.time = {count(minute->time)};
        history.cpu = {hundredths(process.cpu.mean)};
        history.memory = {whole(process.memory.mean)};
    }
    return history;
}

History MetricsHistory::currentSystem() const
{
    History history;
    history.step = 1min;
    if (const std::optional<MetricsMinute> minute = d->minute.currentSystem()) {
        const SystemMinute &system = minute->system;
        history.time = {count(minute->time)};
        history.cpu = {hundredths(system.cpu.mean)};
        history.memory = {whole(system.memory.mean)};
        history.load = {hundredths(system.load)};
        history.networkRx = {whole(system.networkRx)};
        history.networkTx = {whole(system.networkTx)};
    }
    return history;
}

} // namespace pmdaemon
