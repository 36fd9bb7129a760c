// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/scriptprobe.h"

#include "core/model/signalname.h"

#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

#include <csignal>
#include <unistd.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

ScriptProbe::ScriptProbe(const QString &commandLine, const LaunchSpec &launch)
    : m_commandLine(commandLine)
    , m_folder(launch.workingDirectory)
{
    for (const QString &entry : launch.environment) {
        const qsizetype at = entry.indexOf(u'=');
        m_environment.insert(entry.left(at), entry.mid(at + 1));
    }
}

ScriptProbe::~ScriptProbe()
{
    abort();
}

QJsonObject ScriptProbe::subject() const
{
    return {{u"script"_s, m_commandLine}};
}

void ScriptProbe::start()
{
    QStringList words = QProcess::splitCommand(m_commandLine);
    const QString name = words.isEmpty() ? QString() : words.takeFirst();
    const QString program =
        name.contains(u'/')
            ? QDir(m_folder).absoluteFilePath(name)
            : QStandardPaths::findExecutable(name, m_environment.value(u"PATH"_s).split(u':'));
    m_process = std::make_unique<QProcess>();
    m_process->setProgram(program);
    m_process->setArguments(words);
    m_process->setWorkingDirectory(m_folder);
    m_process->setProcessEnvironment(m_environment);
    m_process->setStandardInputFile(QProcess::nullDevice());
    m_process->setStandardOutputFile(QProcess::nullDevice());
    m_process->setStandardErrorFile(QProcess::nullDevice());
    m_process->setChildProcessModifier([] { ::setsid(); });
    connect(m_process.get(), &QProcess::errorOccurred, this, &ScriptProbe::onError);
    connect(m_process.get(), &QProcess::finished, this, &ScriptProbe::onFinished);
    m_process->start();
}

void ScriptProbe::abort()
{
    if (!m_process)
        return;
    QProcess *const dying = m_process.release();
    dying->disconnect(this);
    if (dying->state() == QProcess::NotRunning) {
        dying->deleteLater();
        return;
    }
    // Deleted when it is dead: the destructor would block until then.
    connect(dying, &QProcess::finished, dying, &QObject::deleteLater);
    connect(dying, &QProcess::errorOccurred, dying, &QObject::deleteLater);
    if (const qint64 pid = dying->processId(); pid > 0)
        ::kill(-static_cast<pid_t>(pid), SIGKILL);
}

void ScriptProbe::onError(QProcess::ProcessError error)
{
    if (error != QProcess::FailedToStart)
        return; // finished() follows
    const QString words = m_process->errorString();
    abort();
    emit finished({ProbeOutcome::NotRun,
                   {{u"exit_code"_s, QJsonValue::Null}},
                   tr("“%1” cannot be run: %2").arg(m_commandLine, words)});
}

void ScriptProbe::onFinished(int code, QProcess::ExitStatus status)
{
    abort();
    ProbeResult result{ProbeOutcome::Failed, {{u"exit_code"_s, QJsonValue::Null}}, {}};
    if (status == QProcess::CrashExit) {
        result.error = tr("it was ended by %1").arg(signalName(code));
    } else {
        result.details.insert(u"exit_code"_s, code);
        if (code == 0)
            result.outcome = ProbeOutcome::Passed;
        else
            result.error = tr("it exited with code %1").arg(code);
    }
    emit finished(result);
}

} // namespace pmdaemon

#include "moc_scriptprobe.cpp"
