// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "client/daemonconnection.h"
#include "client/pendingreplies.h"
#include "client/streamplan.h"
#include "core/backend.h"

#include <QSet>

#include <deque>

namespace pmdaemon {

/// The Backend of a daemon at the other end of a WebSocket. It keeps the mirror over reconnects: a
/// new snapshot is applied as the difference to the old one. Live once that is complete.
class RemoteBackend : public Backend
{
    Q_OBJECT

public:
    struct Options
    {
        milliseconds commandTimeout{60'000};
        milliseconds queryTimeout{15'000};
        bool reconnect = true; ///< false: the first loss leads to Disconnected
        DaemonConnection::Timing timing = {};
    };

    explicit RemoteBackend(const Endpoint &endpoint, QObject *parent = nullptr);
    RemoteBackend(const Endpoint &endpoint, const Options &options, QObject *parent = nullptr);
    ~RemoteBackend() override;

    const Endpoint &endpoint() const { return m_connection.endpoint(); }
    /// Connects, and keeps connecting with growing pauses until close(), Live or Refused. Does
    /// nothing while it does so already; from Lost or Refused it tries again at once.
    void open();
    void close();

    // Answered with Unreachable at once unless Live, and on a loss before the answer came.
    Reply<CommandResult> command(Command command) override;
    Reply<QList<ProcessDetail>> processInfo(QString target) override;
    Reply<SystemInfo> systemInfo() override;
    Reply<History> history(QString process, WallTime from, WallTime to, milliseconds step) override;
    Reply<ApplyReport> apply(ApplyRequest request) override;
    Reply<EventPage> events(EventQuery query) override;
    Reply<LogPage> logs(LogQuery query) override;

signals:
    /// An attempt failed or the connection was lost; the next attempt comes in `pause`.
    void retrying(const QString &reason, std::chrono::milliseconds pause);

protected:
    void interestChanged() override;

private:
    template <typename T>
    Reply<T> ask(ClientMessage message, QLatin1StringView answer, milliseconds timeout,
                 Result<T> (*read)(const QJsonObject &));
    void request(ClientMessage message, QLatin1StringView answer, milliseconds timeout,
                 PendingReplies::Handler handler);

    void sendWaiting();
    void failAll(const QString &reason);

    void startSync();
    void finishSync(const SystemInfo &info);
    void syncFailed(const Error &error);
    void refuse(const QString &reason);
    void handleLoss(DaemonConnection::Loss loss, const QString &reason);
    void updateStreams();

    void handleMessage(const QByteArray &text);
    void handleStatus(const ServerMessage &message);
    void handleEvent(const ServerMessage &message);
    void handleHealth(const ServerMessage &message);
    void handleProcessMetrics(const ServerMessage &message);
    void handleSystemMetrics(const ServerMessage &message);
    void handleLogBatch(const ServerMessage &message);
    void reportBadMessage(const Error &error);

    struct Question
    {
        ClientMessage message;
        QLatin1StringView answer;
        milliseconds timeout{0};
        PendingReplies::Handler handler;
    };

    Options m_options;
    DaemonConnection m_connection;
    PendingReplies m_pending;
    std::deque<Question> m_waiting; ///< until fewer are pending
    QTimer m_retryTimer;
    int m_failures = 0;

    bool m_isOpen = false;
    bool m_streamsChanged = false;
    bool m_reportedBadMessage = false;
    QSet<ProcessId> m_seen; ///< in the snapshot that is being received
    StreamPlan m_plan;      ///< what the daemon was asked for
    IntervalThinner m_processIntervals;
    IntervalThinner m_systemIntervals;
};

} // namespace pmdaemon
