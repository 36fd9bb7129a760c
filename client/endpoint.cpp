// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "client/endpoint.h"

#include <QCoreApplication>
#include <QFile>
#include <QRegularExpression>

#include <algorithm>
#include <sys/stat.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int defaultPort = 9615;

QString webSocketScheme(const QString &scheme)
{
    if (scheme == "http"_L1 || scheme == "ws"_L1)
        return u"ws"_s;
    if (scheme == "https"_L1 || scheme == "wss"_L1)
        return u"wss"_s;
    return {};
}

} // namespace

Result<QUrl> daemonUrl(const QString &text)
{
    const bool hasScheme = text.contains("://"_L1);
    QUrl url(hasScheme ? text : "ws://"_L1 + text, QUrl::StrictMode);
    const QString scheme = webSocketScheme(url.scheme());
    const bool plain = url.userInfo().isEmpty() && !url.hasQuery() && !url.hasFragment();
    if (!url.isValid() || scheme.isEmpty() || url.host().isEmpty() || !plain) {
        return fail(ErrorCode::InvalidMessage,
                    QCoreApplication::translate(
                        "Endpoint",
                        "\"%1\" is not the address of a daemon; accepted are HOST, HOST:PORT and "
                        "ws://, wss://, http:// or https:// URLs without user and query")
                        .arg(url.isValid() ? url.toString(QUrl::RemoveUserInfo | QUrl::RemoveQuery)
                                           : text));
    }
    url.setScheme(scheme);
    if (url.port() < 0 && !(hasScheme && scheme == "wss"_L1))
        url.setPort(defaultPort);
    if (url.path().isEmpty() || url.path() == "/"_L1)
        url.setPath(u"/ws"_s);
    return url;
}

Result<QByteArray> fingerprintFromString(const QString &text)
{
    constexpr qsizetype size = 32;
    static const QRegularExpression digits(u"^[0-9A-Fa-f]{64}$"_s);
    const QString plain = QString(text).remove(u':');
    if (!digits.match(plain).hasMatch())
        return fail(ErrorCode::InvalidMessage,
                    QCoreApplication::translate(
                        "Endpoint",
                        "\"%1\" is not the fingerprint of a certificate; expected is SHA-256: %2 "
                        "bytes in hexadecimal, as the daemon's log tells it")
                        .arg(text)
                        .arg(size));
    return QByteArray::fromHex(plain.toLatin1());
}

Result<QByteArray> readTokenFile(const QString &path)
{
    const auto refuse = [](const QString &message) {
        return fail(ErrorCode::Unauthorized, message);
    };
    const auto translate = [](const char *text) {
        return QCoreApplication::translate("Endpoint", text);
    };
    QFile file(path);
    struct stat info = {};
    if (!file.open(QIODevice::ReadOnly))
        return refuse(path + ": "_L1 + file.errorString());
    if (::fstat(file.handle(), &info) != 0 || (info.st_mode & 077) != 0)
        return refuse(
            translate(QT_TRANSLATE_NOOP("Endpoint", "%1: others can read this token, so it is not "
                                                    "used; `chmod 600` it"))
                .arg(path));
    // Whatever else this file is, it is not read whole.
    const QByteArray token = file.readLine(4'096).trimmed();
    const bool printable =
        std::all_of(token.cbegin(), token.cend(), [](char c) { return c > ' ' && c < '\x7f'; });
    if (token.isEmpty() || !printable)
        return refuse(
            translate(QT_TRANSLATE_NOOP("Endpoint", "%1: there is no token in it")).arg(path));
    return token;
}

} // namespace pmdaemon
