// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/namedtokens.h"

#include "core/config/rundirectory.h"
#include "core/config/specvalues.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr auto suffix = ".json"_L1;
constexpr qint64 maxFileSize = 4'096;

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(pmdaemon::NamedTokens)
};

QString fileOf(const QString &home, const QString &name)
{
    return namedTokenFolder(home) + u'/' + name + suffix;
}

QByteArray toText(const NamedToken &token)
{
    const QJsonValue expires =
        token.expiresAt ? QJsonValue(toRfc3339(*token.expiresAt)) : QJsonValue::Null;
    return QJsonDocument(QJsonObject{{u"role"_s, toString(token.role)},
                                     {u"sha256"_s, QString::fromLatin1(token.digest.toHex())},
                                     {u"created_at"_s, toRfc3339(token.createdAt)},
                                     {u"expires_at"_s, expires},
                                     {u"once"_s, token.once}})
        .toJson();
}

/// What the file of that name says; the words of what is wrong with it.
tl::expected<NamedToken, QString> readOne(const QString &path, const QString &name)
{
    const UniqueFd file(::open(QFile::encodeName(path).constData(),
                               O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat info;
    if (!file || ::fstat(file.get(), &info) != 0)
        return tl::unexpected(qt_error_string(errno));
    if (!S_ISREG(info.st_mode) || info.st_uid != ::geteuid() || (info.st_mode & 077) != 0)
        return tl::unexpected(Words::tr("others can read or change it, so it is not used; "
                                        "`chmod 600` it, or revoke the token"));
    QByteArray text(maxFileSize, Qt::Uninitialized);
    text.resize(std::max<ssize_t>(0, ::read(file.get(), text.data(), std::size_t(text.size()))));
    const QJsonObject json = QJsonDocument::fromJson(text).object();
    const auto role = roleFromString(json["role"_L1].toString());
    const QByteArray digest = QByteArray::fromHex(json["sha256"_L1].toString().toLatin1());
    const auto created = wallTimeFromString(json["created_at"_L1].toString());
    const auto expires = wallTimeFromString(json["expires_at"_L1].toString());
    if (!role || *role == Role::None || digest.size() != 32 || !created ||
        (!expires && !json["expires_at"_L1].isNull()))
        return tl::unexpected(Words::tr("it is no token, so it is not used; revoke it"));
    return NamedToken{name, *role, digest, *created, expires, json["once"_L1].toBool()};
}

} // namespace

QByteArray tokenDigest(QByteArrayView token)
{
    return QCryptographicHash::hash(token.toByteArray(), QCryptographicHash::Sha256);
}

QString namedTokenFolder(const QString &home)
{
    return home + "/tokens"_L1;
}

Result<QByteArray> createNamedToken(const QString &home, NamedToken kept)
{
    if (!isValidName(kept.name))
        return fail(ErrorCode::InvalidConfig,
                    Words::tr("“%1” is no name of a token; accepted is %2")
                        .arg(kept.name, NameValue::accepted));
    const QString folder = namedTokenFolder(home);
    if (const Result<void> made = makePrivateFolder(folder); !made)
        return tl::unexpected(made.error());
    const QByteArray token = generateToken();
    kept.digest = tokenDigest(token);
    const QByteArray text = toText(kept);
    // Written beside and linked into place: a token is there wholly or not at all.
    const QByteArray name = QFile::encodeName(fileOf(home, kept.name));
    const QByteArray draft = name + ".new";
    ::unlink(draft.constData());
    const UniqueFd file(
        ::open(draft.constData(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    const bool written =
        bool(file) &&
        ::write(file.get(), text.constData(), std::size_t(text.size())) == text.size() &&
        ::fsync(file.get()) == 0;
    const bool linked = written && ::link(draft.constData(), name.constData()) == 0;
    const int code = errno;
    ::unlink(draft.constData());
    if (linked)
        return token;
    if (written && code == EEXIST)
        return fail(ErrorCode::AlreadyExists,
                    Words::tr("there is a token “%1” already; revoke it, or choose another name")
                        .arg(kept.name));
    return fail(ErrorCode::Internal,
                u"%1: %2"_s.arg(QFile::decodeName(name), qt_error_string(code)));
}

QList<NamedToken> readNamedTokens(const QString &home, QStringList &problems)
{
    QList<NamedToken> tokens;
    const QString folder = namedTokenFolder(home);
    for (const QString &file :
         QDir(folder).entryList({u'*' + suffix}, QDir::Files | QDir::System, QDir::Name)) {
        const QString name = file.chopped(suffix.size());
        const QString path = folder + u'/' + file;
        if (const auto token = readOne(path, name))
            tokens.append(*token);
        else
            problems.append(u"%1: %2"_s.arg(path, token.error()));
    }
    return tokens;
}

Result<void> revokeNamedToken(const QString &home, const QString &name)
{
    const bool deleted =
        isValidName(name) && ::unlink(QFile::encodeName(fileOf(home, name)).constData()) == 0;
    if (!deleted && isValidName(name) && errno != ENOENT)
        return fail(ErrorCode::Internal,
                    u"%1: %2"_s.arg(fileOf(home, name), qt_error_string(errno)));
    if (!deleted)
        return fail(
            ErrorCode::NotFound,
            Words::tr("there is no token “%1”; `pmdaemon token list` shows them").arg(name));
    return {};
}

} // namespace pmdaemon
