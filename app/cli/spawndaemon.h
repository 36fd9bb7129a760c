// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/result.h"

#include <QStringList>

#include <functional>

namespace pmdaemon {

/// How to start a daemon in the background.
struct DaemonLaunch
{
    QString home;
    QString runDirectory;
    QString program;
    QStringList arguments;
    QString logFile;  ///< gets its stdout and stderr, made with 0600
    QString lockFile; ///< held while starting: two commands at once start one daemon
    std::chrono::milliseconds timeout{20'000};
};

/// Waits until `isRunning` says so: it is asked again whenever something is left in the run
/// directory. False when it did not come to that in time.
bool waitForDaemon(const QString &runDirectory, std::chrono::milliseconds timeout,
                   const std::function<bool()> &isRunning);

/// Starts it under a keeper (docs/keeper.md), in a session of its own, and returns when it has told
/// that it is ready, by READY=1 on the NOTIFY_SOCKET of the keeper's environment, or has ended.
/// `isRunning` is asked under the lock first, and once more when it ended: somebody else's daemon
/// may have come first. The Error is Unauthorized where the files' folder is not ours to write; its
/// `details` {exit_code} is there if the daemon ended by itself.
Result<void> spawnDaemon(const DaemonLaunch &launch, const std::function<bool()> &isRunning);

} // namespace pmdaemon
