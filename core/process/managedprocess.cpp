// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/managedprocess.h"

#include "core/model/signalname.h"
#include "core/process/probeplan.h"

#include <QJsonObject>
#include <QLoggingCategory>

#include <utility>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

Q_LOGGING_CATEGORY(lcProcess, "pmdaemon.process", QtInfoMsg)

using enum ProcessStatus;

QJsonValue orNull(const std::optional<int> &value)
{
    return value ? QJsonValue(*value) : QJsonValue(QJsonValue::Null);
}

QJsonValue orNull(const std::optional<QString> &value)
{
    return value ? QJsonValue(*value) : QJsonValue(QJsonValue::Null);
}

/// Emits each kind of notice as its signal.
struct Teller
{
    ManagedProcess &process;

    void operator()(const StatusChange &change) const { emit process.statusChanged(change); }
    void operator()(const ProcessEntry &entry) const { emit process.updated(entry); }
    void operator()(const ProcessEvent &event) const { emit process.happened(event); }
    void operator()(const HealthUpdate &update) const { emit process.healthChanged(update); }
};

QString howItEnded(const ProcessExit &exit)
{
    const QString time = QString::number(exit.uptime.count());
    if (exit.outOfMemory)
        return ManagedProcess::tr("killed by the kernel for want of memory after %1 ms").arg(time);
    if (exit.signal)
        return ManagedProcess::tr("ended by %1 after %2 ms").arg(signalName(*exit.signal), time);
    if (!exit.exitCode)
        return ManagedProcess::tr("ended unseen; how is not known");
    return ManagedProcess::tr("exited with code %1 after %2 ms").arg(*exit.exitCode).arg(time);
}

} // namespace

ManagedProcess::ManagedProcess(ProcessEntry entry, ProcessSpec spec,
                               std::unique_ptr<ProcessRunner> runner, QObject *parent)
    : QObject(parent)
    , m_entry(std::move(entry))
    , m_spec(std::move(spec))
    , m_runner(std::move(runner))
{
    const HealthCheckSpec *const teller = healthTeller(m_spec);
    if (!teller)
        m_entry.health = HealthStatus::Unknown;
    else if (m_entry.health != HealthStatus::Unknown) // what an earlier daemon found
        m_health = HealthUpdate{
            m_entry.id, m_entry.name, m_entry.health, HealthStatus::Unknown, teller->type, {}};
    connect(m_runner.get(), &ProcessRunner::started, this, &ManagedProcess::onStarted);
    connect(m_runner.get(), &ProcessRunner::ready, this,
            [this] { confirm(Awaited::ReadyMessage); });
    connect(m_runner.get(), &ProcessRunner::stopNoted, this, &ManagedProcess::onStopNoted);
    connect(m_runner.get(), &ProcessRunner::startFailed, this, &ManagedProcess::failLaunch);
    connect(m_runner.get(), &ProcessRunner::exited, this, &ManagedProcess::onExited);
    connect(m_runner.get(), &ProcessRunner::startPutOff, this, &ManagedProcess::onPutOff);
    connect(m_runner.get(), &ProcessRunner::resumed, this, &ManagedProcess::onResumed);
    connect(m_runner.get(), &ProcessRunner::waitCancelled, this, &ManagedProcess::onWaitCancelled);
    connect(m_runner.get(), &ProcessRunner::logFailed, this, [this](const Error &error) {
        qCWarning(lcProcess).noquote() << m_entry.name + u':' << error.message;
    });
    connect(m_runner.get(), &ProcessRunner::logRotated, this, [this](LogStream stream) {
        emit logRotated(stream == LogStream::Out ? m_launch.logs.out : m_launch.logs.err);
    });
    connect(m_runner.get(), &ProcessRunner::logDropped, this, [this](quint64 bytes, quint64 lines) {
        report(ProcessEvent::Kind::LogGap,
               {{u"bytes"_s, qint64(bytes)}, {u"lines"_s, qint64(lines)}});
    });
}

bool ManagedProcess::isDown() const
{
    return m_entry.status == Stopped || m_entry.status == Errored;
}

void ManagedProcess::redefine(const ProcessSpec &spec, const QString &name)
{
    m_spec = spec;
    if (name == m_entry.name && spec.nameSpace == m_entry.nameSpace)
        return;
    m_entry.name = name;
    m_entry.nameSpace = spec.nameSpace;
    tell(m_entry);
}

void ManagedProcess::start()
{
    const Telling telling(*this);
    m_isWanted = true;
    m_isDone = false;
    if (m_entry.status == Starting || m_entry.status == Online || (m_isResuming && isDown()))
        return;
    m_restartReason.reset();
    m_entry.restarts = 0;
    m_entry.exitCode.reset();
    m_entry.signal.reset();
    apply(Trigger::Start);
    if (m_entry.status == Starting)
        emit launchWanted();
    else
        halt(); // it comes down, or waits for its next try: start it as soon as that is over
}

void ManagedProcess::stop()
{
    m_isWanted = false;
    bringDown();
}

void ManagedProcess::bringDown()
{
    const Telling telling(*this);
    if (m_entry.status == Stopped || m_entry.status == Stopping)
        return;
    apply(Trigger::Stop);
    if (m_entry.status == Stopping)
        halt();
}

void ManagedProcess::restart(RestartReason reason)
{
    const Telling telling(*this);
    m_isWanted = true;
    m_isDone = false;
    if (isDown()) {
        if (m_isResuming)
            return;
        m_restartReason = reason;
        ++m_entry.restarts;
        apply(Trigger::Restart);
        emit launchWanted();
        return;
    }
    if (wantsLaunch()) {
        emit launchWanted(); // it is going to be a fresh one anyway; who asks is told why it waits
        return;
    }
    m_restartReason = reason;
    apply(Trigger::Restart);
    halt();
}

Result<void> ManagedProcess::sendSignal(int signal)
{
    return m_runner->sendSignal(signal);
}

void ManagedProcess::resetRestarts()
{
    if (m_entry.restarts == 0)
        return;
    m_entry.restarts = 0;
    tell(m_entry);
}

void ManagedProcess::launch(const LaunchSpec &launch, std::optional<int> port)
{
    if (!wantsLaunch())
        return;
    m_launch = launch;
    m_entry.port = port;
    m_entry.reason.reset();
    // Scripts alone need it later, and with thousands of processes it is a lot.
    if (!healthTeller(m_spec) && m_launch.stopCommand.isEmpty())
        m_launch.environment.clear();
    m_runnerState = RunnerState::Running;
    m_runReason = m_restartReason;
    m_runner->start(launch);
}

void ManagedProcess::holdLaunch(const QString &reason, bool isFinal)
{
    if (!wantsLaunch())
        return;
    const Telling telling(*this);
    m_isStuck = isFinal;
    if (m_entry.reason != reason) {
        m_entry.reason = reason;
        tell(m_entry);
    }
    if (isFinal)
        emit putOff({ErrorCode::StartFailed, u"%1: %2."_s.arg(m_entry.name, reason)});
}

void ManagedProcess::failLaunch(const Error &error)
{
    const Telling telling(*this);
    m_runnerState = RunnerState::Idle;
    if (m_halting) {
        gone();
        return;
    }
    if (m_entry.status == Restarting)
        apply(Trigger::Launch);
    m_isDone = true;
    m_error = error;
    m_entry.reason = error.message;
    apply(Trigger::LaunchFailed);
}

void ManagedProcess::onPutOff(const Error &error)
{
    const Telling telling(*this);
    m_runnerState = RunnerState::Waiting;
    if (m_halting)
        return;                          // the runner has been told
    if (m_entry.reason != error.message) // and not once a second
        qCWarning(lcProcess).noquote() << error.message;
    m_error = error;
    m_entry.reason = error.message;
    if (m_isResuming && isDown())
        apply(Trigger::Start); // as in onStarted()
    if (m_entry.status == Starting)
        apply(Trigger::Respawn);
    else
        tell(m_entry);
    emit putOff(error);
}

void ManagedProcess::waitForSchedule()
{
    const Telling telling(*this);
    m_isWanted = true;
    m_isDone = true;
    apply(Trigger::Stop); // one that is errored waits as well
    m_entry.reason = tr("waits for its time, %1").arg(m_spec.schedule);
    tell(StatusChange{m_entry, m_entry.status});
}

void ManagedProcess::checkLimits(const ProcessSample &sample)
{
    checkMemory(sample.memory);
    checkCpu(sample.cpu);
}

void ManagedProcess::checkCpu(double percent)
{
    if (!isRunning() || m_spec.maxCpuPercent <= 0 || percent <= m_spec.maxCpuPercent)
        return m_overCpu.invalidate();
    if (!m_overCpu.isValid())
        m_overCpu.start();
    if (!m_overCpu.hasExpired(CpuTime.count()))
        return;
    m_overCpu.invalidate();
    const Telling telling(*this);
    report(ProcessEvent::Kind::CpuLimitExceeded,
           {{u"cpu"_s, percent}, {u"limit"_s, m_spec.maxCpuPercent}});
    restart(RestartReason::Cpu);
}

void ManagedProcess::checkMemory(qint64 bytes)
{
    if (!isRunning() || m_spec.maxMemoryRestart <= 0 || bytes <= m_spec.maxMemoryRestart)
        return;
    const Telling telling(*this);
    report(ProcessEvent::Kind::MemoryLimitExceeded,
           {{u"memory"_s, bytes}, {u"limit"_s, m_spec.maxMemoryRestart}});
    restart(RestartReason::Memory);
}

void ManagedProcess::applyHealth(HealthUpdate update)
{
    if (!isRunning())
        return;
    update.id = m_entry.id;
    update.name = m_entry.name;
    update.previous = std::exchange(m_entry.health, update.status);
    m_health = update;
    if (update.status == update.previous)
        return;
    const Telling telling(*this);
    tell(m_entry);
    tell(std::move(update));
}

void ManagedProcess::remark(const QString &reason)
{
    if (m_entry.reason == reason)
        return;
    m_entry.reason = reason;
    tell(m_entry);
}

void ManagedProcess::report(ProcessEvent::Kind kind, QJsonObject details, WallTime at)
{
    tell(ProcessEvent{kind, m_entry.id, m_entry.name, at, std::move(details)});
}

void ManagedProcess::apply(Trigger trigger)
{
    if (const std::optional<ProcessStatus> next = transition(m_entry.status, trigger))
        enter(*next);
}

void ManagedProcess::enter(ProcessStatus status)
{
    const ProcessStatus previous = std::exchange(m_entry.status, status);
    m_overCpu.invalidate();
    if (status == Starting) {
        m_entry.reason.reset();
        m_isStuck = false;
        m_startup.start();
        if (previous == Restarting && m_restartReason)
            ++m_entry.restarts;
    }
    if (status != Starting) {
        m_awaited = 0;
        m_readyTimeout.reset();
    }
    if (isDown())
        m_entry.port.reset();
    const HealthStatus health = std::exchange(m_entry.health, HealthStatus::Unknown);
    tell(StatusChange{m_entry, previous});
    if (health != HealthStatus::Unknown)
        dropHealth();
}

void ManagedProcess::dropHealth()
{
    m_health->previous = std::exchange(m_health->status, HealthStatus::Unknown);
    m_health->details.insert(u"error"_s, tr("the process is not running"));
    tell(*m_health);
}

void ManagedProcess::halt()
{
    if (m_halting)
        return;
    m_halting = true;
    if (m_isResuming)
        return; // onResumed() knows what there is to stop
    if (m_runnerState == RunnerState::Idle)
        gone();
    else
        stopRunner();
}

void ManagedProcess::stopRunner()
{
    StopPolicy policy = m_launch.stop;
    m_asksByCommand = !m_launch.stopCommand.isEmpty() && m_entry.pid && !m_endSignal;
    if (m_asksByCommand)
        policy.signal = 0;
    if (m_endSignal) {
        policy.signal = *m_endSignal;
        policy.byMessage = false;
    }
    m_runner->stop(policy);
}

/// Not before: an end that the command brings about must not look like one that nobody wanted.
void ManagedProcess::onStopNoted()
{
    if (std::exchange(m_asksByCommand, false) && m_halting && m_entry.pid)
        emit stopCommandWanted();
}

void ManagedProcess::stopBySignal()
{
    if (m_halting && m_runnerState != RunnerState::Idle)
        m_runner->stop(m_launch.stop);
}

void ManagedProcess::gone(const std::optional<QString> &remark, WallTime at)
{
    const Telling telling(*this);
    m_halting = false;
    m_endSignal.reset();
    if (m_entry.status == Restarting) {
        if (m_isResuming)
            return; // onResumed() launches it
        apply(Trigger::Gone);
        emit launchWanted();
        return;
    }
    m_entry.reason = remark;
    apply(Trigger::Gone);
    report(ProcessEvent::Kind::Stopped, endDetails(u"requested"_s), at);
}

void ManagedProcess::onStarted(qint64 pid, WallTime at)
{
    const Telling telling(*this);
    m_runnerState = RunnerState::Running;
    if (!m_halting && m_isResuming && isDown())
        apply(Trigger::Start); // the daemon that was told so did not live to store it
    if (!m_halting && m_entry.status == Restarting)
        apply(Trigger::Launch);
    m_entry.pid = pid;
    m_entry.startedAt = at;
    if (m_halting) {
        // It came up before it heard that it shall not.
        m_entry.restarts += m_runReason == RestartReason::Crash;
        tell(m_entry);
        tellUp(at);
        return;
    }
    if (const int awaited = awaitedOfSpec())
        awaitReady(awaited);
    else
        becomeUp(at);
}

int ManagedProcess::awaitedOfSpec() const
{
    return (m_spec.waitReady ? int(Awaited::ReadyMessage) : 0) |
           (startupProbe(m_spec) ? int(Awaited::StartupProbe) : 0);
}

void ManagedProcess::awaitReady(int awaited)
{
    m_awaited = awaited;
    tell(m_entry);
    if (awaited & int(Awaited::ReadyMessage)) {
        m_readyTimeout = std::make_unique<QTimer>();
        m_readyTimeout->setSingleShot(true);
        connect(m_readyTimeout.get(), &QTimer::timeout, this, &ManagedProcess::onReadyTimeout);
        m_readyTimeout->start(m_spec.listenTimeout);
    }
    emit executed();
}

void ManagedProcess::confirm(Awaited awaited)
{
    if (m_entry.status != Starting || m_halting || !(m_awaited & int(awaited)))
        return;
    const Telling telling(*this);
    m_awaited &= ~int(awaited);
    if (awaited == Awaited::ReadyMessage && m_readyTimeout)
        m_readyTimeout.release()->deleteLater(); // it may be on the stack
    if (m_awaited == 0 && m_entry.pid)           // else resume() is not over
        becomeUp(wallNow());
}

void ManagedProcess::onReadyTimeout()
{
    const Telling telling(*this);
    const QString words = tr("it did not say that it is ready within %1 ms, and is taken for it")
                              .arg(m_spec.listenTimeout.count());
    m_entry.reason = words;
    emit notReady(
        {ErrorCode::Timeout,
         words,
         {{u"step"_s, u"ready"_s}, {u"timeout"_s, qint64{m_spec.listenTimeout.count()}}}});
    confirm(Awaited::ReadyMessage);
}

void ManagedProcess::failStartup(const QString &reason)
{
    if (!isGettingReady())
        return;
    const Telling telling(*this);
    emit putOff({ErrorCode::StartFailed,
                 tr("its startup probe failed: %1.").arg(reason),
                 {{u"step"_s, u"startup"_s}}});
    restart(RestartReason::Health);
}

void ManagedProcess::becomeUp(WallTime at)
{
    apply(Trigger::Up);
    tellUp(at);
}

void ManagedProcess::tellUp(WallTime at)
{
    const qint64 pid = m_entry.pid.value_or(0);
    QJsonObject details{{u"pid"_s, pid}, {u"port"_s, orNull(m_entry.port)}};
    if (!m_runReason) {
        // Another daemon may have been told to start it.
        details.insert(u"startup_time"_s, m_startup.isValid() ? m_startup.elapsed() : 0);
        report(ProcessEvent::Kind::Started, details, at);
        return;
    }
    details.insert(u"restarts"_s, m_entry.restarts);
    details.insert(u"reason"_s, toString(*m_runReason));
    report(ProcessEvent::Kind::Restarted, details, at);
}

void ManagedProcess::onExited(const ProcessExit &exit)
{
    const Telling telling(*this);
    const bool respawns = exit.next.verdict == RestartDecision::Verdict::Restart;
    m_runnerState = respawns ? RunnerState::Waiting : RunnerState::Idle;
    m_entry.pid.reset();
    m_entry.startedAt.reset();
    m_entry.exitCode = exit.exitCode;
    m_entry.signal =
        exit.signal ? std::optional<QString>(signalName(*exit.signal)) : std::optional<QString>();
    if (m_isResuming && exit.requested && !m_halting) {
        apply(Trigger::Stop); // likewise
        m_halting = true;
    }
    if (respawns)
        m_runReason = RestartReason::Crash;
    if (respawns || !m_halting) {
        endedByItself(exit); // while halting, waitCancelled() or the end of the next run follows
        return;
    }
    std::optional<QString> remark;
    if (exit.killed)
        remark = tr("killed: it had not ended after %1 ms").arg(m_launch.stop.timeout.count());
    gone(remark, exit.at);
}

void ManagedProcess::endedByItself(const ProcessExit &exit)
{
    using Verdict = RestartDecision::Verdict;
    const bool clean = exit.exitCode &&
                       (*exit.exitCode == 0 || m_launch.restart.isStopCode(*exit.exitCode & 0xff));
    if (!m_halting)
        m_restartReason = RestartReason::Crash;
    m_entry.reason = howItEnded(exit);
    if (exit.next.verdict == Verdict::GiveUp)
        m_entry.reason = tr("gave up after %n restart(s) of runs that were too short; the last %1",
                            nullptr, m_launch.restart.maxRestarts)
                             .arg(*m_entry.reason);
    m_error = {ErrorCode::StartFailed, *m_entry.reason};
    m_isDone = exit.next.verdict != Verdict::Restart;
    if (!m_isDone)
        apply(Trigger::Respawn);
    else
        apply(clean && exit.next.verdict == Verdict::StayDown ? Trigger::Ended : Trigger::Failed);
    if (clean) {
        report(ProcessEvent::Kind::Stopped, endDetails(u"exited"_s), exit.at);
        return;
    }
    QJsonObject details = endDetails({});
    details.insert(u"uptime"_s, qint64{exit.uptime.count()});
    details.insert(u"restarts"_s, m_entry.restarts);
    if (exit.outOfMemory)
        details.insert(u"oom"_s, true);
    report(ProcessEvent::Kind::Crashed, details, exit.at);
}

QJsonObject ManagedProcess::endDetails(const QString &reason) const
{
    QJsonObject details{{u"exit_code"_s, orNull(m_entry.exitCode)},
                        {u"signal"_s, orNull(m_entry.signal)}};
    if (!reason.isEmpty())
        details.insert(u"reason"_s, reason);
    return details;
}

void ManagedProcess::onWaitCancelled()
{
    m_runnerState = RunnerState::Idle;
    if (m_halting)
        gone();
}

void ManagedProcess::tell(Notice notice)
{
    const Telling telling(*this);
    m_notices.push_back(std::move(notice));
}

ManagedProcess::Telling::~Telling()
{
    // What a slot causes is queued behind what it belongs after.
    while (m_process.m_tellers == 1 && !m_process.m_notices.empty()) {
        const Notice next = std::move(m_process.m_notices.front());
        m_process.m_notices.pop_front();
        std::visit(Teller{m_process}, next);
    }
    --m_process.m_tellers;
}

} // namespace pmdaemon

#include "moc_managedprocess.cpp"
