// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/logs/logfiles.h"
#include "core/model/logline.h"
#include "core/model/processentry.h"
#include "core/model/result.h"
#include "core/slot/launchlimits.h"
#include "core/slot/restarttracker.h"
#include "core/slot/uniquefd.h"

#include <QObject>
#include <QStringList>

#include <functional>
#include <memory>

namespace pmdaemon {

struct StopPolicy
{
    int signal = 15;             ///< 0 = somebody else asks it to end
    milliseconds timeout{1'600}; ///< then SIGKILL to the group and every descendant
    bool tree = true;            ///< `signal` goes to every descendant, not to the root alone
    bool byMessage = false;      ///< Node's message "shutdown" goes to the root instead, if it can

    bool operator==(const StopPolicy &) const = default;
};

/// An open socket that listens, by the name that LISTEN_FDNAMES says.
struct HandedSocket
{
    QString name; ///< printable ASCII without ':'
    std::shared_ptr<const UniqueFd> descriptor;

    bool operator==(const HandedSocket &) const = default;
};

/// Everything that starting one instance needs, resolved: nothing is looked up any more.
struct LaunchSpec
{
    ProcessId id{};
    QString name;
    QString program; ///< absolute path
    QStringList arguments;
    QString workingDirectory; ///< absolute
    QStringList environment;  ///< "NAME=value", the whole of it
    LogFiles logs;
    RestartPolicy restart;
    StopPolicy stop;
    QString stopCommand; ///< a command line, which asks it to end; {pid} is the root process
    LaunchLimits limits;
    bool tellsReady = false;     ///< it is given the means to say that it is ready: see ready()
    bool hasInput = false;       ///< its standard input is what send() writes
    QList<HandedSocket> sockets; ///< handed on to it from descriptor 3 on

    bool operator==(const LaunchSpec &) const = default;
};

/// How a run ended, reported when its whole process tree is gone. With neither code nor signal it
/// is not known: nobody who could have asked was there.
struct ProcessExit
{
    std::optional<int> exitCode; ///< it exited
    std::optional<int> signal;   ///< a signal ended it
    milliseconds uptime{0};
    bool requested = false;   ///< stop() was called
    bool killed = false;      ///< the stop time ran out and SIGKILL was sent
    bool outOfMemory = false; ///< the kernel killed it for want of memory
    RestartDecision next;     ///< what the runner does now
    WallTime at{};            ///< when the root process ended

    bool operator==(const ProcessExit &) const = default;
};

/// What a runner found that an earlier daemon had left.
struct ResumedRun
{
    enum class Phase { Idle, Running, Waiting };

    Phase phase = Phase::Idle;
    qint64 pid = 0;       ///< while Running; 0 = it is between fork and exec, or being cleared up
    WallTime startedAt{}; ///< likewise
    bool stopping = false;

    bool operator==(const ResumedRun &) const = default;
};

/// Keeps one instance of one program running: spawns it, restarts it by its policy, stops it with
/// its whole tree. All implementations pass tests/core/process/runnercontract.h. Not to be deleted
/// inside its signals; deleteLater() is fine.
///
///   idle --start()--> running --exit--> waiting (delay) --> running …
///   any --stop()--> idle, exited() having been emitted if it was running
class ProcessRunner : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// Only while idle. Forgets earlier unstable runs. Emits started() or startFailed(), at the
    /// earliest in this call.
    virtual void start(const LaunchSpec &spec) = 0;
    /// While running: sends the signal, then SIGKILL when the time is up, and emits exited() once
    /// nothing of the tree is left. While waiting: goes idle and emits waitCancelled(). Idle:
    /// nothing.
    virtual void stop(const StopPolicy &policy) = 0;
    /// To the program's root process; NotRunning when there is none.
    virtual Result<void> sendSignal(int signal) = 0;
    /// To the standard input of the program; all of it or nothing. NotRunning, InvalidConfig where
    /// it has none, Timeout while it does not read what was sent before.
    virtual Result<void> send(const QByteArray &bytes) = 0;
    /// Of the root process; 0 when there is none.
    virtual qint64 pid() const = 0;

    /// Instead of the first start(): goes on with what an earlier daemon left, of which everything
    /// up to `position` was told. Tells what happened since, then emits resumed(). A runner whose
    /// programs end with the daemon finds nothing.
    virtual void resume(const LaunchSpec &spec, quint64 position);
    /// Before resume(): `planned`, with the log files and the environment that the program of an
    /// earlier daemon was launched with, as far as that is known.
    virtual LaunchSpec launchedBefore(const LaunchSpec &planned) const { return planned; }
    /// How far it has told what happened; survives the daemon.
    virtual quint64 position() const { return 0; }
    /// What happened up to `position` is stored: it need not be kept.
    virtual void forget(quint64 position) { Q_UNUSED(position); }
    /// Only while idle: nothing of it runs any more, not even what waits for the next start(). What
    /// resume() needs stays. Nothing else is called after.
    virtual void release() {}
    /// Only while idle: the process is deleted, nothing of it stays. Nothing else is called after.
    virtual void discard() {}

signals:
    void resumed(const pmdaemon::ResumedRun &run);
    /// exec succeeded, also on each restart.
    void started(qint64 pid, pmdaemon::WallTime at);
    /// The program says that it is up, as sd_notify(3) does (READY=1) or by Node's message "ready".
    /// Once in a run, behind started().
    void ready();
    /// The program could not be executed: StartFailed, `details` {step, errno, path}. The runner is
    /// idle; trying the same again makes no sense, so it does not.
    void startFailed(const pmdaemon::Error &error);
    /// Likewise, but because the machine is short of processes, descriptors, memory or room: the
    /// runner waits, and tries again by itself.
    void startPutOff(const pmdaemon::Error &error);
    /// A stop() while running is written down: whatever ends the program from now on, it ends for
    /// that.
    void stopNoted();
    void exited(const pmdaemon::ProcessExit &exit);
    void waitCancelled();
    /// The output can not be stored (a full disk, a folder gone); it is tried again.
    void logFailed(const pmdaemon::Error &error);
    /// A log file is about to be rotated, or has been.
    void logRotated(pmdaemon::LogStream stream);
    /// So much output was dropped, lest the program hang while it cannot be stored.
    void logDropped(quint64 bytes, quint64 lines);
};

/// Writes all of `bytes` to `input`, a FIFO that does not block, or nothing; the errors of
/// ProcessRunner::send(). At most PIPE_BUF bytes: more could come in part; TooLarge.
Result<void> writeInput(const LaunchSpec &spec, int input, const QByteArray &bytes);

using ProcessRunnerFactory = std::function<std::unique_ptr<ProcessRunner>()>;

} // namespace pmdaemon
