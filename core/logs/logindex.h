// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/walltime.h"
#include "core/slot/logindexstore.h"

#include <QString>

#include <optional>

namespace pmdaemon {

/// `<file>.idx`
QString logIndexFile(const QString &logFile);
/// `<file>.<n>`; n = 0 is the file itself.
QString rotatedLogFile(const QString &logFile, int n);

/// `<file>.gz` of a rotated one.
QString compressedLogFile(const QString &rotated);

/// Looks times up by binary search in the records there are at construction. A missing or unusable
/// index has no records. Blocks on the disk.
class LogIndex
{
public:
    explicit LogIndex(const QString &logFile);

    qint64 count() const { return m_count; }
    /// Everything stored at `time` or later lies at the returned offset or behind it.
    qint64 offsetOf(WallTime time) const;
    /// When the byte at `offset` was stored; nothing before the first record. Ascending or
    /// descending offsets are cheap: the last answer's stretch is kept.
    std::optional<WallTime> timeOf(qint64 offset) const;

private:
    LogIndexRecord record(qint64 number) const;

    UniqueFd m_file;
    qint64 m_count = 0;
    mutable LogIndexRecord m_found; ///< of the last timeOf()
    mutable qint64 m_foundEnd = 0;  ///< where its stretch ends; 0 = nothing was found yet
};

} // namespace pmdaemon
