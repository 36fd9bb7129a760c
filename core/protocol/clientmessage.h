// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/apply.h"
#include "core/model/command.h"
#include "core/model/eventpage.h"
#include "core/model/logline.h"
#include "core/model/processfilter.h"
#include "core/model/result.h"

#include <QJsonValue>

#include <variant>

namespace pmdaemon {

/// What can be subscribed to.
enum class EventType {
    ProcessStatus,
    ProcessMetrics,
    SystemMetrics,
    HealthUpdate,
    ProcessEvent,
    LogMessage
};

inline constexpr int EventTypeCount = 6;

/// "process_status", …: also the `type` of the messages.
QLatin1StringView toString(EventType type);
std::optional<EventType> eventTypeFromString(QStringView text);

/// What a client gets that names no events.
QList<EventType> allButLogs();

struct Subscribe
{
    QList<EventType> events;   ///< the known ones; absent in the message = all but LogMessage
    QStringList unknownEvents; ///< to be answered with unknown_event; the known ones apply
    ProcessFilter filter;
    milliseconds interval{1'000}; ///< clamped to 100 ms … 1 h
    bool snapshot = true;
    int tail = 0;
    std::optional<LogLevel> level;
    QString grep;
    bool batch = false;

    bool operator==(const Subscribe &) const = default;
};

struct Unsubscribe
{
    std::optional<QList<EventType>> events; ///< none = all
    QStringList unknownEvents;
    std::optional<QStringList> processes; ///< only these names

    bool operator==(const Unsubscribe &) const = default;
};

struct GetInfo
{
    QString process;
    bool operator==(const GetInfo &) const = default;
};
struct GetSystem
{
    bool operator==(const GetSystem &) const = default;
};
struct Auth
{
    QString token;
    bool operator==(const Auth &) const = default;
};
struct Ping
{
    bool operator==(const Ping &) const = default;
};

struct GetHistory
{
    QString process; ///< empty = the system
    std::optional<WallTime> from;
    std::optional<WallTime> to;
    milliseconds step{0};

    bool operator==(const GetHistory &) const = default;
};

using ClientMessage = std::variant<Subscribe, Unsubscribe, Command, ApplyRequest, GetInfo,
                                   GetSystem, GetHistory, LogQuery, EventQuery, Auth, Ping>;

/// A message with the id that its answer repeats (a string, a number, or undefined).
struct Request
{
    QJsonValue id{QJsonValue::Undefined};
    ClientMessage message;

    bool operator==(const Request &) const = default;
};

/// What was wrong with a message, and its id where that could be read.
struct RequestError
{
    QJsonValue id{QJsonValue::Undefined};
    Error error;
};

/// Strict: types, ranges, depth (32) and keys per object are checked; unknown keys are ignored.
/// The message names the field by JSON pointer and says what is accepted.
tl::expected<Request, RequestError> parseRequest(const QByteArray &text);

/// The `data` of a message, as a Command, ApplyRequest, GetHistory, LogQuery or EventQuery. The
/// Error's pointer begins in it.
template <typename Message>
Result<Message> fromJson(const QJsonObject &data);

/// The answer to a message with such names, for its `unknownEvents`: one at least.
Error unknownEventError(const QStringList &unknown);

/// The text that parseRequest() reads back to an equal Request.
QByteArray encodeRequest(const Request &request);

} // namespace pmdaemon
