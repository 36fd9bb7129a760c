// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/childprogram.h"
#include "core/slot/shortage.h"

#include <QCoreApplication>
#include <QFileInfo>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

using namespace Qt::Literals::StringLiterals;

namespace pmdaemon {

namespace {

const char *const context = "StartError";

QString exec(const char *text, const QString &path)
{
    return QCoreApplication::translate(context, text).arg(path);
}

QString whyNotExecuted(const QString &path, int code)
{
    const QFileInfo file(path);
    switch (code) {
    case ENOENT:
        if (file.exists())
            return exec(QT_TRANSLATE_NOOP("StartError",
                                          "The interpreter that %1 names (in its first line, or as "
                                          "its loader) does not exist"),
                        path);
        return exec(QT_TRANSLATE_NOOP("StartError", "%1 does not exist"), path);
    case EACCES:
        if (file.isDir())
            return exec(QT_TRANSLATE_NOOP("StartError", "%1 is a folder, not a program"), path);
        return exec(QT_TRANSLATE_NOOP("StartError",
                                      "%1 must not be executed: set its x permission, or choose "
                                      "an interpreter for it"),
                    path);
    case ENOEXEC:
        return exec(QT_TRANSLATE_NOOP("StartError",
                                      "%1 is neither a program of this machine nor a script with "
                                      "a #! line; an interpreter may be missing"),
                    path);
    case E2BIG:
        return exec(QT_TRANSLATE_NOOP("StartError", "Arguments and environment of %1 are too long"),
                    path);
    default:
        return exec(QT_TRANSLATE_NOOP("StartError", "%1 cannot be executed"), path);
    }
}

QString whyNotEntered(const QString &path, int code)
{
    switch (code) {
    case ENOENT:
        return exec(QT_TRANSLATE_NOOP("StartError", "The working directory %1 does not exist"),
                    path);
    case ENOTDIR:
        return exec(QT_TRANSLATE_NOOP("StartError", "The working directory %1 is not a folder"),
                    path);
    default:
        return exec(QT_TRANSLATE_NOOP("StartError", "The working directory %1 must not be entered"),
                    path);
    }
}

QString whyNoResource(int code)
{
    switch (code) {
    case EAGAIN:
        return QCoreApplication::translate(
            context, "The user or the machine has no process left (ulimit -u, pids.max)");
    case EMFILE:
        return QCoreApplication::translate(context,
                                           "This daemon has no file descriptor left (ulimit -n)");
    case ENFILE:
        return QCoreApplication::translate(context, "The machine has no file descriptor left");
    case ENOMEM:
        return QCoreApplication::translate(context, "The machine has no memory left");
    default:
        return QCoreApplication::translate(context, "No process can be made");
    }
}

struct StepWord
{
    SpawnStep step;
    QLatin1StringView word; ///< the system call that failed
};
constexpr std::array stepWords = {
    StepWord{SpawnStep::Spec, "open"_L1},
    StepWord{SpawnStep::Journal, "write"_L1},
    StepWord{SpawnStep::Log, "open"_L1},
    StepWord{SpawnStep::Pipe, "pipe"_L1},
    StepWord{SpawnStep::Fork, "fork"_L1},
    StepWord{SpawnStep::Chdir, "chdir"_L1},
    StepWord{SpawnStep::Exec, "execve"_L1},
    StepWord{SpawnStep::Descriptors, "dup"_L1},
    StepWord{SpawnStep::Priority, "setpriority"_L1},
    StepWord{SpawnStep::Affinity, "sched_setaffinity"_L1},
    StepWord{SpawnStep::OomScore, "oom_score_adj"_L1},
    StepWord{SpawnStep::ResourceLimit, "prlimit"_L1},
    StepWord{SpawnStep::Credentials, "setresuid"_L1},
    StepWord{SpawnStep::Privileges, "prctl"_L1},
    StepWord{SpawnStep::Sockets, "listen"_L1},
};

QString wordOf(SpawnStep step)
{
    const auto *const found =
        std::find_if(stepWords.begin(), stepWords.end(),
                     [step](const StepWord &each) { return each.step == step; });
    return found == stepWords.end() ? u"start"_s : QString(found->word);
}

QString whatFailed(const LaunchSpec &spec, SpawnStep step, int code)
{
    switch (step) {
    case SpawnStep::Exec:
        return whyNotExecuted(spec.program, code);
    case SpawnStep::Chdir:
        return whyNotEntered(spec.workingDirectory, code);
    case SpawnStep::Log:
        return exec(QT_TRANSLATE_NOOP("StartError", "Its output cannot be stored in %1"),
                    spec.logs.out);
    case SpawnStep::Spec:
    case SpawnStep::Journal:
        return QCoreApplication::translate(
            context, "What belongs to it cannot be kept in the daemon's home");
    case SpawnStep::Priority:
        return exec(QT_TRANSLATE_NOOP("StartError",
                                      "It cannot have nice %1; less than the daemon's "
                                      "own needs CAP_SYS_NICE"),
                    QString::number(spec.limits.nice));
    case SpawnStep::Affinity:
        return QCoreApplication::translate(
            context, "There are no such CPUs as in cpu_affinity, or the daemon may not use them");
    case SpawnStep::OomScore:
        return exec(QT_TRANSLATE_NOOP("StartError",
                                      "It cannot have oom_score_adj %1; less than the "
                                      "daemon's own needs CAP_SYS_RESOURCE"),
                    QString::number(spec.limits.oomScore));
    case SpawnStep::ResourceLimit:
        return QCoreApplication::translate(
            context, "It cannot have its rlimits; more than the daemon's own hard ones needs "
                     "CAP_SYS_RESOURCE");
    case SpawnStep::Credentials:
        return QCoreApplication::translate(
            context, "It cannot run as its user and group; that needs a daemon that runs as root");
    case SpawnStep::Privileges:
        return QCoreApplication::translate(context, "It cannot be kept from new privileges");
    case SpawnStep::Sockets:
        return QCoreApplication::translate(context, "It waits for its listen sockets");
    case SpawnStep::Pipe:
    case SpawnStep::Fork:
    case SpawnStep::Descriptors:
        break;
    }
    return whyNoResource(code);
}

} // namespace

SpawnStep spawnStep(QByteArrayView word)
{
    const auto *const found =
        std::find_if(stepWords.begin(), stepWords.end(),
                     [word](const StepWord &each) { return each.word == word; });
    return found == stepWords.end() ? SpawnStep::Spec : found->step;
}

bool isShortage(const Error &error)
{
    return isShortage(error.details["errno"_L1].toInt());
}

int whyNotForked(const QString &words)
{
    for (const int code : {EAGAIN, ENOMEM, EMFILE, ENFILE}) {
        if (words.contains(QString::fromLocal8Bit(std::system_category().message(code))))
            return code;
    }
    int pipe[2]; // it says nothing where it gets none
    if (::pipe2(pipe, O_CLOEXEC) != 0)
        return errno;
    ::close(pipe[0]);
    ::close(pipe[1]);
    return 0;
}

Error startError(const LaunchSpec &spec, SpawnStep step, int code)
{
    const QString words = QString::fromLocal8Bit(std::system_category().message(code));
    return {ErrorCode::StartFailed,
            QCoreApplication::translate(context, "Cannot start %1. %2 (%3: %4).")
                .arg(spec.name, whatFailed(spec, step, code), wordOf(step), words),
            {{u"step"_s, wordOf(step)},
             {u"errno"_s, code},
             {u"path"_s, step == SpawnStep::Chdir ? spec.workingDirectory : spec.program}}};
}

} // namespace pmdaemon
