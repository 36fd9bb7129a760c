// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/logs/logtail.h"
#include "core/model/result.h"

namespace pmdaemon {

/// The newest lines of `source` that match `query` (its `process` is not looked at), both streams
/// merged by time, found through the time index. Reads backwards and stops when the page is full:
/// with the lines asked for, or 1 MiB of text. InvalidMessage for a cursor that no page gave; one
/// belongs to the query it came from. Blocks on the disk: run it on a worker.
///
/// `seq` counts down by one a line from source.end, or from the cursor. Without either it counts
/// down from the number of bytes in the log, and says nothing beyond this page and those before it.
/// Where `stream` or `until` lets the reader pass over lines, it keeps the order only.
Result<LogPage> readLogPage(const LogSource &source, const LogQuery &query);

} // namespace pmdaemon
