// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/keeperprotocol.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// Stands in for a shim, and for a daemon, under the real keeper:
//   --adopt SLOT SOCKET   forks away, holds SLOT/lock and waits. Appends the time in ms to
//                         SLOT/adoptions first; fails when there is SLOT/refuse.
//   ready-exit FILE CODE  a daemon: appends a line to FILE, tells READY, ends with CODE.
//   run-watch SLOT COMMAND ARGS…  a daemon: runs the command, has the slot watched, waits.

using namespace pmdaemon;

namespace {

constexpr unsigned longest = 120; ///< s, after which it ends by itself

void append(const std::string &path, long long number)
{
    const std::string line = std::to_string(number) + '\n';
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || ::write(fd, line.data(), line.size()) < 0)
        ::_exit(98);
    ::close(fd);
}

long long now()
{
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1'000'000;
}

int adopt(const std::string &slot)
{
    append(slot + "/adoptions", now());
    if (::access((slot + "/refuse").c_str(), F_OK) == 0)
        return 1;
    int ends[2];
    if (::pipe(ends) != 0)
        return 1;
    if (::fork() != 0) {
        ::close(ends[1]);
        char byte = 0;
        return ::read(ends[0], &byte, 1) == 1 ? 0 : 1;
    }
    ::setsid();
    ::alarm(longest);
    const int lock = ::open((slot + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct flock whole = {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (::fcntl(lock, F_SETLK, &whole) != 0 || ::write(ends[1], "x", 1) != 1)
        return 1;
    ::close(ends[1]);
    for (;;)
        ::pause();
}

bool tell(KeeperMessage type, std::uint64_t slot = 0)
{
    const KeeperPacket packet{type, 0, slot, {}};
    const char *fd = std::getenv(keeperFdVariable);
    return fd && ::send(std::atoi(fd), &packet, KeeperPacket::headerSize, 0) > 0;
}

int readyExit(const std::string &file, int code)
{
    append(file, now());
    return tell(KeeperMessage::Ready) ? code : 99;
}

int runWatch(std::uint64_t slot, char **command)
{
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::execv(command[0], command);
        ::_exit(127);
    }
    int status = 0;
    if (::waitpid(pid, &status, 0) != pid || status != 0 || !tell(KeeperMessage::Watch, slot))
        return 96;
    ::alarm(longest);
    for (;;)
        ::pause();
}

} // namespace

int main(int argc, char **argv)
{
    if (argc == 4 && std::strcmp(argv[1], "--adopt") == 0)
        return adopt(argv[2]);
    if (argc == 4 && std::strcmp(argv[1], "ready-exit") == 0)
        return readyExit(argv[2], std::atoi(argv[3]));
    if (argc > 3 && std::strcmp(argv[1], "run-watch") == 0)
        return runWatch(std::strtoull(argv[2], nullptr, 10), argv + 3);
    return 97;
}
