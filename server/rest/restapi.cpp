// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/rest/restapi.h"

#include "server/auth/visibility.h"

#include <QJsonArray>

#include <algorithm>
#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr auto idPart = "{id}"_L1;

/// What stands for {id}; empty if `path` is not one of `pattern`.
QString idIn(const QString &path, QLatin1StringView pattern)
{
    if (!pattern.endsWith(idPart))
        return {};
    const QLatin1StringView prefix = pattern.chopped(idPart.size());
    const QString rest = path.startsWith(prefix) ? path.sliced(prefix.size()) : QString();
    return rest.contains(u'/') ? QString() : rest;
}

/// Whether `?key=` is absent or one of the values it names (comma-separated).
bool passes(const QUrlQuery &query, const QString &key, const QString &value)
{
    return !query.hasQueryItem(key) ||
           query.queryItemValue(key, QUrl::FullyDecoded).split(u',').contains(value);
}

bool passes(const QUrlQuery &query, const ProcessEntry &entry)
{
    return passes(query, u"status"_s, toString(entry.status)) &&
           passes(query, u"name"_s, entry.name) && passes(query, u"app"_s, entry.app) &&
           passes(query, u"namespace"_s, entry.nameSpace);
}

/// What it says, with numbers as numbers.
QJsonObject toJson(const QUrlQuery &query)
{
    QJsonObject json;
    for (const auto &[key, value] : query.queryItems(QUrl::FullyDecoded)) {
        bool isNumber = false;
        const qint64 number = value.toLongLong(&isNumber);
        json.insert(key, isNumber ? QJsonValue(number) : QJsonValue(value));
    }
    return json;
}

} // namespace

RestApi::RestApi(Backend &backend, QObject *parent)
    : QObject(parent)
    , m_backend(backend)
    , m_startedAt(std::chrono::steady_clock::now())
{}

std::span<const RestApi::Route> RestApi::routes()
{
    static const std::array table = {
        Route{"index"_L1, "/"_L1, "GET", Access::Read, &RestApi::index},
        Route{"health"_L1, "/health"_L1, "GET", Access::Public, &RestApi::health},
        Route{"status"_L1, "/api/status"_L1, "GET", Access::Read, &RestApi::status},
        Route{"processes"_L1, "/api/processes"_L1, "GET", Access::Read, &RestApi::listProcesses},
        Route{"process"_L1, "/api/processes/{id}"_L1, "GET", Access::Read, &RestApi::oneProcess},
        Route{"events"_L1, "/api/events"_L1, "GET", Access::Read, &RestApi::events},
        Route{"system"_L1, "/api/system"_L1, "GET", Access::Read, &RestApi::system},
        Route{"system_stats"_L1, "/api/system/stats"_L1, "GET", Access::Read, &RestApi::system},
    };
    return table;
}

RestApi::Match RestApi::match(const RequestHead &head)
{
    const QByteArray method = head.method == "HEAD" ? QByteArray("GET") : head.method;
    QByteArrayList allowed;
    for (const Route &route : routes()) {
        const QString id = idIn(head.path, route.path);
        if (route.path != head.path && id.isEmpty())
            continue;
        if (route.method == method)
            return {&route, id, {}};
        allowed.append(route.method == "GET" ? QByteArray("GET, HEAD") : route.method);
    }
    if (allowed.isEmpty())
        return {nullptr,
                {},
                errorResponse({404, tr("There is nothing at %1; GET / lists what there "
                                       "is.")
                                        .arg(head.path)})};
    Response refused = errorResponse(
        {405, tr("%1 is not possible on %2.").arg(QString::fromLatin1(head.method), head.path)});
    refused.fields.append(RequestHead::Field{"Allow", allowed.join(", ")});
    return {nullptr, {}, refused};
}

void RestApi::serve(const Match &match, const RequestHead &head, const Grant &grant,
                    const Responder &respond)
{
    const Request request{grant, match.id, QUrlQuery(QString::fromUtf8(head.query))};
    (this->*match.route->handle)(request, respond);
}

qint64 RestApi::uptime() const
{
    return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - m_startedAt)
        .count();
}

void RestApi::index(const Request &, const Responder &respond)
{
    QJsonObject endpoints{{u"websocket"_s, u"/ws"_s}};
    for (const Route &route : routes())
        endpoints.insert(route.name, QString(route.path));
    respond(jsonResponse({{u"name"_s, u"PMDaemon"_s},
                          {u"version"_s, u"" PMDAEMON_VERSION ""_s},
                          {u"description"_s, tr("A process manager with live remote view")},
                          {u"status"_s, u"running"_s},
                          {u"endpoints"_s, endpoints}}));
}

void RestApi::health(const Request &, const Responder &respond)
{
    const QList<ProcessEntry> &processes = m_backend.processes();
    const bool degraded =
        std::any_of(processes.cbegin(), processes.cend(), [](const ProcessEntry &entry) {
            return entry.status == ProcessStatus::Errored ||
                   entry.health == HealthStatus::Unhealthy;
        });
    QJsonObject counts{{u"total"_s, processes.size()}};
    const QMap<QString, int> byStatus = countByStatus(processes);
    for (auto it = byStatus.cbegin(); it != byStatus.cend(); ++it)
        counts[it.key()] = it.value();
    respond(jsonResponse({{u"status"_s, degraded ? u"degraded"_s : u"ok"_s},
                          {u"version"_s, u"" PMDAEMON_VERSION ""_s},
                          {u"uptime"_s, uptime()},
                          {u"processes"_s, counts}}));
}

void RestApi::status(const Request &request, const Responder &respond)
{
    respond(jsonResponse({{u"status"_s, u"running"_s},
                          {u"timestamp"_s, toRfc3339(wallNow())},
                          {u"version"_s, u"" PMDAEMON_VERSION ""_s},
                          {u"uptime"_s, uptime()},
                          {u"role"_s, toString(request.grant.role)}}));
}

void RestApi::listProcesses(const Request &request, const Responder &respond)
{
    const auto list = [request, respond](const QList<ProcessDetail> &details) {
        QJsonArray processes;
        for (const ProcessDetail &detail : details) {
            if (passes(request.query, detail.entry))
                processes.append(toJson(detail.entry, detail.sample));
        }
        respond(jsonResponse(
            {{u"success"_s, true}, {u"processes"_s, processes}, {u"total"_s, processes.size()}}));
    };
    if (m_backend.processes().isEmpty())
        return list({});
    m_backend.processInfo(u"all"_s).then(
        this, [list, respond](const Result<QList<ProcessDetail>> &details) {
            details ? list(*details) : respond(errorResponse(details.error()));
        });
}

void RestApi::oneProcess(const Request &request, const Responder &respond)
{
    m_backend.processInfo(request.id)
        .then(this, [request, respond](const Result<QList<ProcessDetail>> &details) {
            if (!details)
                return respond(errorResponse(details.error()));
            if (details->size() == 1)
                return respond(jsonResponse(processInfoFor(request.grant, details->first())));
            QJsonArray all;
            for (const ProcessDetail &detail : *details)
                all.append(processInfoFor(request.grant, detail));
            respond(jsonResponse(
                {{u"success"_s, true}, {u"processes"_s, all}, {u"total"_s, all.size()}}));
        });
}

void RestApi::events(const Request &request, const Responder &respond)
{
    const Result<EventQuery> query = eventQueryFromJson(toJson(request.query));
    if (!query)
        return respond(errorResponse(query.error()));
    m_backend.events(*query).then(this, [respond](const Result<EventPage> &page) {
        respond(page ? jsonResponse(toJson(*page)) : errorResponse(page.error()));
    });
}

void RestApi::system(const Request &request, const Responder &respond)
{
    m_backend.systemInfo().then(this, [this, request, respond](const Result<SystemInfo> &info) {
        if (!info)
            return respond(errorResponse(info.error()));
        respond(jsonResponse(systemInfoFor(request.grant, *info, m_backend.processes())));
    });
}

} // namespace pmdaemon
