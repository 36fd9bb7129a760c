// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/screen.h"

#include "app/cli/output.h"
#include "app/cli/textwidth.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>
#include <utility>

namespace pmdaemon {

namespace {

// Alternate screen, cursor hidden: xterm's control sequences, which all others know.
// The alternate screen, no cursor, lines that are not wrapped.
constexpr char enterSequence[] = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J";
constexpr char leaveSequence[] = "\x1b[?7h\x1b[?25h\x1b[?1049l";
constexpr std::array endings = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

int wakeUps[2] = {-1, -1}; ///< written to by handlers
bool takesKeys = false;
termios modesBefore = {}; ///< of stdin, where keys are taken

template <size_t Size>
void say(const char (&sequence)[Size])
{
    // A terminal that is gone shows nothing, whatever is done about it.
    if (::write(STDOUT_FILENO, sequence, Size - 1) < 0)
        return;
}

// Both may be called by a handler of a signal.

void enter()
{
    if (takesKeys) {
        termios modes = modesBefore;
        modes.c_lflag &= ~tcflag_t(ICANON | ECHO);
        modes.c_cc[VMIN] = 1;
        modes.c_cc[VTIME] = 0;
        ::tcsetattr(STDIN_FILENO, TCSANOW, &modes);
    }
    say(enterSequence);
}

void leave()
{
    say(leaveSequence);
    if (takesKeys)
        ::tcsetattr(STDIN_FILENO, TCSANOW, &modesBefore);
}

void wakeUp(int)
{
    if (::write(wakeUps[1], "", 1) < 0)
        return; // it is full: somebody is going to read
}

[[noreturn]] void endBySignal(int number)
{
    leave();
    ::_exit(128 + number);
}

void stopForAWhile(int)
{
    leave();
    ::raise(SIGSTOP);
    enter();
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

Screen::Screen(Keys keys, QObject *parent)
    : QObject(parent)
    , m_notifier(openWakeUps(), QSocketNotifier::Read)
{
    connect(&m_notifier, &QSocketNotifier::activated, this, &Screen::read);
    handle(SIGWINCH, wakeUp);
    handle(SIGTSTP, stopForAWhile);
    for (const int number : endings)
        handle(number, endBySignal);
    takesKeys = keys == Keys::Taken && ::tcgetattr(STDIN_FILENO, &modesBefore) == 0;
    if (takesKeys) {
        m_keys = std::make_unique<QSocketNotifier>(STDIN_FILENO, QSocketNotifier::Read);
        connect(m_keys.get(), &QSocketNotifier::activated, this, &Screen::readKeys);
    }
    enter();
}

Screen::~Screen()
{
    handle(SIGWINCH, SIG_DFL);
    handle(SIGTSTP, SIG_DFL);
    for (const int number : endings)
        handle(number, SIG_DFL);
    leave();
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
    const QByteArray frame = frameOf(lines, size());
    for (qsizetype at = 0; at < frame.size();) {
        const ssize_t written =
            ::write(STDOUT_FILENO, frame.constData() + at, size_t(frame.size() - at));
        if (written < 0 && errno != EINTR)
            return; // SIGHUP follows
        at += std::max<ssize_t>(written, 0);
    }
}

void Screen::drawLater()
{
    if (std::exchange(m_drawsLater, true))
        return;
    QMetaObject::invokeMethod(
        this,
        [this] {
            m_drawsLater = false;
            emit drawWanted();
        },
        Qt::QueuedConnection);
}

void Screen::read()
{
    char bytes[64];
    while (::read(wakeUps[0], bytes, sizeof bytes) > 0)
        continue;
    emit drawWanted();
}

void Screen::readKeys()
{
    char bytes[256];
    const ssize_t got = ::read(STDIN_FILENO, bytes, sizeof bytes);
    if (got <= 0) {
        m_keys->setEnabled(got < 0 && errno == EINTR); // nobody is there any more: SIGHUP follows
        return;
    }
    for (const KeyPress &key : keyPresses({bytes, got}))
        emit pressed(key);
}

QByteArray frameOf(const QByteArrayList &lines, QSize size)
{
    // Synchronized output (mode 2026): terminals that know it show the frame as a whole.
    QByteArray frame = "\x1b[?2026h\x1b[H";
    const qsizetype shown = std::min<qsizetype>(lines.size(), size.height());
    for (qsizetype i = 0; i < shown; ++i) {
        const ClippedLine line = clipped(lines[i], size.width());
        frame += line.text;
        // Behind a full line the cursor stands on its last character, which would be erased.
        if (line.width < size.width())
            frame += "\x1b[K";
        if (i + 1 < size.height())
            frame += "\r\n";
    }
    return frame + (shown < size.height() ? "\x1b[J" : "") + "\x1b[?2026l";
}

} // namespace pmdaemon

#include "moc_screen.cpp"
