// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/apply.h"
#include "core/model/command.h"
#include "core/model/logline.h"
#include "core/model/processevent.h"
#include "core/model/result.h"
#include "core/protocol/clientmessage.h"

#include <QJsonObject>

#include <span>
#include <vector>

namespace pmdaemon {

class JsonBuffer;

/// No message that leaves is this long.
inline constexpr qsizetype MaxServerMessage = 1024 * 1024;

/// One row of process_metrics: the entry and its figures.
struct MetricsRow
{
    const ProcessEntry *entry = nullptr;
    ProcessSample sample;
};

/// Writes whole messages, each with its own id (boot nonce + counter) and the time of writing.
/// Broadcast ones are written directly, without a document in between.
class MessageEncoder
{
public:
    explicit MessageEncoder(QByteArray bootNonce);

    QByteArray processStatus(const StatusChange &change, bool snapshot = false);
    /// Always below 1 MiB: rows become shorter for some 4,500 processes and more.
    QByteArray processMetrics(std::span<const MetricsRow> rows);
    QByteArray systemMetrics(const SystemMetrics &metrics);
    QByteArray healthUpdate(const HealthUpdate &update);
    QByteArray processEvent(const ProcessEvent &event);
    /// `dropped` > 0: so many lines before this one were not sent.
    QByteArray logMessage(const LogBatch &of, const LogLine &line, qint64 dropped);
    /// Always below 1 MiB: a batch that would be longer becomes several messages.
    QList<QByteArray> logBatch(const LogBatch &batch);
    /// Any reply; `replyTo` undefined = left out. One that would reach 1 MiB becomes the error
    /// too_large.
    QByteArray reply(QLatin1StringView type, const QJsonObject &data, const QJsonValue &replyTo);
    QByteArray error(const Error &error, const QJsonValue &replyTo);

private:
    /// What a row says of an entry, kept until the entry changes: it hardly ever does, and every
    /// second there is a row of each.
    struct KeptRow
    {
        ProcessEntry entry;
        QByteArray text;
    };

    QByteArrayView rowOf(const ProcessEntry &entry);
    template <typename AppendEntry>
    QByteArray metricsOf(std::span<const MetricsRow> rows, AppendEntry appendEntry);
    /// Closes `data`, then as sign().
    QByteArray finish(JsonBuffer &out);
    /// What follows the data: timestamp, id, reply_to.
    QByteArray sign(JsonBuffer &out, const QJsonValue &replyTo);

    QByteArray m_nonce;
    quint64 m_counter = 0;
    std::vector<KeptRow> m_rows; ///< by id
    std::size_t m_nextRow = 0;   ///< where the row after the last one is likely to be
    qsizetype m_metricsSize = 0; ///< of the last process_metrics: what the next one will need
};

/// A message as it arrives at a client.
struct ServerMessage
{
    QString type;
    QJsonObject data;
    QJsonValue replyTo{QJsonValue::Undefined};
    QString id;
    WallTime time{}; ///< of writing; that of SystemMetrics stands nowhere else
};

/// InvalidMessage for what is no message of this protocol. Unknown types are fine.
Result<ServerMessage> parseServerMessage(const QByteArray &text);

// The shapes in `data`, both ways. Reading ignores unknown keys; a missing or wrongly typed one is
// InvalidMessage.
QJsonObject toJson(const ProcessEntry &entry); ///< REST's P without figures
QJsonObject toJson(const ProcessEntry &entry, const ProcessSample &sample); ///< REST's P
Result<ProcessEntry> processEntryFromJson(const QJsonObject &json);
Result<StatusChange> statusChangeFromJson(const QJsonObject &json);
/// The figures in process_metrics.
Result<QList<ProcessSample>> processSamplesFromJson(const QJsonObject &json);
QJsonObject toJson(const SystemMetrics &metrics);
Result<SystemMetrics> systemMetricsFromJson(const QJsonObject &json);
Result<HealthUpdate> healthUpdateFromJson(const QJsonObject &json);
Result<ProcessEvent> processEventFromJson(const QJsonObject &json);
Result<LogBatch> logBatchFromJson(const QJsonObject &json);
QJsonObject toJson(const CommandResult &result, const Command &command);
/// success false becomes the Error that it carries.
Result<CommandResult> commandResultFromJson(const QJsonObject &json);
QJsonObject failedCommandToJson(const Error &error, const Command &command);
QJsonObject toJson(const ProcessDetail &detail);
Result<ProcessDetail> processDetailFromJson(const QJsonObject &json);
QJsonObject toJson(const SystemInfo &info, const QMap<QString, int> &countsByStatus);
Result<SystemInfo> systemInfoFromJson(const QJsonObject &json);
QJsonObject toJson(const ProcessEvent &event);
QJsonObject toJson(const EventPage &page);
Result<EventPage> eventPageFromJson(const QJsonObject &json);
QJsonObject toJson(const ApplyReport &report);
Result<ApplyReport> applyReportFromJson(const QJsonObject &json);
QJsonObject toJson(const History &history);
Result<History> historyFromJson(const QJsonObject &json);
QJsonObject toJson(const LogPage &page);
Result<LogPage> logPageFromJson(const QJsonObject &json);
QJsonObject toJson(const Error &error);
Error errorFromJson(const QJsonObject &json);

} // namespace pmdaemon
