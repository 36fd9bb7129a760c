// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/rest/restapi.h"

#include "core/config/ecosystemschema.h"
#include "core/protocol/clientmessage.h"
#include "server/auth/visibility.h"
#include "server/rest/logfollower.h"
#include "server/rest/pm2list.h"
#include "server/rest/prometheus.h"

#include <QFile>
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
    const qsizetype at = pattern.indexOf(idPart);
    if (at < 0)
        return {};
    const QLatin1StringView before = pattern.first(at);
    const QLatin1StringView behind = pattern.sliced(at + idPart.size());
    if (path.size() <= before.size() + behind.size() || !path.startsWith(before) ||
        !path.endsWith(behind))
        return {};
    const QString id = path.sliced(before.size(), path.size() - before.size() - behind.size());
    return id.contains(u'/') ? QString() : id;
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
        Route{"process_logs"_L1, "/api/processes/{id}/logs"_L1, "GET", Access::Read,
              &RestApi::logs},
        Route{"logs"_L1, "/api/logs/{id}"_L1, "GET", Access::Read, &RestApi::logs},
        Route{"process_health"_L1, "/api/processes/{id}/health"_L1, "GET", Access::Read,
              &RestApi::processHealth},
        Route{"process_metrics"_L1, "/api/processes/{id}/metrics"_L1, "GET", Access::Read,
              &RestApi::history},
        Route{"system_metrics"_L1, "/api/system/metrics"_L1, "GET", Access::Read,
              &RestApi::history},
        Route{"schema"_L1, "/api/schema.json"_L1, "GET", Access::Read, &RestApi::schema},
        Route{"openapi"_L1, "/api/openapi.json"_L1, "GET", Access::Read, &RestApi::document},
        Route{"asyncapi"_L1, "/api/asyncapi.json"_L1, "GET", Access::Read, &RestApi::document},
        Route{"create"_L1, "/api/processes"_L1, "POST", Access::Change, &RestApi::createProcess},
        Route{"delete"_L1, "/api/processes/{id}"_L1, "DELETE", Access::Change,
              &RestApi::command<Action::Delete>},
        Route{"start"_L1, "/api/processes/{id}/start"_L1, "POST", Access::Change,
              &RestApi::command<Action::Start>},
        Route{"stop"_L1, "/api/processes/{id}/stop"_L1, "POST", Access::Change,
              &RestApi::command<Action::Stop>},
        Route{"restart"_L1, "/api/processes/{id}/restart"_L1, "POST", Access::Change,
              &RestApi::command<Action::Restart>},
        Route{"reload"_L1, "/api/processes/{id}/reload"_L1, "POST", Access::Change,
              &RestApi::command<Action::Reload>},
        Route{"scale"_L1, "/api/processes/{id}/scale"_L1, "POST", Access::Change,
              &RestApi::command<Action::Scale>},
        Route{"signal"_L1, "/api/processes/{id}/signal"_L1, "POST", Access::Change,
              &RestApi::command<Action::Signal>},
        Route{"send"_L1, "/api/processes/{id}/stdin"_L1, "POST", Access::Change,
              &RestApi::command<Action::Send>},
        Route{"reset"_L1, "/api/processes/{id}/reset"_L1, "POST", Access::Change,
              &RestApi::command<Action::Reset>},
        Route{"empty_logs"_L1, "/api/processes/{id}/logs"_L1, "DELETE", Access::Change,
              &RestApi::command<Action::Flush>},
        Route{"validate"_L1, "/api/config/validate"_L1, "POST", Access::Change,
              &RestApi::validateConfig},
        Route{"apply"_L1, "/api/config/apply"_L1, "POST", Access::Change, &RestApi::applyConfig},
        Route{"events"_L1, "/api/events"_L1, "GET", Access::Read, &RestApi::events},
        Route{"system"_L1, "/api/system"_L1, "GET", Access::Read, &RestApi::system},
        Route{"metrics"_L1, "/metrics"_L1, "GET", Access::Read, &RestApi::metrics},
        Route{"discovery"_L1, "/api/sd"_L1, "GET", Access::Read, &RestApi::discovery},
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

void RestApi::serve(const Match &match, const RequestHead &head, const QByteArray &body,
                    const Grant &grant, const Responder &respond)
{
    const Request request{grant,
                          match.route->path,
                          match.id,
                          QUrlQuery(QString::fromUtf8(head.query)),
                          body,
                          QString::fromUtf8(head.field("host")),
                          head.field("accept")};
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

void RestApi::withDetails(const Responder &respond,
                          const std::function<void(const QList<ProcessDetail> &)> &use)
{
    m_backend.processInfo({}).then(
        this, [use, respond](const Result<QList<ProcessDetail>> &details) {
            details ? use(*details) : respond(errorResponse(details.error()));
        });
}

void RestApi::listProcesses(const Request &request, const Responder &respond)
{
    const QString format = request.query.queryItemValue(u"format"_s);
    if (!format.isEmpty() && format != "pm2"_L1)
        return respond(errorResponse(
            {ErrorCode::InvalidMessage, tr("format: \"%1\" is not pm2; without it the answer has "
                                           "our own shape")
                                            .arg(format)}));
    withDetails(respond, [request, respond, format](QList<ProcessDetail> details) {
        details.removeIf(
            [&](const ProcessDetail &detail) { return !passes(request.query, detail.entry); });
        if (!format.isEmpty()) {
            for (ProcessDetail &detail : details)
                detail = visibleTo(request.grant, detail);
            return respond(jsonListResponse(pm2List(details)));
        }
        QJsonArray processes;
        for (const ProcessDetail &detail : std::as_const(details))
            processes.append(toJson(detail.entry, detail.sample));
        respond(jsonResponse(
            {{u"success"_s, true}, {u"processes"_s, processes}, {u"total"_s, processes.size()}}));
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

void RestApi::logs(const Request &request, const Responder &respond)
{
    if (request.grant.restricted)
        return respond(errorResponse({ErrorCode::ReadOnly, tr("Logs are not for this origin.")}));
    QJsonObject asked = toJson(request.query);
    const QJsonValue follow = asked.take("follow"_L1);
    if (!follow.isUndefined() && follow != QJsonValue(0) && follow != QJsonValue(1))
        return respond(errorResponse(
            {ErrorCode::InvalidMessage,
             tr("follow: “%1” is neither 0 nor 1").arg(follow.toVariant().toString())}));
    asked.insert("process"_L1, request.id);
    asked.insert("before"_L1, asked.take("cursor"_L1));
    const QString type = asked.take("type"_L1).toString(u"all"_s);
    if (type != "all"_L1)
        asked.insert("stream"_L1, type == "out"_L1     ? u"stdout"_s
                                  : type == "error"_L1 ? u"stderr"_s
                                                       : type);
    const Result<LogQuery> query = fromJson<LogQuery>(asked);
    if (!query)
        return respond(errorResponse(query.error()));
    if (follow == QJsonValue(1))
        return followLogs(*query, respond);
    m_backend.logs(*query).then(this, [respond](const Result<LogPage> &page) {
        if (!page)
            return respond(errorResponse(page.error()));
        QJsonArray lines;
        for (const LogLine &line : page->lines)
            lines.append(logLineToJson(line));
        respond(jsonResponse(
            {{u"process"_s, page->process},
             {u"logs"_s, lines},
             {u"total_lines"_s, lines.size()},
             {u"cursor"_s, page->cursor.isEmpty() ? QJsonValue() : QJsonValue(page->cursor)}}));
    });
}

void RestApi::followLogs(const LogQuery &query, const Responder &respond)
{
    if (query.until || !query.before.isEmpty())
        return respond(errorResponse(
            {ErrorCode::InvalidMessage, tr("until, cursor: not possible with follow, which goes on "
                                           "from now; leave them out")}));
    const QList<ProcessEntry> found = m_backend.resolve(query.process);
    if (found.size() != 1)
        return respond(
            errorResponse({ErrorCode::NotFound,
                           found.isEmpty() ? tr("there is no process “%1”").arg(query.process)
                                           : tr("“%1” stands for %n processes; follow one of them",
                                                nullptr, int(found.size()))
                                                 .arg(query.process)}));
    Response response;
    response.contentType = "text/event-stream";
    response.stream = std::make_shared<LogFollower>(m_backend, found.first(), query);
    respond(response);
}

namespace {

QJsonObject healthOf(const ProcessDetail &detail)
{
    QJsonObject health;
    if (detail.health) {
        health = detail.health->details;
        health.insert(u"check_type"_s, toString(detail.health->type));
    }
    health.insert(u"status"_s, toString(detail.entry.health));
    return {{u"process"_s, detail.entry.name}, {u"health"_s, health}};
}

} // namespace

void RestApi::processHealth(const Request &request, const Responder &respond)
{
    m_backend.processInfo(request.id)
        .then(this, [respond](const Result<QList<ProcessDetail>> &details) {
            if (!details)
                return respond(errorResponse(details.error()));
            if (details->size() == 1)
                return respond(jsonResponse(healthOf(details->first())));
            QJsonArray all;
            for (const ProcessDetail &detail : *details)
                all.append(healthOf(detail));
            respond(jsonResponse(
                {{u"success"_s, true}, {u"processes"_s, all}, {u"total"_s, all.size()}}));
        });
}

void RestApi::history(const Request &request, const Responder &respond)
{
    QJsonObject asked = toJson(request.query);
    if (!request.id.isEmpty())
        asked.insert("process"_L1, request.id);
    const Result<GetHistory> query = fromJson<GetHistory>(asked);
    if (!query)
        return respond(errorResponse(query.error()));
    const WallTime to = query->to.value_or(wallNow());
    const WallTime from = query->from.value_or(to - std::chrono::hours(1));
    m_backend.history(query->process, from, to, query->step)
        .then(this, [respond](const Result<History> &history) {
            respond(history ? jsonResponse(toJson(*history)) : errorResponse(history.error()));
        });
}

void RestApi::document(const Request &request, const Responder &respond)
{
    QFile document(u':' + request.path);
    if (!document.open(QIODevice::ReadOnly))
        qFatal("the program was built without its description");
    respond({200, "application/json", document.readAll(), {}});
}

void RestApi::schema(const Request &, const Responder &respond)
{
    respond(jsonResponse(ecosystemSchema()));
}

void RestApi::events(const Request &request, const Responder &respond)
{
    const Result<EventQuery> query = fromJson<EventQuery>(toJson(request.query));
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

void RestApi::metrics(const Request &request, const Responder &respond)
{
    const Exposition exposition = expositionFor(request.accept);
    withDetails(respond, [this, respond, exposition](const QList<ProcessDetail> &details) {
        Response response;
        response.contentType = contentTypeOf(exposition);
        response.body = metricsText(details, milliseconds{uptime()}, exposition);
        respond(response);
    });
}

void RestApi::discovery(const Request &request, const Responder &respond)
{
    respond(jsonListResponse(discoveryTargets(m_backend.processes(), request.host)));
}

} // namespace pmdaemon
