// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/healthprobe.h"

namespace pmdaemon {

/// Runs a command line without a shell, in the folder and environment of the process that it
/// probes and in a session of its own. Passes when it exits 0; its output is thrown away. Nothing
/// that it started outlives the look, however far it got away.
class ScriptProbe : public HealthProbe
{
    Q_OBJECT

public:
    ScriptProbe(const QString &commandLine, const LaunchSpec &launch,
                ProcessRunnerFactory makeRunner);

    void start() override;
    void abort() override;
    QJsonObject subject() const override;

private:
    void onStartFailed(const Error &error);
    void onExited(const ProcessExit &exit);

    ProcessRunnerFactory m_makeRunner;
    LaunchSpec m_launch;
    std::unique_ptr<ProcessRunner> m_runner; ///< from the first look on
    bool m_isLooking = false;
};

} // namespace pmdaemon
