// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/healthprobe.h"

#include <QProcess>

namespace pmdaemon {

/// Runs a command line without a shell, in the folder and environment of the process that it
/// probes and in a session of its own. Passes when it exits 0; its output is thrown away.
class ScriptProbe : public HealthProbe
{
    Q_OBJECT

public:
    ScriptProbe(const QString &commandLine, const LaunchSpec &launch);
    ~ScriptProbe() override;

    void start() override;
    /// Kills its process group.
    void abort() override;
    QJsonObject subject() const override;

private:
    void onError(QProcess::ProcessError error);
    void onFinished(int code, QProcess::ExitStatus status);

    QString m_commandLine;
    QString m_folder;
    QProcessEnvironment m_environment;
    std::unique_ptr<QProcess> m_process;
};

} // namespace pmdaemon
