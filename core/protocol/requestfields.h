// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/specvalues.h"
#include "core/model/signalname.h"
#include "core/protocol/clientmessage.h"
#include "core/protocol/jsonfields.h"

#include <algorithm>

/// \file The fields of every message that a client sends. Included by clientmessage.cpp alone.

namespace pmdaemon {

template <>
inline constexpr int enumSize<EventType> = EventTypeCount;
template <>
inline constexpr int enumSize<Action> = int(Action::Send) + 1;
template <>
inline constexpr int enumSize<LogStream> = int(LogStream::Err) + 1;
template <>
inline constexpr int enumSize<LogLevel> = int(LogLevel::Fatal) + 1;

constexpr qsizetype MaxTarget = 256;
constexpr qsizetype MaxNames = 4'096;
using TargetText = Text<1, MaxTarget>;
using NameList = ListOf<QString, TargetText, MaxNames>;
using PatternText = Text<0, 1'024>;

/// A name, an app, an id as number or digits, "all" or "namespace:X".
struct TargetCodec
{
    static ReadResult read(const QJsonValue &json, QString &to)
    {
        if (const auto id = wholeNumber(json, 0, std::numeric_limits<int>::max())) {
            to = QString::number(*id);
            return {};
        }
        ReadResult problem = TargetText::read(json, to);
        if (problem) {
            problem = refused(json, u"a process: its name, its app, its id, \"all\" or "
                                    u"\"namespace:NAME\"");
        }
        return problem;
    }
    static QJsonValue write(const QString &from) { return from; }
};

/// A whole number, held within 100 ms and 1 h.
struct IntervalCodec
{
    static ReadResult read(const QJsonValue &json, milliseconds &to)
    {
        const double number = json.toDouble(-0.5);
        if (!json.isDouble() || std::trunc(number) != number)
            return refused(json, u"a whole number of milliseconds (held within 100 and 3600000)");
        to = milliseconds(qint64(std::clamp(number, 100.0, 3'600'000.0)));
        return {};
    }
    static QJsonValue write(milliseconds from) { return qint64(from.count()); }
};

/// As the field of an app.
struct PortCodec
{
    static ReadResult read(const QJsonValue &json, PortSpec &to)
    {
        const std::optional<PortSpec> ports = PortsValue::parse(json);
        if (!ports)
            return refused(json, QString(PortsValue::accepted));
        to = *ports;
        return {};
    }
    static QJsonValue write(const PortSpec &from) { return PortsValue::write(from); }
};

struct TimeoutCodec
{
    static ReadResult read(const QJsonValue &json, milliseconds &to)
    {
        const auto number = wholeNumber(json, 1, 86'400'000);
        if (!number)
            return refused(json, u"a whole number of milliseconds from 1 to 86400000");
        to = milliseconds(*number);
        return {};
    }
    static QJsonValue write(milliseconds from) { return qint64(from.count()); }
};

/// "SIGHUP", "HUP", "1" or 1. Kept as it was written.
struct SignalCodec
{
    static ReadResult read(const QJsonValue &json, QString &to)
    {
        const auto number = wholeNumber(json, 1, 64);
        const QString text = number ? QString::number(*number) : json.toString();
        if (!signalFromString(text))
            return refused(json, u"a signal as \"SIGHUP\", \"HUP\" or 1");
        to = text;
        return {};
    }
    static QJsonValue write(const QString &from) { return from; }
};

struct ActionCodec : Codec<Action>
{
    static ReadResult read(const QJsonValue &json, Action &to)
    {
        ReadResult problem = Codec<Action>::read(json, to);
        if (problem && json.isString())
            problem->code = ErrorCode::UnknownAction;
        return problem;
    }
};

/// Names of events: the known ones and the others, each once. What absence means differs.
template <typename Message, auto Absent>
struct EventsField : Keyed<"events">
{
    static ReadResult read(const QJsonObject &json, Message &to)
    {
        const QJsonValue value = json.value(key());
        if (value.isUndefined() || value.isNull()) {
            Absent(to);
            return {};
        }
        QStringList names;
        if (ReadResult problem = ListOf<QString, Codec<QString>, 64>::read(value, names))
            return at(std::move(*problem));
        QList<EventType> events;
        for (const QString &name : std::as_const(names)) {
            const auto event = eventTypeFromString(name);
            if (event && !events.contains(*event))
                events.append(*event);
            else if (!event && !to.unknownEvents.contains(name))
                to.unknownEvents.append(name);
        }
        to.events = std::move(events);
        return {};
    }
    static void write(QJsonObject &json, const Message &from)
    {
        const std::optional<QList<EventType>> events = from.events;
        if (!events)
            return;
        QStringList names = from.unknownEvents;
        for (const EventType event : *events)
            names.append(toString(event));
        json.insert(key(), QJsonArray::fromStringList(names));
    }
};

inline constexpr std::tuple filterFields{
    OptionalField<"processes", &ProcessFilter::names, Nullable<QStringList, NameList>>{},
    OptionalField<"namespaces", &ProcessFilter::nameSpaces, NameList>{},
};

inline constexpr auto subscribeToAllButLogs = [](Subscribe &to) { to.events = allButLogs(); };
inline constexpr auto unsubscribeFromAll = [](Unsubscribe &to) { to.events.reset(); };

template <>
struct FieldsOf<Subscribe>
{
    static constexpr std::tuple fields{
        EventsField<Subscribe, subscribeToAllButLogs>{},
        Inline<&Subscribe::filter, filterFields>{},
        OptionalField<"interval", &Subscribe::interval, IntervalCodec>{},
        OptionalField<"snapshot", &Subscribe::snapshot>{},
        OptionalField<"tail", &Subscribe::tail, Integer<int, 0, 10'000>>{},
        OptionalField<"level", &Subscribe::level>{},
        OptionalField<"grep", &Subscribe::grep, PatternText>{},
        OptionalField<"batch", &Subscribe::batch>{},
    };
};

template <>
struct FieldsOf<Unsubscribe>
{
    static constexpr std::tuple fields{
        EventsField<Unsubscribe, unsubscribeFromAll>{},
        OptionalField<"processes", &Unsubscribe::processes, Nullable<QStringList, NameList>>{},
    };
};

template <>
struct FieldsOf<Command>
{
    static constexpr std::tuple fields{
        CodedField<"action", &Command::action, ActionCodec>{},
        CodedField<"process", &Command::target, TargetCodec>{},
        OptionalField<"config", &Command::config>{},
        OptionalField<"instances", &Command::instances, Nullable<int, Integer<int, 1, 5'000>>>{},
        OptionalField<"signal", &Command::signal, SignalCodec>{},
        OptionalField<"line", &Command::line>{},
        OptionalField<"port", &Command::port, Nullable<PortSpec, PortCodec>>{},
        OptionalField<"wait", &Command::waits>{},
        OptionalField<"timeout", &Command::timeout, Nullable<milliseconds, TimeoutCodec>>{},
        OptionalField<"keep_logs", &Command::keepsLogs>{},
    };
};

template <>
struct FieldsOf<ApplyRequest>
{
    static constexpr std::tuple fields{
        CodedField<"apps", &ApplyRequest::apps, ListOf<QJsonObject, Codec<QJsonObject>, 5'000>>{},
        OptionalField<"files", &ApplyRequest::files, ListOf<QString, Text<1, 4'096>, 100>>{},
        OptionalField<"dry_run", &ApplyRequest::dryRun>{},
    };
};

template <>
struct FieldsOf<GetInfo>
{
    static constexpr std::tuple fields{OptionalField<"process", &GetInfo::process, TargetCodec>{}};
};

template <>
struct FieldsOf<GetSystem>
{
    static constexpr std::tuple<> fields{};
};

template <>
struct FieldsOf<GetHistory>
{
    static constexpr std::tuple fields{
        OptionalField<"process", &GetHistory::process, TargetCodec>{},
        OptionalField<"from", &GetHistory::from>{},
        OptionalField<"to", &GetHistory::to>{},
        OptionalField<"step", &GetHistory::step>{},
    };
};

template <>
struct FieldsOf<LogQuery>
{
    static constexpr std::tuple fields{
        CodedField<"process", &LogQuery::process, TargetCodec>{},
        OptionalField<"lines", &LogQuery::lines, Integer<int, 1, 10'000>>{},
        OptionalField<"stream", &LogQuery::stream>{},
        OptionalField<"level", &LogQuery::level>{},
        OptionalField<"since", &LogQuery::since>{},
        OptionalField<"until", &LogQuery::until>{},
        OptionalField<"grep", &LogQuery::grep, PatternText>{},
        OptionalField<"before", &LogQuery::before, PatternText>{},
    };
};

template <>
struct FieldsOf<EventQuery>
{
    static constexpr std::tuple fields{
        OptionalField<"process", &EventQuery::process, TargetCodec>{},
        OptionalField<"since", &EventQuery::since>{},
        OptionalField<"until", &EventQuery::until>{},
        OptionalField<"before", &EventQuery::before,
                      Nullable<qint64, Integer<qint64, 0, qint64{1} << 53>>>{},
        OptionalField<"limit", &EventQuery::limit, Integer<int, 1, MaxEventsPerPage>>{},
    };
};

template <>
struct FieldsOf<Auth>
{
    static constexpr std::tuple fields{CodedField<"token", &Auth::token, Text<1, 8'192>>{}};
};

template <>
struct FieldsOf<Ping>
{
    static constexpr std::tuple<> fields{};
};

} // namespace pmdaemon
