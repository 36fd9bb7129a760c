// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/scriptprobe.h"

#include "core/config/commandwords.h"
#include "core/model/signalname.h"

#include <QDir>
#include <QStandardPaths>

#include <algorithm>
#include <csignal>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

/// A name without a slash is looked for on the PATH of the probed process, then in its folder.
QString programOf(const QString &name, const LaunchSpec &launch)
{
    if (!name.contains(u'/')) {
        constexpr auto prefix = "PATH="_L1;
        const auto path = std::find_if(launch.environment.begin(), launch.environment.end(),
                                       [](const QString &e) { return e.startsWith(prefix); });
        const QStringList folders = path == launch.environment.end()
                                        ? QStringList()
                                        : path->mid(prefix.size()).split(u':', Qt::SkipEmptyParts);
        if (const QString found = QStandardPaths::findExecutable(name, folders); !found.isEmpty())
            return found;
    }
    return QDir::cleanPath(QDir(launch.workingDirectory).absoluteFilePath(name));
}

} // namespace

ScriptProbe::ScriptProbe(const QString &commandLine, const LaunchSpec &launch,
                         ProcessRunnerFactory makeRunner)
    : m_makeRunner(std::move(makeRunner))
{
    QStringList words = commandWords(commandLine);
    m_launch.id = launch.id;
    m_launch.name = commandLine;
    m_launch.program = programOf(words.isEmpty() ? QString() : words.takeFirst(), launch);
    m_launch.arguments = words;
    m_launch.workingDirectory = launch.workingDirectory;
    m_launch.environment = launch.environment;
    m_launch.restart.autorestart = false;
}

QJsonObject ScriptProbe::subject() const
{
    return {{u"script"_s, m_launch.name}};
}

void ScriptProbe::start()
{
    if (!m_runner) {
        m_runner = m_makeRunner();
        connect(m_runner.get(), &ProcessRunner::startFailed, this, &ScriptProbe::onStartFailed);
        connect(m_runner.get(), &ProcessRunner::exited, this, &ScriptProbe::onExited);
    }
    m_isLooking = true;
    m_runner->start(m_launch);
}

void ScriptProbe::abort()
{
    if (!std::exchange(m_isLooking, false))
        return;
    ProcessRunner *const dying = m_runner.release();
    dying->disconnect(this);
    // Deleted when all is dead: the destructor would block until then.
    connect(dying, &ProcessRunner::exited, dying, &QObject::deleteLater);
    dying->stop({.signal = SIGKILL, .timeout = milliseconds{0}, .tree = true});
}

void ScriptProbe::onStartFailed(const Error &error)
{
    m_isLooking = false;
    emit finished({ProbeOutcome::NotRun, {{u"exit_code"_s, QJsonValue::Null}}, error.message});
}

void ScriptProbe::onExited(const ProcessExit &exit)
{
    m_isLooking = false;
    ProbeResult result{ProbeOutcome::Failed, {{u"exit_code"_s, QJsonValue::Null}}, {}};
    if (exit.signal)
        result.error = tr("it was ended by %1").arg(signalName(*exit.signal));
    if (exit.exitCode) {
        result.details.insert(u"exit_code"_s, *exit.exitCode);
        if (*exit.exitCode == 0)
            result.outcome = ProbeOutcome::Passed;
        else
            result.error = tr("it exited with code %1").arg(*exit.exitCode);
    }
    emit finished(result);
}

} // namespace pmdaemon

#include "moc_scriptprobe.cpp"
