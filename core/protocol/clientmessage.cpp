// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/protocol/clientmessage.h"

#include "core/config/strictjson.h"
#include "core/model/enumnames.h"
#include "core/protocol/requestfields.h"

#include <QJsonDocument>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr EnumNames<EventType, EventTypeCount> eventTypes{
    {"process_status"_L1, "process_metrics"_L1, "system_metrics"_L1, "health_update"_L1,
     "process_event"_L1, "log_message"_L1}};

using MessageResult = tl::expected<ClientMessage, ReadProblem>;

/// What no single field can tell.
std::optional<ReadProblem> checkWhole(const Command &command)
{
    if (command.action == Action::Scale && !command.instances)
        return ReadProblem{u"/instances"_s, u"missing; \"scale\" needs the number of instances"_s};
    if (command.action == Action::Signal && command.signal.isEmpty())
        return ReadProblem{u"/signal"_s, u"missing; \"signal\" needs one, as \"SIGHUP\""_s};
    if (command.action == Action::Send && !command.line)
        return ReadProblem{u"/line"_s, u"missing; \"send\" needs the text"_s};
    return {};
}
std::optional<ReadProblem> checkWhole(const GetHistory &query)
{
    if (query.from && query.to && *query.from > *query.to)
        return ReadProblem{u"/from"_s, u"lies after /data/to; swap them"_s};
    return {};
}
std::optional<ReadProblem> checkWhole(const EventQuery &query)
{
    if (query.since && query.until && *query.since > *query.until)
        return ReadProblem{u"/since"_s, u"lies after until; swap them"_s};
    return {};
}
template <typename T>
std::optional<ReadProblem> checkWhole(const T &)
{
    return {};
}

template <typename T>
MessageResult readMessage(const QJsonObject &data)
{
    T message;
    ReadResult problem = readFields(data, message, FieldsOf<T>::fields);
    if (!problem)
        problem = checkWhole(message);
    if (problem)
        return tl::unexpected(std::move(*problem));
    return ClientMessage(std::move(message));
}

struct MessageType
{
    QLatin1StringView name;
    MessageResult (*read)(const QJsonObject &data);
};

// In the order of ClientMessage's alternatives.
constexpr std::array<MessageType, std::variant_size_v<ClientMessage>> messageTypes{{
    {"subscribe"_L1, readMessage<Subscribe>},
    {"unsubscribe"_L1, readMessage<Unsubscribe>},
    {"command"_L1, readMessage<Command>},
    {"apply"_L1, readMessage<ApplyRequest>},
    {"get_info"_L1, readMessage<GetInfo>},
    {"get_system"_L1, readMessage<GetSystem>},
    {"get_history"_L1, readMessage<GetHistory>},
    {"get_logs"_L1, readMessage<LogQuery>},
    {"get_events"_L1, readMessage<EventQuery>},
    {"auth"_L1, readMessage<Auth>},
    {"ping"_L1, readMessage<Ping>},
}};

/// The problem with the pointer that it has in the whole message.
Error errorAt(const QString &pointer, const ReadProblem &problem)
{
    const QString where = pointer + problem.pointer;
    const QString shown = where.isEmpty() ? u"the message"_s : where;
    return {problem.code, shown + u": "_s + problem.message, {{"pointer"_L1, where}}};
}

Error jsonError(const JsonProblem &problem)
{
    if (!problem.syntax)
        return errorAt(problem.pointer, {{}, problem.message});
    return {
        ErrorCode::InvalidJson,
        u"no valid JSON at byte %1: %2 Accepted is one object {\"type\": …, \"data\": {…}}."_s.arg(
            QString::number(problem.offset), problem.message),
        {{"offset"_L1, problem.offset}}};
}

/// A string or number to be repeated; anything else is a problem. It is held short because an
/// answer repeats it.
ReadResult readId(const QJsonObject &message, QJsonValue &id)
{
    const QJsonValue value = message.value("id"_L1);
    const bool shortText = value.isString() && value.toString().size() <= 256;
    if (value.isNull() || value.isUndefined())
        return {};
    if (!shortText && !value.isDouble()) {
        ReadProblem problem = refused(value, u"a string of at most 256 characters or a number");
        problem.pointer = u"/id"_s;
        return problem;
    }
    id = value;
    return {};
}

tl::expected<const MessageType *, ReadProblem> typeOf(const QJsonObject &message)
{
    std::array<QLatin1StringView, messageTypes.size()> names;
    for (std::size_t i = 0; i < names.size(); ++i)
        names[i] = messageTypes[i].name;
    const QJsonValue type = message.value("type"_L1);
    const QString text = type.toString();
    for (const MessageType &known : messageTypes) {
        if (text == known.name)
            return &known;
    }
    ReadProblem problem = refusedWord(type, names);
    problem.pointer = u"/type"_s;
    problem.code = type.isString() ? ErrorCode::UnknownType : ErrorCode::InvalidMessage;
    return tl::unexpected(std::move(problem));
}

tl::expected<ClientMessage, Error> readWhole(const QJsonObject &message)
{
    const auto type = typeOf(message);
    if (!type)
        return tl::unexpected(errorAt({}, type.error()));
    const QJsonValue data = message.value("data"_L1);
    if (!data.isObject() && !data.isNull() && !data.isUndefined())
        return tl::unexpected(errorAt(u"/data"_s, refused(data, u"an object")));
    MessageResult read = (*type)->read(data.toObject());
    if (!read)
        return tl::unexpected(errorAt(u"/data"_s, read.error()));
    return std::move(*read);
}

} // namespace

QLatin1StringView toString(EventType type)
{
    return eventTypes[type];
}
std::optional<EventType> eventTypeFromString(QStringView text)
{
    return eventTypes.find(text);
}

QList<EventType> allButLogs()
{
    return {EventType::ProcessStatus, EventType::ProcessMetrics, EventType::SystemMetrics,
            EventType::HealthUpdate, EventType::ProcessEvent};
}

tl::expected<Request, RequestError> parseRequest(const QByteArray &text)
{
    auto json = parseStrictJson(text, JsonRules{});
    if (!json)
        return tl::unexpected(RequestError{QJsonValue::Undefined, jsonError(json.error())});
    if (!json->root.isObject()) {
        const ReadProblem problem = refused(json->root, u"an object {\"type\": …, \"data\": {…}}");
        return tl::unexpected(RequestError{QJsonValue::Undefined, errorAt({}, problem)});
    }
    const QJsonObject message = json->root.toObject();
    Request request;
    if (const ReadResult problem = readId(message, request.id))
        return tl::unexpected(RequestError{request.id, errorAt({}, *problem)});
    auto read = readWhole(message);
    if (!read)
        return tl::unexpected(RequestError{request.id, std::move(read.error())});
    request.message = std::move(*read);
    return request;
}

QByteArray encodeRequest(const Request &request)
{
    QJsonObject data;
    std::visit(
        [&data](const auto &message) {
            writeFields(data, message, FieldsOf<std::decay_t<decltype(message)>>::fields);
        },
        request.message);
    QJsonObject message{{"type"_L1, messageTypes[request.message.index()].name}};
    message.insert("data"_L1, data);
    if (!request.id.isUndefined())
        message.insert("id"_L1, request.id);
    return QJsonDocument(message).toJson(QJsonDocument::Compact);
}

template <typename Message>
Result<Message> fromJson(const QJsonObject &data)
{
    MessageResult read = readMessage<Message>(data);
    if (!read)
        return tl::unexpected(errorAt({}, read.error()));
    return std::get<Message>(std::move(*read));
}
template Result<Command> fromJson(const QJsonObject &data);
template Result<ApplyRequest> fromJson(const QJsonObject &data);
template Result<GetHistory> fromJson(const QJsonObject &data);
template Result<LogQuery> fromJson(const QJsonObject &data);
template Result<EventQuery> fromJson(const QJsonObject &data);

Error unknownEventError(const QStringList &unknown)
{
    const ReadProblem problem = refusedWord(unknown.value(0), enumWords<EventType>());
    return {
        ErrorCode::UnknownEvent,
        u"/data/events: "_s + problem.message,
        {{"pointer"_L1, u"/data/events"_s}, {"unknown"_L1, QJsonArray::fromStringList(unknown)}}};
}

} // namespace pmdaemon
