// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/state/storedstate.h"

#include "core/model/enumnames.h"

#include <QCoreApplication>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr EnumNames<SafeMode::Why, 3> reasons{{"damaged"_L1, "future"_L1, "missing"_L1}};

// What waits while nothing can be stored; see shorten().
constexpr qsizetype maxEvents = 10'000;
constexpr qsizetype maxMinutes = 60;

QString tr(const char *text)
{
    return QCoreApplication::translate("StateStore", text);
}

} // namespace

void StateChange::append(const StateChange &later)
{
    // One by one: the other insert() rebuilds all of the map.
    for (auto it = later.processes.cbegin(); it != later.processes.cend(); ++it)
        processes.insert(it.key(), it.value());
    events.append(later.events);
    metrics.append(later.metrics);
}

void StateChange::shorten()
{
    if (events.size() > maxEvents)
        events.remove(0, events.size() - maxEvents);
    if (metrics.size() > maxMinutes)
        metrics.remove(0, metrics.size() - maxMinutes);
}

QLatin1StringView toString(SafeMode::Why why)
{
    return reasons[why];
}

QString describe(const SafeMode &mode)
{
    QString text = tr("Safe mode: the stored state could not be used (%1).").arg(mode.detail);
    if (!mode.file.isEmpty())
        text += u' ' + tr("It was kept as %1.").arg(mode.file);
    if (mode.backupTime) {
        text += u' ' + tr("The last good backup is %1, of %2: end the daemon with `pmdaemon "
                          "kill`, then `pmdaemon doctor --restore-backup` restores it, and "
                          "--accept-loss goes on without it.")
                           .arg(mode.backup, toRfc3339(*mode.backupTime));
    } else {
        text +=
            u' ' + tr("There is no backup; after `pmdaemon kill`, `pmdaemon doctor --accept-loss` "
                      "goes on without it.");
    }
    return text;
}

} // namespace pmdaemon
