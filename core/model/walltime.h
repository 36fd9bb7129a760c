// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QString>

#include <chrono>
#include <optional>

namespace pmdaemon {

using std::chrono::milliseconds;

/// Milliseconds of UTC since 1970, for what people and programs read. Intervals are measured with
/// std::chrono::steady_clock instead: the wall clock jumps.
using WallTime = std::chrono::sys_time<milliseconds>;

WallTime wallNow();

/// RFC 3339 in UTC with exactly milliseconds and `Z`: "2026-01-15T14:30:25.123Z".
QString toRfc3339(WallTime time);

/// RFC 3339 with any offset, or integer milliseconds since 1970; nothing for anything else.
std::optional<WallTime> wallTimeFromString(QStringView text);

} // namespace pmdaemon
