// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/scriptrunner.h"

#include <cerrno>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pmdaemon {

namespace {

constexpr int maxPasses = 8;

/// 0, or the errno. The child runs in this memory until it executes the program: no handler of a
/// signal may run there meanwhile. `report` says what failed in it.
int fork(ChildProgram &program, int report, pid_t &pid)
{
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t made = ::vfork(); // a copy of the page tables would take longer than all the rest
    if (made == 0)
        program.execute(-1, -1, -1, report);
    const int code = made < 0 ? errno : 0;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pid = made;
    return code;
}

} // namespace

ScriptRunner::ScriptRunner(Subreaper &subreaper, std::optional<rlimit> openFiles, QObject *parent)
    : ProcessRunner(parent)
    , m_subreaper(subreaper)
    , m_openFiles(openFiles)
    , m_cookie(subreaper.newCookie())
{
    connect(&m_leftovers, &ExitWatch::allEnded, this, &ScriptRunner::clearTree);
}

ScriptRunner::~ScriptRunner()
{
    if (m_state == State::Idle)
        return;
    killTree();
    if (m_state == State::Running)
        m_subreaper.removeRoot(m_root); // which reaps it
}

qint64 ScriptRunner::pid() const
{
    return m_state == State::Running ? m_root : 0;
}

void ScriptRunner::start(const LaunchSpec &spec)
{
    if (!m_program || !(spec == m_spec)) {
        m_spec = spec;
        m_program = std::make_unique<ChildProgram>(m_spec, QByteArrayList{m_cookie}, m_openFiles);
    }
    if (const Result<void> spawned = spawn(); !spawned) {
        emit startFailed(spawned.error());
        return;
    }
    m_startedAt = Clock::now();
    m_subreaper.addRoot(m_root);
    m_ended = std::make_unique<QSocketNotifier>(m_handle.get(), QSocketNotifier::Read);
    connect(m_ended.get(), &QSocketNotifier::activated, this, &ScriptRunner::onRootEnded);
    m_state = State::Running;
    m_exit = {};
    emit started(m_root, wallNow());
}

Result<void> ScriptRunner::spawn()
{
    int report[2];
    if (::pipe2(report, O_CLOEXEC) != 0)
        return tl::unexpected(startError(m_spec, SpawnStep::Pipe, errno));
    const UniqueFd reader(report[0]);
    UniqueFd writer(report[1]);
    if (const int code = fork(*m_program, writer.get(), m_root))
        return tl::unexpected(startError(m_spec, SpawnStep::Fork, code));
    writer.reset();
    ChildProgram::Failure failure;
    if (::read(reader.get(), &failure, sizeof failure) != sizeof failure) {
        m_handle.reset(static_cast<int>(::syscall(SYS_pidfd_open, m_root, 0)));
        if (m_handle)
            return {};
        failure = {SpawnStep::Descriptors, errno}; // it could not be waited for
        ::kill(m_root, SIGKILL);
    }
    ::waitpid(m_root, nullptr, 0);
    return tl::unexpected(startError(m_spec, failure.step, failure.code));
}

void ScriptRunner::onRootEnded()
{
    siginfo_t info = {};
    if (::waitid(P_PID, static_cast<id_t>(m_root), &info, WEXITED | WNOHANG) != 0 || !info.si_pid)
        return;
    m_exit.at = wallNow();
    m_exit.uptime = std::chrono::duration_cast<milliseconds>(Clock::now() - m_startedAt);
    (info.si_code == CLD_EXITED ? m_exit.exitCode : m_exit.signal) = info.si_status;
    m_ended->setEnabled(false);
    m_ended.release()->deleteLater(); // it is on the stack
    m_handle.reset();
    m_subreaper.removeRoot(m_root);
    m_state = State::Clearing;
    clearTree();
}

/// Comes again until nothing is left: those that are waited for may have had children meanwhile.
void ScriptRunner::clearTree()
{
    if (auto leftovers = killTree(); !leftovers.empty()) {
        m_leftovers.watch(std::move(leftovers));
        return;
    }
    m_state = State::Idle;
    const ProcessExit exit = m_exit;
    emit exited(exit);
}

/// Looks again until there is nobody new, but not for ever: a tree that keeps forking is met again
/// at clearTree(). Returns those that have not ended, but for those that cannot be killed at all.
std::vector<ProcessHandle> ScriptRunner::killTree()
{
    std::vector<ProcessHandle> members;
    bool isNew = true;
    for (int pass = 0; isNew && pass < maxPasses; ++pass) {
        isNew = false;
        for (ProcessHandle &member : m_subreaper.tree({m_root, m_cookie}, pid_t(pid()))) {
            if (contains(members, member.pid()))
                continue;
            isNew = true;
            member.signal(SIGKILL);
            members.push_back(std::move(member));
        }
    }
    std::erase_if(members, [](const ProcessHandle &member) {
        return member.signal(SIGKILL) == EPERM || member.hasEnded();
    });
    return members;
}

void ScriptRunner::stop(const StopPolicy &)
{
    if (m_state != State::Running)
        return; // what is left is being killed already
    m_exit.requested = true;
    emit stopNoted();
    killTree();
}

Result<void> ScriptRunner::sendSignal(int signal)
{
    // The root process is ours to reap, so its number cannot have a new owner.
    if (m_state == State::Running && ::kill(m_root, signal) == 0)
        return {};
    return fail(ErrorCode::NotRunning, tr("%1 is not running.").arg(m_spec.name));
}

Result<void> ScriptRunner::send(const QByteArray &)
{
    return fail(ErrorCode::InvalidConfig, tr("%1 has no input.").arg(m_spec.name));
}

} // namespace pmdaemon

#include "moc_scriptrunner.cpp"
