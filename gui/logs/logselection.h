// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtGlobal>

#include <algorithm>
#include <compare>

namespace pmdaemon {

/// A place between two characters: an absolute line number and a column in UTF-16 units.
struct LogPosition
{
    qint64 line = 0;
    int column = 0;

    auto operator<=>(const LogPosition &) const = default;
};

/// What is marked in a log, by line numbers: it stays on its text whatever is appended.
struct LogSelection
{
    LogPosition anchor;
    LogPosition cursor;

    bool isEmpty() const { return anchor == cursor; }
    LogPosition from() const { return std::min(anchor, cursor); }
    LogPosition to() const { return std::max(anchor, cursor); }

    bool operator==(const LogSelection &) const = default;
};

} // namespace pmdaemon
