// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/keeperprocess.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace pmdaemon {

namespace {

struct Before
{
    sigset_t mask;
    rlimit openFiles;
};
Before before;

constexpr int handledSignals[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
constexpr int ignoredSignals[] = {SIGPIPE, SIGXFSZ}; ///< each is an errno too

} // namespace

int KeeperProcess::begin()
{
    sigset_t handled;
    sigemptyset(&handled);
    for (const int number : handledSignals)
        sigaddset(&handled, number);
    sigprocmask(SIG_BLOCK, &handled, &before.mask);
    for (const int number : ignoredSignals)
        signal(number, SIG_IGN);
    // Each slot takes three descriptors.
    getrlimit(RLIMIT_NOFILE, &before.openFiles);
    const rlimit raised{before.openFiles.rlim_max, before.openFiles.rlim_max};
    setrlimit(RLIMIT_NOFILE, &raised);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK);
}

int KeeperProcess::maxDescriptors()
{
    rlimit now{};
    getrlimit(RLIMIT_NOFILE, &now);
    return now.rlim_cur < INT_MAX ? static_cast<int>(now.rlim_cur) : INT_MAX;
}

void KeeperProcess::undoInChild()
{
    setsid();
    setrlimit(RLIMIT_NOFILE, &before.openFiles);
    for (const int number : ignoredSignals)
        signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before.mask, nullptr);
}

void say(const char *format, ...)
{
    static char line[1024];
    int length = snprintf(line, sizeof line, "keeper: ");
    va_list arguments;
    va_start(arguments, format);
    length +=
        vsnprintf(line + length, sizeof line - static_cast<size_t>(length) - 1, format, arguments);
    va_end(arguments);
    if (length > static_cast<int>(sizeof line) - 2)
        length = static_cast<int>(sizeof line) - 2;
    line[length++] = '\n';
    [[maybe_unused]] const ssize_t written =
        write(STDERR_FILENO, line, static_cast<size_t>(length));
}

} // namespace pmdaemon
