// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/childprogram.h"

#include <QFile>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

// The functions below run between vfork and exec: no instrumentation that needs memory or stack.
#define PMDAEMON_IN_CHILD \
    __attribute__((no_sanitize("address"), no_sanitize("thread"), no_sanitize("undefined")))

namespace pmdaemon {

namespace {

constexpr int signalCount = 64;
constexpr std::size_t signalSetSize = signalCount / 8;

/// Default dispositions before the mask is lifted: a handler of the parent must not run here.
PMDAEMON_IN_CHILD void resetSignals()
{
    // The kernel's struct sigaction, all zero: SIG_DFL without flags.
    alignas(8) const char defaults[64] = {};
    for (int number = 1; number <= signalCount; ++number)
        ::syscall(SYS_rt_sigaction, number, defaults, nullptr, signalSetSize);
    const unsigned long none = 0;
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, signalSetSize);
}

/// Puts `from` at the place of `to`, inherited by exec.
PMDAEMON_IN_CHILD bool place(int from, int to)
{
    if (from == to)
        return ::syscall(SYS_fcntl, from, F_SETFD, 0) == 0;
    return ::syscall(SYS_dup3, from, to, 0) == to;
}

PMDAEMON_IN_CHILD [[noreturn]] void giveUp(int report, SpawnStep step, int code)
{
    const ChildProgram::Failure failure{step, code};
    ::syscall(SYS_write, report, &failure, sizeof failure);
    for (;;)
        ::syscall(SYS_exit_group, 127);
}

char *pointer(const QByteArray &string)
{
    return const_cast<char *>(string.constData()); // execve's signature; it does not write
}

} // namespace

ChildProgram::ChildProgram(const LaunchSpec &spec, const QByteArrayList &added,
                           std::optional<rlimit> openFiles, int channel)
    : m_path(QFile::encodeName(spec.program))
    , m_folder(QFile::encodeName(spec.workingDirectory))
    , m_openFiles(openFiles)
    , m_limits(spec.limits)
{
    constexpr qsizetype ownVariables = 3;
    m_strings.reserve(spec.arguments.size() + spec.environment.size() + added.size() +
                      ownVariables);
    m_arguments.push_back(pointer(m_path));
    for (const QString &argument : spec.arguments)
        m_arguments.push_back(pointer(m_strings.emplaceBack(argument.toUtf8())));
    m_arguments.push_back(nullptr);
    for (const HandedSocket &socket : spec.sockets)
        m_sockets.push_back(socket.descriptor->get());
    m_descriptors = {m_sockets.data(), int(m_sockets.size()), channel};
    QByteArrayList variables = added;
    if (channel >= 0)
        variables.append("NODE_CHANNEL_FD=" + QByteArray::number(m_descriptors.channelNumber()));
    if (!m_sockets.empty()) {
        QByteArrayList names;
        for (const HandedSocket &socket : spec.sockets)
            names.append(socket.name.toLatin1());
        variables.append("LISTEN_FDS=" + QByteArray::number(m_descriptors.socketCount));
        variables.append("LISTEN_FDNAMES=" + names.join(':'));
        m_environment.push_back(const_cast<char *>(m_listenPid.text()));
    }
    for (const QByteArray &variable : variables)
        m_environment.push_back(pointer(m_strings.emplaceBack(variable)));
    for (const QString &entry : spec.environment)
        m_environment.push_back(pointer(m_strings.emplaceBack(entry.toUtf8())));
    m_environment.push_back(nullptr);
}

PMDAEMON_IN_CHILD void ChildProgram::execute(int in, int out, int err, int report)
{
    ::syscall(SYS_setsid);
    resetSignals();
    if (!m_folder.isEmpty() && ::syscall(SYS_chdir, m_folder.constData()) != 0)
        giveUp(report, SpawnStep::Chdir, errno);
    const int null =
        static_cast<int>(::syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0));
    if (null < 0)
        giveUp(report, SpawnStep::Descriptors, errno);
    if (!place(in < 0 ? null : in, 0) || !place(out < 0 ? null : out, 1) ||
        !place(err < 0 ? null : err, 2))
        giveUp(report, SpawnStep::Descriptors, errno);
    // Marked rather than closed: the reports of a failed exec go through two of them.
    ::syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
    int *const kept[] = {&report};
    if (!placeDescriptors(m_descriptors, kept, 1))
        giveUp(report, SpawnStep::Descriptors, errno);
    m_listenPid.add("LISTEN_PID=").addNumber(uint64_t(::syscall(SYS_getpid)));
    // A lower soft limit than before can be set always.
    if (m_openFiles)
        ::syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &*m_openFiles, nullptr);
    if (in >= 0)
        giveStream(m_limits, 0);
    if (out >= 0)
        giveStream(m_limits, 1);
    if (err >= 0)
        giveStream(m_limits, 2);
    if (const LimitFailure failure = applyLimits(m_limits); failure.code != 0)
        giveUp(report, failure.step, failure.code);
    ::syscall(SYS_execve, m_path.constData(), m_arguments.data(), m_environment.data());
    giveUp(report, SpawnStep::Exec, errno);
}

} // namespace pmdaemon
