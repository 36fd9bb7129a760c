// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processspec.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QJsonValue>

#include <limits>

/// \file The kinds of values in a configuration. Each has what it accepts in words and as JSON
/// Schema, `parse` (nothing for a value that it does not accept) and `write`, which parse() reads
/// back to the same. `holdsPaths` marks those whose texts are paths.

namespace pmdaemon {

/// [A-Za-z0-9._-]{1,64}, beginning with a letter or digit, neither digits alone nor with "..", and
/// not the word "all", which names every process.
bool isValidName(QStringView name);

/// The whole number that the value is, within the range; digits in a text are one, too, since a
/// variable becomes a text.
std::optional<qint64> wholeIn(const QJsonValue &value, qint64 min, qint64 max);

struct NameValue
{
    static constexpr QLatin1StringView accepted{
        "1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit, not digits "
        "alone, without \"..\", and not \"all\""};
    static QJsonObject schema();
    static std::optional<QString> parse(const QJsonValue &value);
    static QJsonValue write(const QString &value) { return value; }
};

/// A text that is not empty.
struct TextValue
{
    static constexpr QLatin1StringView accepted{"a text that is not empty"};
    static QJsonObject schema();
    static std::optional<QString> parse(const QJsonValue &value);
    static QJsonValue write(const QString &value) { return value; }
};

struct PathValue
{
    static constexpr bool holdsPaths = true;
    static constexpr QLatin1StringView accepted{"an absolute path"};
    static QJsonObject schema() { return TextValue::schema(); }
    static std::optional<QString> parse(const QJsonValue &value);
    static QJsonValue write(const QString &value) { return value; }
};

struct PathsValue
{
    static constexpr bool holdsPaths = true;
    static constexpr QLatin1StringView accepted{
        "an absolute path, or a list of them (at most 1024)"};
    static QJsonObject schema();
    static std::optional<QStringList> parse(const QJsonValue &value);
    static QJsonValue write(const QStringList &value) { return QJsonArray::fromStringList(value); }
};

/// Paths to watch: none for false, no path for true.
struct WatchValue
{
    static constexpr bool holdsPaths = true;
    static constexpr QLatin1StringView accepted{
        "true for its folder, false, an absolute path, or a list of them (at most 1024)"};
    static QJsonObject schema();
    static std::optional<std::optional<QStringList>> parse(const QJsonValue &value);
    static QJsonValue write(const QStringList &value);
};

struct PatternsValue
{
    static constexpr QLatin1StringView accepted{
        "a name or path as \"node_modules\" or \"*.log\", or a list of them (at most 1024)"};
    static QJsonObject schema();
    static std::optional<QStringList> parse(const QJsonValue &value);
    static QJsonValue write(const QStringList &value) { return QJsonArray::fromStringList(value); }
};

/// http or https with a host; {port} may stand in it.
struct UrlValue
{
    static constexpr QLatin1StringView accepted{"a URL as \"http://localhost:{port}/health\""};
    static QJsonObject schema() { return TextValue::schema(); }
    static std::optional<QString> parse(const QJsonValue &value);
    static QJsonValue write(const QString &value) { return value; }
};

struct BoolValue
{
    static constexpr QLatin1StringView accepted{"true or false"};
    static QJsonObject schema() { return {{QStringLiteral("type"), QStringLiteral("boolean")}}; }
    static std::optional<bool> parse(const QJsonValue &value);
    static QJsonValue write(bool value) { return value; }
};

/// Whole numbers from 1 on.
struct CountValue
{
    static constexpr QLatin1StringView accepted{"a whole number from 1 to 100000"};
    static QJsonObject schema();
    static std::optional<int> parse(const QJsonValue &value);
    static QJsonValue write(int value) { return value; }
};

/// Whole numbers from 0 on.
struct AmountValue
{
    static constexpr QLatin1StringView accepted{"a whole number from 0 to 100000"};
    static QJsonObject schema();
    static std::optional<int> parse(const QJsonValue &value);
    static QJsonValue write(int value) { return value; }
};

struct RestartLimitValue
{
    static constexpr QLatin1StringView accepted{
        "a whole number from 0 to 1000000, or \"unlimited\""};
    static QJsonObject schema();
    static std::optional<int> parse(const QJsonValue &value);
    static QJsonValue write(int value);
};

/// "max" and 0 stand for the number of cores, −1 for one less; never below 1.
struct InstancesValue
{
    static constexpr QLatin1StringView accepted{
        "a whole number up to 1000, \"max\" for one per core, or -N for N less than that"};
    static QJsonObject schema();
    static std::optional<int> parse(const QJsonValue &value);
    static QJsonValue write(int value) { return value; }
};

/// Milliseconds, or numbers with ms, s, m, h, d one after another; at most 366 days.
struct DurationValue
{
    static constexpr QLatin1StringView accepted{
        "milliseconds as a whole number, or a duration as \"500ms\", \"5s\", \"1m30s\" or \"2h\""};
    static QJsonObject schema();
    static std::optional<milliseconds> parse(const QJsonValue &value);
    static QJsonValue write(milliseconds value) { return qint64(value.count()); }
};

/// Of more than nothing.
struct PeriodValue : DurationValue
{
    static constexpr QLatin1StringView accepted{
        "1 or more milliseconds, or a duration as \"500ms\", \"5s\", \"1m30s\" or \"2h\""};
    static std::optional<milliseconds> parse(const QJsonValue &value);
};

/// Bytes, or a number with K, M, G or T (powers of 1024), with or without a B.
struct SizeValue
{
    static constexpr QLatin1StringView accepted{
        "bytes as a whole number, or a size as \"64K\", \"512M\" or \"1.5G\""};
    static QJsonObject schema();
    static std::optional<qint64> parse(const QJsonValue &value);
    static QJsonValue write(qint64 value) { return value; }
};

struct SignalValue
{
    static constexpr QLatin1StringView accepted{"a signal as \"SIGTERM\", \"TERM\" or 15"};
    static QJsonObject schema();
    static std::optional<int> parse(const QJsonValue &value);
    static QJsonValue write(int value);
};

struct PortsValue
{
    static constexpr QLatin1StringView accepted{
        "a port from 1 to 65535, a range as \"3000-3003\", or \"auto:3000-3100\""};
    static QJsonObject schema();
    static std::optional<PortSpec> parse(const QJsonValue &value);
    static QJsonValue write(const PortSpec &value);
};

/// A single port.
struct PortValue
{
    static constexpr QLatin1StringView accepted{"a port from 1 to 65535"};
    static QJsonObject schema();
    static std::optional<int> parse(const QJsonValue &value);
    static QJsonValue write(int value) { return value; }
};

/// At most 1,024 texts and 128 KiB; a string is split as QProcess::splitCommand() does.
struct ArgumentsValue
{
    static constexpr QLatin1StringView accepted{
        "a list of texts (at most 1024, 128 KiB), or one text that is split like a command line"};
    static QJsonObject schema();
    static std::optional<QStringList> parse(const QJsonValue &value);
    static QJsonValue write(const QStringList &value) { return QJsonArray::fromStringList(value); }
};

/// At most 1,024 names and 128 KiB.
struct EnvironmentValue
{
    static constexpr QLatin1StringView accepted{
        "an object of names without '=' and values other than null (at most 1024, 128 KiB)"};
    static QJsonObject schema();
    static std::optional<QMap<QString, QString>> parse(const QJsonValue &value);
    static QJsonValue write(const QMap<QString, QString> &value);
};

/// Without line breaks, which would begin another header.
struct HeadersValue
{
    static constexpr QLatin1StringView accepted{
        "an object of HTTP header names and texts of one line"};
    static QJsonObject schema() { return EnvironmentValue::schema(); }
    static std::optional<QMap<QString, QString>> parse(const QJsonValue &value);
    static QJsonValue write(const QMap<QString, QString> &value)
    {
        return EnvironmentValue::write(value);
    }
};

/// True for all, or the beginnings of the names.
struct FilterValue
{
    static constexpr QLatin1StringView accepted{
        "true for all but PATH, or a list of how their names begin (at most 1024)"};
    static QJsonObject schema();
    static std::optional<QStringList> parse(const QJsonValue &value);
    static QJsonValue write(const QStringList &value);
};

struct VariableValue
{
    static constexpr QLatin1StringView accepted{
        "the name of a variable, of letters, digits and '_'"};
    static QJsonObject schema();
    static std::optional<QString> parse(const QJsonValue &value);
    static QJsonValue write(const QString &value) { return value; }
};

struct RestartWhenValue
{
    static constexpr QLatin1StringView accepted{"\"always\", \"on_failure\" or \"never\""};
    static QJsonObject schema();
    static std::optional<RestartWhen> parse(const QJsonValue &value);
    static QJsonValue write(RestartWhen value);
};

struct CronValue
{
    static constexpr QLatin1StringView accepted{
        "5 or 6 fields of crontab(5) as \"0 3 * * *\" or \"*/10 * * * * *\", or \"@daily\""};
    static QJsonObject schema();
    static std::optional<QString> parse(const QJsonValue &value);
    static QJsonValue write(const QString &value) { return value; }
};

struct OverlapValue
{
    static constexpr QLatin1StringView accepted{"\"skip\", \"queue\" or \"kill\""};
    static QJsonObject schema();
    static std::optional<Overlap> parse(const QJsonValue &value);
    static QJsonValue write(Overlap value);
};

struct LogTypeValue
{
    static constexpr QLatin1StringView accepted{"\"raw\" or \"json\""};
    static QJsonObject schema();
    static std::optional<LogType> parse(const QJsonValue &value);
    static QJsonValue write(LogType value);
};

struct TimezoneValue
{
    static constexpr QLatin1StringView accepted{"a time zone as \"Europe/Berlin\" or \"UTC\""};
    static QJsonObject schema();
    static std::optional<QString> parse(const QJsonValue &value);
    static QJsonValue write(const QString &value) { return value; }
};

/// Without it there is no input.
struct InputValue
{
    static constexpr QLatin1StringView accepted{"\"pipe\""};
    static QJsonObject schema();
    static std::optional<bool> parse(const QJsonValue &value);
    static QJsonValue write(bool value);
};

struct ExitCodesValue
{
    static constexpr QLatin1StringView accepted{"an exit code from 0 to 255, or a list of them"};
    static QJsonObject schema();
    static std::optional<QList<int>> parse(const QJsonValue &value);
    static QJsonValue write(const QList<int> &value);
};

struct NiceValue
{
    static constexpr QLatin1StringView accepted{"a whole number from -20 to 19"};
    static QJsonObject schema();
    static std::optional<int> parse(const QJsonValue &value);
    static QJsonValue write(int value) { return value; }
};

struct OomScoreValue
{
    static constexpr QLatin1StringView accepted{"a whole number from -1000 to 1000"};
    static QJsonObject schema();
    static std::optional<int> parse(const QJsonValue &value);
    static QJsonValue write(int value) { return value; }
};

/// Sorted, each once.
struct CpusValue
{
    static constexpr QLatin1StringView accepted{
        "numbers of CPUs (0 to 1023) as \"0-3,6\", or a list of them"};
    static QJsonObject schema();
    static std::optional<QList<int>> parse(const QJsonValue &value);
    static QJsonValue write(const QList<int> &value);
};

/// YAML reads 022 as the number 22, so its digits are what counts.
struct UmaskValue
{
    static constexpr QLatin1StringView accepted{"up to three octal digits as \"022\""};
    static QJsonObject schema();
    static std::optional<int> parse(const QJsonValue &value);
    static QJsonValue write(int value);
};

struct LimitsValue
{
    static constexpr QLatin1StringView accepted{
        "an object as {\"nofile\": 4096, \"core\": \"unlimited\", \"as\": {\"soft\": \"1G\", "
        "\"hard\": \"2G\"}}, with the names of setrlimit(2)"};
    static QJsonObject schema();
    static std::optional<QMap<QString, LimitPair>> parse(const QJsonValue &value);
    static QJsonValue write(const QMap<QString, LimitPair> &value);
};

/// A user or group.
struct AccountValue
{
    static constexpr QLatin1StringView accepted{"a name, or a number from 0 to 4294967294"};
    static QJsonObject schema();
    static std::optional<QString> parse(const QJsonValue &value);
    static QJsonValue write(const QString &value) { return value; }
};

/// Also with what other programs put before the condition, as "process_healthy".
struct DependenciesValue
{
    static constexpr QLatin1StringView accepted{
        "a list of apps, or an object as {\"db\": {\"condition\": \"healthy\"}} with \"started\", "
        "\"healthy\", \"completed\" or \"completed_successfully\""};
    static QJsonObject schema();
    static std::optional<QMap<QString, DependencyCondition>> parse(const QJsonValue &value);
    static QJsonValue write(const QMap<QString, DependencyCondition> &value);
};
/// "started", …
QLatin1StringView toString(DependencyCondition condition);

struct StatusCodesValue
{
    static constexpr QLatin1StringView accepted{"an HTTP status as 204, or a list of them"};
    static QJsonObject schema();
    static std::optional<QList<int>> parse(const QJsonValue &value);
    static QJsonValue write(const QList<int> &value);
};

struct CheckTypeValue
{
    static constexpr QLatin1StringView accepted{"\"http\", \"tcp\" or \"script\""};
    static QJsonObject schema();
    static std::optional<CheckType> parse(const QJsonValue &value);
    static QJsonValue write(CheckType value);
};

struct OnUnhealthyValue
{
    static constexpr QLatin1StringView accepted{"\"restart\" or \"none\""};
    static QJsonObject schema();
    static std::optional<HealthCheckSpec::OnUnhealthy> parse(const QJsonValue &value);
    static QJsonValue write(HealthCheckSpec::OnUnhealthy value);
};

} // namespace pmdaemon
