// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/processrunner.h"

#include <QSet>

#include <map>
#include <memory>

namespace pmdaemon {

/// Slots that no definition belongs to, as of a store that was lost: what runs there goes on for
/// a while, so that a person who reads the warning can save it, then it is stopped and the slot
/// removed.
class StraySlots : public QObject
{
    Q_OBJECT

public:
    StraySlots(QString home, ProcessRunnerFactory makeRunner,
               milliseconds reprieve = milliseconds{30'000}, QObject *parent = nullptr);
    ~StraySlots() override;

    /// Those of the home that are not `known`; emptied slots vanish as soon as they have been
    /// asked.
    void find(const QSet<ProcessId> &known);

private:
    void take(ProcessId id);
    void onResumed(ProcessId id, const ResumedRun &run);
    void drop(ProcessId id);

    const QString m_home;
    const ProcessRunnerFactory m_makeRunner;
    const milliseconds m_reprieve;
    std::map<ProcessId, std::unique_ptr<ProcessRunner>> m_strays;
};

} // namespace pmdaemon
