// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/backend.h"
#include "core/protocol/clientmessage.h"

#include <chrono>

namespace pmdaemon {

/// What one connection is subscribed to beside statuses and events. The protocol has one filter and
/// one interval per event type, so the plan is the union of all filters at the finest interval;
/// receivers pick theirs, and coarser intervals are thinned out by IntervalThinner.
struct StreamPlan
{
    struct Metrics
    {
        ProcessFilter filter;
        milliseconds interval{0};

        bool operator==(const Metrics &) const = default;
    };

    std::optional<Metrics> processes;
    std::optional<milliseconds> system;
    std::optional<ProcessFilter> logs;

    bool operator==(const StreamPlan &) const = default;
};

StreamPlan planFor(const Interest &interest);

/// A filter that matches at least what one of `filters` (not empty) matches.
ProcessFilter unionOf(const QList<ProcessFilter> &filters);

/// The messages that lead from one plan to the other.
QList<ClientMessage> streamChanges(const StreamPlan &from, const StreamPlan &to);

/// Picks from a stream of frames at the finest interval those that the coarser ones get.
class IntervalThinner
{
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// Ascending, each once. Those that were already there keep their rhythm.
    void setIntervals(const QList<milliseconds> &intervals);
    /// The intervals that a frame arriving at `now` is for. The finest gets every frame, a new one
    /// the next.
    QList<milliseconds> due(TimePoint now);

private:
    struct Rhythm
    {
        milliseconds interval{0};
        std::optional<TimePoint> next;
    };
    QList<Rhythm> m_rhythms;
};

} // namespace pmdaemon
