// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/http/response.h"

#include <QCoreApplication>
#include <QJsonDocument>

#include <algorithm>
#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

struct Status
{
    int number;
    QByteArrayView phrase;
    QLatin1StringView code; ///< of an error that has nothing more exact
};

constexpr std::array statuses = {
    Status{200, "OK", {}},
    Status{201, "Created", {}},
    Status{400, "Bad Request", "BAD_REQUEST"_L1},
    Status{401, "Unauthorized", "UNAUTHORIZED"_L1},
    Status{403, "Forbidden", "FORBIDDEN"_L1},
    Status{404, "Not Found", "NOT_FOUND"_L1},
    Status{405, "Method Not Allowed", "METHOD_NOT_ALLOWED"_L1},
    Status{408, "Request Timeout", "TIMEOUT"_L1},
    Status{409, "Conflict", "CONFLICT"_L1},
    Status{411, "Length Required", "LENGTH_REQUIRED"_L1},
    Status{413, "Content Too Large", "TOO_LARGE"_L1},
    Status{415, "Unsupported Media Type", "UNSUPPORTED_MEDIA_TYPE"_L1},
    Status{421, "Misdirected Request", "MISDIRECTED_REQUEST"_L1},
    Status{422, "Unprocessable Content", "INVALID_CONFIG"_L1},
    Status{426, "Upgrade Required", "UPGRADE_REQUIRED"_L1},
    Status{429, "Too Many Requests", "RATE_LIMITED"_L1},
    Status{431, "Request Header Fields Too Large", "TOO_LARGE"_L1},
    Status{500, "Internal Server Error", "INTERNAL"_L1},
    Status{503, "Service Unavailable", "OVERLOADED"_L1},
    Status{504, "Gateway Timeout", "TIMEOUT"_L1},
    Status{507, "Insufficient Storage", "STORAGE_FULL"_L1},
};

const Status *statusOf(int number)
{
    const auto at = std::find_if(statuses.begin(), statuses.end(),
                                 [number](const Status &s) { return s.number == number; });
    return at == statuses.end() ? nullptr : &*at;
}

struct RestError
{
    ErrorCode code;
    int status;
    QLatin1StringView word;
};

/// The table of docs/rest.md. What is not in it is named as on the WebSocket, in upper case, 400.
constexpr std::array restErrors = {
    RestError{ErrorCode::NotFound, 404, "PROCESS_NOT_FOUND"_L1},
    RestError{ErrorCode::AlreadyExists, 409, "PROCESS_ALREADY_EXISTS"_L1},
    RestError{ErrorCode::AlreadyRunning, 409, "PROCESS_ALREADY_RUNNING"_L1},
    RestError{ErrorCode::NotRunning, 409, "PROCESS_NOT_RUNNING"_L1},
    RestError{ErrorCode::InvalidConfig, 422, "INVALID_CONFIG"_L1},
    RestError{ErrorCode::PortInUse, 409, "PORT_IN_USE"_L1},
    RestError{ErrorCode::StartFailed, 500, "START_FAILED"_L1},
    RestError{ErrorCode::StopFailed, 500, "STOP_FAILED"_L1},
    RestError{ErrorCode::Timeout, 504, "TIMEOUT"_L1},
    RestError{ErrorCode::ReadOnly, 403, "FORBIDDEN"_L1},
    RestError{ErrorCode::Unauthorized, 401, "UNAUTHORIZED"_L1},
    RestError{ErrorCode::RateLimited, 429, "RATE_LIMITED"_L1},
    RestError{ErrorCode::TooLarge, 413, "TOO_LARGE"_L1},
    RestError{ErrorCode::ShuttingDown, 503, "SHUTTING_DOWN"_L1},
    RestError{ErrorCode::StorageFull, 507, "STORAGE_FULL"_L1},
    RestError{ErrorCode::Internal, 500, "INTERNAL"_L1},
};

// No page of ours is served yet, so nothing may run, be framed, or be read from another site.
constexpr QByteArrayView alwaysSent = "Connection: close\r\n"
                                      "Cache-Control: no-store\r\n"
                                      "X-Content-Type-Options: nosniff\r\n"
                                      "X-Frame-Options: DENY\r\n"
                                      "Referrer-Policy: no-referrer\r\n"
                                      "Cross-Origin-Resource-Policy: same-origin\r\n";
constexpr QByteArrayView defaultPolicy =
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";

} // namespace

QByteArrayView reasonPhrase(int status)
{
    const Status *known = statusOf(status);
    return known ? known->phrase : QByteArrayView();
}

QByteArray toBytes(const Response &response, bool headOnly)
{
    QByteArray out = "HTTP/1.1 " + QByteArray::number(response.status) + ' ';
    out += reasonPhrase(response.status);
    out += "\r\nContent-Type: " + response.contentType;
    if (!response.stream)
        out += "\r\nContent-Length: " + QByteArray::number(response.body.size());
    out += "\r\n";
    out += alwaysSent;
    bool hasPolicy = false;
    for (const RequestHead::Field &field : response.fields) {
        out += field.name + ": " + field.value + "\r\n";
        hasPolicy = hasPolicy || field.name == "Content-Security-Policy";
    }
    if (!hasPolicy)
        out += defaultPolicy;
    out += "\r\n";
    if (!headOnly)
        out += response.body;
    return out;
}

Response jsonResponse(const QJsonObject &body, int status)
{
    return {status, "application/json", QJsonDocument(body).toJson(QJsonDocument::Compact), {}};
}

Response jsonListResponse(const QJsonArray &body)
{
    return {200, "application/json", QJsonDocument(body).toJson(QJsonDocument::Compact), {}};
}

Response errorResponse(int status, const QString &code, const QString &message,
                       const QJsonObject &details)
{
    const QJsonObject error{{u"code"_s, code}, {u"message"_s, message}, {u"details"_s, details}};
    return jsonResponse({{u"success"_s, false}, {u"error"_s, error}, {u"message"_s, message}},
                        status);
}

Response errorResponse(const Error &error)
{
    const auto at = std::find_if(restErrors.begin(), restErrors.end(),
                                 [&](const RestError &each) { return each.code == error.code; });
    if (at == restErrors.end())
        return errorResponse(400, QString(toString(error.code)).toUpper(), error.message,
                             error.details);
    return errorResponse(at->status, at->word, error.message, error.details);
}

Response errorResponse(const HttpProblem &problem)
{
    const Status *known = statusOf(problem.status);
    return errorResponse(problem.status, known ? known->code : "INTERNAL"_L1, problem.message);
}

Response overloaded()
{
    Response response = errorResponse(
        {503, QCoreApplication::translate("Response", "There are too many connections "
                                                      "(max_connections).")});
    response.fields.append(RequestHead::Field{"Retry-After", "1"});
    return response;
}

} // namespace pmdaemon
