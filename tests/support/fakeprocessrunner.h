// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/result.h"
#include "core/process/processrunner.h"

#include <QHash>

#include <algorithm>
#include <functional>
#include <memory>

namespace pmdaemon::test {

/// A ProcessRunner without a process: its test says what happens, or it goes by itself as `Mode`
/// says. Keeps the contract of ProcessRunner: an order of calls that breaks it is remembered in
/// `misuse`.
class FakeProcessRunner : public ProcessRunner
{
public:
    enum class Mode { Obedient, Manual };

    explicit FakeProcessRunner(Mode how)
        : mode(how)
    {}

    void start(const LaunchSpec &spec) override
    {
        if (state != State::Idle)
            misuse = QStringLiteral("start() while not idle");
        launched = spec;
        ++starts;
        state = State::Running;
        if (startError)
            failStart(*startError);
        else if (mode == Mode::Obedient)
            comeUp();
    }

    void stop(const StopPolicy &policy) override
    {
        stopPolicy = policy;
        ++stops;
        if (state == State::Waiting) {
            state = State::Idle;
            emit waitCancelled();
        } else if (state == State::Running) {
            emit stopNoted();
            if (mode == Mode::Obedient)
                finishStop();
        }
    }

    /// Manual: its test calls finishResume().
    void resume(const LaunchSpec &spec, quint64) override
    {
        launched = spec;
        ++resumes;
        if (mode == Mode::Obedient)
            finishResume({});
    }

    LaunchSpec launchedBefore(const LaunchSpec &planned) const override
    {
        return before ? *before : planned;
    }

    Result<void> sendSignal(int signal) override
    {
        if (m_pid == 0)
            return fail(ErrorCode::NotRunning, QStringLiteral("there is no process"));
        signalsSent.append(signal);
        return {};
    }

    Result<void> send(const QByteArray &bytes) override
    {
        if (m_pid == 0)
            return fail(ErrorCode::NotRunning, QStringLiteral("there is no process"));
        sent.append(bytes);
        return {};
    }

    void sayReady() { emit ready(); }

    qint64 pid() const override { return m_pid; }

    void discard() override { ++discards; }

    void finishResume(const ResumedRun &run)
    {
        using Phase = ResumedRun::Phase;
        m_pid = run.pid;
        state = run.phase == Phase::Idle      ? State::Idle
                : run.phase == Phase::Waiting ? State::Waiting
                                              : State::Running;
        emit resumed(run);
    }

    void comeUp()
    {
        m_pid = ++lastPid();
        emit started(m_pid, wallNow());
    }

    void failStart(const Error &error)
    {
        state = State::Idle;
        emit startFailed(error);
    }

    /// It waits, and respawn() is its next try.
    void putOffStart(const Error &error)
    {
        state = State::Waiting;
        emit startPutOff(error);
    }

    /// The answer to stop().
    void finishStop(bool killed = false)
    {
        ProcessExit exit;
        exit.signal = killed ? 9 : 15;
        exit.requested = true;
        exit.killed = killed;
        end(exit);
    }

    /// It ended by itself; `next` is what the policy says.
    void exitWith(int code, RestartDecision next = {})
    {
        ProcessExit exit;
        exit.exitCode = code;
        exit.uptime = milliseconds{20};
        exit.next = next;
        end(exit);
    }

    void crashWith(int signal, RestartDecision next)
    {
        ProcessExit exit;
        exit.signal = signal;
        exit.uptime = milliseconds{20};
        exit.next = next;
        end(exit);
    }

    /// The wait is over: it is executed again.
    void respawn()
    {
        state = State::Running;
        comeUp();
    }

    static RestartDecision restartLater()
    {
        return {.verdict = RestartDecision::Verdict::Restart, .delay = 100};
    }
    static RestartDecision giveUp() { return {.verdict = RestartDecision::Verdict::GiveUp}; }

    Mode mode;
    enum class State { Idle, Running, Waiting } state = State::Idle;
    LaunchSpec launched;
    StopPolicy stopPolicy;
    std::optional<Error> startError; ///< start() fails with it
    std::optional<LaunchSpec> before;
    int starts = 0;
    int stops = 0;
    int resumes = 0;
    int discards = 0;
    QList<int> signalsSent;
    QByteArrayList sent;
    QString misuse;

private:
    static qint64 &lastPid()
    {
        static qint64 pid = 1'000'000;
        return pid;
    }

    void end(ProcessExit exit)
    {
        exit.at = wallNow();
        m_pid = 0;
        state =
            exit.next.verdict == RestartDecision::Verdict::Restart ? State::Waiting : State::Idle;
        emit exited(exit);
    }

    qint64 m_pid = 0;
};

/// Makes FakeProcessRunners and remembers those that live, by the name of what they run.
class FakeRunners
{
public:
    FakeProcessRunner::Mode mode = FakeProcessRunner::Mode::Obedient;
    std::optional<Error> startError; ///< for the runners made from now on

    std::function<std::unique_ptr<ProcessRunner>()> factory()
    {
        return [this] {
            auto runner = std::make_unique<FakeProcessRunner>(mode);
            runner->startError = startError;
            FakeProcessRunner *made = runner.get();
            m_runners.append(made);
            QObject::connect(made, &QObject::destroyed, made,
                             [this, made] { m_runners.removeOne(made); });
            return runner;
        };
    }

    const QList<FakeProcessRunner *> &all() const { return m_runners; }

    /// The runner that started `name` last; null when there is none.
    FakeProcessRunner *of(const QString &name) const
    {
        const auto found = std::find_if(m_runners.begin(), m_runners.end(),
                                        [&](const auto *r) { return r->launched.name == name; });
        return found == m_runners.end() ? nullptr : *found;
    }

private:
    QList<FakeProcessRunner *> m_runners;
};

} // namespace pmdaemon::test
