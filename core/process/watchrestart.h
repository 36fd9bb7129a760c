// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/filewatch.h"

#include <QElapsedTimer>

namespace pmdaemon {

class ManagedProcess;
class Supervisor;

/// Restarts the instances of one app when what its `watch` names has changed. An app that changes
/// it by itself whenever it starts would never come to rest: its watch is suspended for a while.
class WatchRestart : public QObject
{
    Q_OBJECT

public:
    static constexpr int MaxRestartsInRow = 10; ///< each soon after the one before
    static constexpr milliseconds Soon{3'000};  ///< beyond the app's own watch_delay
    static constexpr milliseconds Pause{60'000};

    /// `process`: any instance.
    WatchRestart(Supervisor &supervisor, const ManagedProcess &process);

private:
    void onChanged(const QString &path);
    void report(const QString &reason, const QString &path);

    Supervisor &m_supervisor;
    const QString m_app;
    const milliseconds m_soon;
    FileWatch m_watch;
    QElapsedTimer m_lastRestart;
    QElapsedTimer m_suspended; ///< valid while it is
    int m_inRow = 0;
};

} // namespace pmdaemon
