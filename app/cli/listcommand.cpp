// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "app/cli/table.h"
#include "app/cli/units.h"
#include "core/protocol/servermessage.h"

#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

struct StatusLook
{
    const char *shape; ///< UTF-8, told apart without colour
    QByteArray colour; ///< SGR
};

StatusLook lookOf(ProcessStatus status)
{
    switch (status) {
    case ProcessStatus::Online:
        return {"●", "\x1b[32m"};
    case ProcessStatus::Errored:
        return {"✕", "\x1b[31m"};
    case ProcessStatus::Starting:
        return {"◐", "\x1b[33m"};
    case ProcessStatus::Stopping:
        return {"◑", "\x1b[33m"};
    case ProcessStatus::Restarting:
        return {"↻", "\x1b[33m"};
    case ProcessStatus::Stopped:
        break;
    }
    return {"○", "\x1b[2m"};
}

TableCell statusCell(ProcessStatus status, const Output &output)
{
    const StatusLook look = lookOf(status);
    QString text = toString(status);
    if (output.unicode())
        text = QString::fromUtf8(look.shape) + u' ' + text;
    return {text, output.colour() ? look.colour : QByteArray()};
}

TableCell healthCell(HealthStatus health, const Output &output)
{
    if (health == HealthStatus::Unknown)
        return {u"-"_s};
    const bool alarming = output.colour() && health == HealthStatus::Unhealthy;
    return {toString(health), alarming ? QByteArray("\x1b[31m") : QByteArray()};
}

template <typename T>
QString numberOr(const std::optional<T> &value)
{
    return value ? QString::number(*value) : u"-"_s;
}

QList<TableColumn> columns()
{
    return {{.title = Cli::tr("id"), .alignRight = true},
            {.title = Cli::tr("name"), .shortestWidth = 12},
            {.title = Cli::tr("namespace"), .dropRank = 8, .shortestWidth = 8},
            {.title = Cli::tr("status")},
            {.title = Cli::tr("health"), .dropRank = 6},
            {.title = Cli::tr("pid"), .alignRight = true, .dropRank = 5},
            {.title = Cli::tr("port"), .alignRight = true, .dropRank = 7},
            {.title = Cli::tr("uptime"), .alignRight = true, .dropRank = 3},
            {.title = Cli::tr("restarts"), .alignRight = true, .dropRank = 4},
            {.title = Cli::tr("cpu"), .alignRight = true, .dropRank = 1},
            {.title = Cli::tr("memory"), .alignRight = true, .dropRank = 2}};
}

QList<TableCell> rowOf(const ProcessEntry &entry, const ProcessSample &sample, const Output &output)
{
    const bool running = entry.pid.has_value();
    const auto whileRunning = [running](const QString &text) {
        return TableCell{running ? text : u"-"_s};
    };
    return {{QString::number(toInt(entry.id))},
            {entry.name},
            {entry.nameSpace},
            statusCell(entry.status, output),
            healthCell(entry.health, output),
            {numberOr(entry.pid)},
            {numberOr(entry.port)},
            whileRunning(uptimeText(sample.uptime)),
            {QString::number(entry.restarts)},
            whileRunning(QString::number(sample.cpu, 'f', 1) + u'%'),
            whileRunning(sizeText(sample.memory))};
}

/// The first frame, which the daemon sends at once, or why it did not come.
tl::expected<void, Failure> awaitMetrics(RemoteBackend &backend, const bool &arrived,
                                         milliseconds timeout)
{
    QEventLoop loop;
    QTimer limit;
    limit.setSingleShot(true);
    QObject::connect(&limit, &QTimer::timeout, &loop, &QEventLoop::quit);
    QObject::connect(&backend, &Backend::processMetrics, &loop, &QEventLoop::quit);
    QObject::connect(&backend, &Backend::connectionStateChanged, &loop, &QEventLoop::quit);
    limit.start(timeout);
    while (!arrived && limit.isActive() && backend.connectionState() == ConnectionState::Live)
        loop.exec();
    if (arrived)
        return {};
    if (backend.connectionState() == ConnectionState::Live)
        return tl::unexpected(
            Failure{ExitCode::DaemonUnreachable, Cli::tr("the daemon sent no figures in time")});
    return tl::unexpected(Failure{ExitCode::Network, Cli::tr("the connection was lost")});
}

} // namespace

ExitCode runList(Context &context, const ListOptions &options)
{
    Watch watch;
    bool arrived = false;
    const auto prepare = [&](Backend &backend) {
        watch = backend.watchProcessMetrics({}, milliseconds{1'000});
        QObject::connect(&backend, &Backend::processMetrics, &backend, [&] { arrived = true; });
    };
    if (const auto connected = context.session.connect(prepare); !connected)
        return report(context, connected.error());
    RemoteBackend &backend = context.session.backend();
    const milliseconds timeout =
        context.session.options().timeout.value_or(RemoteBackend::Options{}.queryTimeout);
    if (const auto awaited = awaitMetrics(backend, arrived, timeout); !awaited)
        return report(context, awaited.error());

    QJsonArray array;
    QList<QList<TableCell>> rows;
    for (const ProcessEntry &entry : backend.processes()) {
        if (!options.nameSpace.isEmpty() && entry.nameSpace != options.nameSpace)
            continue;
        if (context.output.json())
            array.append(toJson(entry, backend.lastSample(entry.id)));
        else
            rows.append(rowOf(entry, backend.lastSample(entry.id), context.output));
    }
    if (context.output.json())
        context.output.write(array);
    else
        context.output.write(renderTable(columns(), rows, context.output.width()));
    backend.disconnect();
    return ExitCode::Ok;
}

} // namespace pmdaemon
