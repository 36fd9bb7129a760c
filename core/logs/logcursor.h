// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/logs/logposition.h"
#include "core/model/result.h"
#include "core/model/walltime.h"

namespace pmdaemon {

/// Where the page before a page ends. `time` is that of the line before this place: what lies there
/// and is newer was put there since.
struct LogCursor
{
    LogPosition position;
    std::optional<WallTime> time;

    bool operator==(const LogCursor &) const = default;
};

/// Opaque to who gets it; made of the characters 0-9, a-f and '-'.
QString toString(const LogCursor &cursor);
/// InvalidMessage for what toString() did not make.
Result<LogCursor> logCursorFromString(QStringView text);

} // namespace pmdaemon
