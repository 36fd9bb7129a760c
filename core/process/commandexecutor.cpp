// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/commandexecutor.h"

#include "core/config/specfields.h"
#include "core/logs/logwriter.h"
#include "core/model/signalname.h"

#include <algorithm>
#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

/// Whether the target may stand for several apps: then those for which there is nothing to do are
/// no error.
bool isGroup(const QString &target)
{
    return target == "all"_L1 || target.startsWith("namespace:"_L1);
}

} // namespace

CommandExecutor::CommandExecutor(Supervisor &supervisor, Persist persist)
    : m_supervisor(supervisor)
    , m_persist(std::move(persist))
{}

Reply<CommandResult> CommandExecutor::execute(const Command &command)
{
    if (command.action != Action::Reload || command.config)
        return carryOut([this, command] { return begin(command); }, command);
    return m_supervisor.onceRestored([this, command] {
        return readFilesOf(command.target)
            .then(&m_supervisor,
                  [this, command](const ReadFiles &files) {
                      return carryOut([=, this] { return reloadFrom(files, command); }, command);
                  })
            .unwrap();
    });
}

Reply<CommandResult> CommandExecutor::apply(const ProcessSpec &spec)
{
    return carryOut([this, spec] { return applySpec(spec); }, {});
}

Reply<CommandResult> CommandExecutor::carryOut(std::function<Result<Operation *>()> begin,
                                               const Command &command)
{
    return m_supervisor.onceRestored([this, begin = std::move(begin), command] {
        if (m_closed)
            return readyReply<CommandResult>(isClosed());
        return answer(begin(), command);
    });
}

/// `command` says how it is to be answered.
Reply<CommandResult> CommandExecutor::answer(const Result<Operation *> &operation,
                                             const Command &command) const
{
    if (!operation)
        return readyReply<CommandResult>(tl::unexpected(operation.error()));
    const Reply<CommandResult> reply = (*operation)->reply();
    if (!command.waits)
        (*operation)->answerEarly();
    if (command.timeout)
        (*operation)->answerWithin(*command.timeout);
    const Action action = (*operation)->action();
    const bool isForNow = action == Action::Signal || action == Action::Send ||
                          action == Action::Flush; // nothing to store
    if (!m_persist && !command.waits)
        (*operation)->awaitStored(readyReply<void>({}));
    if (m_persist && !isForNow) {
        (*operation)->awaitStored(m_persist());
        // What is wanted is stored by then; what became of it, its ports and its reason, comes
        // later.
        if (action != Action::Stop && action != Action::Reset)
            (*operation)->storeAtEnd(m_persist);
    }
    (*operation)->release();
    return reply;
}

tl::unexpected<Error> CommandExecutor::isClosed()
{
    return fail(ErrorCode::ShuttingDown, tr("the daemon is shutting down"));
}

Result<Operation *> CommandExecutor::begin(const Command &command)
{
    using Handler = Result<Operation *> (CommandExecutor::*)(const Command &);
    static constexpr std::array<Handler, 10> handlers = {
        &CommandExecutor::startCommand, &CommandExecutor::stop,   &CommandExecutor::restart,
        &CommandExecutor::remove,       &CommandExecutor::reload, &CommandExecutor::scale,
        &CommandExecutor::signal,       &CommandExecutor::reset,  &CommandExecutor::flush,
        &CommandExecutor::sendLine,
    };
    return (this->*handlers[static_cast<std::size_t>(command.action)])(command);
}

Operation *CommandExecutor::newOperation(Action action)
{
    return new Operation(action, m_supervisor);
}

Result<CommandExecutor::Processes> CommandExecutor::find(const QString &target) const
{
    Processes found = m_supervisor.resolve(target);
    if (found.isEmpty() && target != "all"_L1)
        return fail(ErrorCode::NotFound,
                    tr("there is no process “%1”; accepted are a name, an app, an id, “all” and "
                       "“namespace:NAME”")
                        .arg(target));
    return found;
}

Result<ProcessSpec> CommandExecutor::readConfig(const Command &command, const QString &name) const
{
    auto spec = specFromJson(*command.config, name);
    if (!spec)
        return tl::unexpected(specError(spec.error()));
    if (!name.isEmpty() && spec->name != name)
        return fail(ErrorCode::InvalidConfig,
                    tr("config.name is “%1”, but the command is for “%2”; leave one of them out")
                        .arg(spec->name, name));
    return *spec;
}

Result<Operation *> CommandExecutor::startCommand(const Command &command)
{
    if (command.config) {
        Result<ProcessSpec> spec = readConfig(command, command.target);
        if (!spec)
            return tl::unexpected(spec.error());
        if (command.port)
            return fail(ErrorCode::InvalidMessage,
                        tr("port: a config says it itself; leave one of them out"));
        spec->instances = command.instances.value_or(spec->instances);
        return startSpec(*spec);
    }
    const Result<Processes> found = find(command.target);
    if (!found)
        return fail(ErrorCode::NotFound,
                    tr("%1; to create it, send a config with a script").arg(found.error().message));
    return command.instances ? startScaled(command) : startProcesses(*found, command);
}

/// With as many instances as the command says.
Result<Operation *> CommandExecutor::startScaled(const Command &command)
{
    if (command.port)
        return fail(ErrorCode::InvalidMessage,
                    tr("port, instances: only one of them; reload the app with both in a config"));
    return scaledSpec(command).map([this](const ProcessSpec &spec) {
        Operation *operation = newOperation(Action::Start);
        resize(*operation, spec);
        for (ManagedProcess *process : m_supervisor.instancesOf(spec.name)) {
            if (!m_supervisor.isBeingRemoved(*process) && process->isDown())
                begin(*operation, *process);
        }
        return operation;
    });
}

/// The ports of what the command starts are the command's, or the definition's again.
Result<void> CommandExecutor::takePorts(const Command &command, const Processes &processes)
{
    const auto isOther = [&](const ManagedProcess *process) {
        return process->entry().app != processes.first()->entry().app;
    };
    if (command.port && std::any_of(processes.begin(), processes.end(), isOther))
        return fail(ErrorCode::InvalidMessage,
                    tr("port: is for one app, but “%1” names several").arg(command.target));
    const bool isOne = processes.size() == 1;
    if (command.port && !isOne) {
        if (const auto problem = portProblem(*command.port, int(processes.size())))
            return fail(ErrorCode::InvalidMessage, tr("port: %1").arg(*problem));
    }
    for (ManagedProcess *process : processes) {
        std::optional<PortSpec> ports = command.port;
        if (ports && isOne && ports->kind != PortSpec::Kind::Auto) {
            ports->first -= process->entry().instance;
            ports->last -= process->entry().instance;
        }
        process->usePorts(ports);
    }
    return {};
}

Result<Operation *> CommandExecutor::startSpec(const ProcessSpec &spec)
{
    const Processes existing = m_supervisor.instancesOf(spec.name);
    if (!existing.isEmpty()) {
        if (Result<void> settled = checkSettled(spec.name); !settled)
            return tl::unexpected(settled.error());
        if (existing.first()->spec() != spec)
            return fail(ErrorCode::AlreadyExists,
                        tr("%1 exists already with another configuration; reload it to change it")
                            .arg(spec.name));
        if (spec.schedule.isEmpty())
            return startProcesses(existing, {.target = spec.name});
        return beginAll(existing);
    }
    const Result<Processes> created = m_supervisor.create(spec);
    if (!created)
        return tl::unexpected(created.error());
    return beginAll(*created);
}

Operation *CommandExecutor::beginAll(const Processes &processes)
{
    Operation *operation = newOperation(Action::Start);
    for (ManagedProcess *process : processes)
        begin(*operation, *process);
    return operation;
}

/// What is defined begins: at once, or at its times.
void CommandExecutor::begin(Operation &operation, ManagedProcess &process)
{
    if (process.spec().schedule.isEmpty()) {
        operation.await(process, Operation::Goal::Online);
        process.start();
        return;
    }
    if (process.isDown())
        process.waitForSchedule();
    operation.done(process);
}

Result<Operation *> CommandExecutor::startProcesses(const Processes &processes,
                                                    const Command &command)
{
    const QString &target = command.target;
    const auto isUp = [](const ManagedProcess *process) {
        return process->entry().status == ProcessStatus::Online ||
               process->entry().status == ProcessStatus::Starting;
    };
    if (!isGroup(target) && std::all_of(processes.begin(), processes.end(), isUp))
        return fail(ErrorCode::AlreadyRunning,
                    tr("%1 is running already; restart it to start it anew").arg(target));
    Processes down = processes;
    down.removeIf(isUp);
    if (const Result<void> taken = takePorts(command, down); !taken)
        return tl::unexpected(taken.error());
    Operation *operation = newOperation(Action::Start);
    for (ManagedProcess *process : processes) {
        if (isUp(process)) {
            operation->done(*process);
            continue;
        }
        operation->await(*process, Operation::Goal::Online);
        process->start();
    }
    return operation;
}

Result<Operation *> CommandExecutor::stop(const Command &command)
{
    const Result<Processes> found = find(command.target);
    if (!found)
        return tl::unexpected(found.error());
    const auto isStopped = [](const ManagedProcess *process) {
        return process->entry().status == ProcessStatus::Stopped;
    };
    if (!isGroup(command.target) && std::all_of(found->begin(), found->end(), isStopped))
        return fail(ErrorCode::NotRunning, tr("%1 is not running").arg(command.target));
    const Result<std::optional<int>> signal = signalOf(command);
    if (!signal)
        return tl::unexpected(signal.error());
    Operation *operation = newOperation(Action::Stop);
    Processes running;
    for (ManagedProcess *process : *found) {
        if (isStopped(process)) {
            operation->done(*process);
            continue;
        }
        process->endBy(*signal);
        operation->await(*process, Operation::Goal::Down);
        running.append(process);
    }
    m_supervisor.stop(running);
    return operation;
}

Result<Operation *> CommandExecutor::restart(const Command &command)
{
    const Result<Processes> found = find(command.target);
    if (!found)
        return tl::unexpected(found.error());
    const Result<std::optional<int>> signal = signalOf(command);
    if (!signal)
        return tl::unexpected(signal.error());
    if (const Result<void> taken = takePorts(command, *found); !taken)
        return tl::unexpected(taken.error());
    Operation *operation = newOperation(Action::Restart);
    for (ManagedProcess *process : *found) {
        if (const Result<void> can = m_supervisor.checkLaunch(*process, process->spec()); !can) {
            operation->failed(process->entry().name, goesOn(can.error()));
            continue;
        }
        operation->await(*process, Operation::Goal::Online);
        process->endBy(*signal);
        process->restart(RestartReason::Manual);
    }
    return operation;
}

Result<Operation *> CommandExecutor::remove(const Command &command)
{
    const Result<Processes> found = find(command.target);
    if (!found)
        return tl::unexpected(found.error());
    Operation *operation = newOperation(Action::Delete);
    for (ManagedProcess *process : *found)
        operation->await(*process, Operation::Goal::Removed);
    if (!command.keepsLogs)
        deleteLogsOf(*found, *operation);
    m_supervisor.remove(*found);
    return operation;
}

/// As soon as all of them are removed, unless others write to the same files.
void CommandExecutor::deleteLogsOf(const Processes &processes, Operation &operation)
{
    QHash<ProcessId, LogFiles> expected;
    for (const ManagedProcess *process : processes)
        expected.insert(process->entry().id, m_supervisor.logFilesOf(*process));
    const auto onRemoved = [this, expected, files = QSet<QString>(),
                            &operation](ProcessId id, const QString &name) mutable {
        if (!expected.contains(id))
            return;
        const LogFiles logs = expected.take(id);
        files += {logs.out, logs.err};
        if (!expected.isEmpty())
            return;
        for (const ManagedProcess *other : m_supervisor.processes()) {
            const LogFiles used = m_supervisor.logFilesOf(*other);
            files -= {used.out, used.err};
        }
        files.remove(QString());
        for (const QString &file : std::as_const(files)) {
            if (const Result<void> deleted = deleteLog(file); !deleted)
                operation.failed(name, deleted.error());
        }
    };
    QObject::connect(&m_supervisor, &Supervisor::removed, &operation, onRemoved);
}

/// None where the command names none.
Result<std::optional<int>> CommandExecutor::signalOf(const Command &command)
{
    const std::optional<int> number = signalFromString(command.signal);
    if (!number && !command.signal.isEmpty())
        return fail(
            ErrorCode::InvalidMessage,
            tr("signal: “%1” is none; accepted are names such as SIGHUP or HUP, and numbers")
                .arg(command.signal));
    return number;
}

Result<Operation *> CommandExecutor::signal(const Command &command)
{
    const Result<std::optional<int>> number = signalOf(command);
    if (!number)
        return tl::unexpected(number.error());
    if (!*number)
        return fail(ErrorCode::InvalidMessage,
                    tr("signal: missing; accepted are names such as SIGHUP or HUP, and numbers"));
    return sendToAll(command,
                     [&](ManagedProcess &process) { return process.sendSignal(**number); });
}

Result<Operation *> CommandExecutor::sendLine(const Command &command)
{
    const QByteArray line = command.line.value_or(QString()).toUtf8() + '\n';
    return sendToAll(command, [&](ManagedProcess &process) { return process.send(line); });
}

/// In a group those that do not run are left out.
Result<Operation *>
CommandExecutor::sendToAll(const Command &command,
                           const std::function<Result<void>(ManagedProcess &)> &send)
{
    const Result<Processes> found = find(command.target);
    if (!found)
        return tl::unexpected(found.error());
    Operation *operation = newOperation(command.action);
    for (ManagedProcess *process : *found) {
        const Result<void> sent = send(*process);
        if (sent)
            operation->done(*process);
        else if (!isGroup(command.target) || sent.error().code != ErrorCode::NotRunning)
            operation->failed(process->entry().name, sent.error());
    }
    return operation;
}

Result<Operation *> CommandExecutor::reset(const Command &command)
{
    const Result<Processes> found = find(command.target);
    if (!found)
        return tl::unexpected(found.error());
    Operation *operation = newOperation(Action::Reset);
    for (ManagedProcess *process : *found) {
        process->resetRestarts();
        operation->done(*process);
    }
    return operation;
}

Result<Operation *> CommandExecutor::flush(const Command &command)
{
    const Result<Processes> found = find(command.target);
    if (!found)
        return tl::unexpected(found.error());
    Operation *operation = newOperation(Action::Flush);
    for (ManagedProcess *process : *found) {
        const LogFiles logs = m_supervisor.logFilesOf(*process);
        Result<void> emptied;
        for (const QString &file : {logs.out, logs.err}) {
            if (emptied && !file.isEmpty())
                emptied = emptyLog(file);
        }
        if (emptied)
            operation->done(*process);
        else
            operation->failed(process->entry().name, emptied.error());
    }
    return operation;
}

} // namespace pmdaemon
