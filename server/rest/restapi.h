// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/backend.h"
#include "server/auth/authorize.h"
#include "server/http/response.h"

#include <QObject>
#include <QUrlQuery>

#include <span>

namespace pmdaemon {

/// The routes of REST, as docs/rest.md lists them.
class RestApi : public QObject
{
    Q_OBJECT

public:
    struct Request
    {
        Grant grant;
        QString path; ///< of its route
        QString id;   ///< what stands for {id} in the path
        QUrlQuery query;
        QByteArray body;
        QString host;      ///< as the request calls this daemon
        QByteArray accept; ///< the types of answers that it understands
    };

    struct Route
    {
        QLatin1StringView name; ///< in the list of endpoints
        QLatin1StringView path; ///< one part may be "{id}"
        QByteArray method;      ///< GET answers HEAD, too
        Access access;
        void (RestApi::*handle)(const Request &request, const Responder &respond);
    };

    /// Where a request leads: a route, or the answer that there is none.
    struct Match
    {
        const Route *route = nullptr;
        QString id;
        Response otherwise; ///< 404, or 405 with Allow
    };

    explicit RestApi(Backend &backend, QObject *parent = nullptr);

    static Match match(const RequestHead &head);
    /// `respond` is called once, now or when the Backend has answered.
    void serve(const Match &match, const RequestHead &head, const QByteArray &body,
               const Grant &grant, const Responder &respond);

private:
    static std::span<const Route> routes();

    void index(const Request &request, const Responder &respond);
    void health(const Request &request, const Responder &respond);
    void status(const Request &request, const Responder &respond);
    void listProcesses(const Request &request, const Responder &respond);
    void oneProcess(const Request &request, const Responder &respond);
    void logs(const Request &request, const Responder &respond);
    void followLogs(const LogQuery &query, const Responder &respond);
    void processHealth(const Request &request, const Responder &respond);
    void history(const Request &request, const Responder &respond);
    void document(const Request &request, const Responder &respond);
    void schema(const Request &request, const Responder &respond);
    void events(const Request &request, const Responder &respond);
    void system(const Request &request, const Responder &respond);
    void metrics(const Request &request, const Responder &respond);
    void discovery(const Request &request, const Responder &respond);

    /// Of all processes; `use` is called once, unless the answer is an error.
    void withDetails(const Responder &respond,
                     const std::function<void(const QList<ProcessDetail> &)> &use);

    // Changes; see restchanges.cpp.
    void createProcess(const Request &request, const Responder &respond);
    template <Action What>
    void command(const Request &request, const Responder &respond);
    void validateConfig(const Request &request, const Responder &respond);
    void applyConfig(const Request &request, const Responder &respond);
    void carryOut(const Request &request, const QJsonObject &asked, int status,
                  const Responder &respond);
    void apply(const Request &request, bool dryRun, const Responder &respond);

    qint64 uptime() const;

    Backend &m_backend;
    std::chrono::steady_clock::time_point m_startedAt;
};

} // namespace pmdaemon
