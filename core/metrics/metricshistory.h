// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/metrics.h"

#include <memory>

namespace pmdaemon {

/// The past in memory: rings of 600 × 1 s, 720 × 10 s and 1,440 × 60 s for the system and for each
/// process. A coarse step is the mean of its samples; a step without samples is left out.
class MetricsHistory
{
public:
    MetricsHistory();
    ~MetricsHistory();
    MetricsHistory(const MetricsHistory &) = delete;
    MetricsHistory &operator=(const MetricsHistory &) = delete;

    void add(WallTime time, const ProcessSample &sample);
    void add(const SystemMetrics &metrics);
    void remove(ProcessId id);

    /// The ring whose step is `step` or the next coarser one; step 0 = the finest that reaches back
    /// to `from`. Empty for a process that has no samples.
    History process(ProcessId id, WallTime from, WallTime to, milliseconds step) const;
    History system(WallTime from, WallTime to, milliseconds step) const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace pmdaemon
