// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/childprogram.h"
#include "core/process/exitwatch.h"
#include "core/process/processoutput.h"
#include "core/process/processrunner.h"
#include "core/process/subreaper.h"
#include "core/slot/programtalk.h"

#include <QHash>
#include <QProcess>
#include <QSocketNotifier>
#include <QTimer>

#include <chrono>
#include <optional>
#include <sys/resource.h>

namespace pmdaemon {

/// The program is a child of this process, started by QProcess; its output goes through this
/// process into the log files; it dies with this process.
///
/// A run is over when its root process has ended, all output of the tree is stored, and nothing of
/// the tree lives: after a crash leftovers are killed at once, after a stop they have its time. A
/// process that shook off session, parents and environment all is not found; what it writes is
/// stored as long as it lives.
class QProcessRunner : public ProcessRunner
{
    Q_OBJECT

public:
    /// `subreaper` outlives the runner.
    /// `openFiles`: see ChildProgram.
    explicit QProcessRunner(Subreaper &subreaper, std::optional<rlimit> openFiles = {},
                            QObject *parent = nullptr);
    /// Kills what still runs.
    ~QProcessRunner() override;

    void start(const LaunchSpec &spec) override;
    void stop(const StopPolicy &policy) override;
    Result<void> sendSignal(int signal) override;
    Result<void> send(const QByteArray &bytes) override;
    qint64 pid() const override;

private:
    /// Clearing: the root process has ended, others of its tree have not.
    enum class State { Idle, Running, Clearing, Waiting };
    using Clock = std::chrono::steady_clock;

    void launch();
    Result<void> spawn();
    int openTalk();
    void closeTalk();
    void onTalk();
    void failStart(const Error &error);
    void onRootFinished(int code, QProcess::ExitStatus status);
    void onStopTimeout();
    void clearTree();
    std::vector<ProcessHandle> tree() const;
    std::vector<ProcessHandle> signalTree(int signal);
    void beginKilling();
    void finishRun();
    RestartDecision decide(milliseconds uptime, std::optional<int> exitCode);

    Subreaper &m_subreaper;
    const std::optional<rlimit> m_openFiles;
    const QByteArray m_cookie;
    LaunchSpec m_spec;
    RestartTracker m_tracker;
    State m_state = State::Idle;
    StopPolicy m_stopPolicy;
    bool m_stopping = false; ///< stop() was called in this run
    bool m_killing = false;  ///< what is left is killed, no longer waited for
    QHash<pid_t, quint64>
        m_signalled;  ///< start times: who got the signal of m_stopPolicy or SIGKILL
    pid_t m_root = 0; ///< of the current or last run
    ProcessExit m_exit;
    Clock::time_point m_startedAt;
    Clock::time_point m_endedAt;

    ProcessOutput m_output;
    UniqueFd m_input[2]; ///< of a pipe; both, so that it has no end
    NotifySocket m_notify;
    NodeChannel m_channel;
    std::vector<std::unique_ptr<QSocketNotifier>> m_talkNotifiers;
    bool m_isReady = false; ///< it has said so, or was not asked to
    QProcess m_process;
    ChildProgram *m_child = nullptr; ///< while spawn() is at work
    int m_report = -1;               ///< likewise
    ExitWatch m_leftovers;
    QTimer m_stopTimer;
    QTimer m_delayTimer;
};

} // namespace pmdaemon
