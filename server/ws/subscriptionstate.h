// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/protocol/clientmessage.h"

#include <QJsonObject>

#include <array>

namespace pmdaemon {

/// What one stream of messages is made of. Clients with equal streams share their frames.
struct Stream
{
    EventType event = EventType::ProcessStatus;
    ProcessFilter filter;
    QStringList except;                 ///< names and apps taken out again by an unsubscribe
    milliseconds interval{0};           ///< metrics only, else 0
    std::optional<LogLevel> level = {}; ///< from here to the last one: log_message only
    QString grep = {};
    bool batch = false;

    bool operator==(const Stream &) const = default;
    bool matches(const ProcessEntry &entry) const;
    bool matches(const LogLine &line) const;
};

/// What one client is subscribed to: at most one stream per event.
class SubscriptionState
{
public:
    /// Everything but log_message, every two seconds: for who listens without a word. The first
    /// subscribe or unsubscribe replaces it as a whole.
    static SubscriptionState defaults();

    void apply(const Subscribe &message);
    void apply(const Unsubscribe &message);

    const std::optional<Stream> &stream(EventType event) const
    {
        return m_streams[static_cast<std::size_t>(event)];
    }
    /// How long the longest list of names is: what a client can make grow.
    qsizetype mostNames() const;
    /// `subscribed`'s data: {events: […], subscriptions: {EVENT: {processes, …}}}.
    QJsonObject toJson() const;

private:
    std::optional<Stream> &at(EventType event)
    {
        return m_streams[static_cast<std::size_t>(event)];
    }
    void endDefaults();

    std::array<std::optional<Stream>, EventTypeCount> m_streams;
    bool m_isDefault = false;
};

inline constexpr std::array<EventType, EventTypeCount> allEventTypes = {
    EventType::ProcessStatus, EventType::ProcessMetrics, EventType::SystemMetrics,
    EventType::HealthUpdate,  EventType::ProcessEvent,   EventType::LogMessage};

} // namespace pmdaemon
