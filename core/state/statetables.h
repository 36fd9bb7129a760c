// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/state/database.h"
#include "core/state/storedstate.h"

namespace pmdaemon {

// The tables as values. Each writing function is to be called within a transaction.

/// What an empty store holds.
Result<void> writeFirst(Database &database);
Result<void> writeProcesses(Database &database, const StateChange &change);
Result<void> writeEvents(Database &database, const QList<ProcessEvent> &events);
Result<void> writeMetrics(Database &database, const QList<MetricsMinute> &minutes);

/// Damage if a row is not as it was written.
Result<StoredState> readState(Database &database);

/// Forgets events and figures that are too old at `now`, or too many.
Result<void> prune(Database &database, WallTime now);
Result<EventPage> readEvents(Database &database, const EventQuery &query,
                             const QList<ProcessId> &ids);
Result<MetricsSeries> readMetrics(Database &database, const MetricsQuery &query);

/// Keeps what is stored now under `name`, in place of what was kept so before.
Result<void> writeSnapshot(Database &database, const QString &name, WallTime time);
/// NotFound if there is none of that name.
Result<void> removeSnapshot(Database &database, const QString &name);
/// InvalidConfig for a definition that this version does not accept.
Result<QList<StoredProcess>> readSnapshot(Database &database, const QString &name);
Result<QList<SnapshotInfo>> readSnapshots(Database &database);

/// The fact that makes a store open in safe mode; nothing ends it.
Result<void> writeSafeMode(Database &database, const std::optional<SafeMode> &mode);
Result<std::optional<SafeMode>> readSafeMode(Database &database);

} // namespace pmdaemon
