// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/protocol/jsonfields.h"
#include "core/protocol/servermessage.h"

/// \file The fields of everything that the server sends, as docs/websocket.md lists them: what
/// MessageEncoder writes and the readers of servermessage.h read.

namespace pmdaemon {

template <>
inline constexpr int enumSize<ProcessStatus> = int(ProcessStatus::Restarting) + 1;
template <>
inline constexpr int enumSize<HealthStatus> = int(HealthStatus::Unhealthy) + 1;
template <>
inline constexpr int enumSize<ProcessEvent::Kind> = int(ProcessEvent::Kind::WatchSuspended) + 1;
template <>
inline constexpr int enumSize<CheckType> = int(CheckType::Script) + 1;
template <>
inline constexpr int enumSize<LogStream> = int(LogStream::Err) + 1;
template <>
inline constexpr int enumSize<LogLevel> = int(LogLevel::Fatal) + 1;
template <>
inline constexpr int enumSize<AppChange::Kind> = int(AppChange::Kind::Removed) + 1;
template <>
inline constexpr int enumSize<Role> = int(Role::Admin) + 1;

/// What a row of process_metrics carries of an entry.
inline constexpr std::tuple rowEntryFields{
    Field<"id", &ProcessEntry::id>{},
    Field<"name", &ProcessEntry::name>{},
    Field<"status", &ProcessEntry::status>{},
    Field<"pid", &ProcessEntry::pid>{},
    Field<"port", &ProcessEntry::port>{},
    Field<"restarts", &ProcessEntry::restarts>{},
    Field<"health", &ProcessEntry::health>{},
    Field<"app", &ProcessEntry::app>{},
    Field<"instance", &ProcessEntry::instance>{},
    Field<"namespace", &ProcessEntry::nameSpace>{},
};

/// And where many rows leave no room for more.
inline constexpr std::tuple shortRowEntryFields{
    Field<"id", &ProcessEntry::id>{},
    Field<"name", &ProcessEntry::name>{},
    Field<"restarts", &ProcessEntry::restarts>{},
};

template <>
struct FieldsOf<ProcessEntry>
{
    static constexpr auto fields =
        std::tuple_cat(rowEntryFields, std::tuple{
                                           Field<"exit_code", &ProcessEntry::exitCode>{},
                                           Field<"signal", &ProcessEntry::signal>{},
                                           Field<"reason", &ProcessEntry::reason>{},
                                           Field<"created_at", &ProcessEntry::createdAt>{},
                                           Field<"started_at", &ProcessEntry::startedAt>{},
                                       });
};

inline constexpr std::tuple sampleFields{
    Field<"cpu", &ProcessSample::cpu>{},
    Field<"memory", &ProcessSample::memory>{},
    Field<"uptime", &ProcessSample::uptime>{},
};

/// A row of process_metrics, as far as it is read.
template <>
struct FieldsOf<ProcessSample>
{
    static constexpr auto fields =
        std::tuple_cat(std::tuple{Field<"id", &ProcessSample::id>{}}, sampleFields);
};

template <>
struct FieldsOf<StatusChange>
{
    static constexpr std::tuple fields{
        Inline<&StatusChange::process, FieldsOf<ProcessEntry>::fields>{},
        Field<"previous_status", &StatusChange::previous>{},
    };
};

constexpr qint64 memoryUsed(const SystemMetrics &metrics)
{
    return std::max<qint64>(0, metrics.memoryTotal - metrics.memoryAvailable);
}
constexpr double memoryPercent(const SystemMetrics &metrics)
{
    return metrics.memoryTotal > 0
               ? 100.0 * double(memoryUsed(metrics)) / double(metrics.memoryTotal)
               : 0.0;
}

template <>
struct FieldsOf<SystemMetrics>
{
    static constexpr std::tuple fields{
        Group<"cpu", Field<"usage", &SystemMetrics::cpuUsage>,
              Field<"cores", &SystemMetrics::cpuCores>>{},
        Group<"memory", Field<"total", &SystemMetrics::memoryTotal>,
              Computed<"used", memoryUsed, Codec<qint64>>,
              Field<"available", &SystemMetrics::memoryAvailable>,
              Computed<"usage_percent", memoryPercent, Codec<double>>>{},
        Group<"load", CodedField<"one", &SystemMetrics::loadOne, Decimal<2>>,
              CodedField<"five", &SystemMetrics::loadFive, Decimal<2>>,
              CodedField<"fifteen", &SystemMetrics::loadFifteen, Decimal<2>>>{},
        Field<"uptime", &SystemMetrics::uptime>{},
        Group<"swap", Field<"total", &SystemMetrics::swapTotal>,
              Field<"used", &SystemMetrics::swapUsed>>{},
        Group<"disk", Field<"total", &SystemMetrics::diskTotal>,
              Field<"used", &SystemMetrics::diskUsed>>{},
        Group<"network", Field<"rx_bytes_per_second", &SystemMetrics::networkRxPerSecond>,
              Field<"tx_bytes_per_second", &SystemMetrics::networkTxPerSecond>>{},
    };
};

template <>
struct FieldsOf<HealthUpdate>
{
    static constexpr std::tuple fields{
        Field<"process", &HealthUpdate::name>{},
        Field<"process_id", &HealthUpdate::id>{},
        Field<"status", &HealthUpdate::status>{},
        Field<"previous_status", &HealthUpdate::previous>{},
        Field<"check_type", &HealthUpdate::type>{},
        Field<"details", &HealthUpdate::details>{},
    };
};

template <>
struct FieldsOf<ProcessEvent>
{
    static constexpr std::tuple fields{
        OptionalField<"time", &ProcessEvent::time>{}, Field<"event", &ProcessEvent::kind>{},
        Field<"process", &ProcessEvent::name>{},      Field<"process_id", &ProcessEvent::id>{},
        Field<"details", &ProcessEvent::details>{},
    };
};

template <>
struct FieldsOf<EventPage>
{
    static constexpr std::tuple fields{
        Field<"events", &EventPage::events>{},
        Field<"cursor", &EventPage::cursor>{},
    };
};

template <>
struct FieldsOf<LogLine>
{
    static constexpr std::tuple fields{
        Field<"seq", &LogLine::seq>{},         Field<"time", &LogLine::time>{},
        Field<"level", &LogLine::level>{},     Field<"stream", &LogLine::stream>{},
        Field<"message", &LogLine::message>{}, OptionalField<"truncated", &LogLine::truncated>{},
    };
};

/// Whose lines they are: in log_message and log_batch.
inline constexpr std::tuple logSourceFields{
    Field<"process", &LogBatch::name>{},
    Field<"process_id", &LogBatch::id>{},
    Field<"instance", &LogBatch::instance>{},
};

template <>
struct FieldsOf<LogBatch>
{
    static constexpr auto fields =
        std::tuple_cat(logSourceFields, std::tuple{
                                            Field<"dropped", &LogBatch::dropped>{},
                                            Field<"lines", &LogBatch::lines>{},
                                        });
};

template <>
struct FieldsOf<LogPage>
{
    static constexpr std::tuple fields{
        Field<"process", &LogPage::process>{},
        Field<"lines", &LogPage::lines>{},
        Field<"cursor", &LogPage::cursor>{},
    };
};

template <>
struct FieldsOf<CommandResult>
{
    static constexpr std::tuple fields{
        Field<"message", &CommandResult::message>{},
        Field<"processes", &CommandResult::processes>{},
    };
};

template <>
struct FieldsOf<ProcessDetail>
{
    static constexpr std::tuple fields{
        Inline<&ProcessDetail::entry, FieldsOf<ProcessEntry>::fields>{},
        Inline<&ProcessDetail::sample, sampleFields>{},
        Field<"config", &ProcessDetail::config>{},
        Field<"health_check", &ProcessDetail::health>{},
        Group<"logs", Field<"out_file", &ProcessDetail::outFile>,
              Field<"error_file", &ProcessDetail::errorFile>>{},
        Field<"ports", &ProcessDetail::ports>{},
    };
};

template <>
struct FieldsOf<SystemInfo>
{
    static constexpr std::tuple fields{
        Inline<&SystemInfo::metrics, FieldsOf<SystemMetrics>::fields>{},
        Field<"hostname", &SystemInfo::hostname>{},
        Field<"platform", &SystemInfo::platform>{},
        Field<"arch", &SystemInfo::arch>{},
        Field<"version", &SystemInfo::version>{},
        Field<"protocol", &SystemInfo::protocol>{},
        Field<"capabilities", &SystemInfo::capabilities>{},
        Field<"host_id", &SystemInfo::hostId>{},
        Field<"time", &SystemInfo::time>{},
        Field<"role", &SystemInfo::role>{},
        Field<"problems", &SystemInfo::problems, Need::Optional>{},
    };
};

template <>
struct FieldsOf<History>
{
    static constexpr std::tuple fields{
        Field<"step", &History::step>{},
        Field<"time", &History::time>{},
        Field<"cpu", &History::cpu>{},
        Field<"memory", &History::memory>{},
        CodedField<"load", &History::load, ListOf<double, Decimal<2>>>{},
        Field<"network_rx", &History::networkRx>{},
        Field<"network_tx", &History::networkTx>{},
    };
};

/// A code that a newer server invented is Internal here.
struct ErrorCodeCodec
{
    static ReadResult read(const QJsonValue &json, ErrorCode &to)
    {
        to = errorCodeFromString(json.toString()).value_or(ErrorCode::Internal);
        return {};
    }
    static QJsonValue write(ErrorCode from) { return QString(toString(from)); }
    static void append(JsonBuffer &out, ErrorCode from) { out.word(toString(from)); }
};

template <>
struct FieldsOf<Error>
{
    static constexpr std::tuple fields{
        CodedField<"code", &Error::code, ErrorCodeCodec>{},
        Field<"message", &Error::message>{},
        OptionalField<"details", &Error::details>{},
    };
};

template <>
struct FieldsOf<AppChange>
{
    static constexpr std::tuple fields{
        Field<"app", &AppChange::app>{},
        Field<"change", &AppChange::kind>{},
        OptionalField<"fields", &AppChange::fields>{},
        OptionalField<"restarts", &AppChange::restarts>{},
        OptionalField<"error", &AppChange::error>{},
    };
};

template <>
struct FieldsOf<ApplyReport>
{
    static constexpr std::tuple fields{
        Field<"dry_run", &ApplyReport::dryRun>{},
        Field<"apps", &ApplyReport::apps>{},
    };
};

} // namespace pmdaemon
