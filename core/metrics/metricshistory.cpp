// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/metrics/metricshistory.h"

#include "core/metrics/historyring.h"

#include <QHash>

namespace pmdaemon {

namespace {

qint64 count(WallTime time)
{
    return time.time_since_epoch().count();
}

/// The three rings of one thing that is sampled.
template <std::size_t Channels>
struct Rings
{
    std::array<HistoryRing<Channels>, 3> rings{HistoryRing<Channels>{1'000, 600},
                                               HistoryRing<Channels>{10'000, 720},
                                               HistoryRing<Channels>{60'000, 1'440}};

    void add(WallTime time, const typename HistoryRing<Channels>::Sample &sample)
    {
        for (HistoryRing<Channels> &ring : rings)
            ring.add(count(time), sample);
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
};

MetricsHistory::MetricsHistory()
    : d(std::make_unique<Private>())
{}

MetricsHistory::~MetricsHistory() = default;

void MetricsHistory::add(WallTime time, const ProcessSample &sample)
{
    d->processes[sample.id].add(time, {sample.cpu, double(sample.memory)});
}

void MetricsHistory::add(const SystemMetrics &metrics)
{
    d->system.add(metrics.time,
                  {metrics.cpuUsage, double(metrics.memoryTotal - metrics.memoryAvailable),
                   metrics.loadOne, double(metrics.networkRxPerSecond),
                   double(metrics.networkTxPerSecond)});
}

void MetricsHistory::remove(ProcessId id)
{
    d->processes.remove(id);
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

} // namespace pmdaemon
