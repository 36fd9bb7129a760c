// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/error.h"
#include "server/http/requesthead.h"

#include <QJsonArray>
#include <QJsonObject>

#include <functional>
#include <memory>

namespace pmdaemon {

/// What goes on after an answer's head, for as long as the client stays.
class StreamSource
{
public:
    /// False: nothing was taken, since the client has not read what it got before.
    using Send = std::function<bool(const QByteArray &bytes)>;

    virtual ~StreamSource() = default;
    /// The head is sent. `send` is valid as long as this lives.
    virtual void begin(Send send) = 0;
    /// What a silent stream sends from time to time, to notice that nobody is there any more.
    virtual QByteArray keepAlive() const = 0;
    virtual bool isOver() const = 0;
};

/// One answer. The connection closes after it.
struct Response
{
    int status = 200;
    QByteArray contentType = "application/json";
    QByteArray body;
    QList<RequestHead::Field> fields;          ///< beside those that every response has
    std::shared_ptr<StreamSource> stream = {}; ///< instead of a body

    bool operator==(const Response &) const = default;
};

/// Takes the answer to one request, once.
using Responder = std::function<void(Response)>;

/// "Not Found", …; empty for a status that is not used here.
QByteArrayView reasonPhrase(int status);

/// Status line, fields (length, security, what the response brings) and, unless `headOnly`, body.
QByteArray toBytes(const Response &response, bool headOnly);

Response jsonResponse(const QJsonObject &body, int status = 200);
Response jsonListResponse(const QJsonArray &body);

/// REST's shape of an error: {success: false, error: {code, message, details}, message}. `code` in
/// upper case.
Response errorResponse(int status, const QString &code, const QString &message,
                       const QJsonObject &details = {});
/// With the status and the code that docs/rest.md gives the Error.
Response errorResponse(const Error &error);
/// With the code that goes with the status.
Response errorResponse(const HttpProblem &problem);

/// 503 with Retry-After: there are too many connections.
Response overloaded();

} // namespace pmdaemon
