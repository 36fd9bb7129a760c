// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/exitwatch.h"
#include "core/process/slotdirectory.h"

#include <QSet>
#include <QTimer>

#include <functional>
#include <memory>

namespace pmdaemon {

/// Slots that no definition belongs to, as of a store that was lost: what runs there goes on for
/// half a minute, so that a person who reads the warning can save it, then it is stopped and the
/// slot removed.
class StraySlots : public QObject
{
    Q_OBJECT

public:
    static constexpr milliseconds reprieve{30'000};

    /// `forget` is told of each slot whose shim is about to be ended.
    StraySlots(QString home, QString runDirectory, std::function<void(ProcessId)> forget,
               QObject *parent = nullptr);

    /// Those of the home that are not `known`; emptied slots vanish at once.
    void find(const QSet<ProcessId> &known);

private:
    void end();
    void remove();

    const QString m_home;
    const QString m_runDirectory;
    const std::function<void(ProcessId)> m_forget;
    QList<ProcessId> m_strays;
    QTimer m_timer;
    ExitWatch m_shims;
};

} // namespace pmdaemon
