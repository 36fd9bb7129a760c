// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/shim.h"
#include "core/slot/faultpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

// How a shim becomes another version of itself without letting anything go. The new program gets
// the descriptors as numbers: --resume SLOT SOCKET LOCK,LISTENER,OUT,ERR FD,SEQ,SUBSCRIBED,TAG…

extern char **environ;

namespace pmdaemon {

namespace {

using Argument = TextBuffer<96>;

void addField(Argument &argument, int64_t number)
{
    if (argument.length() > 0)
        argument.add(",");
    if (number < 0)
        argument.add("-");
    argument.addNumber(uint64_t(number < 0 ? -number : number));
}

/// The numbers of "1,2,-3"; false when there are not exactly `count`.
bool parseFields(const char *text, int64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        char *end = nullptr;
        numbers[i] = strtoll(text, &end, 10);
        if (end == text || *end != (i + 1 == count ? '\0' : ','))
            return false;
        text = end + 1;
    }
    return true;
}

bool setInherited(int fd, bool isInherited)
{
    return ::fcntl(fd, F_SETFD, isInherited ? 0 : FD_CLOEXEC) == 0;
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

    constexpr int held = 4;
    int kept[held + ControlSocket::MaxConnections] = {m_lock.get(), m_control.listener(),
                                                      m_output[0].fifo(), m_output[1].fifo()};
    Argument arguments[1 + ControlSocket::MaxConnections];
    for (int i = 0; i < held; ++i)
        addField(arguments[0], kept[i]);
    int count = 0;
    for (int i = 0; i < ControlSocket::MaxConnections; ++i) {
        const ControlSocket::HandedOn handed = m_control.handOn(i, connection);
        if (handed.fd < 0)
            continue;
        kept[held + count++] = handed.fd;
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
    for (int i = 0; i < held + count; ++i)
        setInherited(kept[i], true);
    faultPoint("upgrade.exec");
    ::execve(program.text(), argv, environ);
    const int code = errno;
    for (int i = 0; i < held + count; ++i)
        setInherited(kept[i], false);
    return code;
}

ShimFailure Shim::openHandedOn(int argc, char *argv[])
{
    int64_t held[4];
    if (argc < 1 || !parseFields(argv[0], held, 4))
        return {"resume", EINVAL, 0};
    faultPoint("upgrade.resumed");
    m_lock.reset(int(held[0]));
    m_control.listen(UniqueFd(int(held[1])));
    if (const ShimFailure failure = claim(); failure.step)
        return failure;
    for (int i = 0; i < 2; ++i)
        m_output[i].open(UniqueFd(int(held[2 + i])), uint32_t(i), m_journal);
    for (int i = 0; i < 4; ++i)
        setInherited(int(held[i]), false);
    for (int i = 1; i < argc; ++i) {
        int64_t fields[4];
        if (!parseFields(argv[i], fields, 4) || !setInherited(int(fields[0]), false))
            continue;
        m_control.take({int(fields[0]), uint64_t(fields[1]), fields[2] != 0, int(fields[3])});
    }
    faultPoint("upgrade.taken");
    return openSignals();
}

} // namespace pmdaemon
