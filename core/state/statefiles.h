// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/result.h"
#include "core/state/storedstate.h"

namespace pmdaemon {

/// The files of a store below its home, and the moves that never lose one: nothing is ever written
/// over what might hold state, and what is published is on the disk before it has its name.
class StateFiles
{
public:
    explicit StateFiles(const QString &home);

    const QString &database() const { return m_database; }
    QString log() const;        ///< what SQLite has committed but not yet moved to the database
    QString unfinished() const; ///< a database that is being made
    QString backup() const;
    std::optional<WallTime> backupTime() const;

    /// A database is there, or a part of one.
    bool exists() const;
    /// There was one before: a backup or something that was kept aside is there.
    bool hasTraces() const;

    /// An empty file at unfinished() that only its owner can read, in place of a left-over.
    Result<void> beginUnfinished() const;
    Result<void> removeUnfinished() const;
    /// Gives unfinished() the name `path`, durably and at once.
    Result<void> publishAs(const QString &path) const;
    Result<void> copyBackupToUnfinished() const;

    /// Moves the database to `state.db.<why>-<time>` and returns that path. A connection that is
    /// open is to be closed after it: SQLite leaves a database that has moved as it is.
    Result<QString> keepAside(QLatin1StringView why, WallTime now) const;
    /// The same, but the database stays where it is, too, until something is published there.
    Result<QString> copyAside(QLatin1StringView why, WallTime now) const;

private:
    QString freeName(QLatin1StringView why, WallTime now) const;

    QString m_home;
    QString m_database;
};

} // namespace pmdaemon
