// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/dependencywait.h"

#include "core/config/specvalues.h"
#include "core/process/probeplan.h"

#include <QCoreApplication>

#include <algorithm>

namespace pmdaemon {

namespace {

using Kind = Blocker::Kind;

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Blocker)
};

/// Nothing when this instance is what is waited for.
std::optional<Kind> stateOf(const ManagedProcess &process, DependencyCondition condition)
{
    const ProcessEntry &entry = process.entry();
    const bool isOnline = entry.status == ProcessStatus::Online;
    const bool hasRun = entry.exitCode || entry.signal;
    const bool hasEnded = process.isDown() && process.isDone() && hasRun;
    const bool hasSucceeded = hasEnded && entry.exitCode == 0;
    const bool waitsForEnd = condition == DependencyCondition::Completed ||
                             condition == DependencyCondition::CompletedSuccessfully;
    const bool isReached =
        waitsForEnd ? (condition == DependencyCondition::Completed ? hasEnded : hasSucceeded)
        : condition == DependencyCondition::Started
            ? isOnline || hasSucceeded
            : isOnline && (!healthTeller(process.spec()) || entry.health == HealthStatus::Healthy);
    if (isReached)
        return std::nullopt;
    if (process.isStuck())
        return Kind::Stuck;
    if (!process.isDown())
        return Kind::Pending;
    return process.isDone() ? Kind::Failed : Kind::Down;
}

} // namespace

QString Blocker::reason() const
{
    const QString wanted = toString(condition);
    switch (kind) {
    case Kind::Missing:
        return Words::tr("waits for %1, which does not exist").arg(app);
    case Kind::Failed:
        return Words::tr("waits for %1 to be %2, but that has failed; start it again")
            .arg(app, wanted);
    case Kind::Stuck:
        return Words::tr("waits for %1 to be %2, which %3").arg(app, wanted, cause);
    case Kind::Down:
        return Words::tr("waits for %1 to be %2, but %1 is stopped; start it").arg(app, wanted);
    case Kind::Pending:
        break;
    }
    return Words::tr("waits for %1 to be %2").arg(app, wanted);
}

std::optional<Blocker> blockerIn(const QString &app, DependencyCondition condition,
                                 const QList<ManagedProcess *> &instances)
{
    if (instances.isEmpty())
        return Blocker{Kind::Missing, app, condition, {}};
    std::optional<Blocker> worst;
    for (const ManagedProcess *process : instances) {
        const std::optional<Kind> kind = stateOf(*process, condition);
        if (kind && (!worst || *kind > worst->kind))
            worst = Blocker{*kind, app, condition, process->entry().reason.value_or(QString())};
    }
    return worst;
}

} // namespace pmdaemon
