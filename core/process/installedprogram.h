// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QString>

namespace pmdaemon {

/// Whether the process runs another file than the one that is at `program` now: it was replaced, or
/// is another one. False where either cannot be told.
bool isOutdated(qint64 pid, const QString &program);

/// The file that a process was started from, as it was named then; empty where it cannot be told.
QString programOf(qint64 pid);

/// Runs it with `--version`, and waits: whether that ends with 0.
bool isSoundProgram(const QString &program);

} // namespace pmdaemon
