// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

// RemoteBackend: what arrives from the daemon, and what it makes of the mirror.

#include "client/remotebackend.h"

#include <QLoggingCategory>

#include <utility>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

Q_LOGGING_CATEGORY(lcClient, "pmdaemon.client")

/// Another process than the one that had this id: the daemon's store is a new one. One of the same
/// name is the same to whoever looks, though it was created anew.
bool isAnother(const ProcessEntry &one, const ProcessEntry &other)
{
    return one.name != other.name;
}

} // namespace

void RemoteBackend::handleMessage(const QByteArray &text)
{
    using Handler = void (RemoteBackend::*)(const ServerMessage &);
    static const QHash<QString, Handler> handlers = {
        {toString(EventType::ProcessStatus), &RemoteBackend::handleStatus},
        {toString(EventType::ProcessEvent), &RemoteBackend::handleEvent},
        {toString(EventType::HealthUpdate), &RemoteBackend::handleHealth},
        {toString(EventType::ProcessMetrics), &RemoteBackend::handleProcessMetrics},
        {toString(EventType::SystemMetrics), &RemoteBackend::handleSystemMetrics},
        {u"log_batch"_s, &RemoteBackend::handleLogBatch},
    };
    const Result<ServerMessage> message = parseServerMessage(text);
    if (!message)
        return reportBadMessage(message.error());
    if (!message->replyTo.isUndefined())
        return m_pending.resolve(*message);
    // Unknown types are those of a newer daemon.
    if (const Handler handler = handlers.value(message->type))
        (this->*handler)(*message);
}

void RemoteBackend::reportBadMessage(const Error &error)
{
    // Once per connection: what sends one sends many.
    if (!std::exchange(m_reportedBadMessage, true))
        qCWarning(lcClient).noquote()
            << "ignored a message of" << endpoint().url.toString() << ':' << error.message;
}

void RemoteBackend::handleStatus(const ServerMessage &message)
{
    Result<StatusChange> read = statusChangeFromJson(message.data);
    if (!read)
        return reportBadMessage(read.error());
    StatusChange &change = *read;
    m_seen.insert(change.process.id);
    const ProcessEntry *known = process(change.process.id);
    if (known && isAnother(*known, change.process)) {
        applyRemoval(change.process.id);
        known = nullptr;
    }
    if (message.data["snapshot"_L1].toBool())
        change.previous = known ? known->status : ProcessStatus::Stopped;
    const bool sameStatus = known && change.previous == change.process.status;
    sameStatus ? applyUpdate(change.process) : applyStatus(change);
}

void RemoteBackend::handleEvent(const ServerMessage &message)
{
    Result<ProcessEvent> event = processEventFromJson(message.data);
    if (!event)
        return reportBadMessage(event.error());
    if (event->time == WallTime{}) // told by none but newer daemons
        event->time = message.time;
    if (event->kind == ProcessEvent::Kind::Deleted)
        applyRemoval(event->id);
    emit processEvent(*event);
}

void RemoteBackend::handleHealth(const ServerMessage &message)
{
    const Result<HealthUpdate> update = healthUpdateFromJson(message.data);
    if (!update)
        return reportBadMessage(update.error());
    if (const ProcessEntry *known = process(update->id)) {
        ProcessEntry entry = *known;
        entry.health = update->status;
        applyUpdate(entry);
    }
    emit healthChanged(*update);
}

void RemoteBackend::handleProcessMetrics(const ServerMessage &message)
{
    const auto samples = processSamplesFromJson(message.data);
    if (!samples)
        return reportBadMessage(samples.error());
    MetricsFrame frame{.time = message.time, .interval = {}, .processes = *samples};
    for (const milliseconds interval : m_processIntervals.due(std::chrono::steady_clock::now())) {
        frame.interval = interval;
        applyMetrics(frame);
    }
}

void RemoteBackend::handleSystemMetrics(const ServerMessage &message)
{
    Result<SystemMetrics> metrics = systemMetricsFromJson(message.data);
    if (!metrics)
        return reportBadMessage(metrics.error());
    metrics->time = message.time;
    for (const milliseconds interval : m_systemIntervals.due(std::chrono::steady_clock::now())) {
        metrics->interval = interval;
        emit systemMetrics(*metrics);
    }
}

void RemoteBackend::handleLogBatch(const ServerMessage &message)
{
    const Result<LogBatch> batch = logBatchFromJson(message.data);
    if (!batch)
        return reportBadMessage(batch.error());
    emit logLines(*batch);
}

} // namespace pmdaemon
