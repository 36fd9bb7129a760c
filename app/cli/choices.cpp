// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/choices.h"

#include "app/cli/clitext.h"
#include "app/cli/processtable.h"
#include "app/cli/specoptions.h"
#include "app/cli/units.h"
#include "core/config/specvalues.h"
#include "core/model/signalname.h"

#include <QDateTime>
#include <QDir>

#include <algorithm>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

tl::unexpected<Failure> usage(const QString &message)
{
    return tl::unexpected(Failure{ExitCode::Usage, message});
}

QString homeOf(const Choices &choices)
{
    const QString given = toQString(choices.home);
    return QDir::cleanPath(
        QDir::current().absoluteFilePath(given.isEmpty() ? defaultHome() : given));
}

/// As `events` prints times, and parts of that, in the time zone of this machine.
std::optional<WallTime> localTimeFrom(const QString &text, WallTime now)
{
    const QDateTime today = QDateTime::fromMSecsSinceEpoch(now.time_since_epoch().count());
    QDateTime time = QDateTime::fromString(QString(text).replace(u' ', u'T'), Qt::ISODateWithMs);
    if (const QTime clock = QTime::fromString(text, Qt::ISODateWithMs); clock.isValid())
        time = QDateTime(today.date(), clock);
    return time.isValid() ? std::optional(WallTime{milliseconds{time.toMSecsSinceEpoch()}})
                          : std::nullopt;
}

/// A point in time, or how long ago.
std::optional<WallTime> timeFrom(const QString &text, WallTime now)
{
    constexpr qint64 leastNumber = 10'000'000'000; // less is rather meant as seconds, or minutes
    bool isNumber = false;
    const qint64 number = text.toLongLong(&isNumber);
    if (isNumber)
        return number >= leastNumber ? std::optional(WallTime{milliseconds{number}}) : std::nullopt;
    if (const auto ago = durationFromString(text, milliseconds{1'000}))
        return now - *ago;
    const auto time = wallTimeFromString(text);
    return time ? time : localTimeFrom(text, now);
}

tl::expected<std::optional<WallTime>, Failure> timeOption(const char *flag, const std::string &text,
                                                          WallTime now)
{
    if (text.empty())
        return std::nullopt;
    const auto time = timeFrom(toQString(text), now);
    if (!time)
        return usage(Cli::tr("%1: \"%2\" is no time; accepted are 2026-01-31T12:00:00Z, "
                             "2026-01-31, 2026-01-31 12:00 or 12:00 in local time, milliseconds "
                             "since 1970, and 90s, 10m, 2h or 1d for so long ago")
                         .arg(QLatin1StringView(flag), toQString(text)));
    return time;
}

tl::expected<std::optional<milliseconds>, Failure> durationOption(const char *flag,
                                                                  const std::string &text)
{
    if (text.empty())
        return std::nullopt;
    const auto duration = durationFromString(toQString(text), milliseconds{1'000});
    if (!duration || duration->count() == 0)
        return usage(Cli::tr("%1: \"%2\" is no duration; accepted are seconds, or 500ms, 30s, 5m, "
                             "12h, 30d")
                         .arg(QLatin1StringView(flag), toQString(text)));
    return duration;
}

/// A path is meant from here, and the daemon's current folder is another one.
QStringList textsFor(const SpecOption &option, const Texts &given)
{
    QStringList texts = toQStringList(given);
    if (option.field->holdsPaths && !option.isSwitch) {
        for (QString &text : texts)
            text = QDir::current().absoluteFilePath(text);
    }
    return texts;
}

SettingTexts flagTexts(const Choices &choices)
{
    SettingTexts texts;
    for (const auto &[key, values] : choices.settings) {
        if (!values.empty())
            texts[key] = toQStringList(values);
    }
    if (choices.port >= 0 && !texts.contains(u"port"_s))
        texts[u"port"_s] = {QString::number(choices.port)};
    return texts;
}

/// What LogsOptions and EventsOptions have in common.
template <typename Options>
tl::expected<Options, Failure> takeTimes(Options options, const Choices &choices, WallTime now)
{
    const auto since = timeOption("--since", choices.since, now);
    const auto until = timeOption("--until", choices.until, now);
    if (!since || !until)
        return tl::unexpected(!since ? since.error() : until.error());
    options.since = *since;
    options.until = *until;
    if (options.follow && options.until)
        return usage(Cli::tr("--follow and --until exclude each other"));
    return options;
}

tl::expected<QList<ProcessStatus>, Failure> statusesIn(const Choices &choices)
{
    QList<ProcessStatus> statuses;
    for (const QString &word :
         toQStringList(choices.statuses).join(u',').split(u',', Qt::SkipEmptyParts)) {
        const std::optional<ProcessStatus> status = processStatusFromString(word);
        if (!status)
            return usage(Cli::tr("--status: \"%1\" is none of stopped, starting, online, "
                                 "stopping, errored and restarting")
                             .arg(word));
        statuses.append(*status);
    }
    return statuses;
}

} // namespace

QString toQString(const std::string &text)
{
    return QString::fromLocal8Bit(text.data(), static_cast<qsizetype>(text.size()));
}

QStringList toQStringList(const Texts &texts)
{
    QStringList list;
    for (const std::string &text : texts)
        list.append(toQString(text));
    return list;
}

tl::expected<ConnectionOptions, Failure> connectionOptions(const Choices &choices)
{
    ConnectionOptions options;
    options.home = homeOf(choices);
    options.host = toQString(choices.host);
    options.port = choices.port;
    options.tokenFile = toQString(choices.tokenFile);
    options.fingerprint = toQString(choices.fingerprint);
    options.maySpawn = !choices.noSpawn;
    if (!options.host.isEmpty() && options.port >= 0)
        return usage(Cli::tr("--host and --port exclude each other; write --host HOST:PORT"));
    if (options.host.isEmpty() && !options.fingerprint.isEmpty())
        return usage(Cli::tr("--fingerprint takes --host: on this machine nothing is encrypted"));
    const auto timeout = durationOption("--timeout", choices.timeout);
    if (!timeout)
        return tl::unexpected(timeout.error());
    options.timeout = *timeout;
    return options;
}

tl::expected<StartOptions, Failure> startOptions(const Choices &choices)
{
    StartOptions options;
    options.what = toQString(choices.what);
    options.arguments = toQStringList(choices.arguments);
    options.file.lenient = choices.lenient;
    for (const SpecOption &option : specOptions()) {
        const auto given = choices.fields.find(QString(option.field->key));
        if (given == choices.fields.end() || given->second.empty())
            continue;
        if (option.field->key == "env"_L1 && isEcosystemFile(options.what) &&
            given->second.size() == 1) {
            options.file.environment = toQString(given->second.front());
            continue;
        }
        const auto value = specValue(*option.field, textsFor(option, given->second));
        if (!value)
            return usage(option.flags.section(u',', 0, 0) + ": "_L1 + value.error());
        options.fields.insert(option.field->key, *value);
    }
    return options;
}

FileOptions fileOptions(const Choices &choices)
{
    return {toQString(choices.what),
            {.environment = toQString(choices.environment), .lenient = choices.lenient}};
}

tl::expected<TargetOptions, Failure> targetOptions(const Choices &choices)
{
    TargetOptions options;
    const auto statuses = statusesIn(choices);
    if (!statuses)
        return tl::unexpected(statuses.error());
    options.targets = toQStringList(choices.targets);
    options.statuses = *statuses;
    options.force = choices.force;
    options.signal = toQString(choices.signal);
    if (!options.signal.isEmpty() && !signalFromString(options.signal))
        return usage(
            Cli::tr("\"%1\" is no signal; accepted are names, as SIGHUP or HUP, and numbers")
                .arg(options.signal));
    options.waits = !choices.noWait;
    options.deletesLogs = choices.deleteLogs;
    if (!choices.newPort.empty()) {
        options.port = PortsValue::parse(toQString(choices.newPort));
        if (!options.port)
            return usage(Cli::tr("--port: \"%1\" is none; accepted is %2")
                             .arg(toQString(choices.newPort), PortsValue::accepted));
    }
    return options;
}

tl::expected<TokenOptions, Failure> tokenOptions(const Choices &choices)
{
    TokenOptions options;
    options.action = toQString(choices.what);
    options.name = toQString(choices.name);
    if (options.name.isEmpty() == (options.action != "list"_L1))
        return usage(options.name.isEmpty()
                         ? Cli::tr("token %1: which one? Give its name").arg(options.action)
                         : Cli::tr("token list: takes no name"));
    options.role = roleFromString(toQString(choices.role)).value_or(Role::Read);
    const auto expires = durationOption("--expires", choices.expires);
    if (!expires)
        return tl::unexpected(expires.error());
    options.expiresIn = *expires;
    return options;
}

tl::expected<ListOptions, Failure> listOptions(const Choices &choices)
{
    const auto statuses = statusesIn(choices);
    if (!statuses)
        return tl::unexpected(statuses.error());
    const QString sort = toQString(choices.sort);
    if (!sort.isEmpty() && !processSortKeys().contains(sort))
        return usage(
            Cli::tr("--sort: \"%1\" is none of %2").arg(sort, processSortKeys().join(u", "_s)));
    return ListOptions{toQString(choices.nameSpace), *statuses, sort, choices.watch};
}

tl::expected<LogsOptions, Failure> logsOptions(const Choices &choices, WallTime now)
{
    LogsOptions options;
    options.targets = toQStringList(choices.targets);
    options.lines = choices.lines;
    options.follow = choices.follow;
    options.grep = toQString(choices.grep);
    options.raw = choices.raw;
    options.timestamps = choices.timestamps;
    if (choices.out != choices.err)
        options.stream = choices.out ? LogStream::Out : LogStream::Err;
    options.level = logLevelFromString(toQString(choices.level));
    if (!choices.level.empty() && !options.level)
        return usage(Cli::tr("--level: \"%1\" is no level; accepted are trace, debug, info, warn, "
                             "error, fatal")
                         .arg(toQString(choices.level)));
    return takeTimes(options, choices, now);
}

tl::expected<EventsOptions, Failure> eventsOptions(const Choices &choices, WallTime now)
{
    EventsOptions options;
    options.targets =
        choices.targets.empty() ? QStringList{u"all"_s} : toQStringList(choices.targets);
    options.count = choices.lines;
    options.follow = choices.follow;
    return takeTimes(options, choices, now);
}

tl::expected<Settings, Failure> daemonSettings(const Choices &choices)
{
    const Result<Settings> settings = settingsOf(homeOf(choices), flagTexts(choices));
    if (!settings)
        return tl::unexpected(Failure{ExitCode::ConfigInvalid, settings.error().message});
    return *settings;
}

} // namespace pmdaemon
