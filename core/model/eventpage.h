// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processevent.h"

#include <QList>

#include <optional>

namespace pmdaemon {

inline constexpr int MaxEventsPerPage = 1'000;

/// Which past events are asked for. Seven days and 100,000 events are kept.
struct EventQuery
{
    QString process; ///< as for Backend::resolve(), or a name of the past; empty = all
    std::optional<WallTime> since; ///< inclusive, as `until`
    std::optional<WallTime> until;
    std::optional<qint64> before; ///< the cursor of a page: only older ones
    int limit = 100;              ///< at least 1

    bool operator==(const EventQuery &) const = default;
};

/// Newest first.
struct EventPage
{
    QList<ProcessEvent> events;
    std::optional<qint64> cursor; ///< there may be older ones: ask again with it as `before`

    bool operator==(const EventPage &) const = default;
};

} // namespace pmdaemon
