// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "client/streamplan.h"

#include <algorithm>

namespace pmdaemon {

namespace {

template <typename T>
void appendAll(QList<T> &list, const QList<T> &values)
{
    for (const T &value : values) {
        if (!list.contains(value))
            list.append(value);
    }
}

Unsubscribe ending(EventType type)
{
    return Unsubscribe{.events = QList{type}, .unknownEvents = {}, .processes = {}};
}

Subscribe starting(EventType type)
{
    Subscribe message;
    message.events = {type};
    return message;
}

} // namespace

ProcessFilter unionOf(const QList<ProcessFilter> &filters)
{
    if (filters.size() == 1)
        return filters.constFirst();
    ProcessFilter byName{.names = QStringList{}, .nameSpaces = {}};
    ProcessFilter byNameSpace;
    bool allByName = true;
    bool allByNameSpace = true;
    for (const ProcessFilter &filter : filters) {
        allByName = allByName && filter.names && filter.nameSpaces.isEmpty();
        allByNameSpace = allByNameSpace && !filter.names && !filter.nameSpaces.isEmpty();
        appendAll<QString>(*byName.names, filter.names.value_or(QStringList{}));
        appendAll<QString>(byNameSpace.nameSpaces, filter.nameSpaces);
    }
    if (allByName)
        return byName;
    return allByNameSpace ? byNameSpace : ProcessFilter{};
}

StreamPlan planFor(const Interest &interest)
{
    StreamPlan plan;
    if (!interest.processMetrics.empty()) {
        QList<ProcessFilter> filters;
        for (const auto &[interval, ofInterval] : interest.processMetrics)
            appendAll(filters, ofInterval);
        plan.processes = {unionOf(filters), interest.processMetrics.begin()->first};
    }
    if (!interest.systemMetrics.isEmpty())
        plan.system = interest.systemMetrics.constFirst();
    if (!interest.logs.isEmpty())
        plan.logs = unionOf(interest.logs);
    return plan;
}

QList<ClientMessage> streamChanges(const StreamPlan &from, const StreamPlan &to)
{
    QList<ClientMessage> messages;
    if (to.processes != from.processes) {
        if (to.processes) {
            Subscribe message = starting(EventType::ProcessMetrics);
            message.filter = to.processes->filter;
            message.interval = to.processes->interval;
            messages.append(message);
        } else {
            messages.append(ending(EventType::ProcessMetrics));
        }
    }
    if (to.system != from.system) {
        if (to.system) {
            Subscribe message = starting(EventType::SystemMetrics);
            message.interval = *to.system;
            messages.append(message);
        } else {
            messages.append(ending(EventType::SystemMetrics));
        }
    }
    if (to.logs != from.logs) {
        if (to.logs) {
            Subscribe message = starting(EventType::LogMessage);
            message.filter = *to.logs;
            message.batch = true;
            messages.append(message);
        } else {
            messages.append(ending(EventType::LogMessage));
        }
    }
    return messages;
}

void IntervalThinner::setIntervals(const QList<milliseconds> &intervals)
{
    QList<Rhythm> rhythms;
    for (const milliseconds interval : intervals) {
        const auto known = std::find_if(m_rhythms.cbegin(), m_rhythms.cend(),
                                        [&](const Rhythm &r) { return r.interval == interval; });
        rhythms.append(known != m_rhythms.cend() ? *known : Rhythm{interval, {}});
    }
    m_rhythms = std::move(rhythms);
}

QList<milliseconds> IntervalThinner::due(TimePoint now)
{
    QList<milliseconds> intervals;
    for (Rhythm &rhythm : m_rhythms) {
        // A frame up to half a step early is the one that was meant.
        const bool isFinest = &rhythm == &m_rhythms.first();
        const bool isDue =
            isFinest || !rhythm.next || now >= *rhythm.next - m_rhythms.constFirst().interval / 2;
        if (!isDue)
            continue;
        intervals.append(rhythm.interval);
        const bool inStep = rhythm.next && now < *rhythm.next + rhythm.interval;
        rhythm.next = (inStep ? *rhythm.next : now) + rhythm.interval;
    }
    return intervals;
}

} // namespace pmdaemon
