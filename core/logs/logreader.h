// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/logs/logtail.h"
#include "core/model/result.h"

namespace pmdaemon {

/// The newest lines of `source` that match `query` (its `process` is not looked at), both streams
/// merged by time, found through the time index. Reads backwards and stops when the page is full.
/// InvalidMessage for a cursor that no page gave. Blocks on the disk: run it on a worker.
Result<LogPage> readLogPage(const LogSource &source, const LogQuery &query);

} // namespace pmdaemon
