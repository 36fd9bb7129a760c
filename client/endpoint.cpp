// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "client/endpoint.h"

#include <QCoreApplication>

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

} // namespace pmdaemon
