// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/ws/upgrade.h"

#include <QCoreApplication>

namespace pmdaemon {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Upgrade", text);
}

bool isValidKey(const QByteArray &key)
{
    constexpr qsizetype bytes = 16;
    const auto decoded =
        QByteArray::fromBase64Encoding(key, QByteArray::AbortOnBase64DecodingErrors);
    return decoded && decoded.decoded.size() == bytes;
}

} // namespace

std::optional<Response> refuseUpgrade(const RequestHead &request)
{
    if (request.method != "GET") {
        Response refused = errorResponse({405, tr("A WebSocket is opened with GET.")});
        refused.fields.append(RequestHead::Field{"Allow", "GET"});
        return refused;
    }
    const bool asked =
        request.lists("upgrade", "websocket") && request.lists("connection", "upgrade");
    if (!asked || request.field("sec-websocket-version") != "13") {
        Response refused = errorResponse(
            {426, tr("/ws speaks the WebSocket protocol, version 13. Connect with a WebSocket "
                     "client.")});
        refused.fields.append(RequestHead::Field{"Upgrade", "websocket"});
        refused.fields.append(RequestHead::Field{"Sec-WebSocket-Version", "13"});
        return refused;
    }
    if (!isValidKey(request.field("sec-websocket-key")) || request.hasBody())
        return errorResponse({400, tr("The WebSocket handshake needs a Sec-WebSocket-Key of 16 "
                                      "bytes in Base64, and no body.")});
    return std::nullopt;
}

} // namespace pmdaemon
