// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/ecosystem.h"
#include "core/config/specfields.h"
#include "core/process/commandexecutor.h"
#include "core/process/rollingreload.h"

#include <algorithm>

// The commands that change an app's definition: reload and scale.

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

Result<void> CommandExecutor::checkSettled(const QString &app) const
{
    for (const ManagedProcess *process : m_supervisor.instancesOf(app)) {
        if (m_supervisor.isBeingRemoved(*process))
            return fail(ErrorCode::AlreadyExists,
                        tr("%1 is being deleted still; try again when that is done")
                            .arg(process->entry().name));
    }
    return {};
}

CommandExecutor::FileKey CommandExecutor::fileOf(const ProcessSpec &spec)
{
    return {spec.configFile, spec.configEnvironment};
}

QFuture<CommandExecutor::ReadFiles> CommandExecutor::readFilesOf(const QString &target) const
{
    std::map<FileKey, Reply<Ecosystem>> reading;
    for (const ManagedProcess *process : m_supervisor.resolve(target)) {
        const FileKey key = fileOf(process->spec());
        if (!key.first.isEmpty() && !reading.contains(key))
            reading.emplace(key, loadEcosystemLater(key.first, {.environment = key.second}));
    }
    QList<Reply<Ecosystem>> replies;
    for (const auto &[key, reply] : reading)
        replies.append(reply);
    return QtFuture::whenAll(replies.begin(), replies.end())
        .then([reading = std::move(reading)](const QList<Reply<Ecosystem>> &) {
            ReadFiles files;
            for (const auto &[key, reply] : reading)
                files.emplace(key, reply.result());
            return files;
        });
}

Result<ProcessSpec> CommandExecutor::reloadedSpec(const Command &command,
                                                  const ProcessSpec &current,
                                                  const ReadFiles &files) const
{
    if (command.config)
        return readConfig(command, current.name);
    const auto read = files.find(fileOf(current));
    if (current.configFile.isEmpty() || read == files.end())
        return current;
    const Result<Ecosystem> &ecosystem = read->second;
    if (!ecosystem)
        return tl::unexpected(ecosystem.error());
    const auto found =
        std::find_if(ecosystem->apps.begin(), ecosystem->apps.end(),
                     [&](const ProcessSpec &app) { return app.name == current.name; });
    if (found == ecosystem->apps.end())
        return fail(ErrorCode::NotFound,
                    tr("%1 defines no app %2 any more; delete it, or put it back into the file")
                        .arg(current.configFile, current.name));
    return *found;
}

Result<QList<CommandExecutor::Reload>> CommandExecutor::planReloads(const Command &command,
                                                                    const ReadFiles &files) const
{
    const Result<Processes> found = find(command.target);
    if (!found)
        return tl::unexpected(found.error());
    QList<Reload> plans;
    for (ManagedProcess *process : *found) {
        const QString &app = process->entry().app;
        const auto known = std::find_if(plans.begin(), plans.end(),
                                        [&](const Reload &plan) { return plan.spec.name == app; });
        if (known != plans.end()) {
            if (!known->rolled.contains(process))
                known->rolled.append(process);
            continue;
        }
        if (command.config && !plans.isEmpty())
            return fail(ErrorCode::InvalidMessage,
                        tr("a config is for one app, but “%1” names several").arg(command.target));
        Result<ProcessSpec> spec = reloadedSpec(command, process->spec(), files);
        if (!spec)
            return tl::unexpected(spec.error());
        spec->instances = command.instances.value_or(spec->instances);
        if (const Result<void> accepted = checkReload(*spec); !accepted)
            return tl::unexpected(accepted.error());
        const Processes all = m_supervisor.instancesOf(app);
        const bool isSame = std::all_of(all.begin(), all.end(), [&](const ManagedProcess *each) {
            return each->spec() == *spec;
        });
        plans.append({*spec, isSame ? Processes{process} : all});
    }
    return plans;
}

Result<void> CommandExecutor::checkReload(const ProcessSpec &spec) const
{
    return checkSettled(spec.name).and_then([&] { return m_supervisor.checkDefinition(spec); });
}

Result<Operation *> CommandExecutor::reloadFrom(const ReadFiles &files, const Command &command)
{
    return planReloads(command, files).map([this](const QList<Reload> &plans) {
        return roll(plans);
    });
}

bool CommandExecutor::hasFailed(const ManagedProcess &process)
{
    return process.isWanted() && process.entry().status == ProcessStatus::Errored;
}

/// The apps whose definition does not say what runs: an instance is of another one, or has failed.
QSet<QString> CommandExecutor::unsettledApps(const QMap<QString, ProcessSpec> &current) const
{
    QSet<QString> apps;
    for (const ManagedProcess *process : m_supervisor.processes()) {
        const auto known = current.constFind(process->entry().app);
        if (known != current.cend() && (hasFailed(*process) || process->spec() != *known))
            apps.insert(known.key());
    }
    return apps;
}

Result<Operation *> CommandExecutor::applySpec(const ProcessSpec &spec)
{
    Processes existing = m_supervisor.instancesOf(spec.name);
    if (existing.isEmpty())
        return startSpec(spec);
    if (const Result<void> accepted = checkReload(spec); !accepted)
        return tl::unexpected(accepted.error());
    const bool isSame = std::all_of(existing.begin(), existing.end(),
                                    [&](const auto *each) { return each->spec() == spec; });
    existing.removeIf([&](const ManagedProcess *process) {
        return !process->isWanted() || (process->spec() == spec && !hasFailed(*process));
    });
    return isSame && existing.isEmpty() ? roll({}) : roll({{spec, existing}});
}

Reply<ApplyReport> CommandExecutor::apply(const ApplyRequest &request)
{
    return m_supervisor.onceRestored([this, request] {
        if (m_closed)
            return readyReply<ApplyReport>(isClosed());
        QMap<QString, ProcessSpec> current;
        for (const ManagedProcess *process : m_supervisor.processes()) {
            if (!m_supervisor.isBeingRemoved(*process))
                current.insert(process->entry().app, process->spec());
        }
        const Result<ApplyPlan> plan = planApply(request, current, unsettledApps(current));
        const Result<void> checked =
            plan.and_then([this](const ApplyPlan &made) { return checkPlan(made); });
        if (!checked)
            return readyReply<ApplyReport>(tl::unexpected(checked.error()));
        return request.dryRun ? readyReply<ApplyReport>(plan->report) : carryOut(*plan);
    });
}

/// What only the supervisor knows: names and numbers that are taken.
Result<void> CommandExecutor::checkPlan(const ApplyPlan &plan) const
{
    QStringList texts;
    for (qsizetype i = 0; i < plan.apps.size(); ++i) {
        const ProcessSpec &spec = plan.apps[i];
        if (plan.report.apps[i].kind == AppChange::Kind::Unchanged)
            continue; // it was accepted before, and each look goes through all processes
        const Result<void> accepted =
            checkSettled(spec.name).and_then([&] { return m_supervisor.checkAlone(spec); });
        if (!accepted)
            texts.append(u"%1: %2"_s.arg(spec.name, accepted.error().message));
    }
    if (!texts.isEmpty())
        return fail(ErrorCode::InvalidConfig, texts.join(u'\n'));
    return {};
}

Reply<ApplyReport> CommandExecutor::carryOut(ApplyPlan plan)
{
    auto run = std::make_shared<ApplyRun>(ApplyRun{std::move(plan), {}, {}});
    run->done.start();
    carryOutMore(run);
    return run->done.future();
}

/// A few in each turn of the event loop: who asks meanwhile is answered.
void CommandExecutor::carryOutMore(const std::shared_ptr<ApplyRun> &run)
{
    QList<Reply<CommandResult>> &replies = run->replies;
    const QList<AppChange> &changes = run->plan.report.apps;
    for (int carriedOut = 0; replies.size() < changes.size() && carriedOut < appliedPerTurn;) {
        const qsizetype i = replies.size();
        if (changes[i].kind == AppChange::Kind::Unchanged) {
            replies.append(readyReply<CommandResult>({}));
            continue;
        }
        const ProcessSpec *spec = i < run->plan.apps.size() ? &run->plan.apps[i] : nullptr;
        replies.append(m_closed ? readyReply<CommandResult>(isClosed())
                                : answer(carryOut(changes[i], spec)));
        ++carriedOut;
    }
    if (replies.size() < changes.size()) {
        QMetaObject::invokeMethod(
            &m_supervisor, [this, run] { carryOutMore(run); }, Qt::QueuedConnection);
        return;
    }
    QtFuture::whenAll(replies.begin(), replies.end())
        .then([run](const QList<Reply<CommandResult>> &done) {
            ApplyReport told = run->plan.report;
            for (qsizetype i = 0; i < done.size(); ++i) {
                if (const Result<CommandResult> result = done[i].result(); !result)
                    told.apps[i].error = result.error();
            }
            run->done.addResult(Result<ApplyReport>(told));
            run->done.finish();
        });
}

Result<Operation *> CommandExecutor::carryOut(const AppChange &change, const ProcessSpec *spec)
{
    if (change.kind == AppChange::Kind::Removed) {
        Command command;
        command.action = Action::Delete;
        command.target = change.app;
        return remove(command);
    }
    if (change.kind == AppChange::Kind::Added || change.restarts)
        return applySpec(*spec);
    return roll({{*spec, {}}}); // what runs goes on as it is
}

/// Of what could not be launched anew, so that it was not ended.
Error CommandExecutor::goesOn(Error error)
{
    error.message = tr("%1; it goes on as it is").arg(error.message);
    return error;
}

/// The first of what would be ended, that could not be launched by the new definition.
std::optional<Error> CommandExecutor::whyNotRolled(const Reload &plan) const
{
    for (const ManagedProcess *process : plan.rolled) {
        if (process->entry().instance >= plan.spec.instances || !plan.spec.schedule.isEmpty())
            continue;
        if (const Result<void> can = m_supervisor.checkLaunch(*process, plan.spec); !can)
            return goesOn(can.error());
    }
    return std::nullopt;
}

Operation *CommandExecutor::roll(const QList<Reload> &plans)
{
    Operation *operation = newOperation(Action::Reload);
    for (const Reload &plan : plans) {
        if (const std::optional<Error> error = whyNotRolled(plan)) {
            operation->failed(plan.spec.name, *error);
            continue;
        }
        std::deque<ProcessId> rolled;
        QHash<ProcessId, ProcessSpec> before;
        Processes scheduled;
        for (ManagedProcess *process : plan.rolled) {
            if (process->entry().instance >= plan.spec.instances)
                continue;
            before.insert(process->entry().id, process->spec());
            if (plan.spec.schedule.isEmpty())
                rolled.push_back(process->entry().id);
            else
                scheduled.append(process); // a run that is under way ends as it began
        }
        resize(*operation, plan.spec);
        for (ManagedProcess *process : scheduled)
            begin(*operation, *process);
        new RollingReload(m_supervisor, *operation, std::move(rolled), std::move(before));
    }
    return operation;
}

/// The definition of the one app that the command is for, with as many instances as it says.
Result<ProcessSpec> CommandExecutor::scaledSpec(const Command &command) const
{
    if (!command.instances)
        return fail(ErrorCode::InvalidMessage,
                    tr("scale needs instances, an integer of 1 or more"));
    const Result<Processes> found = find(command.target);
    if (!found)
        return tl::unexpected(found.error());
    const auto isOther = [&](const ManagedProcess *process) {
        return process->entry().app != found->first()->entry().app;
    };
    if (found->isEmpty() || std::any_of(found->begin(), found->end(), isOther))
        return fail(
            ErrorCode::InvalidMessage,
            tr("instances are of one app, but “%1” names several or none").arg(command.target));
    ProcessSpec spec = found->first()->spec();
    spec.instances = *command.instances;
    const Result<void> accepted =
        checkSettled(spec.name).and_then([&] { return m_supervisor.checkDefinition(spec); });
    if (!accepted)
        return tl::unexpected(accepted.error());
    return spec;
}

Result<Operation *> CommandExecutor::scale(const Command &command)
{
    return scaledSpec(command).map([this](const ProcessSpec &spec) {
        Operation *operation = newOperation(Action::Scale);
        resize(*operation, spec);
        for (const ManagedProcess *process : m_supervisor.instancesOf(spec.name)) {
            if (process->isRunning() && !m_supervisor.isBeingRemoved(*process))
                operation->done(*process);
        }
        return operation;
    });
}

void CommandExecutor::resize(Operation &operation, const ProcessSpec &spec)
{
    Processes surplus;
    for (ManagedProcess *process : m_supervisor.instancesOf(spec.name)) {
        if (process->entry().instance < spec.instances)
            continue;
        operation.await(*process, Operation::Goal::Removed);
        surplus.append(process);
    }
    m_supervisor.remove(surplus);
    const Result<Processes> added = m_supervisor.redefine(spec);
    if (!added) {
        operation.failed(spec.name, added.error());
        return;
    }
    for (ManagedProcess *process : *added)
        begin(operation, *process);
}

} // namespace pmdaemon
