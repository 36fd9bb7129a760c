// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/backend.h"
#include "core/protocol/servermessage.h"
#include "server/ws/sendqueue.h"
#include "server/ws/subscriptionstate.h"

#include <QObject>
#include <QTimer>

#include <map>
#include <memory>
#include <vector>

namespace pmdaemon {

/// Who gets broadcast frames. Never calls back into the Broadcaster while it is delivered to.
class Subscriber
{
public:
    virtual ~Subscriber() = default;
    /// Whole frames, shared with everybody else in the group.
    virtual void deliver(SendQueue::Kind kind, const QByteArray &frames) = 0;
    /// The frames of `batch`; `encode` makes them anew where its `dropped` has to differ.
    virtual void deliverLogs(const LogBatch &batch, const QByteArray &frames, bool batched) = 0;
};

/// Turns the Backend's signals into frames: each message encoded once, for everybody with an equal
/// stream the same bytes. Watches the Backend for exactly as long as somebody is subscribed.
class Broadcaster : public QObject
{
    Q_OBJECT

public:
    Broadcaster(Backend &backend, MessageEncoder &encoder, QObject *parent = nullptr);
    ~Broadcaster() override;

    /// From now on `subscriber` gets what `state` says, and nothing else.
    void update(Subscriber *subscriber, const SubscriptionState &state);
    void remove(Subscriber *subscriber);
    /// A metrics frame at once, if one is known; else the group's first one will come by itself.
    void sendFirstFrame(Subscriber *subscriber, EventType event);
    /// One frame per line, or one for all of them.
    QByteArray logFrames(const LogBatch &batch, bool batched);

private:
    struct Group
    {
        Stream stream;
        Watch watch;
        QList<Subscriber *> members;
        QByteArray lastFrame;                       ///< metrics only
        std::map<ProcessId, LogBatch> pending = {}; ///< log_batch only: until the next flush
    };
    using Groups = std::vector<std::unique_ptr<Group>>;

    Groups &groups(EventType event) { return m_groups[static_cast<std::size_t>(event)]; }
    Group *groupOf(Subscriber *subscriber, EventType event);
    void join(Subscriber *subscriber, const Stream &stream);
    void leave(Subscriber *subscriber, Group *group);
    Watch watch(const Stream &stream);
    void sendToMatching(EventType event, const ProcessEntry &entry,
                        const std::function<QByteArray()> &encode);
    QByteArray metricsFrame(const Group &group, const QList<ProcessSample> &samples);
    void sendKnownMetrics(Group &group);
    void setLastFrame(Group &group, const QByteArray &frame);
    ProcessEntry entryOf(ProcessId id, const QString &name) const;

    void onStatus(const StatusChange &change);
    void onUpdated(const ProcessEntry &entry);
    void onRemoved(ProcessId id);
    void onEvent(const ProcessEvent &event);
    void onHealth(const HealthUpdate &update);
    void onProcessMetrics(const MetricsFrame &frame);
    void onSystemMetrics(const SystemMetrics &metrics);
    void onLogs(const LogBatch &batch);
    void collect(Group &group, const LogBatch &batch);
    void flushBatch(Group &group, const LogBatch &batch);
    void flushBatches();

    Backend &m_backend;
    MessageEncoder &m_encoder;
    std::array<Groups, EventTypeCount> m_groups;
    /// Also a little longer than the mirror: the events of a removed process are still filtered.
    QHash<ProcessId, ProcessEntry> m_entries;
    std::optional<SystemMetrics> m_lastSystem;
    QTimer m_flush; ///< for log_batch, runs while lines wait
};

} // namespace pmdaemon
