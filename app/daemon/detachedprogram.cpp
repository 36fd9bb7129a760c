// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/daemon/detachedprogram.h"

#include "core/slot/uniquefd.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

tl::unexpected<Error> systemError(const QString &what)
{
    return fail(ErrorCode::StartFailed, what + ": "_L1 + qt_error_string(errno));
}

/// A null-terminated array of C strings for execve().
std::vector<char *> pointersTo(QByteArrayList &strings)
{
    std::vector<char *> pointers;
    for (QByteArray &string : strings)
        pointers.push_back(string.data());
    pointers.push_back(nullptr);
    return pointers;
}

/// In the child, between fork and exec: system calls alone. False and errno.
bool prepareChild(const DetachedProgram &program)
{
    ::setsid();
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (::chdir("/") != 0 || ::dup2(null, STDIN_FILENO) < 0)
        return false;
    if (program.log >= 0 &&
        (::dup2(program.log, STDOUT_FILENO) < 0 || ::dup2(program.log, STDERR_FILENO) < 0))
        return false;
    // What we have left open is none of its business; before Linux 5.11 it keeps that.
    ::syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    if (program.inherited == DetachedProgram::inheritedFd)
        ::fcntl(program.inherited, F_SETFD, 0);
    else if (program.inherited >= 0 && ::dup2(program.inherited, DetachedProgram::inheritedFd) < 0)
        return false;
    if (program.openFiles)
        ::setrlimit(RLIMIT_NOFILE, &*program.openFiles);
    for (const int signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGCHLD})
        ::signal(signal, SIG_DFL);
    return true;
}

} // namespace

Result<pid_t> launchDetached(DetachedProgram program)
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return systemError(u"pipe"_s);
    const UniqueFd readEnd(ends[0]);
    // Out of the way of the number that is promised.
    UniqueFd report(::fcntl(ends[1], F_DUPFD_CLOEXEC, DetachedProgram::inheritedFd + 1));
    ::close(ends[1]);
    const std::vector<char *> arguments = pointersTo(program.arguments);
    const std::vector<char *> environment = pointersTo(program.environment);
    const pid_t pid = ::fork();
    if (pid == 0) {
        if (prepareChild(program))
            ::execve(arguments[0], arguments.data(), environment.data());
        const int error = errno;
        [[maybe_unused]] const ssize_t written = ::write(report.get(), &error, sizeof error);
        ::_exit(127);
    }
    report.reset();
    if (pid < 0)
        return systemError(u"fork"_s);
    int error = 0;
    if (::read(readEnd.get(), &error, sizeof error) <= 0)
        return pid;
    ::waitpid(pid, nullptr, 0);
    errno = error;
    return systemError(QFile::decodeName(program.arguments.constFirst()));
}

QByteArrayList environmentWithout(const QByteArrayList &names)
{
    QByteArrayList environment;
    for (char **variable = environ; *variable; ++variable) {
        const QByteArray entry(*variable);
        if (!names.contains(entry.left(entry.indexOf('='))))
            environment.append(entry);
    }
    return environment;
}

Result<QString> findShim()
{
    const QString folder = QCoreApplication::applicationDirPath();
    const QStringList places = {folder + "/pmdaemon-shim"_L1,
                                folder + "/../libexec/pmdaemon/pmdaemon-shim"_L1};
    for (const QString &place : places) {
        const QFileInfo file(place);
        if (file.isFile() && file.isExecutable())
            return file.canonicalFilePath();
    }
    return fail(ErrorCode::StartFailed,
                QCoreApplication::translate(
                    "DetachedProgram",
                    "pmdaemon-shim, which keeps a daemon in the background running, is missing: it "
                    "is expected at %1 or %2. Install it, or run `pmdaemon daemon` in the "
                    "foreground.")
                    .arg(places[0], places[1]));
}

} // namespace pmdaemon
