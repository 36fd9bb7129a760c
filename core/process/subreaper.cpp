// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/subreaper.h"

#include "core/metrics/procfs.h"
#include "core/slot/exitlog.h"

#include <QFile>
#include <QRandomGenerator>
#include <QStringBuilder>
#include <QTimerEvent>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <optional>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>

namespace pmdaemon {

namespace {

/// A child that QProcess started is a zombie only until the event loop turns; one that still is
/// after this time is nobody else's.
constexpr int patienceMs = 200;

/// How often tree() looks again; only a tree that forks as fast as this looks needs more.
constexpr int maxPasses = 16;

/// tree() waits so long before it looks again at a process that is in the middle of an exec.
constexpr std::chrono::microseconds execTime{200};
constexpr int maxWaits = 10;

std::atomic<int> wakeUpFd = -1;

void onChildSignal(int)
{
    const int before = errno;
    const quint64 one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wakeUpFd, &one, sizeof one);
    errno = before;
}

/// Nothing in the middle of an exec: there the kernel shows neither environment nor command line.
std::optional<QByteArray> environmentOf(pid_t pid)
{
    const QByteArray folder = "/proc/" + QByteArray::number(pid);
    const QByteArray environment = procfs::readFile(folder + "/environ");
    if (!environment.isEmpty())
        return environment;
    if (procfs::readFile(folder + "/cmdline").isEmpty())
        return {};
    // Empty indeed, unless the exec ended between the two.
    return procfs::readFile(folder + "/environ");
}

bool hasCookie(const QByteArray &entries, const QByteArray &cookie)
{
    qsizetype at = 0;
    while ((at = entries.indexOf(cookie, at)) >= 0) {
        const qsizetype end = at + cookie.size();
        if ((at == 0 || entries[at - 1] == '\0') && (end == entries.size() || entries[end] == '\0'))
            return true;
        at = end;
    }
    return false;
}

/// Nothing = it cannot be told at this moment.
std::optional<bool> bears(const ProcessHandle &process,
                          const std::optional<QByteArray> &environment, const TreeMark &mark)
{
    // 0 is also what a session outside of a container's pid namespace is called.
    if (mark.session != 0 && process.stat().session == mark.session)
        return true;
    if (!environment)
        return {};
    return hasCookie(*environment, mark.cookie);
}

} // namespace

Subreaper::Subreaper(const QString &exits, QObject *parent)
    : QObject(parent)
    , m_exits(QFile::encodeName(exits))
    , m_wakeUp(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    , m_notifier(m_wakeUp.get(), QSocketNotifier::Read)
{
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    QRandomGenerator *random = QRandomGenerator::system();
    m_nonce =
        QByteArray::number(random->generate64(), 16) + QByteArray::number(random->generate64(), 16);
    wakeUpFd = m_wakeUp.get();
    struct sigaction action = {};
    action.sa_handler = onChildSignal;
    action.sa_flags = SA_RESTART | SA_NOCLDSTOP;
    ::sigaction(SIGCHLD, &action, nullptr);
    connect(&m_notifier, &QSocketNotifier::activated, this, [this] {
        quint64 count = 0;
        [[maybe_unused]] const ssize_t taken = ::read(m_wakeUp.get(), &count, sizeof count);
        if (!m_timer.isActive())
            m_timer.start(patienceMs, this);
    });
}

Subreaper::~Subreaper()
{
    ::signal(SIGCHLD, SIG_DFL);
    wakeUpFd = -1;
}

QByteArray Subreaper::newCookie()
{
    return "PMDAEMON_COOKIE=" + m_nonce + '-' + QByteArray::number(++m_cookies);
}

std::vector<pid_t> Subreaper::orphans() const
{
    std::vector<pid_t> children = childrenOf(::getpid());
    std::erase_if(children, [this](pid_t pid) { return m_roots.contains(pid); });
    return children;
}

/// A leader of a session of its own that bears no cookie of ours is in no tree, and never will be.
bool Subreaper::isStranger(const ProcessHandle &process, const QByteArray &environment) const
{
    return process.stat().session == process.pid() && !environment.isEmpty() &&
           !environment.contains(m_nonce);
}

std::vector<ProcessHandle> Subreaper::tree(const TreeMark &mark, pid_t root)
{
    std::vector<ProcessHandle> members;
    if (root > 0) {
        if (auto handle = ProcessHandle::open(root))
            members.push_back(std::move(*handle));
    }
    addDescendants(members);
    // A process whose parent ends while this looks elsewhere becomes a child of ours: look until
    // there is no child that was not looked at.
    QSet<pid_t> seen;
    bool isNew = true;
    int waits = 0;
    for (int pass = 0; isNew && pass < maxPasses; ++pass) {
        isNew = false;
        const std::vector<pid_t> children = orphans();
        m_strangers.intersect(QSet<pid_t>(children.begin(), children.end()));
        for (const pid_t pid : children) {
            if (seen.contains(pid) || m_strangers.contains(pid))
                continue;
            seen.insert(pid);
            isNew = true;
            auto handle = ProcessHandle::open(pid);
            if (!handle || handle->isZombie() || contains(members, pid))
                continue;
            if (handle->stat().parent != ::getpid())
                continue;
            const std::optional<QByteArray> environment = environmentOf(pid);
            const std::optional<bool> isMember = bears(*handle, environment, mark);
            if (environment && !*isMember && isStranger(*handle, *environment)) {
                m_strangers.insert(pid);
            } else if (!isMember && waits < maxWaits) {
                ++waits;
                seen.remove(pid);
                std::this_thread::sleep_for(execTime);
            } else if (isMember.value_or(false)) {
                members.push_back(std::move(*handle));
            }
        }
        if (isNew)
            addDescendants(members);
    }
    return members;
}

void Subreaper::timerEvent(QTimerEvent *event)
{
    if (event->timerId() != m_timer.timerId())
        return;
    reap();
    if (m_zombies.isEmpty())
        m_timer.stop();
}

/// Reaps what was a zombie last time already, and remembers the others for the next time.
void Subreaper::reap()
{
    QSet<pid_t> zombies;
    for (const pid_t pid : orphans()) {
        siginfo_t info = {};
        if (::waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
            continue;
        if (!m_zombies.contains(pid)) {
            zombies.insert(pid);
            continue;
        }
        record(pid, info.si_code, info.si_status);
        ::waitid(P_PID, pid, &info, WEXITED | WNOHANG);
        m_strangers.remove(pid);
    }
    m_zombies = zombies;
}

/// What cannot be recorded is unknown to who asks; a zombie would be in everybody's way.
void Subreaper::record(pid_t pid, int code, int status) const
{
    if (m_exits.isEmpty())
        return;
    ::mkdir(m_exits.constData(), 0700);
    const UniqueFd folder(::open(m_exits.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ExitLog log;
    if (folder && log.open(folder.get()))
        log.append(pid, code, status);
    log.close();
}

} // namespace pmdaemon

#include "moc_subreaper.cpp"
