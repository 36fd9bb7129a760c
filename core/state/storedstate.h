// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/error.h"
#include "core/state/storedhistory.h"

#include <QList>
#include <QMap>

#include <optional>

namespace pmdaemon {

/// A process as the store keeps it: its definition, what is wanted, what is counted. App and
/// namespace are the spec's.
struct StoredProcess
{
    ProcessId id{};
    QString name;
    int instance = 0;
    ProcessSpec spec;
    Wanted wanted = Wanted::Down;
    bool done = false; ///< it ended by itself for good
    ProcessStatus status = ProcessStatus::Stopped;
    std::optional<int> port; ///< while up
    int restarts = 0;
    std::optional<int> exitCode;
    std::optional<QString> signal;
    std::optional<QString> reason;
    WallTime createdAt{};
    HealthStatus health = HealthStatus::Unknown; ///< while online
    qint64 journalSeq = 0; ///< of the last record of its shim that is part of this

    bool operator==(const StoredProcess &) const = default;
};

/// What is to be stored, all of it or nothing. Ids count as used for ever once they were stored.
struct StateChange
{
    QMap<ProcessId, std::optional<StoredProcess>> processes; ///< nothing = forget it
    QList<ProcessEvent> events;
    QList<MetricsMinute> metrics;

    void put(const StoredProcess &process) { processes.insert(process.id, process); }
    void remove(ProcessId id) { processes.insert(id, std::nullopt); }
    bool isEmpty() const { return processes.isEmpty() && events.isEmpty() && metrics.isEmpty(); }
    /// Both as one change, `later` being the later one.
    void append(const StateChange &later);
    /// Leaves the newest 10,000 events and 60 minutes: what is kept while nothing can be stored.
    void shorten();
};

/// What the store held when it was opened.
struct StoredState
{
    QList<StoredProcess> processes; ///< by id
    int nextId = 0;                 ///< higher than any id that was ever stored
    bool sameBoot = false;          ///< the machine has not been booted since it was stored
    /// Definitions that this version does not accept. They stay stored as they are until their id
    /// is put or removed; `details` {id, name, spec}.
    QList<Error> rejected;

    bool operator==(const StoredState &) const = default;
};

/// Definitions and wanted states that were kept under a name.
struct SnapshotInfo
{
    QString name;
    WallTime time{};
    int processes = 0;

    bool operator==(const SnapshotInfo &) const = default;
};

/// The store began empty because there was a database that it could not use. It stays so over
/// restarts, and the backup is left alone, until the backup is restored or the loss is accepted.
struct SafeMode
{
    enum class Why { Damaged, Future, Missing };

    Why why = Why::Damaged;
    QString detail; ///< what was found, in words
    QString file;   ///< where the database is now; empty if it is missing
    QString backup; ///< the last good one; empty if there is none
    std::optional<WallTime> backupTime;
    WallTime since{};

    bool operator==(const SafeMode &) const = default;
};

/// "damaged", "future", "missing"
QLatin1StringView toString(SafeMode::Why why);
/// All of it for a person, with what can be done.
QString describe(const SafeMode &mode);

} // namespace pmdaemon
