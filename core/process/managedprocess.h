// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/metrics.h"
#include "core/model/processevent.h"
#include "core/model/processspec.h"
#include "core/process/processrunner.h"

#include <QElapsedTimer>
#include <QTimer>

#include <deque>
#include <memory>
#include <variant>

namespace pmdaemon {

/// What happens to a managed process. The first three are asked for by people, programs and
/// limits; the others come from its launch and its runner.
enum class Trigger {
    Start,
    Stop,
    Restart,
    Launch,       ///< it is executed again
    Up,           ///< exec succeeded
    LaunchFailed, ///< it cannot be executed
    Gone,         ///< it ended because we ended it; nothing of its tree is left
    Ended,        ///< it exited 0 by itself and stays down
    Failed,       ///< it failed by itself and stays down
    Respawn,      ///< it ended by itself, or lacked something, and is going to be executed again
};

/// The status after `trigger`, or nothing where it changes nothing (·):
///
///   status      Start       Stop      Restart     Launch    Up      LaunchFailed  Gone
///   stopped     starting    ·         starting    ·         ·       ·             ·
///   starting    ·           stopping  restarting  ·         online  errored       ·
///   online      ·           stopping  restarting  ·         ·       ·             ·
///   stopping    restarting  ·         restarting  ·         ·       ·             stopped
///   errored     starting    stopped   starting    ·         ·       ·             ·
///   restarting  ·           stopping  ·           starting  ·       ·             starting
///
///   starting, online:  Ended → stopped, Failed → errored, Respawn → restarting
std::optional<ProcessStatus> transition(ProcessStatus from, Trigger trigger);

/// One instance of an app and what became of it. Tells what happens in order: a change of status
/// first, the event that it belongs to next, and what a slot of these signals causes after that.
class ManagedProcess : public QObject
{
    Q_OBJECT

public:
    /// What has to be there before it is online.
    enum class Awaited { ReadyMessage = 1, StartupProbe = 2 };

    ManagedProcess(ProcessEntry entry, ProcessSpec spec, std::unique_ptr<ProcessRunner> runner,
                   QObject *parent = nullptr);

    const ProcessEntry &entry() const { return m_entry; }
    const ProcessSpec &spec() const { return m_spec; }
    /// Whether somebody wants it to run, whatever became of that.
    bool isWanted() const { return m_isWanted; }
    /// Whether it ended by itself for good since it was started last.
    bool isDone() const { return m_isDone; }
    /// Whether it is not known yet what an earlier daemon left: a start is carried out after that.
    bool isResuming() const { return m_isResuming; }
    /// How far the runner's tale is contained in entry(), for resume().
    quint64 position() const { return m_runner->position(); }
    /// How it was started last; the default before the first start.
    const LaunchSpec &launched() const { return m_launch; }
    /// Why it is errored.
    const Error &lastError() const { return m_error; }
    const std::optional<HealthUpdate> &lastHealth() const { return m_health; }
    bool isRunning() const { return m_entry.status == ProcessStatus::Online; }
    /// It has been executed, and is online as soon as it has confirmed that.
    bool isGettingReady() const
    {
        return m_entry.status == ProcessStatus::Starting && m_entry.pid && m_awaited != 0;
    }
    /// Neither up nor on its way: stopped or errored.
    bool isDown() const;

    /// Instead of the first start: it is as its entry says, which an earlier daemon stored together
    /// with `position`. What happened since is told, then resumed() comes. It was
    /// started as `launch` says.
    void resume(const LaunchSpec &launch, quint64 position);
    /// Before resume(); alone after a boot of the machine, which ended everything.
    void recall(bool isWanted, bool isDone)
    {
        m_isWanted = isWanted;
        m_isDone = isDone;
    }

    /// Name and namespace change now, the rest with the next start.
    void redefine(const ProcessSpec &spec, const QString &name);

    /// Where its ports come from at its next launches.
    const std::optional<PortSpec> &ports() const { return m_ports ? m_ports : m_spec.port; }
    /// Instead of the definition's, and as those the first for instance 0; none = as defined.
    void usePorts(const std::optional<PortSpec> &ports) { m_ports = ports; }
    /// The signal of the stop that follows, instead of what it was launched with.
    void endBy(std::optional<int> signal) { m_endSignal = signal; }

    /// Forgets earlier restarts and does not wait for a backoff. Nothing when starting or online.
    void start();
    /// Nothing when stopped. An errored one becomes stopped.
    void stop();
    /// Nobody wants it to run any more; bringDown() follows.
    void dismiss() { m_isWanted = false; }
    /// Likewise, but it is wanted as much as before: everything comes down.
    void bringDown();
    /// Starts it where it is down.
    void restart(RestartReason reason);
    Result<void> sendSignal(int signal);
    Result<void> send(const QByteArray &bytes) { return m_runner->send(bytes); }
    void resetRestarts();

    /// launchWanted() was emitted and has not been answered; a stop takes it back.
    bool wantsLaunch() const
    {
        return m_entry.status == ProcessStatus::Starting && m_runnerState == RunnerState::Idle;
    }
    /// Whether its coming launch is what a person or program asked for, rather than a limit, a
    /// probe, a change of files or the time.
    bool isAskedFor() const
    {
        return !m_restartReason || m_restartReason == RestartReason::Manual ||
               m_restartReason == RestartReason::Reload;
    }
    /// It is not launched yet, for a reason that people are told. `isFinal`: it cannot go on by
    /// itself, which putOff() says.
    void holdLaunch(const QString &reason, bool isFinal);
    /// It is held for a reason that was final.
    bool isStuck() const { return wantsLaunch() && m_isStuck; }
    /// The answers to launchWanted(). Nothing when it is not wanted any more.
    void launch(const LaunchSpec &launch, std::optional<int> port);
    void failLaunch(const Error &error);

    /// One of the things that its start waits for is there.
    void confirm(Awaited awaited);
    /// Its start waits for what does not come: it is started anew.
    void failStartup(const QString &reason);

    /// The stop_command that stopCommandWanted() asked for has failed: the signal is sent.
    void stopBySignal();

    static constexpr milliseconds CpuTime{60'000};

    /// Only while down: it is wanted, and its schedule says when it starts.
    void waitForSchedule();

    /// Restarts it when one of the app's limits is exceeded: of memory at once, of CPU when it was
    /// so in each sample of CpuTime.
    void checkLimits(const ProcessSample &sample);
    /// The outcome of a probe; told of when the status differs from the one before.
    void applyHealth(HealthUpdate update);
    /// What people should know of it in its present status.
    void remark(const QString &reason);
    void report(ProcessEvent::Kind kind, QJsonObject details, WallTime at = wallNow());
    /// What has been told up to `position` is stored.
    void forget(quint64 position) { m_runner->forget(position); }
    /// Only while down: nothing of it runs any more.
    void release() { m_runner->release(); }
    /// Only while down: nothing of it stays.
    void discard() { m_runner->discard(); }

signals:
    /// The answer to resume(): from here on everything is new.
    void resumed();
    /// It could not be executed now; the runner tries again.
    void putOff(const pmdaemon::Error &error);
    /// It is starting: somebody has to call launch() or failLaunch().
    void launchWanted();
    /// isGettingReady(): a startup probe may begin.
    void executed();
    /// It is taken for ready, because the time is over in which it should have said so.
    void notReady(const pmdaemon::Error &error);
    /// It is to be asked to end by what launched().stopCommand says.
    void stopCommandWanted();
    void logRotated(const QString &file);
    void statusChanged(const pmdaemon::StatusChange &change);
    void updated(const pmdaemon::ProcessEntry &entry);
    void happened(const pmdaemon::ProcessEvent &event);
    void healthChanged(const pmdaemon::HealthUpdate &update);

private:
    enum class RunnerState { Idle, Running, Waiting };
    using Notice = std::variant<StatusChange, ProcessEntry, ProcessEvent, HealthUpdate>;

    /// While one lives, notices are kept back; the outermost one tells them in order at its end.
    class Telling
    {
    public:
        explicit Telling(ManagedProcess &process)
            : m_process(process)
        {
            ++process.m_tellers;
        }
        ~Telling();
        Telling(const Telling &) = delete;
        Telling &operator=(const Telling &) = delete;

    private:
        ManagedProcess &m_process;
    };

    void apply(Trigger trigger);
    void enter(ProcessStatus status);
    void dropHealth();
    void halt();
    void gone(const std::optional<QString> &remark = {}, WallTime at = wallNow());
    void endedByItself(const ProcessExit &exit);
    QJsonObject endDetails(const QString &reason) const;
    void onStarted(qint64 pid, WallTime at);
    int awaitedOfSpec() const;
    void awaitReady(int awaited);
    void becomeUp(WallTime at);
    void tellUp(WallTime at);
    void onReadyTimeout();
    void checkMemory(qint64 bytes);
    void checkCpu(double percent);
    void stopRunner();
    void onStopNoted();
    void onExited(const ProcessExit &exit);
    void onPutOff(const Error &error);
    void onWaitCancelled();
    void onResumed(const ResumedRun &run);
    void goOnRunning(const ResumedRun &run);
    void goOnWithout();
    void tell(Notice notice);

    ProcessEntry m_entry;
    ProcessSpec m_spec;
    LaunchSpec m_launch;
    std::optional<PortSpec> m_ports;
    std::optional<int> m_endSignal; ///< until it is down
    Error m_error;
    std::optional<HealthUpdate> m_health;
    std::unique_ptr<ProcessRunner> m_runner;
    RunnerState m_runnerState = RunnerState::Idle;
    bool m_isWanted = false;
    bool m_isDone = false;
    bool m_isStuck = false; ///< as of the last holdLaunch() of this start
    bool m_isResuming = false;
    bool m_asksByCommand = false; ///< as soon as the stop is noted
    bool m_halting = false;       ///< the runner was told to stop and has not answered yet
    int m_awaited = 0;            ///< of Awaited: what its start still waits for
    std::unique_ptr<QTimer> m_readyTimeout;       ///< while it may still say that it is ready
    std::optional<RestartReason> m_restartReason; ///< of the next launch; none = it is a start
    std::optional<RestartReason> m_runReason;     ///< of the runner's current or coming run
    QElapsedTimer m_startup;
    QElapsedTimer m_overCpu; ///< valid while it takes more CPU than it may
    std::deque<Notice> m_notices;
    int m_tellers = 0;
};

} // namespace pmdaemon
