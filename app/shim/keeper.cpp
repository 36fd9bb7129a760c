// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/keeper.h"

#include "app/shim/descriptorstore.h"
#include "app/shim/keeperhome.h"
#include "app/shim/keeperoptions.h"
#include "app/shim/keeperprocess.h"
#include "app/shim/keeperslots.h"
#include "app/shim/keptdaemon.h"
#include "app/shim/servicemanager.h"
#include "core/slot/exitlog.h"
#include "core/slot/faultpoint.h"
#include "core/slot/slotclock.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pmdaemon {

namespace {

// Codes of docs/cli.md.
enum ExitCode : int { Ok = 0, Usage = 2, AlreadyKept = 11, StartFailed = 12 };

constexpr int64_t never = INT64_MAX;
constexpr int64_t recordRetry = 1'000;
constexpr int messagesAtOnce = 1024;
constexpr int reserved = DescriptorStore::capacity + 32; ///< of the descriptors

// What the keeper is made of; no memory is asked for once it runs.
DescriptorStore store;
KeeperHome home;
ExitLog exits;
KeeperSlots slots;
KeptDaemon kept;
ServiceManager manager;

enum Polled { SignalsAt, DaemonAt, MessagesAt, SlotsAt };
pollfd polled[SlotsAt + KeeperSlots::capacity];

char programPath[KeeperHome::maxPath];

bool isFutile(int code)
{
    for (const int futile : futileExits) {
        if (code == futile)
            return true;
    }
    return false;
}

/// What goes on as one line to whoever waits at NOTIFY_SOCKET.
void makeLine(char *text, size_t length)
{
    for (size_t i = 0; i < length; ++i) {
        if (text[i] > 0 && text[i] < ' ')
            text[i] = ' ';
    }
    text[length] = '\0';
}

void tellOfShim(uint64_t slot, pid_t pid)
{
    kept.tellOfShim(slot, pid);
}

class Keeper
{
public:
    int run(const KeeperOptions &options);

private:
    int claim(const KeeperOptions &options);
    int refuse(const KeeperOptions &options, pid_t holder);
    void loop();
    void onSignals();
    void stop(int signal);
    void recordOrphans(int64_t now);
    void startDaemon();
    void onDaemonEnd();
    void endOrRestart(const DaemonEnd &end, const char *how);
    void readMessages();
    void handle(KeeperPacket &packet, uint32_t length, int fd);
    void upgrade(const char *program);

    int m_signals = -1;
    bool m_stopping = false;     ///< we were told to end
    bool m_daemonEnding = false; ///< the daemon was
    bool m_replacing = false;    ///< and the next one is to be started
    bool m_everReady = false;
    bool m_childrenEnded = true;
    bool m_recording = true;
    int64_t m_recordAt = never;
    int64_t m_startAt = never;
    int64_t m_startedAt = 0;
    Backoff m_backoff{Backoff::step};
    const KeeperOptions *m_options = nullptr;
    bool m_done = false;
    int m_exitCode = Ok;
};

int Keeper::run(const KeeperOptions &options)
{
    m_options = &options;
    store.takeInherited();
    manager.connect();
    m_signals = KeeperProcess::begin();
    if (m_signals < 0 || !kept.prepare(options.command)) {
        say("the keeper cannot start: %s",
            m_signals < 0 ? strerror(errno) : "environment too large");
        return StartFailed;
    }
    if (const int failed = claim(options); failed != Ok || m_done)
        return failed;
    slots.scan();
    const char *socket = getenv(keeperFdVariable);
    if (options.adopted > 0)
        faultPoint("keeper.resumed");
    if (options.adopted > 0 && socket && kept.adopt(options.adopted, atoi(socket))) {
        m_startedAt = bootMs();
        faultPoint("keeper.adopted");
        say("keeping the daemon with pid %d", options.adopted);
    } else {
        startDaemon();
    }
    loop();
    return m_exitCode;
}

/// Takes the home and opens what is in it.
int Keeper::claim(const KeeperOptions &options)
{
    const KeeperHome::Claim claim = home.claim(options.home, options.run);
    if (claim == KeeperHome::Claim::Held)
        return refuse(options, home.holder());
    const ssize_t length = readlink("/proc/self/exe", programPath, sizeof programPath - 1);
    if (claim == KeeperHome::Claim::Failed || length < 0 || !exits.open(home.ownFolder())) {
        say("%s cannot be kept: %s", options.home, strerror(errno));
        manager.tell("STATUS=%s: %s", options.home, strerror(errno));
        return StartFailed;
    }
    const int limit =
        (KeeperProcess::maxDescriptors() - reserved) / KeeperSlots::descriptorsPerSlot;
    slots.open(home.slotsFolder(), home.slotsPath(), home.socketsPath(), programPath, limit,
               tellOfShim);
    return Ok;
}

/// Another keeper has the home. A service that was started again after its keeper died follows the
/// one that the daemon started in the meantime.
int Keeper::refuse(const KeeperOptions &options, pid_t holder)
{
    if (options.service && holder > 0) {
        say("%s is held by the keeper with pid %d; the service follows that", options.home, holder);
        manager.tell("MAINPID=%d\nREADY=1", holder);
        m_done = true;
        return Ok;
    }
    say("%s is held by the keeper with pid %d; stop it with `pmdaemon kill`", options.home, holder);
    manager.tell("STATUS=%s is held by the keeper with pid %d; stop it with `pmdaemon kill`",
                 options.home, holder);
    return AlreadyKept;
}

void Keeper::loop()
{
    while (!m_done) {
        polled[SignalsAt] = {m_signals, POLLIN, 0};
        polled[DaemonAt] = {kept.isRunning() ? kept.pidfd() : -1, POLLIN, 0};
        polled[MessagesAt] = {kept.isRunning() ? kept.socket() : -1, POLLIN, 0};
        slots.fill(polled + SlotsAt);
        int64_t due = slots.nextDue();
        due = m_startAt < due ? m_startAt : due;
        due = m_recordAt < due ? m_recordAt : due;
        const int64_t wait = due == never ? -1 : due - bootMs();
        const int timeout = due == never    ? -1
                            : wait < 0      ? 0
                            : wait > 60'000 ? 60'000
                                            : static_cast<int>(wait);
        if (poll(polled, nfds_t(SlotsAt) + nfds_t(slots.count()), timeout) < 0)
            continue; // EINTR, or the kernel is short of memory
        // Between the two: who ended a shim has said FORGET first. Messages change the list.
        slots.noteEnds(polled + SlotsAt);
        if (kept.isRunning() && kept.socket() >= 0)
            readMessages();
        slots.advance();
        if (polled[SignalsAt].revents != 0)
            onSignals();
        if (polled[DaemonAt].revents != 0)
            onDaemonEnd();
        const int64_t now = bootMs();
        if (m_childrenEnded || m_recordAt <= now)
            recordOrphans(now);
        if (m_startAt <= now && !m_done)
            startDaemon();
    }
}

void Keeper::onSignals()
{
    signalfd_siginfo info;
    while (read(m_signals, &info, sizeof info) == sizeof info) {
        switch (info.ssi_signo) {
        case SIGCHLD:
            m_childrenEnded = true;
            break;
        case SIGHUP:
            if (kept.isRunning())
                kept.signal(SIGHUP);
            break;
        default:
            stop(static_cast<int>(info.ssi_signo));
        }
    }
}

/// The first time in order, from the second on by force. With process 1 everything ends, so the
/// daemon has to stop the processes (SIGINT).
void Keeper::stop(int signal)
{
    manager.tell("STOPPING=1");
    if (kept.isRunning())
        kept.signal(m_stopping ? SIGKILL : getpid() == 1 ? SIGINT : signal);
    else
        m_done = true;
    m_stopping = true;
}

/// Orphans came to us because their shims are dead. Their zombies are what holds their status until
/// it is on record.
void Keeper::recordOrphans(int64_t now)
{
    m_childrenEnded = false;
    m_recordAt = never;
    int code = 0;
    int status = 0;
    while (const pid_t pid = ExitLog::nextDead(&code, &status)) {
        if (pid == kept.pid() || slots.isOurs(pid)) {
            m_childrenEnded = true; // the loop finds it by its pidfd first
            return;
        }
        if (!exits.append(pid, code, status)) {
            if (m_recording)
                say("exits cannot be recorded: %s; trying again", strerror(errno));
            m_recording = false;
            m_recordAt = now + recordRetry;
            return;
        }
        m_recording = true;
        waitid(P_PID, static_cast<id_t>(pid), nullptr, WEXITED | WNOHANG);
    }
}

void Keeper::startDaemon()
{
    m_startAt = never;
    m_daemonEnding = false;
    m_replacing = false;
    m_startedAt = bootMs();
    if (kept.start(store))
        return;
    const int64_t delay = m_backoff.afterEnd(0);
    say("the daemon cannot be started: %s; trying again in %" PRId64 " ms", strerror(errno), delay);
    m_startAt = m_startedAt + delay;
}

void Keeper::onDaemonEnd()
{
    // What it sent before it died still counts.
    readMessages();
    const pid_t pid = kept.pid();
    const DaemonEnd end = kept.end();
    char how[64];
    switch (end.how) {
    case DaemonEnd::How::Exited:
        snprintf(how, sizeof how, "(pid %d) ended with code %d", pid, end.status);
        break;
    case DaemonEnd::How::Signalled:
        snprintf(how, sizeof how, "(pid %d) was ended by signal %d", pid, end.status);
        break;
    case DaemonEnd::How::Unknown:
        snprintf(how, sizeof how, "(pid %d) ended", pid);
        break;
    }
    endOrRestart(end, how);
}

void Keeper::endOrRestart(const DaemonEnd &end, const char *how)
{
    const bool exited = end.how == DaemonEnd::How::Exited;
    const bool unknown = end.how == DaemonEnd::How::Unknown;
    const bool inOrder = (exited && end.status == 0) || (unknown && m_daemonEnding);
    const bool futile = exited && !m_everReady && isFutile(end.status);
    if (inOrder && m_replacing && !m_stopping) {
        startDaemon();
        return;
    }
    if (m_stopping || inOrder || futile) {
        m_done = true;
        m_exitCode = exited ? end.status : unknown ? Ok : 128 + end.status;
        if (futile && end.status >= 126)
            manager.tell("STATUS=%s cannot be executed", m_options->command[0]);
        return;
    }
    const int64_t now = bootMs();
    const int64_t delay = m_backoff.afterEnd(now - m_startedAt);
    say("the daemon %s; starting it again in %" PRId64 " ms", how, delay);
    manager.tell("STATUS=the daemon %s; starting it again in %" PRId64 " ms", how, delay);
    m_startAt = now + delay;
}

void Keeper::readMessages()
{
    static KeeperPacket packet;
    int fd = -1;
    // More than a dead daemon can have left: a living one must not keep us from everything else.
    for (int i = 0; i < messagesAtOnce && kept.socket() >= 0; ++i) {
        const ssize_t size = kept.receive(packet, fd);
        if (size < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS))
            return;
        if (size <= 0) {
            kept.closeSocket();
            return;
        }
        if (size >= KeeperPacket::headerSize)
            handle(packet, static_cast<uint32_t>(size) - KeeperPacket::headerSize, fd);
        else if (fd >= 0)
            close(fd);
    }
}

/// Owns `fd`.
void Keeper::handle(KeeperPacket &packet, uint32_t length, int fd)
{
    if (packet.type == KeeperMessage::Store && fd >= 0) {
        store.store(packet.text, length, fd);
        return;
    }
    if (fd >= 0)
        close(fd);
    // A packet of full size has no room for the NUL.
    const uint32_t shown = length < KeeperPacket::maxText ? length : KeeperPacket::maxText - 1;
    switch (packet.type) {
    case KeeperMessage::Drop:
        store.drop(packet.text, length);
        break;
    case KeeperMessage::Watch:
        slots.watch(packet.slot);
        break;
    case KeeperMessage::Forget:
        slots.forget(packet.slot);
        break;
    case KeeperMessage::Ready:
        m_everReady = true;
        makeLine(packet.text, shown);
        manager.tell("READY=1\nSTATUS=%s", packet.text);
        break;
    case KeeperMessage::Stopping:
        m_daemonEnding = true;
        manager.tell("STOPPING=1");
        break;
    case KeeperMessage::Status:
        makeLine(packet.text, shown);
        manager.tell("STATUS=%s", packet.text);
        break;
    case KeeperMessage::Replace:
        m_daemonEnding = true;
        m_replacing = true;
        break;
    case KeeperMessage::Upgrade:
        packet.text[shown] = '\0';
        upgrade(packet.text);
        break;
    case KeeperMessage::Store:
    case KeeperMessage::Shim:
    case KeeperMessage::Upgraded:
    case KeeperMessage::NotUpgraded:
        break;
    }
}

/// The pid, the children and the lock stay; what is kept is told by variables as to a daemon, and
/// the slots are looked for again.
void Keeper::upgrade(const char *program)
{
    sigset_t pending;
    if (m_stopping || m_daemonEnding || sigpending(&pending) != 0 ||
        sigismember(&pending, SIGTERM) || sigismember(&pending, SIGINT)) {
        kept.tell(KeeperMessage::NotUpgraded, "it is ending");
        return;
    }
    if (program[0] != '/' || !KeptDaemon::isSound(program)) {
        kept.tell(KeeperMessage::NotUpgraded, "the program cannot be executed");
        return;
    }
    static char pid[16];
    snprintf(pid, sizeof pid, "%d", kept.pid());
    constexpr int before = 8;
    constexpr int maxArguments = 256;
    static const char *arguments[before + maxArguments + 1];
    int count = 0;
    arguments[count++] = program;
    arguments[count++] = "--keep";
    if (m_options->service)
        arguments[count++] = "--service";
    const char *const rest[] = {"--adopt-daemon", pid, m_options->home, m_options->run, "--"};
    for (const char *argument : rest)
        arguments[count++] = argument;
    for (char *const *argument = m_options->command; *argument; ++argument) {
        if (count == before + maxArguments) {
            kept.tell(KeeperMessage::NotUpgraded, "its command line is too long");
            return;
        }
        arguments[count++] = *argument;
    }
    say("becoming %s", program);
    KeeperHome::handOnLock();
    faultPoint("keeper.exec");
    kept.become(program, const_cast<char *const *>(arguments), store);
}

Keeper keeper;

} // namespace

int runKeeper(int argc, char *argv[])
{
    KeeperOptions options;
    if (!parseKeeperOptions(argc, argv, options)) {
        say("usage: pmdaemon-shim --keep [--service] [--adopt-daemon PID] HOME RUN -- PROGRAM "
            "ARGS..., each an absolute path");
        return Usage;
    }
    return keeper.run(options);
}

} // namespace pmdaemon
