// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/backend.h"

#include <QStringList>

namespace pmdaemon {

/// What the window offers to do with processes, in the order of the toolbar.
inline constexpr Action offeredActions[] = {Action::Start, Action::Stop, Action::Restart,
                                            Action::Reload, Action::Delete};

/// Whether the action would change anything for a process in this status.
bool isApplicable(Action action, ProcessStatus status);
/// Why nothing can be done at the moment, for people; empty when something can.
QString obstacle(ConnectionState state, Role role);

/// A question before something is done to many processes or cannot be taken back.
struct Confirmation
{
    QString question;
    QString details;
    QString button; ///< the verb
};

/// None when the action is harmless enough to be done at once. `processes` is not empty.
std::optional<Confirmation> confirmationFor(Action action, const QList<ProcessEntry> &processes,
                                            const QString &host);

/// "Stop", "Restart", …: with a mnemonic.
QString actionTitle(Action action);
/// What came of an action: `done` names, and one "name: why" per failure.
QString outcomeText(Action action, const QStringList &done, const QStringList &failed);

} // namespace pmdaemon
