// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/rundirectory.h"

#include "core/slot/recordlock.h"
#include "core/slot/uniquefd.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRandomGenerator>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr QByteArrayView tokenPrefix = "pmd_";
constexpr qsizetype tokenLength = 4 + 43 + 6;
constexpr auto base64 = QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals;

QString words(int error)
{
    return QString::fromLocal8Bit(std::strerror(error));
}

QString tr(const char *text)
{
    return QCoreApplication::translate("RunDirectory", text);
}

QString addressFile(const QString &runDirectory)
{
    return runDirectory + "/daemon.json"_L1;
}
QString tokenFile(const QString &runDirectory)
{
    return runDirectory + "/token"_L1;
}

/// The first four bytes of the SHA-256: tells a typing error, nothing about the secret.
QByteArray checksum(QByteArrayView secret)
{
    return QCryptographicHash::hash(secret.toByteArray(), QCryptographicHash::Sha256)
        .first(4)
        .toBase64(base64);
}

/// Reads the token from an open file, checking that it is ours and private.
Result<QByteArray> readTokenFrom(int fd, const QString &path, ErrorCode code)
{
    struct stat info;
    if (::fstat(fd, &info) != 0)
        return fail(code, "%1: %2"_L1.arg(path, words(errno)));
    if (!S_ISREG(info.st_mode) || info.st_uid != ::geteuid() || (info.st_mode & 077) != 0) {
        return fail(code, tr("%1: others can read or change this token, so it is not used; delete "
                             "the file, and the daemon makes a new one when it starts")
                              .arg(path));
    }
    std::array<char, tokenLength + 2> buffer;
    const ssize_t length = ::read(fd, buffer.data(), buffer.size());
    if (length < 0)
        return fail(code, "%1: %2"_L1.arg(path, words(errno)));
    const QByteArray token = QByteArray(buffer.data(), length).trimmed();
    if (!isWellFormedToken(token)) {
        return fail(code, tr("%1: this is no token of PMDaemon; delete the file, and the daemon "
                             "makes a new one when it starts")
                              .arg(path));
    }
    return token;
}

} // namespace

QString DaemonAddress::url() const
{
    const QString host = hosts.isEmpty() ? u"127.0.0.1"_s : hosts.constFirst();
    return (host.contains(u':') ? "ws://[%1]:%2/ws"_L1 : "ws://%1:%2/ws"_L1).arg(host).arg(port);
}

RunDirectory::RunDirectory(const QString &home, const QString &path)
    : m_path(path)
    , m_lock(::open(QFile::encodeName(home + "/daemon.lock"_L1).constData(),
                    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600))
{}

RunDirectory::~RunDirectory()
{
    if (m_published)
        QFile::remove(addressFile(m_path));
}

Result<std::unique_ptr<RunDirectory>> RunDirectory::claim(const QString &home, const QString &path)
{
    if (!QDir().mkpath(home))
        return fail(ErrorCode::StartFailed, tr("%1: the folder cannot be made").arg(home));
    if (const Result<void> made = makePrivateFolder(path); !made)
        return tl::unexpected(made.error());
    std::unique_ptr<RunDirectory> directory(new RunDirectory(home, path));
    const int lock = directory->m_lock.get();
    const int code = lock < 0 ? errno : takeLock(lock);
    if (code == 0)
        return directory;
    if (code == EAGAIN) {
        const qint64 pid = lockHolder(lock);
        return fail(
            ErrorCode::AlreadyRunning,
            tr("%1 is held by the daemon with pid %2; stop it with `pmdaemon kill`, or give "
               "this one another --home")
                .arg(home)
                .arg(pid),
            {{u"pid"_s, pid}});
    }
    return fail(ErrorCode::StartFailed, tr("%1: %2; check the folder's owner and free space")
                                            .arg(home + "/daemon.lock"_L1, words(code)));
}

Result<QByteArray> RunDirectory::token()
{
    const QString path = tokenFile(m_path);
    const QByteArray name = QFile::encodeName(path);
    const UniqueFd existing(::open(name.constData(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (existing)
        return readTokenFrom(existing.get(), path, ErrorCode::StartFailed);
    if (errno != ENOENT)
        return fail(ErrorCode::StartFailed, "%1: %2"_L1.arg(path, words(errno)));

    // Written beside and linked into place, so that a crash or a full disk leaves no half a token.
    const QByteArray draft = name + ".new";
    ::unlink(draft.constData());
    const UniqueFd made(
        ::open(draft.constData(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    const QByteArray token = generateToken();
    const bool written =
        bool(made) &&
        ::write(made.get(), token.constData(), static_cast<size_t>(token.size())) == token.size() &&
        ::fsync(made.get()) == 0 && ::rename(draft.constData(), name.constData()) == 0;
    if (!written)
        return fail(ErrorCode::StartFailed, "%1: %2"_L1.arg(path, words(errno)));
    return token;
}

Result<void> RunDirectory::publish(const DaemonAddress &address)
{
    const QString path = addressFile(m_path);
    const QString draft = path + ".new"_L1;
    const QByteArray text =
        QJsonDocument(QJsonObject{{u"pid"_s, address.pid},
                                  {u"hosts"_s, QJsonArray::fromStringList(address.hosts)},
                                  {u"port"_s, address.port}})
            .toJson(QJsonDocument::Compact);
    QFile file(draft);
    const bool written = file.open(QIODevice::WriteOnly | QIODevice::Truncate) &&
                         file.write(text) == text.size() && file.flush();
    file.close();
    if (!written)
        return fail(ErrorCode::StartFailed, "%1: %2"_L1.arg(draft, file.errorString()));
    if (::rename(QFile::encodeName(draft).constData(), QFile::encodeName(path).constData()) != 0)
        return fail(ErrorCode::StartFailed, "%1: %2"_L1.arg(path, words(errno)));
    m_published = true;
    return {};
}

Result<DaemonAddress> readDaemonAddress(const QString &runDirectory)
{
    QFile file(addressFile(runDirectory));
    if (!file.open(QIODevice::ReadOnly)) {
        return fail(ErrorCode::Unreachable,
                    tr("no daemon is running (%1: %2)").arg(file.fileName(), file.errorString()));
    }
    const QJsonObject json = QJsonDocument::fromJson(file.read(64 * 1024)).object();
    DaemonAddress address;
    address.pid = json["pid"_L1].toInteger();
    address.port = json["port"_L1].toInt();
    for (const QJsonValue &host : json["hosts"_L1].toArray())
        address.hosts.append(host.toString());
    if (address.pid <= 0 || address.port <= 0 || address.hosts.isEmpty()) {
        return fail(ErrorCode::Unreachable,
                    tr("%1 does not say where the daemon listens; delete it and start the daemon "
                       "again")
                        .arg(file.fileName()));
    }
    return address;
}

Result<QByteArray> readLocalToken(const QString &runDirectory)
{
    const QString path = tokenFile(runDirectory);
    const UniqueFd file(
        ::open(QFile::encodeName(path).constData(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file) {
        const ErrorCode code = errno == ENOENT ? ErrorCode::Unreachable : ErrorCode::Unauthorized;
        return fail(code, "%1: %2"_L1.arg(path, words(errno)));
    }
    return readTokenFrom(file.get(), path, ErrorCode::Unauthorized);
}

qint64 keeperPid(const QString &home)
{
    const UniqueFd file(::open(QFile::encodeName(home + "/keeper.lock"_L1).constData(),
                               O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    return lockHolder(file.get());
}

Result<void> makePrivateFolder(const QString &path)
{
    const QByteArray name = QFile::encodeName(path);
    const QString parent = QFileInfo(path).path();
    if (!QDir().mkpath(parent))
        return fail(ErrorCode::StartFailed, tr("%1: the folder cannot be made").arg(parent));
    if (::mkdir(name.constData(), 0700) != 0 && errno != EEXIST)
        return fail(ErrorCode::StartFailed, "%1: %2"_L1.arg(path, words(errno)));
    struct stat info;
    if (::lstat(name.constData(), &info) != 0)
        return fail(ErrorCode::StartFailed, "%1: %2"_L1.arg(path, words(errno)));
    const bool ours = S_ISDIR(info.st_mode) && info.st_uid == ::geteuid();
    if (!ours || (info.st_mode & 077) != 0) {
        return fail(ErrorCode::StartFailed,
                    tr("%1: must be a folder of your own that nobody else can enter; move it away, "
                       "or `chmod 700` it if it is yours")
                        .arg(path));
    }
    return {};
}

QByteArray generateToken()
{
    std::array<quint32, 8> words;
    QRandomGenerator::system()->fillRange(words.data(), words.size());
    const QByteArray secret =
        QByteArray(reinterpret_cast<const char *>(words.data()), sizeof words).toBase64(base64);
    return tokenPrefix.toByteArray() + secret + checksum(secret);
}

bool isWellFormedToken(QByteArrayView token)
{
    if (token.size() != tokenLength || !token.startsWith(tokenPrefix))
        return false;
    const QByteArrayView secret = token.sliced(tokenPrefix.size(), 43);
    return checksum(secret) == token.last(6);
}

} // namespace pmdaemon
