// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/shim/keeperprotocol.h"
#include "core/config/rundirectory.h"
#include "core/slot/uniquefd.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace pmdaemon::test {

constexpr int patience = 60'000;

inline QByteArray readAll(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// The numbers in a file of one per line.
inline QList<qint64> numbersIn(const QString &path)
{
    QList<qint64> numbers;
    for (const QByteArray &line : readAll(path).split('\n')) {
        if (!line.isEmpty())
            numbers.append(line.toLongLong());
    }
    return numbers;
}

/// The real keeper, with a home of its own, a script or this process as its daemon.
class KeeperStage
{
public:
    KeeperStage()
    {
        m_process.setProcessChannelMode(QProcess::SeparateChannels);
        QDir(m_folder.path()).mkpath(QStringLiteral("home/slots"));
        // A copy, so that another program can take its place under a running keeper.
        QFile::copy(QStringLiteral(PMDAEMON_SHIM), program());
    }
    ~KeeperStage()
    {
        // In order, then with force: that takes the daemon along, unless that is this process.
        for (int i = 0; i < 100 && m_process.state() != QProcess::NotRunning; ++i) {
            ::kill(pid(), m_ours || i > 20 ? SIGKILL : SIGTERM);
            m_process.waitForFinished(500);
        }
        for (const QString &id : QDir(path(QStringLiteral("home/slots"))).entryList())
            killShim(id.toInt());
    }
    Q_DISABLE_COPY_MOVE(KeeperStage)

    QString path(const QString &name) const { return m_folder.filePath(name); }
    QString home() const { return path(QStringLiteral("home")); }
    QString slot(int id) const { return path(QStringLiteral("home/slots/%1").arg(id)); }
    QString program() const { return path(QStringLiteral("pmdaemon-shim")); }
    QProcess &process() { return m_process; }
    pid_t pid() const { return static_cast<pid_t>(m_process.processId()); }

    void start(const QStringList &daemon, const QStringList &options = {})
    {
        const QStringList fixed = {home(), path(QStringLiteral("run")), QStringLiteral("--")};
        m_process.start(program(),
                        QStringList{QStringLiteral("--keep")} + options + fixed + daemon);
        QVERIFY(m_process.waitForStarted());
    }
    /// `script` finds the stage's folder as $1.
    void startScript(const QString &script, const QStringList &options = {})
    {
        start({QStringLiteral("/bin/sh"), QStringLiteral("-c"), script, QStringLiteral("sh"),
               m_folder.path()},
              options);
    }
    /// This process is the daemon that it takes over. `descriptors`: the keeper's limit.
    void adoptThisProcess(rlim_t descriptors = 0)
    {
        std::array<int, 2> ends{};
        QCOMPARE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
        m_ours = UniqueFd(ends[0]);
        const UniqueFd theirs(ends[1]);
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QString::fromLatin1(keeperFdVariable), QString::number(theirs.get()));
        m_process.setProcessEnvironment(environment);
        m_process.setChildProcessModifier([fd = theirs.get(), descriptors] {
            ::fcntl(fd, F_SETFD, 0);
            const rlimit limit{descriptors, descriptors};
            if (descriptors > 0)
                ::setrlimit(RLIMIT_NOFILE, &limit);
        });
        start({QStringLiteral("/bin/false")},
              {QStringLiteral("--adopt-daemon"), QString::number(::getpid())});
        QTRY_COMPARE_WITH_TIMEOUT(keeperPid(home()), qint64(pid()), patience);
    }

    void send(KeeperMessage type, quint64 slot = 0, const QByteArray &text = {}, int fd = -1)
    {
        KeeperPacket packet{type, 0, slot, {}};
        std::memcpy(packet.text, text.constData(), static_cast<size_t>(text.size()));
        iovec part{&packet, KeeperPacket::headerSize + static_cast<size_t>(text.size())};
        msghdr header = {};
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
        if (fd >= 0) {
            header.msg_control = control.data();
            header.msg_controllen = control.size();
            cmsghdr *rights = CMSG_FIRSTHDR(&header);
            rights->cmsg_level = SOL_SOCKET;
            rights->cmsg_type = SCM_RIGHTS;
            rights->cmsg_len = CMSG_LEN(sizeof(int));
            std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
        }
        QVERIFY(::sendmsg(m_ours.get(), &header, MSG_NOSIGNAL) > 0);
    }
    /// The pids of all Shim messages so far, by slot.
    const QMultiMap<quint64, qint64> &shims()
    {
        KeeperPacket packet;
        while (::recv(m_ours.get(), &packet, sizeof packet, MSG_DONTWAIT) > 0) {
            if (packet.type == KeeperMessage::Shim)
                m_shims.insert(packet.slot, packet.pid);
        }
        return m_shims;
    }

    /// Who holds the slot's lock; 0 = nobody.
    pid_t shimOf(int id) const
    {
        const UniqueFd lock(
            ::open(QFile::encodeName(slot(id) + u"/lock").constData(), O_RDWR | O_CLOEXEC));
        struct flock whole = {};
        whole.l_type = F_WRLCK;
        return ::fcntl(lock.get(), F_GETLK, &whole) == 0 && whole.l_type == F_WRLCK ? whole.l_pid
                                                                                    : 0;
    }
    pid_t killShim(int id) const
    {
        const pid_t shim = shimOf(id);
        if (shim > 0)
            ::kill(shim, SIGKILL);
        return shim;
    }
    /// Whether the keeper has this file open.
    bool holds(const QString &file) const
    {
        const QDir descriptors(QStringLiteral("/proc/%1/fd").arg(pid()));
        for (const QFileInfo &each : descriptors.entryInfoList(QDir::Files | QDir::System)) {
            if (each.symLinkTarget() == file)
                return true;
        }
        return false;
    }

    /// From the next start of a shim on, standin.cpp is what is executed.
    void replaceShim()
    {
        const QString draft = program() + QStringLiteral(".new");
        QVERIFY(QFile::copy(QStringLiteral(PMDAEMON_STANDIN), draft));
        QCOMPARE(::rename(QFile::encodeName(draft).constData(),
                          QFile::encodeName(program()).constData()),
                 0);
    }
    void makeSlot(int id)
    {
        QVERIFY(QDir().mkpath(slot(id)));
        for (const char *name : {"out", "err"})
            QCOMPARE(::mkfifo(QFile::encodeName(slot(id) + u'/' + QLatin1String(name)).constData(),
                              0600),
                     0);
    }

private:
    QTemporaryDir m_folder;
    QProcess m_process;
    UniqueFd m_ours;
    QMultiMap<quint64, qint64> m_shims;
};

/// A socket that a service manager would read.
class NotifySocket
{
public:
    explicit NotifySocket(const QString &path)
        : m_path(QFile::encodeName(path))
        , m_fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))
    {
        sockaddr_un address = {};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, m_path.constData(), sizeof address.sun_path - 1);
        if (::bind(m_fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
            qFatal("no socket for notifications");
    }

    /// All that came so far.
    const QByteArray &text()
    {
        std::array<char, 4096> buffer;
        ssize_t length = 0;
        while ((length = ::recv(m_fd.get(), buffer.data(), buffer.size(), 0)) > 0)
            m_text += QByteArray(buffer.data(), length) + '\n';
        return m_text;
    }
    void putInto(QProcess &process) const
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("NOTIFY_SOCKET"), QFile::decodeName(m_path));
        process.setProcessEnvironment(environment);
    }

private:
    QByteArray m_path;
    UniqueFd m_fd;
    QByteArray m_text;
};

} // namespace pmdaemon::test
