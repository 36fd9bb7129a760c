// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/javascriptfile.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QProcess>
#include <QStandardPaths>

#include <chrono>
#include <csignal>
#include <unistd.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr std::chrono::milliseconds timeLimit{10'000};
constexpr qsizetype MaxOutput = 10 * 1024 * 1024;
constexpr qsizetype MaxComplaint = 2'000;

// The module's own output is kept apart from the answer.
constexpr auto evaluation = R"(
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true;
import(require('url').pathToFileURL(process.argv[1]))
    .then((module) => module.default ?? module)
    .then((value) => (typeof value === 'function' ? value() : value))
    .then((value) => write(JSON.stringify(value) ?? 'null', () => process.exit(0)))
    .catch((error) => {
        console.error(error?.stack ?? String(error));
        process.exit(1);
    });
)";

void killGroup(const QProcess &process)
{
    if (process.processId() > 0)
        ::kill(-pid_t(process.processId()), SIGKILL);
}

/// Without the frames of node's own, which say nothing about the file.
QString complaintOf(const QByteArray &errors)
{
    QStringList lines = QString::fromUtf8(errors.first(std::min(errors.size(), MaxComplaint)))
                            .split(u'\n', Qt::SkipEmptyParts);
    lines.removeIf([](const QString &line) {
        return line.contains("node:internal"_L1) || line.startsWith("Node.js v"_L1) ||
               line.trimmed().isEmpty();
    });
    return lines.join(u'\n');
}

} // namespace

Result<QByteArray> evaluateJavaScript(const QString &path)
{
    const QString node = QStandardPaths::findExecutable(u"node"_s);
    if (node.isEmpty()) {
        return fail(
            ErrorCode::InvalidConfig,
            u"%1: is JavaScript, which `node` evaluates, but there is none on PATH; install "
            u"Node.js, or write the file as JSON, YAML or TOML"_s.arg(path));
    }
    QProcess process;
    process.setWorkingDirectory(QFileInfo(path).absolutePath());
    process.setStandardInputFile(QProcess::nullDevice());
    process.setChildProcessModifier([] { ::setsid(); });
    process.start(node, {u"-e"_s, QString::fromLatin1(evaluation), u"--"_s, path});
    QElapsedTimer elapsed;
    elapsed.start();
    QByteArray output;
    while (process.state() != QProcess::NotRunning) {
        const qint64 left = timeLimit.count() - elapsed.elapsed();
        const bool isLate = left <= 0;
        if (!isLate)
            process.waitForReadyRead(int(left));
        output += process.readAllStandardOutput();
        if (!isLate && output.size() <= MaxOutput)
            continue;
        killGroup(process);
        process.waitForFinished();
        return fail(
            ErrorCode::InvalidConfig,
            isLate ? u"%1: did not end within %2 s; a configuration has to be at hand at once"_s
                         .arg(path)
                         .arg(timeLimit.count() / 1'000)
                   : u"%1: exports more than 10 MiB"_s.arg(path));
    }
    output += process.readAllStandardOutput();
    if (process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0)
        return fail(ErrorCode::InvalidConfig,
                    u"%1: %2"_s.arg(path, complaintOf(process.readAllStandardError())));
    return output;
}

} // namespace pmdaemon
