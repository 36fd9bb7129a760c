// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/qprocessrunner.h"

#include "core/slot/shortage.h"

#include <QLoggingCategory>
#include <QRandomGenerator>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <signal.h>
#include <system_error>

using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace pmdaemon {

namespace {

Q_LOGGING_CATEGORY(lcProcess, "pmdaemon.process", QtInfoMsg)

constexpr int execTimeoutMs = 30'000; // of a file system that hangs

constexpr int maxPasses = 8;

} // namespace

QProcessRunner::QProcessRunner(Subreaper &subreaper, std::optional<rlimit> openFiles,
                               QObject *parent)
    : ProcessRunner(parent)
    , m_subreaper(subreaper)
    , m_openFiles(openFiles)
    , m_cookie(subreaper.newCookie())
{
    // No pipes of its own: the child puts ours in place.
    m_process.setProcessChannelMode(QProcess::ForwardedChannels);
    m_process.setInputChannelMode(QProcess::ForwardedInputChannel);
    m_process.setChildProcessModifier(
        [this] { m_child->execute(m_input[0].get(), m_output.out(), m_output.err(), m_report); });
#if QT_VERSION >= QT_VERSION_CHECK(6, 6, 0)
    m_process.setUnixProcessParameters(QProcess::UnixProcessFlag::UseVFork);
#endif
    m_stopTimer.setSingleShot(true);
    m_delayTimer.setSingleShot(true);
    m_delayTimer.setTimerType(Qt::PreciseTimer);
    connect(&m_output, &ProcessOutput::failed, this, &QProcessRunner::logFailed);
    connect(&m_process, &QProcess::finished, this, &QProcessRunner::onRootFinished);
    connect(&m_leftovers, &ExitWatch::allEnded, this, &QProcessRunner::clearTree);
    connect(&m_stopTimer, &QTimer::timeout, this, &QProcessRunner::onStopTimeout);
    connect(&m_delayTimer, &QTimer::timeout, this, &QProcessRunner::launch);
}

QProcessRunner::~QProcessRunner()
{
    m_process.disconnect(this);
    if (m_state == State::Running || m_state == State::Clearing) {
        beginKilling();
        signalTree(SIGKILL);
        m_process.waitForFinished();
        m_subreaper.removeRoot(m_root);
        m_state = State::Clearing;
        signalTree(SIGKILL);
        m_output.catchUp();
    }
}

qint64 QProcessRunner::pid() const
{
    return m_state == State::Running ? m_root : 0;
}

Result<void> QProcessRunner::sendSignal(int signal)
{
    // The root process is ours to reap, so its number cannot have a new owner.
    if (m_state == State::Running && ::kill(m_root, signal) == 0)
        return {};
    const int code = m_state == State::Running ? errno : ESRCH;
    if (code == ESRCH)
        return fail(ErrorCode::NotRunning, tr("%1 is not running.").arg(m_spec.name));
    const QString words = QString::fromLocal8Bit(std::system_category().message(code));
    return fail(code == EINVAL ? ErrorCode::InvalidMessage : ErrorCode::Internal,
                tr("Cannot send signal %1 to %2: %3.").arg(signal).arg(m_spec.name, words),
                {{u"errno"_s, code}});
}

void QProcessRunner::start(const LaunchSpec &spec)
{
    Q_ASSERT(m_state == State::Idle);
    m_spec = spec;
    m_tracker = RestartTracker(spec.restart);
    if (auto opened = m_output.open(spec.logs); !opened) {
        Error error = opened.error();
        error.code = ErrorCode::StartFailed;
        emit startFailed(error);
        return;
    }
    launch();
}

void QProcessRunner::launch()
{
    if (auto spawned = spawn(); !spawned) {
        failStart(spawned.error());
        return;
    }
    m_startedAt = Clock::now();
    m_root = static_cast<pid_t>(m_process.processId());
    m_subreaper.addRoot(m_root);
    m_state = State::Running;
    m_stopping = false;
    m_killing = false;
    m_exit = {};
    emit started(m_root, wallNow());
}

Result<void> QProcessRunner::send(const QByteArray &bytes)
{
    if (m_state != State::Running)
        return fail(ErrorCode::NotRunning, tr("%1 is not running.").arg(m_spec.name));
    return writeInput(m_spec, m_input[1].get(), bytes);
}

/// What the program is to be told and handed beside its output; 0 or an errno.
int QProcessRunner::openTalk()
{
    closeTalk();
    m_isReady = !m_spec.tellsReady;
    int ends[2];
    if (m_spec.hasInput) {
        if (::pipe2(ends, O_CLOEXEC) != 0)
            return errno;
        m_input[0].reset(ends[0]);
        m_input[1].reset(ends[1]);
        ::fcntl(ends[1], F_SETFL, O_NONBLOCK); // not for the program's end
    }
    if (m_spec.tellsReady) {
        uint8_t secret[NotifySocket::SecretSize];
        for (uint8_t &byte : secret)
            byte = uint8_t(QRandomGenerator::system()->bounded(256));
        if (const int code = m_notify.open(secret))
            return code;
    }
    if (m_spec.tellsReady || m_spec.stop.byMessage) {
        if (const int code = m_channel.open())
            return code;
    }
    for (const int descriptor : {m_notify.descriptor(), m_channel.descriptor()}) {
        if (descriptor < 0)
            continue;
        auto &notifier = m_talkNotifiers.emplace_back(
            std::make_unique<QSocketNotifier>(descriptor, QSocketNotifier::Read));
        connect(notifier.get(), &QSocketNotifier::activated, this, &QProcessRunner::onTalk);
    }
    return 0;
}

void QProcessRunner::closeTalk()
{
    for (auto &notifier : std::exchange(m_talkNotifiers, {})) {
        notifier->setEnabled(false);
        notifier.release()->deleteLater(); // it may be on the stack
    }
    m_notify.close();
    m_channel.close();
    for (UniqueFd &end : m_input)
        end.reset();
}

void QProcessRunner::onTalk()
{
    const uint32_t user =
        m_spec.limits.user == LaunchLimits::Same ? ::geteuid() : m_spec.limits.user;
    bool isReady = m_notify.descriptor() >= 0 && m_notify.takeReady(user);
    if (m_channel.descriptor() >= 0) {
        isReady = m_channel.takeReady() || isReady;
        if (m_channel.descriptor() < 0) // its end of it is closed
            m_talkNotifiers.back()->setEnabled(false);
    }
    if (isReady && m_state == State::Running && !std::exchange(m_isReady, true))
        emit ready();
}

Result<void> QProcessRunner::spawn()
{
    int report[2];
    if (::pipe2(report, O_CLOEXEC) != 0)
        return tl::unexpected(startError(m_spec, SpawnStep::Pipe, errno));
    const UniqueFd reader(report[0]);
    UniqueFd writer(report[1]);
    if (const int code = openTalk())
        return tl::unexpected(startError(m_spec, SpawnStep::Descriptors, code));
    QByteArrayList added{m_cookie};
    if (m_spec.tellsReady)
        added.append(m_notify.variable().text());
    ChildProgram child(m_spec, added, m_openFiles, m_channel.childEnd());
    m_child = &child;
    m_report = writer.get();
    // What it is given here is not used: the child executes m_child.
    m_process.start(m_spec.program, {}, QIODevice::ReadOnly | QIODevice::Unbuffered);
    const bool isStarted = m_process.waitForStarted(execTimeoutMs);
    m_child = nullptr;
    m_channel.closeChildEnd();
    if (!isStarted) {
        const int code = whyNotForked(m_process.errorString());
        m_process.kill();
        m_process.waitForFinished();
        return tl::unexpected(startError(m_spec, SpawnStep::Fork, code));
    }
    writer.reset();
    ChildProgram::Failure failure;
    if (::read(reader.get(), &failure, sizeof failure) == sizeof failure) {
        m_process.waitForFinished();
        return tl::unexpected(startError(m_spec, failure.step, failure.code));
    }
    return {};
}

void QProcessRunner::failStart(const Error &error)
{
    closeTalk();
    if (isShortage(error)) {
        const RestartDecision next = decide(0ms, {});
        if (next.verdict == RestartDecision::Verdict::Restart) {
            m_state = State::Waiting;
            m_delayTimer.start(milliseconds(std::max(next.delay, shortageDelay)));
            emit startPutOff(error);
            return;
        }
    }
    m_state = State::Idle;
    m_output.close();
    emit startFailed(error);
}

void QProcessRunner::stop(const StopPolicy &policy)
{
    switch (m_state) {
    case State::Idle:
        return;
    case State::Waiting:
        m_delayTimer.stop();
        m_state = State::Idle;
        m_output.close();
        emit waitCancelled();
        return;
    case State::Clearing:
        m_stopping = true;
        if (!m_killing)
            m_stopTimer.start(policy.timeout);
        return;
    case State::Running:
        m_stopping = true;
        m_stopPolicy = policy;
        m_stopTimer.start(policy.timeout);
        m_signalled.clear();
        if (policy.signal != 0 && policy.byMessage && m_channel.sendShutdown())
            m_stopPolicy.signal = 0; // it has been asked
        if (policy.tree)
            signalTree(m_stopPolicy.signal);
        else
            ::kill(m_root, m_stopPolicy.signal); // ours to reap, so the number is still its own
        emit stopNoted();
    }
}

void QProcessRunner::onStopTimeout()
{
    m_exit.killed = true;
    beginKilling();
    if (m_state == State::Running)
        signalTree(SIGKILL);
    else
        clearTree();
}

void QProcessRunner::beginKilling()
{
    m_killing = true;
    m_signalled.clear();
}

void QProcessRunner::onRootFinished(int code, QProcess::ExitStatus status)
{
    if (m_state != State::Running)
        return; // it never executed its program: spawn() deals with that
    m_endedAt = Clock::now();
    m_exit.at = wallNow();
    m_exit.uptime = std::chrono::duration_cast<milliseconds>(m_endedAt - m_startedAt);
    (status == QProcess::NormalExit ? m_exit.exitCode : m_exit.signal) = code;
    m_subreaper.removeRoot(m_root);
    m_state = State::Clearing;
    if (!m_stopping)
        beginKilling();
    clearTree();
}

/// Comes again until nothing is left: those that are waited for may have had children meanwhile.
void QProcessRunner::clearTree()
{
    auto leftovers = m_killing           ? signalTree(SIGKILL)
                     : m_stopPolicy.tree ? signalTree(m_stopPolicy.signal)
                                         : tree();
    if (leftovers.empty())
        finishRun();
    else
        m_leftovers.watch(std::move(leftovers));
}

std::vector<ProcessHandle> QProcessRunner::tree() const
{
    return m_subreaper.tree({m_root, m_cookie}, static_cast<pid_t>(pid()));
}

/// Each member gets it once; looks again until there is nobody new, but not for ever: a tree that
/// keeps forking is met again at clearTree(). Returns those that have not ended, but for those that
/// cannot be killed at all.
std::vector<ProcessHandle> QProcessRunner::signalTree(int signal)
{
    std::vector<ProcessHandle> members;
    bool isNew = true;
    for (int pass = 0; isNew && pass < maxPasses; ++pass) {
        isNew = false;
        for (ProcessHandle &member : tree()) {
            quint64 &signalled = m_signalled[member.pid()];
            if (signalled != member.stat().startTime) {
                signalled = member.stat().startTime;
                isNew = true;
                member.signal(signal);
            }
            if (!contains(members, member.pid()))
                members.push_back(std::move(member));
        }
    }
    std::erase_if(members, [this, signal](const ProcessHandle &member) {
        const bool isImmortal = signal == SIGKILL && member.signal(SIGKILL) == EPERM;
        if (isImmortal)
            qCWarning(lcProcess).noquote()
                << tr("Process %1 of %2 cannot be killed.").arg(member.pid()).arg(m_spec.name);
        return isImmortal || member.hasEnded();
    });
    return members;
}

void QProcessRunner::finishRun()
{
    m_stopTimer.stop();
    m_leftovers.stop();
    closeTalk();
    m_output.catchUp();
    m_exit.requested = m_stopping;
    m_exit.next = decide(m_exit.uptime, m_exit.exitCode);
    const bool restarts = m_exit.next.verdict == RestartDecision::Verdict::Restart;
    m_state = restarts ? State::Waiting : State::Idle;
    if (!restarts)
        m_output.close();
    const ProcessExit exit = m_exit;
    emit exited(exit);
    if (!restarts || m_state != State::Waiting || m_delayTimer.isActive())
        return;
    const auto passed = std::chrono::duration_cast<milliseconds>(Clock::now() - m_endedAt);
    const milliseconds delay = milliseconds(exit.next.delay) - passed;
    if (delay > 0ms)
        m_delayTimer.start(delay);
    else
        launch();
}

RestartDecision QProcessRunner::decide(milliseconds uptime, std::optional<int> exitCode)
{
    const double jitter = QRandomGenerator::global()->generateDouble() * 2 - 1;
    return m_tracker.afterExit(
        {uptime.count(), exitCode.value_or(EndedRun::NoExitCode), m_stopping}, jitter);
}

} // namespace pmdaemon

#include "moc_qprocessrunner.cpp"
