// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QString>

namespace pmdaemon {

/// Where the output of a program goes. Rotated files are `<file>.1` (newest) … `<file>.<maxFiles>`.
struct LogFiles
{
    QString out;                       ///< absolute; empty = thrown away
    QString err;                       ///< absolute, may equal `out`; empty = thrown away
    qint64 maxSize = 10 * 1024 * 1024; ///< bytes; 0 = never rotated
    int maxFiles = 5;

    bool operator==(const LogFiles &) const = default;
};

} // namespace pmdaemon
