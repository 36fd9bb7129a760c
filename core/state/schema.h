// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/state/database.h"

namespace pmdaemon {

/// The version of the tables that this program writes. It reads all before it, by bringing them
/// forward; each has its dump in tests/core/state/fixtures.
int schemaVersion();

/// Steps from `from` (0 = empty) to schemaVersion(), all or none.
Result<void> migrate(Database &database, int from);

/// The version of a database whose tables are there as they were made; else an isDamage() or
/// isFuture() error.
Result<int> checkSchema(Database &database);

/// Single values that the store keeps for itself, null if unknown. Those that were changed outside
/// are damage.
Result<QVariant> fact(Database &database, const QString &key);
Result<void> setFact(Database &database, const QString &key, const QVariant &value);

/// A checksum of a row as it is stored: SQLite does not see when a bit of a value turns.
qint64 rowSum(const QVariantList &row);

} // namespace pmdaemon
