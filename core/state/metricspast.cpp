// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/state/metricspast.h"

namespace pmdaemon {

using namespace std::chrono_literals;

namespace {

qint64 count(WallTime time)
{
    return time.time_since_epoch().count();
}

/// Where the first step begins.
qint64 beginOf(const History &history)
{
    return history.time.first() - history.step.count();
}

/// With the minute that is not over, which no store has.
History withCurrent(History minutes, const History &current, const MetricsQuery &query)
{
    if (current.time.isEmpty() || beginOf(current) > count(query.to) ||
        current.time.first() <= count(query.from))
        return minutes;
    minutes.time += current.time;
    minutes.cpu += current.cpu;
    minutes.memory += current.memory;
    minutes.load += current.load;
    minutes.networkRx += current.networkRx;
    minutes.networkTx += current.networkTx;
    return minutes;
}

} // namespace

Reply<History> readPast(const MetricsHistory &recent, StateStore *store, const MetricsQuery &query,
                        milliseconds step)
{
    const History inMemory = query.process
                                 ? recent.process(*query.process, query.from, query.to, step)
                                 : recent.system(query.from, query.to, step);
    const bool reachesBack = !inMemory.time.isEmpty() && beginOf(inMemory) <= count(query.from);
    if (!store || (step > 0ms ? step <= inMemory.step : reachesBack))
        return readyReply<History>(inMemory);

    const History current =
        query.process ? recent.currentProcess(*query.process) : recent.currentSystem();
    // The store names a minute by its end.
    MetricsQuery stored = query;
    stored.from += 1ms;
    stored.to = std::min(stored.to, WallTime::max() - 1min) + 1min;
    return store->metrics(stored).then(
        [inMemory, current, query, step](const Result<MetricsSeries> &series) {
            return series.map([&](const MetricsSeries &found) {
                // What memory holds may be all there is: the process, or the daemon, is new.
                const bool isOlder =
                    !found.mean.time.isEmpty() &&
                    (inMemory.time.isEmpty() || beginOf(found.mean) < beginOf(inMemory));
                return step > 0ms || isOlder ? withCurrent(found.mean, current, query) : inMemory;
            });
        });
}

} // namespace pmdaemon
