// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/protocol/servershapes.h"

#include <QJsonDocument>
#include <QJsonParseError>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

template <HasFields T>
QJsonObject write(const T &from)
{
    QJsonObject json;
    writeFields(json, from, FieldsOf<T>::fields);
    return json;
}

Error unreadable(const ReadProblem &problem)
{
    return {ErrorCode::InvalidMessage,
            problem.pointer + u": "_s + problem.message,
            {{"pointer"_L1, problem.pointer}}};
}

template <HasFields T>
Result<T> read(const QJsonObject &json)
{
    T value;
    if (const ReadResult problem = readFields(json, value, FieldsOf<T>::fields))
        return tl::unexpected(unreadable(*problem));
    return value;
}

} // namespace

Result<ServerMessage> parseServerMessage(const QByteArray &text)
{
    QJsonParseError parseError;
    const QJsonDocument document = QJsonDocument::fromJson(text, &parseError);
    const QJsonObject json = document.object();
    if (!document.isObject() || !json.value("type"_L1).isString()) {
        const QString why = parseError.error == QJsonParseError::NoError
                                ? u"no object with a type"_s
                                : parseError.errorString();
        return fail(ErrorCode::InvalidMessage, u"what came is no message: "_s + why);
    }
    const QJsonValue data = json.value("data"_L1);
    if (!data.isObject() && !data.isUndefined())
        return tl::unexpected(unreadable({u"/data"_s, refused(data, u"an object").message}));
    return ServerMessage{
        json.value("type"_L1).toString(), data.toObject(), json.value("reply_to"_L1),
        json.value("id"_L1).toString(),
        wallTimeFromString(json.value("timestamp"_L1).toString()).value_or(WallTime{})};
}

QJsonObject toJson(const ProcessEntry &entry)
{
    return write(entry);
}

QJsonObject toJson(const ProcessEntry &entry, const ProcessSample &sample)
{
    QJsonObject json = write(entry);
    writeFields(json, sample, sampleFields);
    return json;
}

Result<ProcessEntry> processEntryFromJson(const QJsonObject &json)
{
    return read<ProcessEntry>(json);
}

Result<StatusChange> statusChangeFromJson(const QJsonObject &json)
{
    return read<StatusChange>(json);
}

Result<QList<ProcessSample>> processSamplesFromJson(const QJsonObject &json)
{
    QList<ProcessSample> samples;
    const QJsonValue rows = json.value("processes"_L1);
    if (ReadResult problem = Codec<QList<ProcessSample>>::read(rows, samples)) {
        problem->pointer.prepend(u"/processes"_s);
        return tl::unexpected(unreadable(*problem));
    }
    return samples;
}

QJsonObject toJson(const SystemMetrics &metrics)
{
    return write(metrics);
}

Result<SystemMetrics> systemMetricsFromJson(const QJsonObject &json)
{
    return read<SystemMetrics>(json);
}

Result<HealthUpdate> healthUpdateFromJson(const QJsonObject &json)
{
    return read<HealthUpdate>(json);
}

Result<ProcessEvent> processEventFromJson(const QJsonObject &json)
{
    return read<ProcessEvent>(json);
}

Result<LogBatch> logBatchFromJson(const QJsonObject &json)
{
    return read<LogBatch>(json);
}

QJsonObject toJson(const CommandResult &result, const Command &command)
{
    QJsonObject json = write(result);
    json.insert("action"_L1, QString(toString(command.action)));
    json.insert("process"_L1, command.target);
    json.insert("success"_L1, true);
    return json;
}

QJsonObject failedCommandToJson(const Error &error, const Command &command)
{
    QJsonObject json = toJson(CommandResult{error.message, {}}, command);
    json.insert("success"_L1, false);
    json.insert("error"_L1, toJson(error));
    return json;
}

Result<CommandResult> commandResultFromJson(const QJsonObject &json)
{
    const QJsonValue success = json.value("success"_L1);
    if (!success.isBool())
        return tl::unexpected(
            unreadable({u"/success"_s, refused(success, u"true or false").message}));
    if (!success.toBool())
        return tl::unexpected(errorFromJson(json.value("error"_L1).toObject()));
    return read<CommandResult>(json);
}

QJsonObject toJson(const ProcessDetail &detail)
{
    return write(detail);
}

Result<ProcessDetail> processDetailFromJson(const QJsonObject &json)
{
    auto detail = read<ProcessDetail>(json);
    if (detail)
        detail->sample.id = detail->entry.id;
    return detail;
}

QJsonObject toJson(const SystemInfo &info, const QMap<QString, int> &countsByStatus)
{
    QJsonObject counts;
    for (auto it = countsByStatus.cbegin(); it != countsByStatus.cend(); ++it)
        counts.insert(it.key(), it.value());
    QJsonObject json = write(info);
    json.insert("processes"_L1, counts);
    return json;
}

Result<SystemInfo> systemInfoFromJson(const QJsonObject &json)
{
    return read<SystemInfo>(json);
}

QJsonObject toJson(const ProcessEvent &event)
{
    return write(event);
}

QJsonObject toJson(const EventPage &page)
{
    return write(page);
}

Result<EventPage> eventPageFromJson(const QJsonObject &json)
{
    return read<EventPage>(json);
}

QJsonObject toJson(const ApplyReport &report)
{
    return write(report);
}

Result<ApplyReport> applyReportFromJson(const QJsonObject &json)
{
    return read<ApplyReport>(json);
}

QJsonObject toJson(const History &history)
{
    return write(history);
}

Result<History> historyFromJson(const QJsonObject &json)
{
    return read<History>(json);
}

QJsonObject toJson(const LogPage &page)
{
    return write(page);
}

Result<LogPage> logPageFromJson(const QJsonObject &json)
{
    return read<LogPage>(json);
}

QJsonObject toJson(const Error &error)
{
    return write(error);
}

Error errorFromJson(const QJsonObject &json)
{
    return read<Error>(json).value_or(
        Error{ErrorCode::Internal, u"an error without a message"_s, {}});
}

} // namespace pmdaemon
