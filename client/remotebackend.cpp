// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "client/remotebackend.h"

#include "client/reconnectdelay.h"

#include <QJsonArray>
#include <QLoggingCategory>
#include <QRandomGenerator>

#include <utility>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

Q_LOGGING_CATEGORY(lcClient, "pmdaemon.client")

constexpr int protocolVersion = 1;

/// process_info: {process: D}, or {processes: [D]}.
Result<QList<ProcessDetail>> detailsFromJson(const QJsonObject &data)
{
    QJsonArray array = data["processes"_L1].toArray();
    if (const QJsonValue single = data["process"_L1]; single.isObject())
        array.append(single);
    QList<ProcessDetail> details;
    for (const QJsonValue &value : array) {
        Result<ProcessDetail> detail = processDetailFromJson(value.toObject());
        if (!detail)
            return tl::unexpected(detail.error());
        details.append(*std::move(detail));
    }
    return details;
}

/// Another process than the one that had this id: the daemon's store is a new one.
bool isAnother(const ProcessEntry &one, const ProcessEntry &other)
{
    return one.createdAt != other.createdAt;
}

} // namespace

RemoteBackend::RemoteBackend(const Endpoint &endpoint, QObject *parent)
    : RemoteBackend(endpoint, Options{}, parent)
{}

RemoteBackend::RemoteBackend(const Endpoint &endpoint, const Options &options, QObject *parent)
    : Backend(parent)
    , m_options(options)
    , m_connection(endpoint, options.timing)
{
    m_retryTimer.setSingleShot(true);
    connect(&m_retryTimer, &QTimer::timeout, &m_connection, &DaemonConnection::open);
    connect(&m_connection, &DaemonConnection::opened, this, &RemoteBackend::startSync);
    connect(&m_connection, &DaemonConnection::lost, this, &RemoteBackend::handleLoss);
    connect(&m_connection, &DaemonConnection::received, this, &RemoteBackend::handleMessage);
}

RemoteBackend::~RemoteBackend()
{
    m_isOpen = false;
    m_pending.failAll({ErrorCode::Unreachable, tr("the connection was closed")});
}

void RemoteBackend::open()
{
    const ConnectionState state = connectionState();
    if (state == ConnectionState::Connecting || state == ConnectionState::Live)
        return;
    m_retryTimer.stop();
    if (state != ConnectionState::Lost)
        setConnectionState(ConnectionState::Connecting);
    m_connection.open();
}

void RemoteBackend::close()
{
    m_retryTimer.stop();
    m_isOpen = false;
    m_connection.close();
    m_pending.failAll({ErrorCode::Unreachable, tr("the connection was closed")});
    setConnectionState(ConnectionState::Disconnected);
}

// ---- Asking ------------------------------------------------------------------------------------

void RemoteBackend::request(ClientMessage message, QLatin1StringView answer, milliseconds timeout,
                            PendingReplies::Handler handler)
{
    // What is watched before a question is asked is watched when it is answered.
    if (m_streamsChanged)
        updateStreams();
    const QJsonValue id = m_pending.add(answer, timeout, std::move(handler));
    m_connection.send(encodeRequest({id, std::move(message)}));
}

template <typename T>
Reply<T> RemoteBackend::ask(ClientMessage message, QLatin1StringView answer, milliseconds timeout,
                            Result<T> (*read)(const QJsonObject &))
{
    if (connectionState() != ConnectionState::Live)
        return readyReply<T>(
            fail(ErrorCode::Unreachable,
                 tr("there is no connection to the daemon at %1").arg(endpoint().url.toString())));
    auto promise = std::make_shared<QPromise<Result<T>>>();
    promise->start();
    request(std::move(message), answer, timeout, [promise, read](const Result<QJsonObject> &data) {
        promise->addResult(data.and_then(read));
        promise->finish();
    });
    return promise->future();
}

Reply<CommandResult> RemoteBackend::command(Command command)
{
    return ask(std::move(command), "command_result"_L1, m_options.commandTimeout,
               commandResultFromJson);
}

Reply<QList<ProcessDetail>> RemoteBackend::processInfo(QString target)
{
    return ask(GetInfo{std::move(target)}, "process_info"_L1, m_options.queryTimeout,
               detailsFromJson);
}

Reply<SystemInfo> RemoteBackend::systemInfo()
{
    return ask(GetSystem{}, "system_info"_L1, m_options.queryTimeout, systemInfoFromJson);
}

Reply<History> RemoteBackend::history(QString process, WallTime from, WallTime to,
                                      milliseconds step)
{
    return ask(GetHistory{std::move(process), from, to, step}, "history"_L1, m_options.queryTimeout,
               historyFromJson);
}

Reply<LogPage> RemoteBackend::logs(LogQuery query)
{
    return ask(std::move(query), "logs"_L1, m_options.queryTimeout, logPageFromJson);
}

// ---- Becoming Live and losing it ---------------------------------------------------------------

void RemoteBackend::startSync()
{
    m_isOpen = true;
    m_reportedBadMessage = false;
    m_seen.clear();
    m_plan = {};
    const auto failed = [this](const Result<QJsonObject> &answer) {
        if (!answer)
            syncFailed(answer.error());
    };
    Subscribe changes;
    changes.events = {EventType::ProcessStatus, EventType::ProcessEvent, EventType::HealthUpdate};
    request(changes, "subscribed"_L1, m_options.queryTimeout, failed);
    updateStreams();
    // Messages are answered in order: with this one's answer, the snapshot is complete.
    request(GetSystem{}, "system_info"_L1, m_options.queryTimeout,
            [this](const Result<QJsonObject> &answer) {
                const Result<SystemInfo> info = answer.and_then(systemInfoFromJson);
                info ? finishSync(*info) : syncFailed(info.error());
            });
}

void RemoteBackend::finishSync(const SystemInfo &info)
{
    if (!m_isOpen)
        return;
    if (info.protocol != protocolVersion)
        return refuse(tr("the daemon (version %1) speaks protocol %2, this program %3; use the "
                         "same version of both")
                          .arg(info.version)
                          .arg(info.protocol)
                          .arg(protocolVersion));
    const QList<ProcessEntry> before = processes();
    for (const ProcessEntry &entry : before) {
        if (!m_seen.contains(entry.id))
            applyRemoval(entry.id);
    }
    m_failures = 0;
    setRole(info.role);
    setConnectionState(ConnectionState::Live);
}

void RemoteBackend::syncFailed(const Error &error)
{
    if (!m_isOpen) // the connection was lost, which is being dealt with
        return;
    if (error.code == ErrorCode::Timeout || error.code == ErrorCode::ShuttingDown) {
        m_connection.close();
        return handleLoss(DaemonConnection::Loss::Failed, error.message);
    }
    refuse(error.message);
}

void RemoteBackend::refuse(const QString &reason)
{
    m_connection.close();
    handleLoss(DaemonConnection::Loss::Refused, reason);
}

void RemoteBackend::handleLoss(DaemonConnection::Loss loss, const QString &reason)
{
    m_isOpen = false;
    const bool wasLive = connectionState() == ConnectionState::Live;
    const QString text =
        wasLive ? tr("the connection to the daemon was lost: %1").arg(reason) : reason;
    // The state first: who hears that a command failed may ask for it.
    if (loss == DaemonConnection::Loss::Refused)
        setConnectionState(ConnectionState::Refused, reason);
    else if (m_options.reconnect)
        setConnectionState(ConnectionState::Lost, reason);
    else
        setConnectionState(ConnectionState::Disconnected, reason);
    m_pending.failAll({ErrorCode::Unreachable, text});
    if (connectionState() != ConnectionState::Lost || m_retryTimer.isActive())
        return;
    const milliseconds pause =
        reconnectDelay(++m_failures, QRandomGenerator::global()->generateDouble());
    m_retryTimer.start(pause);
    emit retrying(reason, pause);
}

// ---- Streams -----------------------------------------------------------------------------------

void RemoteBackend::interestChanged()
{
    QList<milliseconds> intervals;
    for (const auto &[interval, filters] : interest().processMetrics)
        intervals.append(interval);
    m_processIntervals.setIntervals(intervals);
    m_systemIntervals.setIntervals(interest().systemMetrics);
    if (!m_isOpen || std::exchange(m_streamsChanged, true))
        return;
    // A watch that takes another's place, and several at once, make one change.
    QMetaObject::invokeMethod(this, &RemoteBackend::updateStreams, Qt::QueuedConnection);
}

void RemoteBackend::updateStreams()
{
    m_streamsChanged = false;
    if (!m_isOpen)
        return;
    StreamPlan plan = planFor(interest());
    for (ClientMessage &message : streamChanges(m_plan, plan))
        m_connection.send(encodeRequest({QJsonValue::Undefined, std::move(message)}));
    m_plan = std::move(plan);
}

// ---- What arrives ------------------------------------------------------------------------------

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
    const auto rows = metricsRowsFromJson(message.data);
    if (!rows)
        return reportBadMessage(rows.error());
    MetricsFrame frame{.time = message.time, .interval = {}, .processes = {}};
    for (const auto &[entry, sample] : *rows)
        frame.processes.append(sample);
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
