// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/daemon/unixsignals.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace pmdaemon {

namespace {

constexpr std::array handledSignals = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};

// A handler can reach nothing but globals.
int writeEnd = -1;

int openPipe()
{
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        qFatal("no pipe for signals: %s", std::strerror(errno));
    writeEnd = ends[1];
    return ends[0];
}

void handle(int signal)
{
    const int saved = errno;
    const auto byte = static_cast<unsigned char>(signal);
    // A full pipe holds enough of them already.
    [[maybe_unused]] const ssize_t written = ::write(writeEnd, &byte, 1);
    errno = saved;
}

} // namespace

UnixSignals::UnixSignals(QObject *parent)
    : QObject(parent)
    , m_notifier(openPipe(), QSocketNotifier::Read)
{
    connect(&m_notifier, &QSocketNotifier::activated, this, &UnixSignals::read);
    struct sigaction action = {};
    action.sa_handler = handle;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (const int signal : handledSignals)
        ::sigaction(signal, &action, nullptr);
}

UnixSignals::~UnixSignals()
{
    for (const int signal : handledSignals)
        std::signal(signal, SIG_DFL);
    ::close(static_cast<int>(m_notifier.socket()));
    ::close(writeEnd);
    writeEnd = -1;
}

void UnixSignals::read()
{
    std::array<unsigned char, 16> bytes;
    const ssize_t count = ::read(static_cast<int>(m_notifier.socket()), bytes.data(), bytes.size());
    for (ssize_t i = 0; i < count; ++i) {
        switch (bytes[static_cast<std::size_t>(i)]) {
        case SIGHUP:
            emit hangUp();
            break;
        case SIGINT:
            emit interrupt();
            break;
        case SIGUSR1:
            emit replace();
            break;
        default:
            emit terminate();
        }
    }
}

} // namespace pmdaemon
