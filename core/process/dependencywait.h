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
        Pending, ///< it is on its way
        Stuck,   ///< it waits itself, for what does not come by itself
        Down,    ///< nobody has started it, or somebody stopped it
        Failed,  ///< it cannot be what is waited for unless somebody starts it again
        Missing, ///< there is no such app
    };

    Kind kind = Kind::Pending;
    QString app;
    DependencyCondition condition = DependencyCondition::Started;
    QString cause; ///< why that is in its state, in words

    /// Somebody has to do something about it.
    bool isFinal() const { return kind != Kind::Pending; }
    /// For people, why something waits.
    QString reason() const;
};

/// Whether `instances` are what is waited for; else why not. `app` is their name.
std::optional<Blocker> blockerIn(const QString &app, DependencyCondition condition,
                                 const QList<ManagedProcess *> &instances);

} // namespace pmdaemon
