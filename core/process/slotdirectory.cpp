// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/slotdirectory.h"

#include "core/process/processhandle.h"
#include "core/slot/crc32c.h"
#include "core/slot/recordlock.h"
#include "core/slot/slotspec.h"
#include "core/slot/uniquefd.h"

#include <QDir>
#include <QFile>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <vector>

using namespace Qt::Literals::StringLiterals;

namespace pmdaemon {

namespace {

tl::unexpected<Error> failure(QLatin1StringView step, const QString &path, int code)
{
    const QString words = QString::fromLocal8Bit(std::system_category().message(code));
    return fail(
        ErrorCode::StartFailed,
        ProcessRunner::tr("Cannot keep what belongs to a process in %1: %2 (%3). Free space "
                          "there, or give its folder to this user.")
            .arg(path, words, step),
        {{u"step"_s, step}, {u"errno"_s, code}, {u"path"_s, path}});
}

class SpecBytes
{
public:
    void add(const char *key, const QByteArray &value)
    {
        m_bytes.append(key).append('=').append(value).append('\0');
    }
    void add(const char *key, const QString &path) { add(key, QFile::encodeName(path)); }
    void add(const char *key, qint64 number) { add(key, QByteArray::number(number)); }

    QByteArray sealed() &&
    {
        const quint32 crc = crc32c(m_bytes.constData(), size_t(m_bytes.size()));
        return m_bytes.append(reinterpret_cast<const char *>(&crc), sizeof crc);
    }

private:
    QByteArray m_bytes = "PMDSPEC1";
};

void addLimits(SpecBytes &bytes, const LaunchLimits &limits)
{
    // umask(2) can only be read by setting it.
    const mode_t mask = ::umask(0);
    ::umask(mask);
    bytes.add("umask", qint64(limits.umask < 0 ? mask : mode_t(limits.umask)));
    if (limits.hasNice)
        bytes.add("nice", limits.nice);
    if (limits.hasOomScore)
        bytes.add("oom_score_adj", limits.oomScore);
    for (int cpu = 0; cpu < LaunchLimits::maxCpus; ++cpu) {
        if (limits.cpus[cpu / 64] >> (cpu % 64) & 1)
            bytes.add("cpu", cpu);
    }
    for (int i = 0; i < limits.resourceCount; ++i) {
        const ResourceLimit &limit = limits.resources[i];
        bytes.add("rlimit", QByteArray(resourceName(limit.resource)) + ':' +
                                QByteArray::number(qint64(limit.soft)) + ':' +
                                QByteArray::number(qint64(limit.hard)));
    }
    if (limits.user != LaunchLimits::Same)
        bytes.add("uid", limits.user);
    if (limits.group != LaunchLimits::Same)
        bytes.add("gid", limits.group);
    for (int i = 0; i < limits.groupCount; ++i)
        bytes.add("group", limits.groups[i]);
    if (limits.noNewPrivileges)
        bytes.add("no_new_privileges", 1);
}

Result<void> makeFolder(const QString &path)
{
    if (::mkdir(QFile::encodeName(path).constData(), 0700) == 0 || errno == EEXIST)
        return {};
    return failure("mkdir"_L1, path, errno);
}

bool writeAll(int fd, const QByteArray &bytes)
{
    const ssize_t written = ::write(fd, bytes.constData(), size_t(bytes.size()));
    if (written >= 0 && written < bytes.size())
        errno = ENOSPC; // what did not fit is not told otherwise
    return written == bytes.size();
}

} // namespace

QByteArray compileSpec(const LaunchSpec &spec, const QString &cookie, const QString &budget,
                       std::optional<rlimit> openFiles)
{
    SpecBytes bytes;
    bytes.add("program", spec.program);
    for (const QString &argument : spec.arguments)
        bytes.add("arg", argument.toUtf8());
    bytes.add("cwd", spec.workingDirectory);
    bytes.add("env", ("PMDAEMON_COOKIE="_L1 + cookie).toUtf8());
    for (const QString &entry : spec.environment)
        bytes.add("env", entry.toUtf8());
    const auto addLog = [&bytes](const char *key, const QString &path) {
        if (!path.isEmpty() && path != "/dev/null"_L1)
            bytes.add(key, path);
    };
    addLog("out", spec.logs.out);
    addLog("err", spec.logs.err);
    bytes.add("max_size", spec.logs.maxSize);
    bytes.add("max_files", spec.logs.maxFiles);
    bytes.add("autorestart", spec.restart.autorestart);
    bytes.add("max_restarts", spec.restart.maxRestarts);
    bytes.add("min_uptime", spec.restart.minUptime);
    bytes.add("restart_delay", spec.restart.restartDelay);
    bytes.add("backoff_base", spec.restart.backoffBase);
    bytes.add("backoff_cap", spec.restart.backoffCap);
    bytes.add("stop_signal", spec.stop.signal);
    bytes.add("stop_timeout", spec.stop.timeout.count());
    bytes.add("stop_tree", spec.stop.tree);
    bytes.add("on_failure", spec.restart.onlyAfterFailure);
    for (int code = 0; code < 256; ++code) {
        if (spec.restart.isStopCode(code))
            bytes.add("stop_code", code);
    }
    if (spec.hasInput)
        bytes.add("stdin", 1);
    if (spec.tellsReady)
        bytes.add("tells_ready", 1);
    if (spec.stop.byMessage)
        bytes.add("stop_by_message", 1);
    for (const HandedSocket &socket : spec.sockets)
        bytes.add("socket", socket.name.toUtf8());
    if (openFiles) {
        bytes.add("nofile_soft", qint64(openFiles->rlim_cur));
        bytes.add("nofile_hard", qint64(openFiles->rlim_max));
    }
    addLimits(bytes, spec.limits);
    bytes.add("budget", budget);
    return std::move(bytes).sealed();
}

SlotDirectory::SlotDirectory(const QString &home, const QString &runDirectory, ProcessId id)
    : m_home(home)
    , m_path(u"%1/slots/%2"_s.arg(home, QString::number(toInt(id))))
    , m_socket(u"%1/slots/%2"_s.arg(runDirectory, QString::number(toInt(id))))
{}

bool SlotDirectory::exists() const
{
    return QFile::exists(m_path);
}

Result<void> SlotDirectory::write(const LaunchSpec &spec, std::optional<rlimit> openFiles) const
{
    for (const QString &folder :
         {QString(m_home + "/slots"_L1), m_path, QFileInfo(m_socket).path()}) {
        if (Result<void> made = makeFolder(folder); !made)
            return made;
    }
    const QString path = m_path + "/spec"_L1;
    const QByteArray name = QFile::encodeName(path);
    const QByteArray draft = name + ".new";
    const QByteArray bytes = compileSpec(spec, m_path, m_home + "/slots/budget"_L1, openFiles);
    ::unlink(draft.constData());
    const UniqueFd file(
        ::open(draft.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file || !writeAll(file.get(), bytes) ||
        ::rename(draft.constData(), name.constData()) != 0) {
        const int code = errno;
        ::unlink(draft.constData());
        return failure("write"_L1, path, code);
    }
    return {};
}

LaunchSpec SlotDirectory::recalled(const LaunchSpec &planned) const
{
    LaunchSpec launched = planned;
    QFile file(m_path + "/spec"_L1);
    if (!file.open(QIODevice::ReadOnly))
        return launched;
    const QByteArray bytes = file.readAll();
    SlotSpec spec;
    if (!parseSlotSpec(bytes.constData(), std::size_t(bytes.size()), spec))
        return launched;
    launched.logs.out = QFile::decodeName(spec.logs[0]);
    launched.logs.err = QFile::decodeName(spec.logs[1]);
    std::vector<char *> entries(spec.environmentCount + 1);
    spec.fillEnvironment(entries.data());
    launched.environment.clear();
    for (std::size_t i = 0; i < spec.environmentCount; ++i)
        launched.environment.append(QString::fromUtf8(entries[i]));
    return launched;
}

qint64 SlotDirectory::holder() const
{
    const UniqueFd lock(
        ::open(QFile::encodeName(m_path + "/lock"_L1).constData(), O_RDWR | O_CLOEXEC));
    return lockHolder(lock.get());
}

void SlotDirectory::endShim() const
{
    const auto shim = ProcessHandle::open(static_cast<pid_t>(holder()));
    if (shim && holder() == shim->pid()) // identified after it was opened
        shim->signal(SIGTERM);
}

void SlotDirectory::remove() const
{
    // Held meanwhile, so that no shim begins in what is removed. One that is there although nobody
    // needs it, because its keeper was quicker, has no program and ends when it is told.
    const UniqueFd lock(
        ::open(QFile::encodeName(m_path + "/lock"_L1).constData(), O_RDWR | O_CLOEXEC));
    if (lock && takeLock(lock.get()) == EAGAIN)
        endShim();
    QDir(m_path).removeRecursively();
    QFile::remove(m_socket);
}

QList<ProcessId> SlotDirectory::all(const QString &home)
{
    QList<ProcessId> ids;
    const QStringList names = QDir(home + "/slots"_L1).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const QString &name : names) {
        bool isNumber = false;
        const int id = name.toInt(&isNumber);
        if (isNumber)
            ids.append(ProcessId(id));
    }
    return ids;
}

} // namespace pmdaemon
