// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/installedprogram.h"

#include <QFile>
#include <QProcess>

#include <array>
#include <climits>
#include <sys/stat.h>
#include <unistd.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

QByteArray executableOf(qint64 pid)
{
    return "/proc/" + QByteArray::number(pid) + "/exe";
}

} // namespace

bool isOutdated(qint64 pid, const QString &program)
{
    struct stat running = {};
    struct stat installed = {};
    return ::stat(executableOf(pid).constData(), &running) == 0 &&
           ::stat(QFile::encodeName(program).constData(), &installed) == 0 &&
           (running.st_dev != installed.st_dev || running.st_ino != installed.st_ino);
}

QString programOf(qint64 pid)
{
    std::array<char, PATH_MAX> path{};
    const ssize_t length = ::readlink(executableOf(pid).constData(), path.data(), path.size());
    QString program = QFile::decodeName(QByteArray(path.data(), std::max<ssize_t>(length, 0)));
    constexpr auto replaced = " (deleted)"_L1;
    if (program.endsWith(replaced))
        program.chop(replaced.size());
    return program;
}

bool isSoundProgram(const QString &program)
{
    QProcess process;
    process.setStandardOutputFile(QProcess::nullDevice());
    process.start(program, {u"--version"_s});
    return process.waitForFinished() && process.exitStatus() == QProcess::NormalExit &&
           process.exitCode() == 0;
}

} // namespace pmdaemon
