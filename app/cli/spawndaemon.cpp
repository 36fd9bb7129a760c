// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/spawndaemon.h"

#include "app/cli/clitext.h"
#include "app/cli/exitcode.h"
#include "app/daemon/detachedprogram.h"
#include "core/slot/uniquefd.h"

#include <QDeadlineTimer>
#include <QDir>
#include <QFile>

#include <array>
#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

tl::unexpected<Error> systemError(const QString &what)
{
    const bool forbidden = errno == EACCES || errno == EPERM || errno == EROFS;
    return fail(forbidden ? ErrorCode::Unauthorized : ErrorCode::StartFailed,
                what + ": "_L1 + qt_error_string(errno));
}

int openPrivate(const QString &path, int flags)
{
    const QString folder = QFileInfo(path).path();
    if (!QDir().mkpath(QFileInfo(folder).path()) ||
        (::mkdir(QFile::encodeName(folder).constData(), 0700) != 0 && errno != EEXIST))
        return -1;
    return ::open(QFile::encodeName(path).constData(), flags | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                  0600);
}

/// A datagram socket under an abstract name that the kernel chose; returns "@name", or nothing.
QByteArray bindAnywhere(int fd)
{
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    socklen_t length = sizeof(sa_family_t); // no name: "autobind" of unix(7)
    if (::bind(fd, reinterpret_cast<const sockaddr *>(&address), length) != 0)
        return {};
    length = sizeof address;
    if (::getsockname(fd, reinterpret_cast<sockaddr *>(&address), &length) != 0)
        return {};
    const auto nameLength =
        static_cast<qsizetype>(length) - qsizetype(offsetof(sockaddr_un, sun_path)) - 1;
    return '@' + QByteArray(address.sun_path + 1, nameLength);
}

/// The keeper, which starts the daemon and ends with its code.
DetachedProgram programOf(const DaemonLaunch &launch, const QString &shim,
                          const QByteArray &notifySocket, int log)
{
    const QStringList arguments = {shim,    u"--keep"_s,   launch.home, launch.runDirectory,
                                   u"--"_s, launch.program};
    DetachedProgram program;
    for (const QString &argument : arguments + launch.arguments)
        program.arguments.append(QFile::encodeName(argument));
    program.environment = environmentWithout({"NOTIFY_SOCKET"});
    program.environment.append("NOTIFY_SOCKET=" + notifySocket);
    program.log = log;
    return program;
}

/// True on READY=1; keeps the last STATUS= in `status`.
bool readNotifications(int fd, QString &status)
{
    bool ready = false;
    std::array<char, 4096> buffer;
    ssize_t length = 0;
    while ((length = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0) {
        for (const QByteArray &line : QByteArray(buffer.data(), length).split('\n')) {
            ready = ready || line == "READY=1";
            if (line.startsWith("STATUS="))
                status = QString::fromUtf8(line.sliced(7));
        }
    }
    return ready;
}

Result<void> waitUntilReady(pid_t pid, int notifications, const DaemonLaunch &launch)
{
    const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    QDeadlineTimer deadline(launch.timeout);
    QString status;
    while (!deadline.hasExpired()) {
        std::array<pollfd, 2> fds{{{notifications, POLLIN, 0}, {process.get(), POLLIN, 0}}};
        if (::poll(fds.data(), fds.size(), static_cast<int>(deadline.remainingTime())) < 0 &&
            errno != EINTR)
            return systemError(u"poll"_s);
        if (readNotifications(notifications, status))
            return {};
        int result = 0;
        if (::waitpid(pid, &result, WNOHANG) != pid)
            continue;
        const QString why = status.isEmpty() ? Cli::tr("see %1").arg(launch.logFile) : status;
        return fail(ErrorCode::StartFailed, Cli::tr("the daemon did not start: %1").arg(why),
                    {{u"exit_code"_s, WIFEXITED(result) ? WEXITSTATUS(result) : -1}});
    }
    return fail(ErrorCode::Timeout,
                Cli::tr("the daemon (pid %1) was started but is not ready after %2 s; see %3")
                    .arg(pid)
                    .arg(launch.timeout.count() / 1000)
                    .arg(launch.logFile));
}

} // namespace

bool waitForDaemon(const QString &runDirectory, std::chrono::milliseconds timeout,
                   const std::function<bool()> &isRunning)
{
    const UniqueFd changes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    ::inotify_add_watch(changes.get(), QFile::encodeName(runDirectory).constData(),
                        IN_MOVED_TO | IN_CLOSE_WRITE);
    const QDeadlineTimer deadline(timeout);
    while (!isRunning()) {
        pollfd change{changes.get(), POLLIN, 0};
        if (::poll(&change, 1, static_cast<int>(deadline.remainingTime())) == 0)
            return false;
        std::array<char, 4096> buffer;
        while (::read(changes.get(), buffer.data(), buffer.size()) > 0) {
        }
    }
    return true;
}

Result<void> spawnDaemon(const DaemonLaunch &launch, const std::function<bool()> &isRunning)
{
    const Result<QString> shim = findShim();
    if (!shim)
        return tl::unexpected(shim.error());
    const UniqueFd lock(openPrivate(launch.lockFile, O_RDWR));
    if (lock.get() < 0 || ::flock(lock.get(), LOCK_EX) != 0)
        return systemError(launch.lockFile);
    if (isRunning())
        return {};
    const UniqueFd log(openPrivate(launch.logFile, O_WRONLY | O_APPEND));
    if (log.get() < 0)
        return systemError(launch.logFile);
    const UniqueFd notifications(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const QByteArray name = bindAnywhere(notifications.get());
    if (name.isEmpty())
        return systemError(u"NOTIFY_SOCKET"_s);
    const Result<pid_t> pid = launchDetached(programOf(launch, *shim, name, log.get()));
    if (!pid)
        return tl::unexpected(pid.error());
    const Result<void> ready = waitUntilReady(*pid, notifications.get(), launch);
    // Another keeper or daemon has the home and is about to be ready: somebody else started it, or
    // its keeper did so again, at the same time.
    constexpr int alreadyRunning = static_cast<int>(ExitCode::Exists);
    if (!ready && ready.error().details["exit_code"_L1].toInt() == alreadyRunning &&
        waitForDaemon(launch.runDirectory, launch.timeout, isRunning))
        return {};
    return ready;
}

} // namespace pmdaemon
