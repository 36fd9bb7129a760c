// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/childprogram.h"
#include "core/process/exitwatch.h"
#include "core/process/processrunner.h"
#include "core/process/subreaper.h"

#include <chrono>
#include <memory>

namespace pmdaemon {

/// Runs short programs that are only asked how they end, as often as ten times a second each: the
/// output is thrown away, nothing is restarted, there is no input, and a stop kills at once,
/// whatever its policy says. Otherwise a ProcessRunner: the program leads a session, the run is
/// over when nothing of its tree lives, and it dies with this process. A tenth of a millisecond of
/// processor time, half of what QProcess takes.
class ScriptRunner : public ProcessRunner
{
    Q_OBJECT

public:
    /// `subreaper` outlives the runner. `openFiles`: see ChildProgram.
    explicit ScriptRunner(Subreaper &subreaper, std::optional<rlimit> openFiles = {},
                          QObject *parent = nullptr);
    /// Kills what still runs.
    ~ScriptRunner() override;

    void start(const LaunchSpec &spec) override;
    void stop(const StopPolicy &policy) override;
    Result<void> sendSignal(int signal) override;
    Result<void> send(const QByteArray &bytes) override;
    qint64 pid() const override;

private:
    enum class State { Idle, Running, Clearing };
    using Clock = std::chrono::steady_clock;

    Result<void> spawn();
    void onRootEnded();
    void clearTree();
    std::vector<ProcessHandle> killTree();

    Subreaper &m_subreaper;
    const std::optional<rlimit> m_openFiles;
    const QByteArray m_cookie;
    LaunchSpec m_spec;
    std::unique_ptr<ChildProgram> m_program; ///< of m_spec
    State m_state = State::Idle;
    pid_t m_root = 0;  ///< of the current or last run
    UniqueFd m_handle; ///< a pidfd of it
    std::unique_ptr<QSocketNotifier> m_ended;
    ProcessExit m_exit;
    Clock::time_point m_startedAt;
    ExitWatch m_leftovers;
};

} // namespace pmdaemon
