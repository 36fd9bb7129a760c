// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/exitlog.h"

#include "core/slot/exitrecord.h"
#include "core/slot/procentry.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pmdaemon {

namespace {

constexpr int64_t recordSize = sizeof(ExitRecord);
constexpr char fileName[] = "exits";
constexpr char draftName[] = "exits.new";

ExitHow howOf(int code)
{
    return code == CLD_EXITED   ? ExitHow::Exited
           : code == CLD_KILLED ? ExitHow::Signalled
           : code == CLD_DUMPED ? ExitHow::Dumped
                                : ExitHow::Unknown;
}

} // namespace

bool ExitLog::open(int folder)
{
    m_folder = folder;
    m_bootId = currentBootId();
    m_file = openat(folder, fileName, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    struct stat info;
    if (m_file < 0 || fstat(m_file, &info) != 0)
        return false;
    // A torn record at the end would put all later ones out of step.
    if (info.st_size % recordSize != 0 &&
        ftruncate(m_file, info.st_size - info.st_size % recordSize) != 0)
        return false;
    // So that a full disk does not hold up what is appended.
    fallocate(m_file, FALLOC_FL_KEEP_SIZE, 0, maxSize + recordSize);
    return true;
}

void ExitLog::close()
{
    if (m_file >= 0)
        ::close(m_file);
    m_file = -1;
}

pid_t ExitLog::nextDead(int *code, int *status)
{
    siginfo_t info = {};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
        return 0;
    *code = info.si_code;
    *status = info.si_status;
    return info.si_pid;
}

bool ExitLog::append(pid_t pid, int code, int status)
{
    ExitRecord record = {};
    record.bootId = m_bootId;
    record.pid = pid;
    record.how = howOf(code);
    ProcEntry entry;
    if (readProcEntry(pid, entry))
        record.startTime = entry.startTime;
    record.status = status;
    seal(record);
    const off_t before = lseek(m_file, 0, SEEK_END);
    const ssize_t written = write(m_file, &record, sizeof record);
    if (written != recordSize) {
        if (written > 0)
            ftruncate(m_file, before);
        return false;
    }
    // What cannot be shortened now is at the next record.
    if (before + recordSize > maxSize)
        shorten();
    return true;
}

bool ExitLog::shorten()
{
    const int draft = openat(m_folder, draftName,
                             O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (draft < 0)
        return false;
    const off_t size = lseek(m_file, 0, SEEK_END);
    off_t from = size - maxSize / 2;
    from -= from % recordSize;
    // sendfile(2) does not write to a file that is open for appending.
    fcntl(draft, F_SETFL, 0);
    while (from < size && sendfile(draft, m_file, &from, static_cast<size_t>(size - from)) > 0) {
    }
    fcntl(draft, F_SETFL, O_APPEND);
    if (from != size || renameat(m_folder, draftName, m_folder, fileName) != 0) {
        ::close(draft);
        return false;
    }
    fallocate(draft, FALLOC_FL_KEEP_SIZE, 0, maxSize + recordSize);
    ::close(m_file);
    m_file = draft;
    return true;
}

} // namespace pmdaemon
