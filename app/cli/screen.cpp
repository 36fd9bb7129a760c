// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/screen.h"

#include "app/cli/output.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace pmdaemon {

namespace {

// Alternate screen, cursor hidden: xterm's control sequences, which all others know.
constexpr char enter[] = "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J";
constexpr char leave[] = "\x1b[?25h\x1b[?1049l";
constexpr std::array endings = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

int wakeUps[2] = {-1, -1}; ///< written to by handlers

template <size_t Size>
void say(const char (&sequence)[Size])
{
    // A terminal that is gone shows nothing, whatever is done about it.
    if (::write(STDOUT_FILENO, sequence, Size - 1) < 0)
        return;
}

void wakeUp(int)
{
    if (::write(wakeUps[1], "", 1) < 0)
        return; // it is full: somebody is going to read
}

[[noreturn]] void endBySignal(int number)
{
    say(leave);
    ::_exit(128 + number);
}

void stopForAWhile(int)
{
    say(leave);
    ::raise(SIGSTOP);
    say(enter);
    wakeUp(0);
}

void handle(int number, void (*handler)(int))
{
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ::sigaction(number, &action, nullptr);
}

/// Made before the notifier is.
int openWakeUps()
{
    if (::pipe2(wakeUps, O_CLOEXEC | O_NONBLOCK) != 0)
        qFatal("no descriptors are left for a pipe");
    return wakeUps[0];
}

} // namespace

Screen::Screen(QObject *parent)
    : QObject(parent)
    , m_notifier(openWakeUps(), QSocketNotifier::Read)
{
    connect(&m_notifier, &QSocketNotifier::activated, this, &Screen::read);
    handle(SIGWINCH, wakeUp);
    handle(SIGTSTP, stopForAWhile);
    for (const int number : endings)
        handle(number, endBySignal);
    say(enter);
}

Screen::~Screen()
{
    handle(SIGWINCH, SIG_DFL);
    handle(SIGTSTP, SIG_DFL);
    for (const int number : endings)
        handle(number, SIG_DFL);
    say(leave);
    m_notifier.setEnabled(false);
    for (int &end : wakeUps)
        ::close(std::exchange(end, -1));
}

QSize Screen::size() const
{
    const QSize size = terminalSize();
    return size.isEmpty() ? QSize(80, 24) : size;
}

void Screen::draw(const QByteArrayList &lines)
{
    const QByteArray frame = frameOf(lines, size().height());
    for (qsizetype at = 0; at < frame.size();) {
        const ssize_t written =
            ::write(STDOUT_FILENO, frame.constData() + at, size_t(frame.size() - at));
        if (written < 0 && errno != EINTR)
            return; // SIGHUP follows
        at += std::max<ssize_t>(written, 0);
    }
}

void Screen::read()
{
    char bytes[64];
    while (::read(wakeUps[0], bytes, sizeof bytes) > 0)
        continue;
    emit resized();
}

QByteArray frameOf(const QByteArrayList &lines, int height)
{
    // Synchronized output (mode 2026): terminals that know it show the frame as a whole.
    QByteArray frame = "\x1b[?2026h\x1b[H";
    const qsizetype shown = std::min<qsizetype>(lines.size(), height);
    for (qsizetype i = 0; i < shown; ++i) {
        frame += lines[i] + "\x1b[K";
        if (i + 1 < height)
            frame += "\r\n";
    }
    return frame + (shown < height ? "\x1b[J" : "") + "\x1b[?2026l";
}

} // namespace pmdaemon

#include "moc_screen.cpp"
