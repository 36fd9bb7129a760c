// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/ws/clientsession.h"

#include "server/auth/visibility.h"

#include <QJsonArray>
#include <QTimer>

namespace pmdaemon {

using namespace std::chrono_literals;
using namespace Qt::Literals::StringLiterals;

namespace {

constexpr auto DefaultSubscriptionDelay = 1s;
constexpr std::size_t MaxPendingCommands = 64;
constexpr qsizetype MaxNames = 4'096;
constexpr qsizetype MaxNamesOfReaders = 256;

struct Rate
{
    double perSecond;
    double burst;
};

bool isStranger(const Grant &grant)
{
    return grant.role <= Role::Read && !grant.byProof();
}

Rate messageRate(const Grant &grant)
{
    return isStranger(grant) ? Rate{100, 500} : Rate{1'000, 5'000};
}

} // namespace

ClientSession::ClientSession(SessionContext &context, WebSocketConnection *connection,
                             const Grant &grant, const QString &peerKey, QObject *parent)
    : QObject(parent)
    , m_context(context)
    , m_connection(connection)
    , m_grant(grant)
    , m_peerKey(peerKey)
    , m_messages(messageRate(grant).perSecond, messageRate(grant).burst)
    , m_questions([connection] { return !connection->isCongested(); })
    , m_logReads([connection] { return !connection->isCongested(); })
{
    connect(connection, &WebSocketConnection::messageReceived, this, &ClientSession::onMessage);
    connect(connection, &WebSocketConnection::binaryReceived, this, &ClientSession::onBinary);
    connect(connection, &WebSocketConnection::drained, &m_questions, &Turns::goOn);
    connect(connection, &WebSocketConnection::drained, &m_logReads, &Turns::goOn);
    connect(connection, &WebSocketConnection::finished, this, &ClientSession::finished);
    // Queued: it may be the Broadcaster that finds the reader too slow.
    connect(
        connection, &WebSocketConnection::closing, this,
        [this] { m_context.broadcaster.remove(this); }, Qt::QueuedConnection);
    QTimer::singleShot(DefaultSubscriptionDelay, this, &ClientSession::subscribeByDefault);
}

ClientSession::~ClientSession()
{
    m_context.broadcaster.remove(this);
}

void ClientSession::reply(QLatin1StringView type, const QJsonObject &data, const QJsonValue &id)
{
    deliver(SendQueue::Kind::Keep, textFrame(m_context.encoder.reply(type, data, id)));
}

void ClientSession::refuse(const Error &error, const QJsonValue &id)
{
    deliver(SendQueue::Kind::Keep, textFrame(m_context.encoder.error(error, id)));
}

void ClientSession::deliver(SendQueue::Kind kind, const QByteArray &frames)
{
    m_connection->send(kind, frames);
}

void ClientSession::subscribeByDefault()
{
    if (m_spoke)
        return;
    m_subscriptions = SubscriptionState::defaults();
    m_context.broadcaster.update(this, m_subscriptions);
    sendFirst({EventType::ProcessStatus, EventType::ProcessMetrics, EventType::SystemMetrics});
}

// Messages

bool ClientSession::isFlood()
{
    if (m_messages.take(std::chrono::steady_clock::now()))
        return false;
    refuse({ErrorCode::RateLimited,
            tr("Too many messages: %1 a second are accepted.").arg(messageRate(m_grant).perSecond)},
           QJsonValue::Undefined);
    m_connection->close(CloseCode::PolicyViolation, u"too many messages"_s);
    return true;
}

void ClientSession::onBinary()
{
    m_spoke = true;
    if (!isFlood())
        refuse({ErrorCode::InvalidMessage,
                tr("A binary frame arrived; messages are JSON objects in text frames.")},
               QJsonValue::Undefined);
}

void ClientSession::onMessage(const QByteArray &text)
{
    m_spoke = true;
    if (isFlood())
        return;
    const auto request = parseRequest(text);
    if (!request)
        return refuse(request.error().error, request.error().id);
    std::visit([&](const auto &message) { handle(request->id, message); }, request->message);
}

Error ClientSession::tooManyWaiting(std::size_t count)
{
    return {ErrorCode::RateLimited,
            tr("%1 requests of this connection wait for their answer already; wait for one, too.")
                .arg(count)};
}

template <typename Ask, typename F>
void ClientSession::answer(Turns &turns, Ask ask, QLatin1StringView type, const QJsonValue &id,
                           F toData)
{
    const bool isQueued = turns.add([this, &turns, ask, type, id, toData] {
        using Answer = decltype(ask().result());
        ask().then(this, [this, &turns, type, id, toData](const Answer &result) {
            if (result)
                reply(type, toData(*result), id);
            else
                refuse(result.error(), id);
            turns.finish();
        });
    });
    if (!isQueued)
        refuse(tooManyWaiting(Turns::MaxWaiting), id);
}

/// False, and the client is told, where it may not change anything, or has asked for too much.
bool ClientSession::beginCommand(const QJsonValue &id)
{
    if (m_grant.role < Role::Control) {
        const QString why = m_context.settings.wsReadOnly
                                ? tr("This daemon's WebSocket is read-only (ws_read_only).")
                                : tr("This connection may only read. Send {\"type\": \"auth\", "
                                     "\"data\": {\"token\": TOKEN}} first, or connect with "
                                     "\"Authorization: Bearer TOKEN\".");
        refuse({ErrorCode::ReadOnly, why}, id);
        return false;
    }
    if (m_pendingCommands >= MaxPendingCommands) {
        refuse(tooManyWaiting(MaxPendingCommands), id);
        return false;
    }
    ++m_pendingCommands;
    return true;
}

void ClientSession::handle(const QJsonValue &id, const Command &message)
{
    if (const auto error =
            refuseDefinitions(m_grant.role, {message.config.value_or(QJsonObject())}))
        return refuse(*error, id);
    if (!beginCommand(id))
        return;
    m_context.backend.command(message).then(this, [this, id,
                                                   message](const Result<CommandResult> &result) {
        --m_pendingCommands;
        reply("command_result"_L1,
              result ? toJson(*result, message) : failedCommandToJson(result.error(), message), id);
    });
}

void ClientSession::handle(const QJsonValue &id, const ApplyRequest &message)
{
    if (const auto error = refuseDefinitions(m_grant.role, message.apps))
        return refuse(*error, id);
    if (!beginCommand(id))
        return;
    m_context.backend.apply(message).then(this, [this, id](const Result<ApplyReport> &report) {
        --m_pendingCommands;
        if (report)
            reply("apply_result"_L1, toJson(*report), id);
        else
            refuse(report.error(), id);
    });
}

void ClientSession::handle(const QJsonValue &id, const GetInfo &message)
{
    const bool named = !message.process.isEmpty();
    if (!named && m_context.backend.processes().isEmpty())
        return reply("process_info"_L1, {{u"processes"_s, QJsonArray()}}, id);
    const auto ask = [this, target = named ? message.process : u"all"_s] {
        return m_context.backend.processInfo(target);
    };
    answer(m_questions, ask, "process_info"_L1, id,
           [this, named](const QList<ProcessDetail> &details) -> QJsonObject {
               if (named && details.size() == 1)
                   return {{u"process"_s, processInfoFor(m_grant, details.first())}};
               QJsonArray all;
               for (const ProcessDetail &detail : details)
                   all.append(processInfoFor(m_grant, detail));
               return {{u"processes"_s, all}};
           });
}

void ClientSession::handle(const QJsonValue &id, const GetSystem &)
{
    const auto ask = [this] { return m_context.backend.systemInfo(); };
    answer(m_questions, ask, "system_info"_L1, id, [this](const SystemInfo &info) {
        return systemInfoFor(m_grant, info, m_context.backend.processes());
    });
}

void ClientSession::handle(const QJsonValue &id, const GetHistory &message)
{
    const auto ask = [this, message] {
        const WallTime to = message.to.value_or(wallNow());
        const WallTime from = message.from.value_or(to - 1h);
        return m_context.backend.history(message.process, from, to, message.step);
    };
    answer(m_questions, ask, "history"_L1, id,
           [](const History &history) { return toJson(history); });
}

void ClientSession::handle(const QJsonValue &id, const EventQuery &message)
{
    const auto ask = [this, message] { return m_context.backend.events(message); };
    answer(m_questions, ask, "events"_L1, id, [](const EventPage &page) { return toJson(page); });
}

void ClientSession::handle(const QJsonValue &id, const LogQuery &message)
{
    if (m_grant.restricted)
        return refuse({ErrorCode::Unauthorized, tr("Logs need a token from this page.")}, id);
    const auto ask = [this, message] { return m_context.backend.logs(message); };
    answer(m_logReads, ask, "logs"_L1, id, [](const LogPage &page) { return toJson(page); });
}

void ClientSession::handle(const QJsonValue &id, const Auth &message)
{
    const auto session = m_context.tokens.exchange(message.token.toUtf8(), wallNow());
    const QString token = session ? QString::fromLatin1(session->first) : message.token;
    const Result<Grant> raised =
        authorizeToken(token, m_grant, m_context.settings, m_context.tokens);
    if (!raised) {
        const auto now = std::chrono::steady_clock::now();
        if (m_context.failures.isBlocked(m_peerKey, now))
            return refuse(
                {ErrorCode::RateLimited, tr("Too many wrong tokens; try again in a minute.")}, id);
        m_context.failures.recordFailure(m_peerKey, now);
        return refuse(raised.error(), id);
    }
    if (isStranger(std::exchange(m_grant, *raised)))
        m_messages = TokenBucket(messageRate(m_grant).perSecond, messageRate(m_grant).burst);
    QJsonObject answer{{u"role"_s, toString(m_grant.role)}};
    if (session) {
        answer.insert(u"token"_s, token);
        answer.insert(u"expires_at"_s, toRfc3339(*session->second.expiresAt));
    }
    reply("authenticated"_L1, answer, id);
}

void ClientSession::handle(const QJsonValue &id, const Ping &)
{
    reply("pong"_L1, {}, id);
}

// Subscriptions

void ClientSession::handle(const QJsonValue &id, const Subscribe &message)
{
    Subscribe wanted = message;
    const bool isKeptFromLogs =
        m_grant.restricted && wanted.events.removeAll(EventType::LogMessage) > 0;
    if (!setSubscriptions(wanted, id))
        return;
    if (!message.unknownEvents.isEmpty())
        refuse(unknownEventError(message.unknownEvents), id);
    if (isKeptFromLogs)
        refuse({ErrorCode::Unauthorized, tr("Logs need a token from this page.")}, id);
    if (!id.isUndefined())
        reply("subscribed"_L1, m_subscriptions.toJson(), id);
    m_context.broadcaster.update(this, m_subscriptions);
    if (wanted.snapshot)
        sendFirst(wanted.events);
    if (wanted.events.contains(EventType::LogMessage))
        sendTails(wanted);
}

void ClientSession::handle(const QJsonValue &id, const Unsubscribe &message)
{
    if (!setSubscriptions(message, id))
        return;
    if (!message.unknownEvents.isEmpty())
        refuse(unknownEventError(message.unknownEvents), id);
    m_context.broadcaster.update(this, m_subscriptions);
    if (!id.isUndefined())
        reply("unsubscribed"_L1, m_subscriptions.toJson(), id);
}

template <typename Message>
bool ClientSession::setSubscriptions(const Message &message, const QJsonValue &id)
{
    SubscriptionState next = m_subscriptions;
    next.apply(message);
    const qsizetype allowed = isStranger(m_grant) ? MaxNamesOfReaders : MaxNames;
    if (next.mostNames() > allowed) {
        refuse({ErrorCode::TooLarge,
                tr("A subscription holds at most %1 names, those that were unsubscribed from it "
                   "included. Subscribe anew with the names that are wanted.")
                    .arg(allowed)},
               id);
        return false;
    }
    m_subscriptions = std::move(next);
    return true;
}

void ClientSession::sendFirst(const QList<EventType> &events)
{
    for (const EventType event : events) {
        if (event == EventType::ProcessMetrics || event == EventType::SystemMetrics)
            m_context.broadcaster.sendFirstFrame(this, event);
    }
    const auto &stream = m_subscriptions.stream(EventType::ProcessStatus);
    if (!stream || !events.contains(EventType::ProcessStatus))
        return;
    QByteArray frames;
    for (const ProcessEntry &entry : m_context.backend.processes()) {
        if (stream->matches(entry))
            frames += textFrame(m_context.encoder.processStatus({entry, entry.status}, true));
    }
    if (!frames.isEmpty())
        deliver(SendQueue::Kind::Keep, frames);
}

} // namespace pmdaemon
