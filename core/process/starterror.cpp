// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/childprogram.h"

#include <QCoreApplication>
#include <QFileInfo>

#include <cerrno>
#include <system_error>

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

Error makeError(const LaunchSpec &spec, const QString &reason, const QString &step, int code,
                const QString &path)
{
    const QString words = QString::fromLocal8Bit(std::system_category().message(code));
    return {ErrorCode::StartFailed,
            QCoreApplication::translate(context, "Cannot start %1. %2 (%3: %4).")
                .arg(spec.name, reason, step, words),
            {{u"step"_s, step}, {u"errno"_s, code}, {u"path"_s, path}}};
}

} // namespace

Error startError(const LaunchSpec &spec, ChildProgram::Step step, int code)
{
    switch (step) {
    case ChildProgram::Step::Exec:
        return makeError(spec, whyNotExecuted(spec.program, code), u"execve"_s, code, spec.program);
    case ChildProgram::Step::Chdir:
        return makeError(spec, whyNotEntered(spec.workingDirectory, code), u"chdir"_s, code,
                         spec.workingDirectory);
    case ChildProgram::Step::NullDevice:
        return makeError(spec, whyNoResource(code), u"open"_s, code, u"/dev/null"_s);
    case ChildProgram::Step::Descriptors:
        break;
    }
    return makeError(spec, whyNoResource(code), u"dup"_s, code, spec.program);
}

Error startError(const LaunchSpec &spec, const QString &step, int code, const QString &path)
{
    return makeError(spec, whyNoResource(code), step, code, path);
}

} // namespace pmdaemon
