// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processevent.h"

#include <QObject>
#include <QStringList>

namespace pmdaemon::test {

/// Writes down what a ManagedProcess or a Supervisor tells, in order: a status as "online", an
/// event as "!started", health as "~healthy", another change as "=".
class ProcessJournal : public QObject
{
public:
    template <typename Source>
    explicit ProcessJournal(const Source &source)
    {
        connect(&source, &Source::statusChanged, this, [this](const StatusChange &change) {
            note(change.process.name, toString(change.process.status));
            changes.append(change);
        });
        connect(&source, &Source::happened, this, [this](const ProcessEvent &event) {
            note(event.name, u'!' + QString(toString(event.kind)));
            events.append(event);
        });
        connect(&source, &Source::healthChanged, this, [this](const HealthUpdate &update) {
            note(update.name, u'~' + QString(toString(update.status)));
            health.append(update);
        });
        connect(&source, &Source::updated, this,
                [this](const ProcessEntry &entry) { note(entry.name, QStringLiteral("=")); });
    }

    /// What was told since the last call.
    QStringList take() { return std::exchange(m_lines, {}); }
    /// The same of one process.
    QStringList of(const QString &name) const { return m_byName.value(name); }
    QJsonObject lastDetails() const { return events.last().details; }

    QList<StatusChange> changes;
    QList<ProcessEvent> events;
    QList<HealthUpdate> health;

private:
    void note(const QString &name, const QString &what)
    {
        m_lines.append(what);
        m_byName[name].append(what);
    }

    QStringList m_lines;
    QHash<QString, QStringList> m_byName;
};

} // namespace pmdaemon::test
