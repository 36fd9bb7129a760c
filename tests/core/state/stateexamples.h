// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/state/statestore.h"

#include <QDir>
#include <QTest>

/// States to store, and what the tests of the store wait with.
namespace pmdaemon::stateexamples {

using namespace Qt::Literals::StringLiterals;

inline WallTime at(qint64 ms)
{
    return WallTime(milliseconds(ms));
}

/// With `id` in every part of it.
inline StoredProcess process(int id)
{
    StoredProcess process;
    process.id = ProcessId(id);
    process.name = u"app-%1"_s.arg(id);
    process.spec.name = process.name;
    process.spec.script = u"/srv/app-%1.sh"_s.arg(id);
    process.spec.args = {u"--number"_s, QString::number(id)};
    process.spec.env = {{u"NUMBER"_s, QString::number(id)}, {u"LANG"_s, u"C.UTF-8"_s}};
    process.spec.cwd = u"/srv"_s;
    process.spec.configFile = u"/srv/apps.json"_s;
    process.wanted = id % 2 == 0 ? Wanted::Up : Wanted::Down;
    process.restarts = id;
    process.createdAt = at(1'700'000'000'000 + id);
    process.journalSeq = 100 + id;
    return process;
}

/// Where every part has a value.
inline StoredProcess fullProcess(int id)
{
    StoredProcess full = process(id);
    full.name = u"büro-%1"_s.arg(id);
    full.instance = 3;
    full.spec.nameSpace = u"backend"_s;
    full.spec.instances = 4;
    full.spec.port = PortSpec{PortSpec::Kind::Range, 4000, 4010};
    full.spec.healthCheck = HealthCheckSpec();
    full.spec.healthCheck->url = u"http://127.0.0.1:{port}/health"_s;
    full.spec.maxMemoryRestart = 1 << 30;
    full.wanted = Wanted::Up;
    full.done = true;
    full.status = ProcessStatus::Errored;
    full.port = 3'000;
    full.health = HealthStatus::Unhealthy;
    full.exitCode = 7;
    full.signal = u"SIGSEGV"_s;
    full.reason = u"gave up: \"too many\" restarts,\n16 of them"_s;
    return full;
}

inline StateChange removal(int id)
{
    StateChange change;
    change.remove(ProcessId(id));
    return change;
}

inline ProcessEvent crash(int number, int process = 1)
{
    return {ProcessEvent::Kind::Crashed,
            ProcessId(process),
            u"app-%1"_s.arg(process),
            WallTime(wallNow() - milliseconds(100'000) + milliseconds(number)),
            {{u"number"_s, number}}};
}

inline std::unique_ptr<StateStore> openStore(const QString &home)
{
    Result<std::unique_ptr<StateStore>> opened = StateStore::open(home);
    if (!opened)
        qFatal("%ls", qUtf16Printable(opened.error().message));
    return std::move(*opened);
}

/// The answer, waited for.
template <typename T>
Result<T> answer(Reply<T> reply)
{
    reply.waitForFinished();
    return reply.result();
}

template <typename T>
QString errorOf(const Result<T> &result)
{
    return result ? QString() : result.error().message;
}

/// Why it is in safe mode; empty if it is not.
inline QString safeModeOf(const StateStore &store)
{
    return store.safeMode() ? store.safeMode()->detail : QString();
}

inline QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

inline bool write(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

/// The names of the files in `home`, sorted.
inline QStringList filesIn(const QString &home)
{
    return QDir(home).entryList(QDir::Files | QDir::Hidden, QDir::Name);
}

} // namespace pmdaemon::stateexamples
