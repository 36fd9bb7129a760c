// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

// A program for tests. `pmdaemon-testchild BEHAVIOUR [ARGUMENT…]`, see the table at the end. What
// it says on standard output is whole lines, each written at once; "ready" comes when it has
// settled.

namespace {

using Arguments = std::vector<std::string>;

int number(const Arguments &arguments, std::size_t index, int otherwise = 0)
{
    return index < arguments.size() ? std::atoi(arguments[index].c_str()) : otherwise;
}

void put(int fd, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written <= 0)
            ::_exit(99);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void say(const std::string &line)
{
    put(1, line + '\n');
}

[[noreturn]] void stay()
{
    for (;;)
        ::pause();
}

[[noreturn]] void dieBy(int number)
{
    ::signal(number, SIG_DFL);
    ::raise(number);
    stay();
}

void handleTerm(int)
{
    put(1, "got SIGTERM\n");
    ::_exit(0);
}

int exitWith(const Arguments &arguments)
{
    return number(arguments, 0);
}

int dieBySignal(const Arguments &arguments)
{
    dieBy(number(arguments, 0, SIGSEGV));
}

int waitForSignals(const Arguments &)
{
    say("ready");
    stay();
}

int ignoreTerm(const Arguments &)
{
    ::signal(SIGTERM, SIG_IGN);
    say("ready");
    stay();
}

int exitOnTerm(const Arguments &)
{
    ::signal(SIGTERM, handleTerm);
    say("ready");
    stay();
}

/// COUNT [PREFIX]: that many numbered lines, all in one write if they fit, then death.
int linesThenCrash(const Arguments &arguments)
{
    const std::string prefix = arguments.size() > 1 ? arguments[1] : "line";
    std::string lines;
    for (int i = 0; i < number(arguments, 0); ++i)
        lines += prefix + ' ' + std::to_string(i) + '\n';
    put(1, lines);
    dieBy(SIGKILL);
}

/// COUNT: bytes (i * 7) modulo 256, to standard output and, inverted, to standard error.
int pattern(const Arguments &arguments)
{
    std::string bytes(static_cast<std::size_t>(number(arguments, 0)), '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<char>(i * 7);
    put(1, bytes);
    for (char &byte : bytes)
        byte = static_cast<char>(~byte);
    put(2, bytes);
    return 0;
}

/// MEGABYTES [SIZE]: of 100-byte lines, in writes of SIZE bytes (64 KiB), each of whole lines.
int megabytes(const Arguments &arguments)
{
    const auto size = static_cast<std::size_t>(number(arguments, 1, 64 * 1024));
    std::string chunk;
    while (chunk.size() + 100 <= size)
        chunk += std::string(99, 'x') + '\n';
    if (chunk.size() < size)
        chunk += std::string(size - chunk.size() - 1, 'y') + '\n';
    const std::size_t bytes = static_cast<std::size_t>(number(arguments, 0)) * 1024 * 1024;
    for (std::size_t written = 0; written < bytes; written += size)
        put(1, chunk);
    return 0;
}

int bothStreams(const Arguments &)
{
    put(1, "to stdout\n");
    put(2, "to stderr\n");
    return 0;
}

int closeOutput(const Arguments &)
{
    say("ready");
    ::close(1);
    ::close(2);
    stay();
}

/// Leaves a child of its own behind.
int leaveChild(const Arguments &)
{
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGTERM, SIG_IGN);
        stay();
    }
    say("left " + std::to_string(child));
    return 3;
}

/// PATH: leaves a process that shook off session, parents and environment and holds the output,
/// and says so in it once PATH exists.
int escape(const Arguments &arguments)
{
    if (::fork() == 0) {
        ::setsid();
        if (::fork() != 0)
            ::_exit(0);
        char *const none[] = {nullptr};
        const std::string self = "/proc/self/exe";
        std::string mode = "escaped";
        std::string path = arguments[0];
        char *const words[] = {mode.data(), mode.data(), path.data(), nullptr};
        ::execve(self.c_str(), words, none);
        ::_exit(99);
    }
    while (::wait(nullptr) > 0) {
    }
    stay();
}

int escaped(const Arguments &arguments)
{
    say("escaped " + std::to_string(::getpid()));
    while (::access(arguments[0].c_str(), F_OK) != 0)
        ::usleep(1'000);
    say("late");
    return 0;
}

/// Five processes: this one, a child, its child, one in a session of its own, and one that forked
/// twice and has another session. Says their pids. `ignore`: none cares for SIGTERM.
int fiveProcesses(const Arguments &arguments)
{
    if (!arguments.empty())
        ::signal(SIGTERM, SIG_IGN);
    int report[2];
    if (::pipe(report) != 0)
        return 99;
    const auto settle = [&report] {
        const pid_t self = ::getpid();
        put(report[1], {reinterpret_cast<const char *>(&self), sizeof self});
        stay();
    };
    if (::fork() == 0) {
        if (::fork() == 0)
            settle();
        settle();
    }
    if (::fork() == 0) {
        ::setsid();
        settle();
    }
    if (::fork() == 0) {
        ::setsid();
        if (::fork() == 0)
            settle();
        ::_exit(0);
    }
    std::string line = "tree " + std::to_string(::getpid());
    for (int i = 0; i < 4; ++i) {
        pid_t pid = 0;
        if (::read(report[0], &pid, sizeof pid) != sizeof pid)
            return 99;
        line += ' ' + std::to_string(pid);
    }
    say(line);
    stay();
}

/// On SIGTERM each process forks one more that ignores it, and ends.
void multiply(int)
{
    if (::fork() == 0) {
        ::signal(SIGTERM, SIG_IGN);
        stay();
    }
    ::_exit(0);
}

int multiplyOnTerm(const Arguments &)
{
    ::signal(SIGTERM, multiply);
    say("ready");
    stay();
}

/// Ignores SIGTERM and forks as fast as it can, in sessions of their own, children that soon end.
/// Some thousand times: on a machine that is slow to kill it, it must not take every pid there is.
int keepForking(const Arguments &)
{
    ::signal(SIGTERM, SIG_IGN);
    ::signal(SIGCHLD, SIG_IGN);
    say("ready");
    for (int forks = 0; forks < 4'000; ++forks) {
        if (::fork() == 0) {
            ::setsid();
            if (::fork() == 0)
                ::usleep(500);
            ::_exit(0);
        }
        ::usleep(200);
    }
    stay();
}

std::string openDescriptors()
{
    std::vector<int> numbers;
    DIR *folder = ::opendir("/proc/self/fd");
    while (const dirent *entry = ::readdir(folder)) {
        const int fd = std::atoi(entry->d_name);
        if (entry->d_name[0] != '.' && fd != ::dirfd(folder))
            numbers.push_back(fd);
    }
    ::closedir(folder);
    std::sort(numbers.begin(), numbers.end());
    std::string text;
    for (const int fd : numbers)
        text += (text.empty() ? "" : ",") + std::to_string(fd);
    return text;
}

/// What it was born with.
int report(const Arguments &)
{
    say("session " + std::string(::getsid(0) == ::getpid() ? "own" : "inherited"));
    say("group " + std::string(::getpgrp() == ::getpid() ? "own" : "inherited"));
    FILE *status = std::fopen("/proc/self/status", "r");
    char line[512];
    while (std::fgets(line, sizeof line, status)) {
        if (std::strncmp(line, "Sig", 3) == 0 || std::strncmp(line, "ShdPnd", 6) == 0)
            put(1, line);
    }
    std::fclose(status);
    say("fds " + openDescriptors());
    char path[4096] = {};
    if (::readlink("/proc/self/fd/0", path, sizeof path - 1) > 0)
        say(std::string("stdin ") + path);
    if (::getcwd(path, sizeof path))
        say(std::string("cwd ") + path);
    const mode_t mask = ::umask(0);
    say("umask " + std::to_string(mask));
    for (char **entry = environ; *entry; ++entry)
        say(std::string("env ") + *entry);
    return 0;
}

int echoArguments(const Arguments &arguments)
{
    for (const std::string &argument : arguments)
        put(1, '[' + argument + "]\n");
    return 0;
}

/// READY=1 to the abstract socket of $NOTIFY_SOCKET, then waits.
int notify(const Arguments &arguments)
{
    const char *name = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (!name || *name != '@' || std::strlen(name) >= sizeof address.sun_path)
        return 1;
    std::memcpy(address.sun_path, name, std::strlen(name));
    address.sun_path[0] = '\0';
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM, 0);
    const std::string text = arguments.empty() ? "STATUS=x\nREADY=1" : arguments[0];
    const auto length = socklen_t(offsetof(sockaddr_un, sun_path) + std::strlen(name));
    if (::sendto(socket, text.data(), text.size(), 0, reinterpret_cast<sockaddr *>(&address),
                 length) < 0)
        return 2;
    say("ready");
    stay();
}

/// What Node's process.send("ready") does; ends with 7 at the message "shutdown".
int nodeChannel(const Arguments &)
{
    const char *number = std::getenv("NODE_CHANNEL_FD");
    if (!number)
        return 1;
    const int channel = std::atoi(number);
    put(channel, "\"not ready\"\n\"ready\"\n");
    say("ready");
    char line[64] = {};
    const ssize_t got = ::read(channel, line, sizeof line - 1);
    return got > 0 && std::string_view(line) == "\"shutdown\"\n" ? 7 : 2;
}

/// What it reads, until a line "end".
int copyInput(const Arguments &)
{
    say("ready");
    char line[4096];
    while (std::fgets(line, sizeof line, stdin)) {
        if (std::string_view(line) == "end\n")
            return 0;
        put(1, line);
    }
    return 3; // its input has an end
}

/// Tells what it was handed; says its number to the first who connects to each.
int listen(const Arguments &)
{
    const char *pid = std::getenv("LISTEN_PID");
    const char *names = std::getenv("LISTEN_FDNAMES");
    const char *count = std::getenv("LISTEN_FDS");
    say(std::string("own ") + (pid && std::atoi(pid) == ::getpid() ? "yes" : "no"));
    say(std::string("names ") + (names ? names : "-"));
    for (int i = 0; count && i < std::atoi(count); ++i) {
        pollfd waiting{3 + i, POLLIN, 0};
        ::poll(&waiting, 1, -1);
        const int client = ::accept(3 + i, nullptr, nullptr);
        put(client, std::to_string(i) + '\n');
        ::close(client);
    }
    stay();
}

constexpr struct
{
    std::string_view name;
    int (*run)(const Arguments &);
} behaviours[] = {
    {"exit", exitWith},
    {"signal", dieBySignal},
    {"wait", waitForSignals},
    {"ignore-term", ignoreTerm},
    {"exit-on-term", exitOnTerm},
    {"lines-then-crash", linesThenCrash},
    {"pattern", pattern},
    {"megabytes", megabytes},
    {"both-streams", bothStreams},
    {"close-output", closeOutput},
    {"leave-child", leaveChild},
    {"escape", escape},
    {"escaped", escaped},
    {"five-processes", fiveProcesses},
    {"multiply-on-term", multiplyOnTerm},
    {"keep-forking", keepForking},
    {"report", report},
    {"echo", echoArguments},
    {"notify", notify},
    {"node-channel", nodeChannel},
    {"copy-input", copyInput},
    {"listen", listen},
};

} // namespace

int main(int argc, char *argv[])
{
    const Arguments arguments(argv + std::min(argc, 2), argv + argc);
    for (const auto &behaviour : behaviours) {
        if (argc > 1 && behaviour.name == argv[1])
            return behaviour.run(arguments);
    }
    std::fprintf(stderr, "unknown behaviour\n");
    return 98;
}
