// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/supervisor.h"

#include "core/config/dependencies.h"
#include "core/config/listenvalue.h"
#include "core/config/specfields.h"
#include "core/config/specvalues.h"
#include "core/model/nearestname.h"
#include "core/model/processtarget.h"
#include "core/process/healthmonitor.h"
#include "core/process/slotdirectory.h"

#include <QLoggingCategory>
#include <QScopedValueRollback>
#include <QSet>
#include <QTimer>

#include <algorithm>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {
Q_LOGGING_CATEGORY(lcSupervisor, "pmdaemon.process", QtInfoMsg)

constexpr milliseconds resumeTime{1'000};
constexpr int resumedPerTurn = 16;

bool mayGive(const std::optional<PortSpec> &ports, int port)
{
    return ports && port >= ports->first && port <= ports->last;
}
} // namespace

Supervisor::Supervisor(Surroundings surroundings, QObject *parent)
    : QObject(parent)
    , m_surroundings(std::move(surroundings))
    , m_probes(m_surroundings.makeProbeRunner)
    , m_ports(m_surroundings.isPortFree)
    , m_sockets(std::move(m_surroundings.socketKeeper))
{
    if (!m_surroundings.makeProbe)
        m_surroundings.makeProbe = std::bind_front(&HealthProbes::make, &m_probes);
    connect(&m_spawns, &SpawnQueue::ready, this, &Supervisor::launch);
}

Supervisor::~Supervisor()
{
    // Runners that die now must not be taken for processes that did.
    for (const auto &[id, process] : m_processes)
        process->disconnect(this);
}

QList<ManagedProcess *> Supervisor::processes() const
{
    QList<ManagedProcess *> all;
    all.reserve(qsizetype(m_processes.size()));
    for (const auto &[id, process] : m_processes)
        all.append(process.get());
    return all;
}

ManagedProcess *Supervisor::process(ProcessId id) const
{
    const auto found = m_processes.find(id);
    return found == m_processes.end() ? nullptr : found->second.get();
}

QList<ManagedProcess *> Supervisor::resolve(QStringView target) const
{
    const ProcessTarget wanted(target);
    QList<ManagedProcess *> found;
    for (const auto &[id, process] : m_processes) {
        if (wanted.matches(process->entry()) && !m_beingRemoved.contains(id))
            found.append(process.get());
    }
    return found;
}

QList<ManagedProcess *> Supervisor::instancesOf(const QString &app) const
{
    QList<ManagedProcess *> found;
    for (const auto &[id, process] : m_processes) {
        if (process->entry().app == app)
            found.append(process.get());
    }
    std::sort(found.begin(), found.end(), [](const ManagedProcess *a, const ManagedProcess *b) {
        return a->entry().instance < b->entry().instance;
    });
    return found;
}

Result<void> Supervisor::checkDefinition(const ProcessSpec &spec) const
{
    return checkAlone(spec).and_then([&] { return checkDependencies(spec); });
}

Result<void> Supervisor::checkAlone(const ProcessSpec &spec) const
{
    if (!isValidName(spec.name))
        return fail(ErrorCode::InvalidConfig,
                    tr("name: %1 is not %2").arg(quoted(spec.name), NameValue::accepted));
    if (spec.script.trimmed().isEmpty())
        return fail(ErrorCode::InvalidConfig,
                    tr("script: it is missing; name a file, a program or a command line"));
    const qsizetype others = qsizetype(m_processes.size()) - instancesOf(spec.name).size();
    if (spec.instances < 1 || spec.instances > MaxProcesses - others)
        return fail(ErrorCode::InvalidConfig,
                    tr("instances: %1 is not between 1 and %2 (%3 processes in all)")
                        .arg(QString::number(spec.instances),
                             QString::number(MaxProcesses - others),
                             QString::number(MaxProcesses)));
    if (const QString last = instanceName(spec.name, spec.instances - 1, spec.instances);
        last.size() > 64)
        return fail(ErrorCode::InvalidConfig,
                    tr("name: “%1” leaves no room for the number of the last instance within 64 "
                       "characters")
                        .arg(spec.name));
    if (spec.port) {
        if (const std::optional<QString> problem = portProblem(*spec.port, spec.instances))
            return fail(ErrorCode::InvalidConfig, u"port: "_s + *problem);
    }
    return checkNames(spec).and_then([&] { return checkListen(spec); });
}

Result<void> Supervisor::checkListen(const ProcessSpec &spec) const
{
    if (spec.listen.isEmpty())
        return {};
    for (const auto &[id, process] : m_processes) {
        for (const ListenSpec &listen : process->spec().listen) {
            if (process->entry().app != spec.name && spec.listen.contains(listen))
                return fail(ErrorCode::PortInUse,
                            tr("listen: %1 belongs to %2 already; take another address, or delete "
                               "that one first")
                                .arg(toString(listen), process->entry().app));
        }
    }
    return {};
}

Result<void> Supervisor::checkDependencies(const ProcessSpec &spec) const
{
    if (spec.dependsOn.isEmpty())
        return {};
    DependencyGraph graph;
    for (const auto &[id, process] : m_processes) {
        const ProcessEntry &entry = process->entry();
        if (entry.name != entry.app && spec.dependsOn.contains(entry.name))
            return fail(ErrorCode::InvalidConfig,
                        tr("depends_on: %1 is an instance; name its app, %2, which stands for all "
                           "of them")
                            .arg(entry.name, entry.app));
        graph.insert(entry.app, process->spec().dependsOn.keys());
    }
    graph.insert(spec.name, spec.dependsOn.keys());
    const QStringList cycle = dependencyCycle(graph);
    if (!cycle.isEmpty())
        return fail(ErrorCode::InvalidConfig,
                    tr("depends_on: goes round in a circle, %1; leave one of them out")
                        .arg(cycle.join(u" → "_s)));
    return {};
}

Result<void> Supervisor::checkNames(const ProcessSpec &spec) const
{
    QSet<QString> names{spec.name};
    for (int instance = 0; instance < spec.instances; ++instance)
        names.insert(instanceName(spec.name, instance, spec.instances));
    for (const auto &[id, process] : m_processes) {
        const ProcessEntry &entry = process->entry();
        if (entry.app != spec.name && (names.contains(entry.name) || names.contains(entry.app)))
            return fail(ErrorCode::AlreadyExists,
                        tr("the name %1 belongs to another process already (id %2); take another "
                           "name, or delete that one first")
                            .arg(entry.name, QString::number(toInt(id))));
    }
    return {};
}

Result<QList<ManagedProcess *>> Supervisor::create(const ProcessSpec &spec)
{
    if (!instancesOf(spec.name).isEmpty())
        return fail(
            ErrorCode::AlreadyExists,
            tr("%1 exists already; reload it to change it, or delete it first").arg(spec.name));
    return redefine(spec);
}

Result<QList<ManagedProcess *>> Supervisor::redefine(const ProcessSpec &spec)
{
    if (Result<void> checked = checkDefinition(spec); !checked)
        return tl::unexpected(checked.error());
    QSet<int> present;
    for (ManagedProcess *process : instancesOf(spec.name)) {
        const int instance = process->entry().instance;
        present.insert(instance);
        if (instance >= spec.instances)
            continue; // it goes, and by its own name
        process->redefine(spec, instanceName(spec.name, instance, spec.instances));
        setTimetable(*process);
        emit changed(process->entry().id);
    }
    closeUnusedSockets();
    if (const QList<ManagedProcess *> all = instancesOf(spec.name); !all.isEmpty()) {
        m_watches.erase(spec.name); // it may be for other files
        updateWatch(*all.first());
    }
    QList<ManagedProcess *> added;
    for (int instance = 0; instance < spec.instances; ++instance) {
        if (!present.contains(instance))
            added.append(addInstance(spec, instance));
    }
    return added;
}

void Supervisor::keepDefinition(ManagedProcess &process, ProcessSpec spec)
{
    spec.instances = process.spec().instances;
    spec.nameSpace = process.spec().nameSpace;
    process.redefine(spec, process.entry().name);
    setTimetable(process);
    emit changed(process.entry().id);
}

ManagedProcess *Supervisor::addInstance(const ProcessSpec &spec, int instance)
{
    ProcessEntry entry;
    entry.id = ProcessId{m_nextId++};
    entry.name = instanceName(spec.name, instance, spec.instances);
    entry.app = spec.name;
    entry.instance = instance;
    entry.nameSpace = spec.nameSpace;
    entry.createdAt = wallNow();
    return add(entry, spec);
}

ManagedProcess *Supervisor::add(const ProcessEntry &entry, const ProcessSpec &spec)
{
    auto made = std::make_unique<ManagedProcess>(entry, spec, m_surroundings.makeRunner());
    ManagedProcess *process = made.get();
    m_processes.emplace(entry.id, std::move(made));
    connect(process, &ManagedProcess::launchWanted, this,
            [this, process] { onLaunchWanted(*process); });
    connect(process, &ManagedProcess::statusChanged, this,
            [this, id = entry.id] { emit changed(id); });
    connect(process, &ManagedProcess::updated, this, [this, id = entry.id] { emit changed(id); });
    connect(process, &ManagedProcess::statusChanged, this, &Supervisor::statusChanged);
    connect(process, &ManagedProcess::statusChanged, this, [this, process] { onStatus(*process); });
    connect(process, &ManagedProcess::logRotated, this, [this, process](const QString &file) {
        if (process->spec().compressLogs)
            m_compressor.add(file);
    });
    connect(process, &ManagedProcess::updated, this, &Supervisor::updated);
    connect(process, &ManagedProcess::happened, this, &Supervisor::happened);
    connect(process, &ManagedProcess::healthChanged, this, &Supervisor::healthChanged);
    connect(process, &ManagedProcess::healthChanged, this,
            [this, app = entry.app] { lookAtBlockedBy(app); });
    new HealthMonitor(*process, m_surroundings.makeProbe);
    connect(process, &ManagedProcess::stopCommandWanted, this,
            [this, process] { runStopCommand(*process); });
    setTimetable(*process);
    emit changed(entry.id);
    return process;
}

void Supervisor::setTimetable(ManagedProcess &process)
{
    if (auto times = timetableOf(process))
        m_timetables.insert_or_assign(process.entry().id, std::move(times));
    else
        m_timetables.erase(process.entry().id);
}

void Supervisor::updateWatch(const ManagedProcess &process)
{
    const QString &app = process.entry().app;
    if (!process.spec().watch && !m_watches.contains(app))
        return;
    const QList<ManagedProcess *> instances = instancesOf(app);
    const bool isWanted = std::any_of(instances.begin(), instances.end(), [this](auto *instance) {
        return instance->isWanted() && !isBeingRemoved(*instance);
    });
    if (!process.spec().watch || !isWanted || m_allStopped)
        m_watches.erase(app);
    else if (!m_watches.contains(app))
        m_watches.emplace(app, std::make_unique<WatchRestart>(*this, process));
}

void Supervisor::runStopCommand(ManagedProcess &process)
{
    const ProcessId id = process.entry().id;
    const LaunchSpec &launched = process.launched();
    QString commandLine = launched.stopCommand;
    commandLine.replace("{pid}"_L1, QString::number(process.entry().pid.value_or(0)));
    endStopCommand(id);
    auto &command = m_stopCommands[id];
    command = std::make_unique<ScriptProbe>(commandLine, launched, m_surroundings.makeProbeRunner);
    connect(command.get(), &ScriptProbe::finished, this, [&process](const ProbeResult &result) {
        if (result.outcome == ProbeOutcome::Passed)
            return;
        qCWarning(lcSupervisor).noquote()
            << tr("%1: stop_command failed, so its signal is sent: %2")
                   .arg(process.entry().name, result.error);
        process.stopBySignal();
    });
    command->start();
}

void Supervisor::endStopCommand(ProcessId id)
{
    const auto node = m_stopCommands.extract(id);
    if (node.empty())
        return;
    node.mapped()->disconnect(this);
    node.mapped()->abort();
    node.mapped().release()->deleteLater(); // it may be on the stack
}

/// What is final before what will come.
QList<Blocker> Supervisor::blockersOf(const ManagedProcess &process) const
{
    QList<Blocker> blockers;
    const auto &dependencies = process.spec().dependsOn;
    for (auto it = dependencies.cbegin(); it != dependencies.cend(); ++it) {
        if (const auto blocker = blockerIn(it.key(), *it, instancesOf(it.key())))
            blockers.append(*blocker);
    }
    std::stable_partition(blockers.begin(), blockers.end(),
                          [](const Blocker &blocker) { return blocker.isFinal(); });
    return blockers;
}

void Supervisor::onLaunchWanted(ManagedProcess &process)
{
    if (isRestoring())
        return m_launchesAfterRestoring.append(process.entry().id);
    if (process.isAskedFor() && !m_goesOn)
        startDependencies(process);
    launchWhenReady(process);
}

/// Only when somebody asks for it: what was stopped since stays so.
void Supervisor::startDependencies(const ManagedProcess &process)
{
    const QStringList needed = process.spec().dependsOn.keys();
    for (const QString &app : needed) {
        for (ManagedProcess *dependency : instancesOf(app)) {
            if (dependency->isDown() && !dependency->isDone())
                dependency->start();
        }
    }
}

void Supervisor::launchWhenReady(ManagedProcess &process)
{
    const QList<Blocker> blockers = blockersOf(process);
    if (blockers.isEmpty())
        return queueLaunch(process);
    for (const Blocker &blocker : blockers)
        m_blocked[blocker.app].insert(process.entry().id);
    const auto before = process.entry().reason;
    const bool wasStuck = process.isStuck();
    process.holdLaunch(blockers.first().reason(), blockers.first().isFinal());
    if (before != process.entry().reason || wasStuck != process.isStuck())
        lookAtBlockedBy(process.entry().app); // who waits for it waits for the same
}

/// Later, and once for all that changes with that app until then.
void Supervisor::lookAtBlockedBy(const QString &app)
{
    const std::set<ProcessId> blocked = m_blocked.take(app);
    if (blocked.empty())
        return;
    const auto look = [this, blocked] {
        for (const ProcessId id : blocked) {
            if (ManagedProcess *each = process(id); each && each->wantsLaunch())
                launchWhenReady(*each);
        }
    };
    QMetaObject::invokeMethod(this, look, Qt::QueuedConnection);
}

void Supervisor::queueLaunch(const ManagedProcess &process)
{
    const ProcessId id = process.entry().id;
    const bool isNew = process.launched().program.isEmpty();
    if (!isNew || !m_persist) {
        m_spawns.add(id);
    } else {
        if (m_newcomers.isEmpty()) // all that start now are stored together
            QMetaObject::invokeMethod(this, &Supervisor::launchNewcomers, Qt::QueuedConnection);
        m_newcomers.append(id);
    }
}

void Supervisor::launchNewcomers()
{
    m_persist().then(this,
                     [this, newcomers = std::exchange(m_newcomers, {})](const Result<void> &) {
                         for (const ProcessId id : newcomers)
                             m_spawns.add(id);
                     });
}

void Supervisor::launch(ProcessId id)
{
    ManagedProcess *const starting = process(id);
    if (!starting || !starting->wantsLaunch())
        return; // stopped, deleted or launched while this waited for its turn
    ProcessEntry entry = starting->entry();
    m_ports.release(id); // a command may have asked for another one for the run before
    entry.port.reset();
    if (const std::optional<PortSpec> &ports = starting->ports()) {
        const Result<int> port = m_ports.take(*ports, entry);
        if (!port)
            return starting->failLaunch(withListener(port.error()));
        entry.port = *port;
    }
    Result<LaunchSpec> plan = planLaunch(starting->spec(), entry, m_surroundings.launch);
    const Result<void> ready =
        plan.and_then([&](LaunchSpec &made) { return handSockets(made, starting->spec()); });
    if (ready)
        starting->launch(*plan, entry.port);
    else
        starting->failLaunch(ready.error());
}

/// A port that nobody holds as its own may be one that an app listens on.
Error Supervisor::withListener(const Error &error) const
{
    const QJsonValue port = error.details.value(u"port"_s);
    if (error.code != ErrorCode::PortInUse || error.details.contains(u"holder"_s))
        return error;
    for (const auto &[id, process] : m_processes) {
        const QList<ListenSpec> &listens = process->spec().listen;
        if (std::any_of(listens.begin(), listens.end(),
                        [&](const ListenSpec &listen) { return port == listen.port; }))
            return {ErrorCode::PortInUse,
                    tr("port %1 is one that %2 listens on; take another, or change its listen")
                        .arg(QString::number(port.toInt()), process->entry().app),
                    {{u"port"_s, port}, {u"holder"_s, process->entry().app}}};
    }
    return error;
}

Result<void> Supervisor::checkLaunch(const ManagedProcess &process, const ProcessSpec &spec)
{
    if (!process.entry().pid)
        return {};
    ProcessEntry entry = process.entry();
    entry.name = instanceName(spec.name, entry.instance, spec.instances);
    const bool hasOwnPorts = process.ports() != process.spec().port;
    const std::optional<PortSpec> &ports = hasOwnPorts ? process.ports() : spec.port;
    const Result<void> ported =
        (ports ? m_ports.check(*ports, entry) : Result<void>{})
            .map_error([this](const Error &error) { return withListener(error); });
    const Result<void> checked =
        ported.and_then([&] { return planLaunch(spec, entry, m_surroundings.launch); })
            .map([](const LaunchSpec &) {});
    if (!checked || spec.listen.isEmpty())
        return checked;
    const Result<void> opened = m_sockets.open(spec.listen).map([](const auto &) {});
    if (!opened)
        closeUnusedSockets();
    return opened;
}

Result<void> Supervisor::handSockets(LaunchSpec &launch, const ProcessSpec &spec)
{
    return m_sockets.open(spec.listen).map([&launch](const QList<HandedSocket> &sockets) {
        launch.sockets = sockets;
    });
}

void Supervisor::closeUnusedSockets()
{
    QList<ListenSpec> used;
    for (const auto &[id, process] : m_processes)
        used.append(process->spec().listen);
    m_sockets.keepOnly(used);
}

void Supervisor::onStatus(const ManagedProcess &process)
{
    lookAtBlockedBy(process.entry().app);
    updateWatch(process);
    if (process.entry().status != ProcessStatus::Stopping &&
        process.entry().status != ProcessStatus::Restarting)
        endStopCommand(process.entry().id);
    if (!process.isDown())
        return;
    if (!m_descents.empty() && !std::exchange(m_bringsMoreDown, true))
        QMetaObject::invokeMethod(this, &Supervisor::bringMoreDown, Qt::QueuedConnection);
    m_ports.release(process.entry().id);
    // Later: the event that belongs to this status is still to come.
    if (m_beingRemoved.contains(process.entry().id))
        dropLater(process.entry().id);
    if (m_allStopped)
        QMetaObject::invokeMethod(this, &Supervisor::finishStopAll, Qt::QueuedConnection);
}

void Supervisor::remove(const QList<ManagedProcess *> &processes)
{
    QList<ManagedProcess *> running;
    for (ManagedProcess *process : processes) {
        const ProcessId id = process->entry().id;
        if (!m_beingRemoved.insert(id).second)
            continue;
        emit changed(id);
        if (process->isDown())
            dropLater(id);
        else
            running.append(process);
    }
    stop(running);
}

bool Supervisor::isBeingRemoved(const ManagedProcess &process) const
{
    return m_beingRemoved.contains(process.entry().id);
}

Wanted Supervisor::wanted(const ManagedProcess &process) const
{
    if (isBeingRemoved(process))
        return Wanted::Gone;
    return process.isWanted() ? Wanted::Up : Wanted::Down;
}

void Supervisor::dropLater(ProcessId id)
{
    QMetaObject::invokeMethod(
        this, [this, id] { drop(id); }, Qt::QueuedConnection);
}

void Supervisor::drop(ProcessId id)
{
    auto node = m_processes.extract(id);
    if (node.empty())
        return;
    ManagedProcess *const gone = node.mapped().release();
    m_beingRemoved.erase(id);
    m_ports.forget(id);
    m_timetables.erase(id);
    endStopCommand(id);
    const QString name = gone->entry().name;
    gone->discard();
    gone->deleteLater(); // it may be on the stack
    lookAtBlockedBy(gone->entry().app);
    closeUnusedSockets();
    emit removed(id, name);
    emit happened({ProcessEvent::Kind::Deleted, id, name, wallNow(), {}});
}

QFuture<void> Supervisor::stopAll()
{
    if (!m_allStopped) {
        m_allStopped.emplace();
        m_allStopped->start();
        if (isRestoring())
            connect(this, &Supervisor::restored, this, &Supervisor::bringAllDown);
        else
            bringAllDown();
    }
    return m_allStopped->future();
}

void Supervisor::stop(const QList<ManagedProcess *> &processes)
{
    for (ManagedProcess *process : processes) {
        process->dismiss();
        emit changed(process->entry().id);
    }
    bringDownInOrder(processes, true);
}

QSet<QString> Supervisor::neededIn(const std::set<ProcessId> &group) const
{
    QSet<QString> apps;
    for (const ProcessId id : group) {
        const ManagedProcess *member = process(id);
        if (!member || member->isDown())
            continue;
        for (const QString &app : member->spec().dependsOn.keys())
            apps.insert(app);
    }
    return apps;
}

void Supervisor::bringDownInOrder(const QList<ManagedProcess *> &processes, bool areDismissed)
{
    Descent descent;
    descent.areDismissed = areDismissed;
    for (const ManagedProcess *process : processes)
        descent.group.insert(process->entry().id);
    descent.waiting = descent.group;
    m_descents.push_back(std::move(descent));
    bringMoreDown();
}

void Supervisor::bringMoreDown()
{
    m_bringsMoreDown = false;
    for (Descent &descent : m_descents) {
        const QSet<QString> needed = neededIn(descent.group);
        QList<ManagedProcess *> next;
        std::erase_if(descent.waiting, [&](ProcessId id) {
            ManagedProcess *waiting = process(id);
            if (!waiting || (descent.areDismissed && waiting->isWanted()))
                return true; // gone, or started again meanwhile
            if (needed.contains(waiting->entry().app))
                return false;
            next.append(waiting);
            return true;
        });
        for (ManagedProcess *process : next)
            process->bringDown();
    }
    std::erase_if(m_descents, [](const Descent &descent) { return descent.waiting.empty(); });
}

void Supervisor::bringAllDown()
{
    QList<ManagedProcess *> all;
    for (const auto &[id, process] : m_processes) {
        if (!process->isDown())
            all.append(process.get());
    }
    bringDownInOrder(all, false);
    QMetaObject::invokeMethod(this, &Supervisor::finishStopAll, Qt::QueuedConnection);
}

void Supervisor::finishStopAll()
{
    const auto isDown = [](const auto &each) { return each.second->isDown(); };
    if (!m_allStopped->future().isFinished() &&
        std::all_of(m_processes.begin(), m_processes.end(), isDown)) {
        for (const auto &[id, process] : m_processes)
            process->release();
        m_allStopped->finish();
    }
}

void Supervisor::restore(const QList<KnownProcess> &known, int nextId, bool sameBoot)
{
    m_nextId = nextId;
    for (const ProcessId id : SlotDirectory::all(home()))
        m_nextId = std::max(m_nextId, toInt(id) + 1); // of a store that was lost
    m_resuming = 1; // until all have been asked, and the event loop runs
    for (const KnownProcess &each : known) {
        KnownProcess taken = each;
        taken.entry.pid.reset();
        taken.entry.startedAt.reset();
        if (!sameBoot) {
            taken.entry.status = ProcessStatus::Stopped;
            taken.entry.health = HealthStatus::Unknown;
            taken.entry.port.reset();
            taken.isDone = false;
        }
        ManagedProcess *const process = add(taken.entry, taken.spec);
        emit statusChanged({taken.entry, taken.entry.status});
        process->recall(taken.wanted == Wanted::Up, taken.isDone);
        if (taken.wanted == Wanted::Gone)
            m_beingRemoved.insert(taken.entry.id);
        if (sameBoot)
            m_toResume.push_back(taken);
    }
    resumeSome();
}

/// A few in each turn of the event loop: who connects meanwhile is answered.
void Supervisor::resumeSome()
{
    for (int i = 0; i < resumedPerTurn && !m_toResume.empty(); ++i) {
        resume(m_toResume.front());
        m_toResume.pop_front();
    }
    if (!m_toResume.empty()) {
        QMetaObject::invokeMethod(this, &Supervisor::resumeSome, Qt::QueuedConnection);
        return;
    }
    QTimer::singleShot(resumeTime, this, [this] {
        if (isRestoring())
            finishRestoring();
    });
    QMetaObject::invokeMethod(this, &Supervisor::resumed, Qt::QueuedConnection);
}

void Supervisor::resume(const KnownProcess &known)
{
    if (known.entry.port)
        m_ports.keep(*known.entry.port, known.entry);
    Result<LaunchSpec> launch = planLaunch(known.spec, known.entry, m_surroundings.launch);
    if (!launch) {
        // What it was started from is not there any more; that it runs is what counts.
        launch = LaunchSpec{};
        launch->id = known.entry.id;
        launch->name = known.entry.name;
        launch->logs = pmdaemon::logFilesOf(known.spec, known.entry, home());
    }
    if (const Result<void> handed = handSockets(*launch, known.spec); !handed)
        qCWarning(lcSupervisor).noquote() << known.entry.name + u':' << handed.error().message;
    ++m_resuming;
    ManagedProcess &process = *m_processes.at(known.entry.id);
    if (known.entry.port && !mayGive(known.spec.port, *known.entry.port)) {
        const int first = *known.entry.port - known.entry.instance;
        process.usePorts(PortSpec{PortSpec::Kind::Single, first, first});
    }
    connect(&process, &ManagedProcess::resumed, this, [this, &process] {
        if (process.entry().port)
            m_ports.keep(*process.entry().port, process.entry());
        if (isRestoring())
            resumed();
        else
            startIfWanted(process); // it was later than the others
    });
    process.resume(*launch, known.position);
}

void Supervisor::resumed()
{
    if (isRestoring() && --m_resuming == 0)
        finishRestoring();
}

void Supervisor::finishRestoring()
{
    m_resuming = 0;
    QList<ManagedProcess *> toRemove;
    for (const ProcessId id : std::exchange(m_beingRemoved, {}))
        toRemove.append(process(id));
    remove(toRemove);
    closeUnusedSockets();
    if (!m_allStopped) {
        for (const ProcessId id : std::exchange(m_launchesAfterRestoring, {}))
            launchWhenReady(*process(id));
        for (const auto &[id, process] : m_processes)
            startIfWanted(*process);
    }
    emit restored();
}

void Supervisor::startIfWanted(ManagedProcess &process)
{
    if (!process.isWanted() || process.isDone() || process.isResuming() || m_allStopped)
        return;
    if (!process.spec().schedule.isEmpty() && process.isDown())
        return; // until its time comes
    const QScopedValueRollback goesOn(m_goesOn, true);
    if (process.isDown())
        process.start();
    else if (process.entry().status == ProcessStatus::Stopping)
        process.restart(RestartReason::Manual); // who stopped it did not live to start it again
}

LogFiles Supervisor::logFilesOf(const ManagedProcess &process) const
{
    const LaunchSpec &launched = process.launched();
    return launched.program.isEmpty()
               ? pmdaemon::logFilesOf(process.spec(), process.entry(), home())
               : launched.logs;
}

} // namespace pmdaemon

#include "moc_supervisor.cpp"
