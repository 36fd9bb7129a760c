// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/managedprocess.h"

namespace pmdaemon {

/// What keeps an app from starting.
struct Blocker
{
    enum class Kind {
        Missing, ///< there is no such app
        Pending, ///< it is on its way
        Down,    ///< nobody has started it, or somebody stopped it
        Failed,  ///< it cannot be what is waited for unless somebody starts it again
    };

    Kind kind = Kind::Pending;
    QString app;
    DependencyCondition condition = DependencyCondition::Started;

    /// For people, why something waits.
    QString reason() const;
};

/// Whether `instances` are what is waited for; else why not. `app` is their name.
std::optional<Blocker> blockerIn(const QString &app, DependencyCondition condition,
                                 const QList<ManagedProcess *> &instances);

} // namespace pmdaemon
