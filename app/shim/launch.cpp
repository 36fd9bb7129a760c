// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/launch.h"

#include "app/shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace pmdaemon {

namespace {

using Line = TextBuffer<64>;

struct Order
{
    const char *folder = nullptr;
    const char *socket = nullptr;
    bool restarts = false;
    bool starts = false;
};

void write(int fd, const Line &line)
{
    if (::write(fd, line.text(), line.length()) < 0)
        return; // whoever called does not want to know
}

Line describe(const ShimFailure &failure)
{
    Line line;
    if (failure.holder > 0)
        return line.add("busy ").addNumber(uint64_t(failure.holder)).add("\n");
    return line.add("failed ")
        .add(failure.step)
        .add(" ")
        .addNumber(uint64_t(failure.code))
        .add("\n");
}

/// Away from whoever called: own session, no terminal, no descriptors but the report.
void detach(int &report)
{
    ::setsid();
    const int null = ::open("/dev/null", O_RDWR);
    // Out of the way of the standard descriptors, whichever are there.
    report = ::fcntl(report, F_DUPFD_CLOEXEC, 3);
    for (int fd = 0; fd <= 2; ++fd)
        ::dup2(null, fd);
    if (report > 3)
        ::syscall(SYS_close_range, 3, report - 1, 0);
    ::syscall(SYS_close_range, report + 1, ~0U, 0);
    if (::chdir("/") != 0)
        return; // there is nothing that it is needed for
}

int runShim(const Order &order, int report)
{
    detach(report);
    // Not on the stack: what is not touched takes no memory.
    static Shim shim(order.folder, order.socket);
    const ShimFailure failure = shim.open();
    if (failure.step) {
        write(report, describe(failure));
        return 1;
    }
    Line line;
    write(report, line.add("ok ").addNumber(uint64_t(::getpid())).add("\n"));
    ::close(report);
    shim.resume(order.restarts);
    if (order.starts)
        shim.start();
    shim.run();
    return 0;
}

/// Passes on what the shim says, which is nothing when it was killed; 1 when it could not begin.
int passOn(int report)
{
    char answer[64];
    size_t length = 0;
    ssize_t got = 0;
    do {
        got = ::read(report, answer + length, sizeof answer - length);
        if (got > 0)
            length += size_t(got);
    } while (got > 0 || (got < 0 && errno == EINTR));
    Line line;
    line.add(answer, length);
    write(1, line);
    return length == 0 || strncmp(line.text(), "failed", 6) == 0 ? 1 : 0;
}

int forkAway(const Order &order)
{
    if (*order.folder != '/' || *order.socket != '/') {
        write(1, describe({"arguments", EINVAL, 0}));
        return 1;
    }
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        write(1, describe({"pipe", errno, 0}));
        return 1;
    }
    const pid_t pid = ::fork();
    if (pid < 0) {
        write(1, describe({"fork", errno, 0}));
        return 1;
    }
    if (pid == 0) {
        ::close(ends[0]);
        ::_exit(runShim(order, ends[1]));
    }
    ::close(ends[1]);
    return passOn(ends[0]);
}

int complain()
{
    Line line;
    write(1, line.add("failed arguments ").addNumber(EINVAL).add("\n"));
    return 1;
}

} // namespace

int launchShim(int argc, char *argv[])
{
    const bool starts = argc == 5 && strcmp(argv[4], "--start") == 0;
    if (argc != 4 && !starts)
        return complain();
    return forkAway({argv[2], argv[3], false, starts});
}

int adoptSlot(int argc, char *argv[])
{
    if (argc != 4)
        return complain();
    return forkAway({argv[2], argv[3], true, false});
}

int resumeShim(int argc, char *argv[])
{
    if (argc < 5)
        return complain();
    static Shim shim(argv[2], argv[3]);
    if (shim.openHandedOn(argc - 4, argv + 4).step)
        return 1;
    shim.resume(true);
    shim.run();
    return 0;
}

} // namespace pmdaemon
