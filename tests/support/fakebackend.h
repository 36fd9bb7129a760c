// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/backend.h"

#include <QPromise>
#include <QTimer>

#include <deque>
#include <functional>
#include <utility>
#include <vector>

namespace pmdaemon {

/// A Backend whose facts the test makes and whose replies it scripts. Live and Admin from the
/// start; commands are recorded, and answered by onCommand() at once unless `holdCommands`.
class FakeBackend : public Backend
{
public:
    explicit FakeBackend(QObject *parent = nullptr)
        : Backend(parent)
    {
        setRole(Role::Admin);
        setConnectionState(ConnectionState::Live);
    }

    // The mirror, for the test to change; each emits what a real Backend would.
    using Backend::applyMetrics;
    using Backend::applyRemoval;
    using Backend::applyStatus;
    using Backend::applyUpdate;
    using Backend::interest;
    using Backend::setConnectionState;
    using Backend::setRole;

    /// A running process with the given id, in namespace "default" and at restart 0.
    static ProcessEntry entry(int id, const QString &name,
                              ProcessStatus status = ProcessStatus::Online)
    {
        ProcessEntry made;
        made.id = ProcessId{id};
        made.name = name;
        made.app = name;
        made.nameSpace = QStringLiteral("default");
        made.status = status;
        made.createdAt = WallTime{milliseconds{1'700'000'000'000}};
        if (status == ProcessStatus::Online) {
            made.pid = 1'000 + id;
            made.startedAt = made.createdAt;
        }
        return made;
    }
    void remove(ProcessId id) { applyRemoval(id); }
    void add(const ProcessEntry &process) { applyStatus({process, ProcessStatus::Stopped}); }
    void setStatus(int id, ProcessStatus status)
    {
        ProcessEntry changed = *process(ProcessId{id});
        const ProcessStatus previous = std::exchange(changed.status, status);
        applyStatus({changed, previous});
    }
    /// One tick at `interval`: a sample of every process of the mirror.
    void tick(milliseconds interval)
    {
        MetricsFrame frame{.time = wallNow(), .interval = interval, .processes = {}};
        for (const ProcessEntry &each : processes())
            frame.processes.append(
                {each.id, 1.5, 1'000'000 + toInt(each.id), milliseconds{60'000}});
        applyMetrics(frame);
    }
    void tickSystem(milliseconds interval)
    {
        SystemMetrics figures = system;
        figures.time = wallNow();
        figures.interval = interval;
        emit systemMetrics(figures);
    }

    Reply<CommandResult> command(Command command) override
    {
        commands.append(command);
        if (!holdCommands)
            return readyReply(onCommand(command));
        QPromise<Result<CommandResult>> promise;
        promise.start();
        auto reply = promise.future();
        heldCommands.emplace_back(std::move(promise));
        return reply;
    }
    /// Answers the oldest held command.
    void release(Result<CommandResult> result)
    {
        QPromise<Result<CommandResult>> promise = std::move(heldCommands.front());
        heldCommands.erase(heldCommands.begin());
        promise.addResult(std::move(result));
        promise.finish();
    }
    Reply<QList<ProcessDetail>> processInfo(QString target) override
    {
        QList<ProcessDetail> found;
        for (const ProcessEntry &each : target.isEmpty() ? processes() : resolve(target)) {
            ProcessDetail &detail = found.emplaceBack();
            detail.entry = each;
            detail.sample = lastSample(each.id);
            detail.config = config;
            detail.outFile = QStringLiteral("/logs/") + each.name;
        }
        if (found.isEmpty() && !target.isEmpty() && target != QLatin1StringView("all"))
            return readyReply<QList<ProcessDetail>>(
                fail(ErrorCode::NotFound, QStringLiteral("no process is named ") + target));
        return readyReply<QList<ProcessDetail>>(found);
    }
    Reply<SystemInfo> systemInfo() override
    {
        SystemInfo info;
        info.metrics = system;
        info.hostname = QStringLiteral("fake");
        info.platform = QStringLiteral("linux");
        info.arch = QStringLiteral("x86_64");
        info.version = QStringLiteral("0.0.0");
        info.time = wallNow();
        info.role = role();
        return readyReply<SystemInfo>(info);
    }
    Reply<History> history(QString, WallTime, WallTime, milliseconds step) override
    {
        History answer = past;
        answer.step = step;
        return readyReply<History>(answer);
    }
    Reply<ApplyReport> apply(ApplyRequest request) override
    {
        applyRequests.append(request);
        return readyReply<ApplyReport>(applyReport);
    }
    Reply<EventPage> events(EventQuery query) override
    {
        eventQueries.append(query);
        return readyReply<EventPage>(pastEvents);
    }
    Reply<LogPage> logs(LogQuery query) override
    {
        logQueries.append(query);
        LogPage page{.process = query.process, .lines = logLinesOnDisk, .cursor = {}};
        if (page.lines.size() > query.lines)
            page.lines.remove(0, page.lines.size() - query.lines);
        if (!holdsLogs)
            return readyReply<LogPage>(page);
        QPromise<Result<LogPage>> &promise = heldLogs.emplace_back().first;
        heldLogs.back().second = page;
        promise.start();
        return promise.future();
    }
    /// Answers the oldest question for logs that is held.
    void releaseLogs()
    {
        auto [promise, page] = std::move(heldLogs.front());
        heldLogs.pop_front();
        promise.addResult(page);
        promise.finish();
    }

    // The script.
    bool holdsLogs = false;
    std::deque<std::pair<QPromise<Result<LogPage>>, LogPage>> heldLogs;
    std::function<Result<CommandResult>(const Command &)> onCommand =
        [this](const Command &command) -> Result<CommandResult> {
        return CommandResult{QStringLiteral("done"), resolve(command.target)};
    };
    bool holdCommands = false;
    /// A new metrics interval gets its first frame in the next turn, as from a LocalBackend.
    bool firstFrameAtOnce = true;
    QJsonObject config;
    SystemMetrics system{
        .cpuUsage = 12.5, .cpuCores = 2, .memoryTotal = 1'000, .memoryAvailable = 400};
    History past;
    EventPage pastEvents;
    QList<LogLine> logLinesOnDisk;

    // What was asked.
    QList<Command> commands;
    QList<LogQuery> logQueries;
    QList<ApplyRequest> applyRequests;
    ApplyReport applyReport;
    QList<EventQuery> eventQueries;
    QList<Interest> interests; ///< each one that interestChanged() told

protected:
    void interestChanged() override
    {
        const Interest before = interests.isEmpty() ? Interest{} : interests.last();
        interests.append(interest());
        if (!firstFrameAtOnce)
            return;
        for (const auto &[interval, filters] : interest().processMetrics) {
            if (!before.processMetrics.contains(interval))
                QTimer::singleShot(0, this, [this, interval = interval] { tick(interval); });
        }
        for (const milliseconds interval : interest().systemMetrics) {
            if (!before.systemMetrics.contains(interval))
                QTimer::singleShot(0, this, [this, interval] { tickSystem(interval); });
        }
    }

private:
    std::vector<QPromise<Result<CommandResult>>> heldCommands;
};

} // namespace pmdaemon
