// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/metrics/metricsminute.h"

#include <memory>
#include <optional>

namespace pmdaemon {

/// The past in memory: rings of 600 × 1 s and 720 × 10 s for the system and for each process, and
/// the minute that is not over yet. A coarse step is the mean of its samples; a step without
/// samples is left out.
class MetricsHistory
{
public:
    MetricsHistory();
    ~MetricsHistory();
    MetricsHistory(const MetricsHistory &) = delete;
    MetricsHistory &operator=(const MetricsHistory &) = delete;

    /// What is added next is of `time`. Gives the minute before, once it is over.
    std::optional<MetricsMinute> moveTo(WallTime time);
    /// The figures of the `period` that ends at `time`: they stand in each second of it.
    void add(WallTime time, const ProcessSample &sample, milliseconds period = milliseconds(1'000));
    void add(WallTime time, const SystemMetrics &metrics,
             milliseconds period = milliseconds(1'000));
    void remove(ProcessId id);

    /// The ring whose step is `step` or the next coarser one, else the coarsest; step 0 = the
    /// finest that reaches back to `from`. Empty for a process that has no samples.
    History process(ProcessId id, WallTime from, WallTime to, milliseconds step) const;
    History system(WallTime from, WallTime to, milliseconds step) const;
    /// The means of the minute that is not over yet: one step or none.
    History currentProcess(ProcessId id) const;
    History currentSystem() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace pmdaemon
