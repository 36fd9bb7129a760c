// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/eventtext.h"

#include "app/cli/clitext.h"
#include "app/cli/units.h"

#include <QJsonObject>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

/// The value of a detail; older and newer daemons leave some out.
class Details
{
public:
    explicit Details(const QJsonObject &json)
        : m_json(json)
    {}

    bool has(QLatin1StringView key) const
    {
        const QJsonValue value = m_json.value(key);
        return !value.isUndefined() && !value.isNull();
    }
    QString text(QLatin1StringView key) const { return m_json.value(key).toVariant().toString(); }
    qint64 number(QLatin1StringView key) const { return m_json.value(key).toInteger(); }
    QString time(QLatin1StringView key) const { return uptimeText(milliseconds(number(key))); }

private:
    const QJsonObject &m_json;
};

void add(QStringList &parts, bool isKnown, const QString &text)
{
    if (isKnown)
        parts.append(text);
}

QString endOf(const Details &details)
{
    if (details.text("oom"_L1) == "true"_L1)
        return Cli::tr("out of memory");
    if (details.has("signal"_L1))
        return details.text("signal"_L1);
    return details.has("exit_code"_L1) ? Cli::tr("exit code %1").arg(details.text("exit_code"_L1))
                                       : Cli::tr("exit code unknown");
}

QString storyOfStart(const Details &details)
{
    QStringList parts;
    add(parts, details.has("reason"_L1), details.text("reason"_L1));
    add(parts, details.has("pid"_L1), Cli::tr("pid %1").arg(details.text("pid"_L1)));
    add(parts, details.has("port"_L1), Cli::tr("port %1").arg(details.text("port"_L1)));
    add(parts, details.has("startup_time"_L1),
        Cli::tr("took %1").arg(details.time("startup_time"_L1)));
    return parts.join(u", "_s);
}

QString storyOfEnd(const Details &details)
{
    QStringList parts{endOf(details)};
    add(parts, details.has("uptime"_L1), Cli::tr("ran for %1").arg(details.time("uptime"_L1)));
    add(parts, details.has("reason"_L1), details.text("reason"_L1));
    return parts.join(u", "_s);
}

} // namespace

QString eventTitle(ProcessEvent::Kind kind)
{
    using enum ProcessEvent::Kind;
    switch (kind) {
    case Started:
        return Cli::tr("started");
    case Stopped:
        return Cli::tr("stopped");
    case Crashed:
        return Cli::tr("crashed");
    case Restarted:
        return Cli::tr("restarted");
    case HealthCheckFailed:
        return Cli::tr("check failed");
    case MemoryLimitExceeded:
        return Cli::tr("memory limit");
    case Deleted:
        return Cli::tr("deleted");
    case Reloaded:
        return Cli::tr("reloaded");
    case LogGap:
        return Cli::tr("log gap");
    case CpuLimitExceeded:
        return Cli::tr("CPU limit");
    case RunOverlapped:
        return Cli::tr("still runs");
    case WatchSuspended:
        return Cli::tr("watch suspended");
    }
    Q_UNREACHABLE();
}

QString eventStory(const ProcessEvent &event)
{
    using enum ProcessEvent::Kind;
    const Details details(event.details);
    switch (event.kind) {
    case Started:
    case Restarted:
        return storyOfStart(details);
    case Stopped:
    case Crashed:
        return storyOfEnd(details);
    case HealthCheckFailed:
        return Cli::tr("%1 of %2: %3")
            .arg(details.text("consecutive_failures"_L1), details.text("retries"_L1),
                 details.text("error"_L1));
    case MemoryLimitExceeded:
        return Cli::tr("%1 of %2")
            .arg(sizeText(details.number("memory"_L1)), sizeText(details.number("limit"_L1)));
    case LogGap:
        return Cli::tr("%1 lines (%2) are lost")
            .arg(details.text("lines"_L1), sizeText(details.number("bytes"_L1)));
    case CpuLimitExceeded:
        return Cli::tr("%1 % of %2 %").arg(details.text("cpu"_L1), details.text("limit"_L1));
    case RunOverlapped:
        return details.text("overlap"_L1) == "queue"_L1
                   ? Cli::tr("it runs once more when it has ended")
                   : Cli::tr("this time is left out");
    case WatchSuspended:
        return details.text("path"_L1).isEmpty()
                   ? details.text("reason"_L1)
                   : Cli::tr("%1 (%2)").arg(details.text("reason"_L1), details.text("path"_L1));
    case Deleted:
    case Reloaded:
        return {};
    }
    Q_UNREACHABLE();
}

bool isAlarming(ProcessEvent::Kind kind)
{
    using enum ProcessEvent::Kind;
    return kind == Crashed || kind == HealthCheckFailed || kind == MemoryLimitExceeded ||
           kind == LogGap || kind == CpuLimitExceeded || kind == WatchSuspended;
}

} // namespace pmdaemon
