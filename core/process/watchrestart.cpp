// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/watchrestart.h"

#include "core/process/supervisor.h"

#include <QDir>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

FileWatch::Scope scopeOf(const Supervisor &supervisor, const ManagedProcess &process)
{
    const ProcessSpec &spec = process.spec();
    FileWatch::Scope scope{*spec.watch, spec.ignoreWatch, {}, spec.watchDelay};
    if (scope.paths.isEmpty())
        scope.paths = {spec.cwd.isEmpty() ? QDir::currentPath() : spec.cwd};
    scope.paths.removeAll(u"/"_s); // a daemon's own folder, where an app has none
    scope.excluded = {supervisor.home()};
    for (const ManagedProcess *instance : supervisor.instancesOf(process.entry().app)) {
        const LogFiles logs = supervisor.logFilesOf(*instance);
        for (const QString &file : {logs.out, logs.err}) {
            if (!file.isEmpty())
                scope.excluded.append(file); // with what it is rotated to
        }
    }
    return scope;
}

} // namespace

WatchRestart::WatchRestart(Supervisor &supervisor, const ManagedProcess &process)
    : m_supervisor(supervisor)
    , m_app(process.entry().app)
    , m_soon(Soon + process.spec().watchDelay)
    , m_watch(scopeOf(supervisor, process))
{
    connect(&m_watch, &FileWatch::changed, this, &WatchRestart::onChanged);
    connect(&m_watch, &FileWatch::failed, this,
            [this](const QString &reason) { report(reason, {}); });
    if (process.spec().watch->isEmpty() && !m_watch.watchesAnything())
        report(tr("its folder is /, which is too much to watch; give it cwd, or watch a path"), {});
}

void WatchRestart::report(const QString &reason, const QString &path)
{
    for (ManagedProcess *process : m_supervisor.instancesOf(m_app))
        process->report(ProcessEvent::Kind::WatchSuspended,
                        {{u"reason"_s, reason}, {u"path"_s, path}});
}

void WatchRestart::onChanged(const QString &path)
{
    if (m_suspended.isValid()) {
        if (!m_suspended.hasExpired(Pause.count()))
            return;
        m_suspended.invalidate();
        m_inRow = 0;
    }
    const bool isSoon = m_lastRestart.isValid() && !m_lastRestart.hasExpired(m_soon.count());
    m_inRow = isSoon ? m_inRow + 1 : 1;
    if (m_inRow > MaxRestartsInRow) {
        m_suspended.start();
        report(tr("%n restart(s) in a row: it seems to change what is watched; name that in "
                  "ignore_watch",
                  nullptr, MaxRestartsInRow),
               path);
        return;
    }
    m_lastRestart.start();
    for (ManagedProcess *process : m_supervisor.instancesOf(m_app)) {
        if (process->isWanted() && !m_supervisor.isBeingRemoved(*process))
            process->restart(RestartReason::Watch);
    }
}

} // namespace pmdaemon

#include "moc_watchrestart.cpp"
