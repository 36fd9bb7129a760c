// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "client/remotebackend.h"

#include "client/reconnectdelay.h"

#include <QJsonArray>
#include <QRandomGenerator>

#include <utility>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int protocolVersion = 1;
/// Questions without an answer; the daemon refuses more than 64 of one connection.
constexpr std::size_t mostAtOnce = 32;

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
    failAll(tr("the connection was closed"));
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
    failAll(tr("the connection was closed"));
    setConnectionState(ConnectionState::Disconnected);
}

// ---- Asking ------------------------------------------------------------------------------------

void RemoteBackend::request(ClientMessage message, QLatin1StringView answer, milliseconds timeout,
                            PendingReplies::Handler handler)
{
    m_waiting.push_back({std::move(message), answer, timeout, std::move(handler)});
    sendWaiting();
}

void RemoteBackend::sendWaiting()
{
    // What is watched before a question is asked is watched when it is answered.
    if (m_streamsChanged)
        updateStreams();
    while (m_isOpen && !m_waiting.empty() && m_pending.size() < mostAtOnce) {
        Question question = std::move(m_waiting.front());
        m_waiting.pop_front();
        const auto answered = [this,
                               handler = std::move(question.handler)](Result<QJsonObject> data) {
            handler(std::move(data));
            sendWaiting();
        };
        const QJsonValue id = m_pending.add(question.answer, question.timeout, answered);
        m_connection.send(encodeRequest({id, std::move(question.message)}));
    }
}

void RemoteBackend::failAll(const QString &reason)
{
    const Error error{ErrorCode::Unreachable, reason};
    const auto waiting = std::exchange(m_waiting, {});
    m_pending.failAll(error);
    for (const Question &question : waiting)
        question.handler(tl::unexpected(error));
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

Reply<ApplyReport> RemoteBackend::apply(ApplyRequest request)
{
    return ask(std::move(request), "apply_result"_L1, m_options.commandTimeout,
               applyReportFromJson);
}

Reply<EventPage> RemoteBackend::events(EventQuery query)
{
    return ask(std::move(query), "events"_L1, m_options.queryTimeout, eventPageFromJson);
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
    failAll(text);
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

} // namespace pmdaemon
