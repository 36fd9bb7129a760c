// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/metrics/metricshistory.h"
#include "core/state/statestore.h"

namespace pmdaemon {

/// The past of the system, or of one process, over the steps that overlap [from, to]: from memory
/// as far as it reaches, else in the minutes of the store. `step` 0 = as fine as reaches back to
/// `from`, else that or the next coarser one: 1 s for 10 minutes, 10 s for 2 hours, 60 s for 24
/// hours. Without a store there is only what is in memory.
Reply<History> readPast(const MetricsHistory &recent, StateStore *store, const MetricsQuery &query,
                        milliseconds step);

} // namespace pmdaemon
