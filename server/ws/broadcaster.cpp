// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/ws/broadcaster.h"

#include "server/ws/frame.h"

#include <algorithm>

namespace pmdaemon {

using namespace std::chrono_literals;

namespace {

/// How long a new metrics group waits for the Backend's own first frame.
constexpr milliseconds FirstFrameGrace = 50ms;
constexpr milliseconds BatchInterval = 50ms;
constexpr qsizetype MaxBatchLines = 2'000;

SendQueue::Kind kindOf(EventType event)
{
    switch (event) {
    case EventType::ProcessMetrics:
        return SendQueue::Kind::ProcessMetrics;
    case EventType::SystemMetrics:
        return SendQueue::Kind::SystemMetrics;
    case EventType::LogMessage:
        return SendQueue::Kind::Log;
    case EventType::ProcessStatus:
    case EventType::HealthUpdate:
    case EventType::ProcessEvent:
        break;
    }
    return SendQueue::Kind::Keep;
}

} // namespace

Broadcaster::Broadcaster(Backend &backend, MessageEncoder &encoder, QObject *parent)
    : QObject(parent)
    , m_backend(backend)
    , m_encoder(encoder)
{
    m_flush.setSingleShot(true);
    m_flush.setInterval(BatchInterval);
    connect(&m_flush, &QTimer::timeout, this, &Broadcaster::flushBatches);
    for (const ProcessEntry &entry : backend.processes())
        m_entries.insert(entry.id, entry);
    connect(&backend, &Backend::statusChanged, this, &Broadcaster::onStatus);
    connect(&backend, &Backend::processUpdated, this, &Broadcaster::onUpdated);
    connect(&backend, &Backend::processRemoved, this, &Broadcaster::onRemoved);
    connect(&backend, &Backend::processEvent, this, &Broadcaster::onEvent);
    connect(&backend, &Backend::healthChanged, this, &Broadcaster::onHealth);
    connect(&backend, &Backend::processMetrics, this, &Broadcaster::onProcessMetrics);
    connect(&backend, &Backend::systemMetrics, this, &Broadcaster::onSystemMetrics);
    connect(&backend, &Backend::logLines, this, &Broadcaster::onLogs);
}

Broadcaster::~Broadcaster() = default;

Broadcaster::Group *Broadcaster::groupOf(Subscriber *subscriber, EventType event)
{
    for (const auto &group : groups(event)) {
        if (group->members.contains(subscriber))
            return group.get();
    }
    return nullptr;
}

void Broadcaster::update(Subscriber *subscriber, const SubscriptionState &state)
{
    for (const EventType event : allEventTypes) {
        Group *before = groupOf(subscriber, event);
        const std::optional<Stream> &wanted = state.stream(event);
        if (before && wanted == before->stream)
            continue;
        if (wanted)
            join(subscriber, *wanted);
        // Last, so that a watch that goes on does not end in between.
        if (before)
            leave(subscriber, before);
    }
}

void Broadcaster::remove(Subscriber *subscriber)
{
    update(subscriber, {});
}

void Broadcaster::join(Subscriber *subscriber, const Stream &stream)
{
    Groups &all = groups(stream.event);
    const auto at = std::find_if(all.begin(), all.end(),
                                 [&](const auto &group) { return group->stream == stream; });
    if (at != all.end()) {
        (*at)->members.append(subscriber);
        return;
    }
    all.push_back(std::make_unique<Group>(Group{stream, {}, {subscriber}, {}, {}}));
    // A Backend may emit while the watch begins: the group is complete by then.
    Group *group = all.back().get();
    group->watch = watch(stream);
}

void Broadcaster::leave(Subscriber *subscriber, Group *group)
{
    group->members.removeOne(subscriber);
    if (!group->members.isEmpty())
        return;
    Groups &all = groups(group->stream.event);
    const auto at = std::find_if(all.begin(), all.end(),
                                 [group](const auto &each) { return each.get() == group; });
    // Its watch ends last: a Backend may emit while it does.
    const std::unique_ptr<Group> ended = std::move(*at);
    all.erase(at);
}

Watch Broadcaster::watch(const Stream &stream)
{
    switch (stream.event) {
    case EventType::ProcessMetrics:
        return m_backend.watchProcessMetrics(stream.filter, stream.interval);
    case EventType::SystemMetrics:
        return m_backend.watchSystemMetrics(stream.interval);
    case EventType::LogMessage:
        return m_backend.watchLogs(stream.filter);
    case EventType::ProcessStatus:
    case EventType::HealthUpdate:
    case EventType::ProcessEvent:
        break;
    }
    return {};
}

void Broadcaster::sendFirstFrame(Subscriber *subscriber, EventType event)
{
    Group *group = groupOf(subscriber, event);
    if (!group)
        return;
    if (!group->lastFrame.isEmpty()) {
        subscriber->deliver(kindOf(event), group->lastFrame);
        return;
    }
    // An interval that somebody in this process watched already brings none before its next tick.
    QTimer::singleShot(FirstFrameGrace, this, [this, stream = group->stream] {
        for (const auto &each : groups(stream.event)) {
            if (each->stream == stream && each->lastFrame.isEmpty())
                return sendKnownMetrics(*each);
        }
    });
}

void Broadcaster::sendKnownMetrics(Group &group)
{
    if (group.stream.event == EventType::SystemMetrics) {
        if (m_lastSystem)
            setLastFrame(group, textFrame(m_encoder.systemMetrics(*m_lastSystem)));
        return;
    }
    QList<ProcessSample> samples;
    for (const ProcessEntry &entry : m_backend.processes()) {
        if (!group.stream.matches(entry))
            continue;
        ProcessSample sample = m_backend.lastSample(entry.id);
        if (entry.pid && sample.memory == 0)
            return; // never sampled: better nothing than zeros
        sample.id = entry.id;
        sample.uptime = uptimeOf(entry, wallNow());
        samples.append(sample);
    }
    setLastFrame(group, metricsFrame(group, samples));
}

void Broadcaster::setLastFrame(Group &group, const QByteArray &frame)
{
    group.lastFrame = frame;
    for (Subscriber *member : group.members)
        member->deliver(kindOf(group.stream.event), frame);
}

QByteArray Broadcaster::metricsFrame(const Group &group, const QList<ProcessSample> &samples)
{
    std::vector<MetricsRow> rows;
    rows.reserve(static_cast<std::size_t>(samples.size()));
    for (const ProcessSample &sample : samples) {
        const ProcessEntry *entry = m_backend.process(sample.id);
        if (entry && group.stream.matches(*entry))
            rows.push_back({entry, sample});
    }
    return textFrame(m_encoder.processMetrics(rows));
}

void Broadcaster::onProcessMetrics(const MetricsFrame &frame)
{
    for (const auto &group : groups(EventType::ProcessMetrics)) {
        if (group->stream.interval == frame.interval)
            setLastFrame(*group, metricsFrame(*group, frame.processes));
    }
}

void Broadcaster::onSystemMetrics(const SystemMetrics &metrics)
{
    m_lastSystem = metrics;
    for (const auto &group : groups(EventType::SystemMetrics)) {
        if (group->stream.interval == metrics.interval)
            setLastFrame(*group, textFrame(m_encoder.systemMetrics(metrics)));
    }
}

void Broadcaster::sendToMatching(EventType event, const ProcessEntry &entry,
                                 const std::function<QByteArray()> &encode)
{
    QByteArray frame;
    for (const auto &group : groups(event)) {
        if (!group->stream.matches(entry))
            continue;
        if (frame.isEmpty())
            frame = textFrame(encode());
        for (Subscriber *member : group->members)
            member->deliver(kindOf(event), frame);
    }
}

ProcessEntry Broadcaster::entryOf(ProcessId id, const QString &name) const
{
    const auto known = m_entries.constFind(id);
    if (known != m_entries.constEnd())
        return *known;
    ProcessEntry entry;
    entry.id = id;
    entry.name = entry.app = name;
    return entry;
}

void Broadcaster::onStatus(const StatusChange &change)
{
    m_entries.insert(change.process.id, change.process);
    sendToMatching(EventType::ProcessStatus, change.process,
                   [&] { return m_encoder.processStatus(change); });
}

void Broadcaster::onUpdated(const ProcessEntry &entry)
{
    ProcessEntry before = m_entries.value(entry.id);
    m_entries.insert(entry.id, entry);
    before.health = entry.health; // a change of health alone has a message of its own
    if (before == entry)
        return;
    sendToMatching(EventType::ProcessStatus, entry, [&] {
        return m_encoder.processStatus({entry, entry.status});
    });
}

void Broadcaster::onRemoved(ProcessId id)
{
    QTimer::singleShot(0, this, [this, id] { m_entries.remove(id); });
}

void Broadcaster::onEvent(const ProcessEvent &event)
{
    sendToMatching(EventType::ProcessEvent, entryOf(event.id, event.name),
                   [&] { return m_encoder.processEvent(event); });
}

void Broadcaster::onHealth(const HealthUpdate &update)
{
    sendToMatching(EventType::HealthUpdate, entryOf(update.id, update.name),
                   [&] { return m_encoder.healthUpdate(update); });
}

QByteArray Broadcaster::logFrames(const LogBatch &batch, bool batched)
{
    QByteArray frames;
    if (batched) {
        for (const QByteArray &message : m_encoder.logBatch(batch))
            frames += textFrame(message);
        return frames;
    }
    qint64 dropped = batch.dropped;
    for (const LogLine &line : batch.lines)
        frames += textFrame(m_encoder.logMessage(batch, line, std::exchange(dropped, 0)));
    return frames;
}

void Broadcaster::onLogs(const LogBatch &batch)
{
    const ProcessEntry entry = entryOf(batch.id, batch.name);
    QByteArray whole; // for all groups that want every line
    for (const auto &group : groups(EventType::LogMessage)) {
        const Stream &stream = group->stream;
        if (!stream.matches(entry))
            continue;
        LogBatch wanted = batch;
        const bool all = !stream.level && stream.grep.isEmpty();
        if (!all)
            wanted.lines.removeIf([&](const LogLine &line) { return !stream.matches(line); });
        if (wanted.lines.isEmpty())
            continue;
        if (stream.batch) {
            collect(*group, wanted);
            continue;
        }
        if (all && whole.isEmpty())
            whole = logFrames(batch, false);
        const QByteArray frames = all ? whole : logFrames(wanted, false);
        for (Subscriber *member : group->members)
            member->deliverLogs(wanted, frames, false);
    }
}

/// Lines gather for a while, so that a fast process makes few messages.
void Broadcaster::collect(Group &group, const LogBatch &batch)
{
    const auto at = group.pending.find(batch.id);
    if (at == group.pending.end()) {
        group.pending.emplace(batch.id, batch);
    } else if (batch.dropped > 0 || at->second.lines.size() >= MaxBatchLines) {
        flushBatch(group, std::exchange(at->second, batch));
    } else {
        at->second.lines += batch.lines;
    }
    if (!m_flush.isActive())
        m_flush.start();
}

void Broadcaster::flushBatch(Group &group, const LogBatch &batch)
{
    const QByteArray frames = logFrames(batch, true);
    for (Subscriber *member : group.members)
        member->deliverLogs(batch, frames, true);
}

void Broadcaster::flushBatches()
{
    for (const auto &group : groups(EventType::LogMessage)) {
        for (const auto &[id, batch] : std::exchange(group->pending, {}))
            flushBatch(*group, batch);
    }
}

} // namespace pmdaemon
