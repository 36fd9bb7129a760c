// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/state/statefiles.h"
#include "core/state/statetables.h"

namespace pmdaemon {

/// A database that is ready to be written, and what it holds.
struct OpenedState
{
    std::unique_ptr<Database> database;
    StoredState state;
    std::optional<SafeMode> safeMode;
};

/// Opens the store's database, brings it forward, or makes it. What cannot be used is kept aside
/// and an empty one made in safe mode. An Error leaves everything where it was.
Result<OpenedState> openState(const StateFiles &files, WallTime now);

/// What openState() would find, and leaves everything as it is; see StateStore::inspect().
Result<std::optional<SafeMode>> inspectState(const StateFiles &files, WallTime now);

/// Looks at all of the database; isDamage() if something is wrong.
Result<void> checkAll(Database &database);
/// Replaces the backup by what is stored now, without the past, if that is sound.
Result<void> makeBackup(Database &database, const StateFiles &files);
/// Makes a new database of what can be read of `database`, the processes at least, and puts it in
/// its place; the old one is kept aside, its path returned, and is to be closed. An Error leaves
/// everything as it was.
Result<QString> rescue(Database &database, const StateFiles &files, WallTime now);
/// Puts a copy of the backup in the place of the database, which is kept aside.
Result<void> restoreBackup(const StateFiles &files, WallTime now);

} // namespace pmdaemon
