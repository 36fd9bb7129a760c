// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/ws/subscriptionstate.h"

#include <QJsonArray>
#include <QSet>

#include <algorithm>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

bool isMetrics(EventType event)
{
    return event == EventType::ProcessMetrics || event == EventType::SystemMetrics;
}

Stream streamOf(EventType event, const Subscribe &message)
{
    Stream stream{.event = event, .filter = message.filter, .except = {}};
    if (isMetrics(event))
        stream.interval = message.interval;
    if (event == EventType::SystemMetrics)
        stream.filter = {}; // the machine has no name to filter by
    if (event == EventType::LogMessage) {
        stream.level = message.level;
        stream.grep = message.grep;
        stream.batch = message.batch;
    }
    return stream;
}

QJsonObject streamToJson(const Stream &stream)
{
    QJsonObject out;
    if (stream.event != EventType::SystemMetrics) {
        const auto &names = stream.filter.names;
        out[u"processes"_s] =
            names ? QJsonValue(QJsonArray::fromStringList(*names)) : QJsonValue(QJsonValue::Null);
    }
    if (!stream.except.isEmpty())
        out[u"except"_s] = QJsonArray::fromStringList(stream.except);
    if (!stream.filter.nameSpaces.isEmpty())
        out[u"namespaces"_s] = QJsonArray::fromStringList(stream.filter.nameSpaces);
    if (isMetrics(stream.event))
        out[u"interval"_s] = qint64(stream.interval.count());
    if (stream.level)
        out[u"level"_s] = toString(*stream.level);
    if (!stream.grep.isEmpty())
        out[u"grep"_s] = stream.grep;
    if (stream.batch)
        out[u"batch"_s] = true;
    return out;
}

/// False if nothing can match any more.
bool takeOut(Stream &stream, const QStringList &processes)
{
    // Also where the names are listed: an instance of a listed app, or the app of an instance.
    stream.except += processes;
    stream.except.removeDuplicates();
    if (!stream.filter.names)
        return true;
    const QSet<QString> gone(stream.except.cbegin(), stream.except.cend());
    stream.filter.names->removeIf([&](const QString &name) { return gone.contains(name); });
    return !stream.filter.names->isEmpty();
}

} // namespace

bool Stream::matches(const ProcessEntry &entry) const
{
    return filter.matches(entry) && !except.contains(entry.name) && !except.contains(entry.app);
}

bool Stream::matches(const LogLine &line) const
{
    return (!level || line.level >= *level) &&
           (grep.isEmpty() || line.message.contains(grep.toUtf8()));
}

SubscriptionState SubscriptionState::defaults()
{
    SubscriptionState state;
    Subscribe message;
    message.interval = milliseconds{2'000};
    message.events = allButLogs();
    state.apply(message);
    state.m_isDefault = true;
    return state;
}

void SubscriptionState::endDefaults()
{
    if (m_isDefault)
        *this = {};
}

void SubscriptionState::apply(const Subscribe &message)
{
    endDefaults();
    for (const EventType event : message.events)
        at(event) = streamOf(event, message);
}

void SubscriptionState::apply(const Unsubscribe &message)
{
    endDefaults();
    for (const EventType event : allEventTypes) {
        std::optional<Stream> &stream = at(event);
        if (!stream || (message.events && !message.events->contains(event)))
            continue;
        if (!message.processes)
            stream.reset();
        else if (event != EventType::SystemMetrics && !takeOut(*stream, *message.processes))
            stream.reset();
    }
}

qsizetype SubscriptionState::mostNames() const
{
    qsizetype most = 0;
    for (const auto &stream : m_streams) {
        if (stream)
            most = std::max({most, stream->filter.names.value_or(QStringList()).size(),
                             stream->filter.nameSpaces.size(), stream->except.size()});
    }
    return most;
}

QJsonObject SubscriptionState::toJson() const
{
    QJsonArray events;
    QJsonObject subscriptions;
    for (const auto &stream : m_streams) {
        if (!stream)
            continue;
        events.append(toString(stream->event));
        subscriptions[toString(stream->event)] = streamToJson(*stream);
    }
    return {{u"events"_s, events}, {u"subscriptions"_s, subscriptions}};
}

} // namespace pmdaemon
