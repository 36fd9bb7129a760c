// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/error.h"

#include <QList>
#include <QStringList>

#include <optional>

namespace pmdaemon {

/// What the apps of some ecosystem files are to be from now on.
struct ApplyRequest
{
    QList<QJsonObject> apps; ///< each with the fields of docs/configuration.md
    QStringList files;       ///< absolute: apps that came from these and are not in `apps` go
    bool dryRun = false;     ///< say what would be done, and do nothing

    bool operator==(const ApplyRequest &) const = default;
};

/// What is, or would be, done to one app.
struct AppChange
{
    enum class Kind {
        Unchanged, ///< nothing at all, also where it is stopped
        Added,     ///< it is new, and started
        Changed,   ///< its definition differs in `fields`
        Removed,
    };

    Kind kind = Kind::Unchanged;
    QString app;
    QStringList fields;
    bool restarts = false;           ///< changed: what of it runs has to be started anew for that
    std::optional<Error> error = {}; ///< it could not be carried out

    bool operator==(const AppChange &) const = default;
};

/// "unchanged", "added", "changed", "removed"
QLatin1StringView toString(AppChange::Kind kind);

struct ApplyReport
{
    bool dryRun = false;
    QList<AppChange> apps; ///< those of the request in the order of their start, then the removed

    bool operator==(const ApplyReport &) const = default;
};

} // namespace pmdaemon
