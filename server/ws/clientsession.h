// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/backend.h"
#include "core/protocol/clientmessage.h"
#include "server/auth/failurelimit.h"
#include "server/ws/broadcaster.h"
#include "server/ws/turns.h"
#include "server/ws/websocketconnection.h"

namespace pmdaemon {

/// What all sessions of a Gateway share.
struct SessionContext
{
    Backend &backend;
    const Settings &settings;
    MessageEncoder &encoder;
    Broadcaster &broadcaster;
    TokenTable &tokens;
    FailureLimit &failures;
};

/// One client of the WebSocket API: reads its messages, checks its role, answers, and holds what it
/// is subscribed to.
class ClientSession : public QObject, private Subscriber
{
    Q_OBJECT

public:
    using TimePoint = WebSocketConnection::TimePoint;

    ClientSession(SessionContext &context, WebSocketConnection *connection, const Grant &grant,
                  const QString &peerKey, QObject *parent = nullptr);
    ~ClientSession() override;

    WebSocketConnection &connection() { return *m_connection; }
    const Grant &grant() const { return m_grant; }

signals:
    /// The connection is gone; the session can be deleted.
    void finished();

private:
    void deliver(SendQueue::Kind kind, const QByteArray &frames) override;
    void deliverLogs(const LogBatch &batch, const QByteArray &frames, bool batched) override;
    void sendLogs(const LogBatch &batch, bool batched);

    void onMessage(const QByteArray &text);
    void onBinary();
    bool isFlood();
    void subscribeByDefault();

    void handle(const QJsonValue &id, const Subscribe &message);
    void handle(const QJsonValue &id, const Unsubscribe &message);
    bool beginCommand(const QJsonValue &id);
    void handle(const QJsonValue &id, const Command &message);
    void handle(const QJsonValue &id, const ApplyRequest &message);
    void handle(const QJsonValue &id, const GetInfo &message);
    void handle(const QJsonValue &id, const GetSystem &message);
    void handle(const QJsonValue &id, const GetHistory &message);
    void handle(const QJsonValue &id, const EventQuery &message);
    void handle(const QJsonValue &id, const LogQuery &message);
    void handle(const QJsonValue &id, const Auth &message);
    void handle(const QJsonValue &id, const Ping &message);

    /// False, after an error, if there would be too many names.
    template <typename Message>
    bool setSubscriptions(const Message &message, const QJsonValue &id);
    void sendFirst(const QList<EventType> &events);
    /// The last lines of one process that are being read, and the live ones that wait behind them.
    struct Tail
    {
        ProcessEntry entry;
        QList<LogBatch> live = {};
        qsizetype bytes = 0;
        qint64 dropped = 0; ///< behind `live`
    };

    void sendTails(const Subscribe &message);
    void queueNextTail();
    void readNextTail();
    void finishTail(const QList<LogLine> &lines);

    void reply(QLatin1StringView type, const QJsonObject &data, const QJsonValue &id);
    void refuse(const Error &error, const QJsonValue &id);
    static Error tooManyWaiting(std::size_t count);
    /// Asks in one of the `turns`, and sends what `toData` makes of the answer, or the error.
    template <typename Ask, typename F>
    void answer(Turns &turns, Ask ask, QLatin1StringView type, const QJsonValue &id, F toData);

    SessionContext &m_context;
    std::unique_ptr<WebSocketConnection> m_connection;
    Grant m_grant;
    QString m_peerKey;
    SubscriptionState m_subscriptions;
    TokenBucket m_messages;
    std::size_t m_pendingCommands = 0;
    Turns m_questions;
    Turns m_logReads; ///< these take long where much is searched
    bool m_spoke = false;
    QHash<ProcessId, qint64> m_dropped; ///< log lines not sent since the last one
    /// To be read. Their live lines until then will be in there.
    std::map<ProcessId, ProcessEntry> m_tails;
    LogQuery m_tailQuery;
    bool m_tailIsNext = false;    ///< among m_logReads
    std::shared_ptr<Tail> m_tail; ///< the one that is being read
};

} // namespace pmdaemon
