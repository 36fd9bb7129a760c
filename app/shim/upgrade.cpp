// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/shim.h"
#include "core/slot/faultpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

// How a shim becomes another version of itself without letting anything go. The new program gets
// the descriptors as numbers:
//   --resume SLOT SOCKET LOCK,LISTENER,OUT,ERR[,NOTIFY,CHANNEL[,SOCKET…]] FD,SEQ,SUBSCRIBED,TAG…
// Those in brackets stand there only where there is one of them: a version before does not know
// them.

extern char **environ;

namespace pmdaemon {

namespace {

using Argument = TextBuffer<256>;

constexpr int held = 4;    ///< LOCK to ERR
constexpr int talking = 2; ///< NOTIFY, CHANNEL; -1 = none
constexpr int mostHeld = held + talking + maxChildSockets;

void addField(Argument &argument, int64_t number)
{
    if (argument.length() > 0)
        argument.add(",");
    if (number < 0)
        argument.add("-");
    argument.addNumber(uint64_t(number < 0 ? -number : number));
}

/// How many numbers "1,2,-3" has; 0 when it has more than `most`, or something else.
int parseFields(const char *text, int64_t *numbers, int most)
{
    for (int i = 0; i < most; ++i) {
        char *end = nullptr;
        numbers[i] = strtoll(text, &end, 10);
        if (end == text || (*end != '\0' && *end != ','))
            return 0;
        if (*end == '\0')
            return i + 1;
        text = end + 1;
    }
    return 0;
}

bool setInherited(int fd, bool isInherited)
{
    return fd >= 0 && ::fcntl(fd, F_SETFD, isInherited ? 0 : FD_CLOEXEC) == 0;
}

} // namespace

int Shim::upgrade(const ShimRequest &request, int connection)
{
    TextBuffer<PATH_MAX> program;
    program.add(request.payload, request.length);
    if (request.length == 0 || *program.text() != '/' || strlen(program.text()) != request.length)
        return EINVAL;
    const bool isSettled = m_phase == ShimPhase::Idle || m_phase == ShimPhase::Waiting ||
                           (m_phase == ShimPhase::Running && !m_isStopping);
    if (!isSettled || m_isEnding || !m_output.canBeHandedOn())
        return EBUSY;
    m_output.noteGaps();

    int kept[mostHeld + ControlSocket::MaxConnections] = {
        m_lock.get(),       m_control.listener(),  m_output[0].fifo(),
        m_output[1].fifo(), m_notify.descriptor(), m_channel.descriptor()};
    int heldCount = held + talking;
    for (int i = 0; i < m_socketCount; ++i)
        kept[heldCount++] = m_sockets[i];
    if (m_socketCount == 0 && kept[held] < 0 && kept[held + 1] < 0)
        heldCount = held;
    Argument arguments[1 + ControlSocket::MaxConnections];
    for (int i = 0; i < heldCount; ++i)
        addField(arguments[0], kept[i]);
    int count = 0;
    for (int i = 0; i < ControlSocket::MaxConnections; ++i) {
        const ControlSocket::HandedOn handed = m_control.handOn(i, connection);
        if (handed.fd < 0)
            continue;
        kept[heldCount + count++] = handed.fd;
        addField(arguments[count], handed.fd);
        addField(arguments[count], int64_t(handed.seq));
        addField(arguments[count], handed.subscribed);
        addField(arguments[count], handed.tag);
    }
    char resume[] = "--resume";
    char *argv[5 + ControlSocket::MaxConnections + 1] = {const_cast<char *>(program.text()), resume,
                                                         const_cast<char *>(m_path),
                                                         const_cast<char *>(m_socket)};
    for (int i = 0; i <= count; ++i)
        argv[4 + i] = const_cast<char *>(arguments[i].text());
    for (int i = 0; i < heldCount + count; ++i)
        setInherited(kept[i], true);
    faultPoint("upgrade.exec");
    ::execve(program.text(), argv, environ);
    const int code = errno;
    for (int i = 0; i < heldCount + count; ++i)
        setInherited(kept[i], false);
    return code;
}

ShimFailure Shim::openHandedOn(int argc, char *argv[])
{
    int64_t fields[mostHeld];
    const int count = argc < 1 ? 0 : parseFields(argv[0], fields, mostHeld);
    if (count != held && count < held + talking)
        return {"resume", EINVAL, 0};
    faultPoint("upgrade.resumed");
    m_lock.reset(int(fields[0]));
    m_control.listen(UniqueFd(int(fields[1])));
    if (const ShimFailure failure = claim(); failure.step)
        return failure;
    for (int i = 0; i < 2; ++i)
        m_output[i].open(UniqueFd(int(fields[2 + i])), uint32_t(i), m_journal);
    for (int i = 0; i < count; ++i)
        setInherited(int(fields[i]), false);
    if (count > held && fields[held] >= 0)
        openNotify(UniqueFd(int(fields[held])));
    if (count > held && fields[held + 1] >= 0)
        m_channel.take(UniqueFd(int(fields[held + 1])));
    for (int i = held + talking; i < count; ++i)
        m_sockets[m_socketCount++] = int(fields[i]);
    for (int i = 1; i < argc; ++i) {
        int64_t connection[4];
        if (parseFields(argv[i], connection, 4) != 4 || !setInherited(int(connection[0]), false))
            continue;
        m_control.take(
            {int(connection[0]), uint64_t(connection[1]), connection[2] != 0, int(connection[3])});
    }
    faultPoint("upgrade.taken");
    return openSignals();
}

} // namespace pmdaemon
