// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/specfields.h"
#include "core/config/strictjson.h"
#include "core/protocol/clientmessage.h"
#include "core/protocol/servermessage.h"
#include "server/rest/restapi.h"

#include <QJsonArray>

// The routes that change something.

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

/// The object that the body is; an empty one where there is no body.
tl::expected<QJsonObject, Response> objectIn(const QByteArray &body)
{
    if (body.isEmpty())
        return QJsonObject();
    const auto parsed = parseStrictJson(body, JsonRules{});
    if (!parsed) {
        const JsonProblem &problem = parsed.error();
        return tl::unexpected(
            errorResponse(400, u"CONFIG_PARSE_ERROR"_s,
                          RestApi::tr("The body is no JSON that can be used: byte %1: %2")
                              .arg(QString::number(problem.offset), problem.message),
                          {{u"offset"_s, problem.offset}, {u"pointer"_s, problem.pointer}}));
    }
    if (!parsed->root.isObject())
        return tl::unexpected(errorResponse(400, u"CONFIG_PARSE_ERROR"_s,
                                            RestApi::tr("Expected an object as body.")));
    return parsed->root.toObject();
}

/// Of a parameter that is 1 or 0; alone it is 1. Nothing where it is not there.
tl::expected<std::optional<bool>, Response> flagIn(const QUrlQuery &query, const QString &key)
{
    if (!query.hasQueryItem(key))
        return std::nullopt;
    const QString text = query.queryItemValue(key, QUrl::FullyDecoded);
    if (text.isEmpty() || text == "1"_L1 || text == "true"_L1)
        return true;
    if (text == "0"_L1 || text == "false"_L1)
        return false;
    return tl::unexpected(errorResponse(
        {ErrorCode::InvalidMessage,
         RestApi::tr("%1: expected 1, true, 0 or false, got \"%2\"").arg(key, text)}));
}

QJsonObject resultToJson(const CommandResult &result)
{
    QJsonArray processes;
    for (const ProcessEntry &entry : result.processes)
        processes.append(toJson(entry, {}));
    QJsonObject json{{u"success"_s, true}, {u"message"_s, result.message}};
    if (!processes.isEmpty()) {
        json.insert(u"process"_s, processes.first());
        json.insert(u"processes"_s, processes);
    }
    return json;
}

} // namespace

/// `asked`: a command as the WebSocket takes it.
void RestApi::carryOut(const Request &request, const QJsonObject &asked, int status,
                       const Responder &respond)
{
    const Result<Command> command = fromJson<Command>(asked);
    if (!command)
        return respond(errorResponse(command.error()));
    if (const auto error =
            refuseDefinitions(request.grant.role, {command->config.value_or(QJsonObject())}))
        return respond(errorResponse(*error));
    if (!command->waits)
        status = 202;
    m_backend.command(*command).then(this, [respond, status](const Result<CommandResult> &result) {
        respond(result ? jsonResponse(resultToJson(*result), status)
                       : errorResponse(result.error()));
    });
}

/// The body is an app's fields, or has them as `config`, with how to answer beside them.
void RestApi::createProcess(const Request &request, const Responder &respond)
{
    const auto body = objectIn(request.body);
    if (!body)
        return respond(body.error());
    QJsonObject asked = body->contains("config"_L1) ? *body : QJsonObject{{u"config"_s, *body}};
    const auto spec = specFromJson(asked["config"_L1].toObject());
    if (!spec)
        return respond(errorResponse(specError(spec.error())));
    if (!m_backend.resolve(spec->name).isEmpty())
        return respond(
            errorResponse({ErrorCode::AlreadyExists,
                           tr("%1 exists already; start, reload or delete it").arg(spec->name)}));
    asked.insert("action"_L1, toString(Action::Start));
    asked.insert("process"_L1, spec->name);
    carryOut(request, asked, 201, respond);
}

template <Action What>
void RestApi::command(const Request &request, const Responder &respond)
{
    const auto body = objectIn(request.body);
    if (!body)
        return respond(body.error());
    QJsonObject asked = *body;
    asked.insert("action"_L1, toString(What));
    asked.insert("process"_L1, request.id);
    const auto keepLogs = flagIn(request.query, u"keep_logs"_s); // DELETE has no body
    if (!keepLogs)
        return respond(keepLogs.error());
    if (*keepLogs)
        asked.insert("keep_logs"_L1, **keepLogs);
    carryOut(request, asked, 200, respond);
}

template void RestApi::command<Action::Start>(const Request &, const Responder &);
template void RestApi::command<Action::Stop>(const Request &, const Responder &);
template void RestApi::command<Action::Restart>(const Request &, const Responder &);
template void RestApi::command<Action::Delete>(const Request &, const Responder &);
template void RestApi::command<Action::Reload>(const Request &, const Responder &);
template void RestApi::command<Action::Scale>(const Request &, const Responder &);
template void RestApi::command<Action::Signal>(const Request &, const Responder &);
template void RestApi::command<Action::Send>(const Request &, const Responder &);
template void RestApi::command<Action::Reset>(const Request &, const Responder &);
template void RestApi::command<Action::Flush>(const Request &, const Responder &);

void RestApi::validateConfig(const Request &request, const Responder &respond)
{
    apply(request, true, respond);
}

void RestApi::applyConfig(const Request &request, const Responder &respond)
{
    const auto dryRun = flagIn(request.query, u"dry_run"_s);
    if (!dryRun)
        return respond(dryRun.error());
    apply(request, dryRun->value_or(false), respond);
}

void RestApi::apply(const Request &request, bool dryRun, const Responder &respond)
{
    const auto body = objectIn(request.body);
    if (!body)
        return respond(body.error());
    Result<ApplyRequest> asked = fromJson<ApplyRequest>(*body);
    if (!asked)
        return respond(errorResponse(asked.error()));
    if (const auto error = refuseDefinitions(request.grant.role, asked->apps))
        return respond(errorResponse(*error));
    asked->dryRun = asked->dryRun || dryRun;
    m_backend.apply(*asked).then(this, [respond](const Result<ApplyReport> &report) {
        respond(report ? jsonResponse(toJson(*report)) : errorResponse(report.error()));
    });
}

} // namespace pmdaemon
