// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/logs/logcompression.h"
#include "core/process/dependencywait.h"
#include "core/process/healthprobe.h"
#include "core/process/launchplan.h"
#include "core/process/listensockets.h"
#include "core/process/managedprocess.h"
#include "core/process/portallocator.h"
#include "core/process/scriptprobe.h"
#include "core/process/spawnqueue.h"
#include "core/process/timetable.h"
#include "core/process/watchrestart.h"

#include <QHash>
#include <QSet>

#include <deque>
#include <map>
#include <set>
#include <vector>

namespace pmdaemon {

/// What a Supervisor stands on.
struct Surroundings
{
    LaunchContext launch;
    ProcessRunnerFactory makeRunner;           ///< each managed process gets one of its own
    ProcessRunnerFactory makeProbeRunner = {}; ///< for short runs that end with us: script probes
    PortTest isPortFree = &pmdaemon::isPortFree;
    ProbeFactory makeProbe = {};    ///< none = the real ones, HealthProbes
    SocketKeeper socketKeeper = {}; ///< of what `listen` names
};

/// Finished when everything that was changed up to the call is durable.
using Persist = std::function<Reply<void>()>;

/// What an earlier daemon left word of. The entry's pid and time of start are not looked at.
struct KnownProcess
{
    ProcessEntry entry;
    ProcessSpec spec;
    Wanted wanted = Wanted::Down;
    bool isDone = false;  ///< it ended by itself for good
    quint64 position = 0; ///< how far its runner's tale is contained in the entry
};

/// Owns the managed processes: which there are, what they are called, which ports they have and
/// when they are launched. What commands mean is CommandExecutor's.
class Supervisor : public QObject
{
    Q_OBJECT

public:
    static constexpr int MaxProcesses = 5'000;

    explicit Supervisor(Surroundings surroundings, QObject *parent = nullptr);
    ~Supervisor() override;

    /// Before anything else: takes over what an earlier daemon left; `nextId` is higher than any id
    /// it ever gave. Without `sameBoot` the machine has ended everything. What is wanted and down
    /// is started, unless it had ended by itself before, in this boot; what is wanted gone is
    /// removed. When each process has told what became of it, but after a second at the latest:
    /// restored() comes, and nothing is started before.
    void restore(const QList<KnownProcess> &known, int nextId, bool sameBoot);
    bool isRestoring() const { return m_resuming > 0; }
    /// `ask()`, a Reply, as soon as each process has told what it is: before, whatever is done to
    /// it or said of it would go by what an earlier daemon knew.
    template <typename Ask>
    std::invoke_result_t<Ask> onceRestored(Ask ask);
    /// What has never run is launched when it is stored, or when that has failed: whatever runs is
    /// known to the next daemon, though this one may be killed at any moment.
    void storeBeforeLaunch(Persist persist) { m_persist = std::move(persist); }

    const QString &home() const { return m_surroundings.launch.home; }
    /// By ascending id.
    QList<ManagedProcess *> processes() const;
    ManagedProcess *process(ProcessId id) const;
    QList<ManagedProcess *> resolve(QStringView target) const;
    /// By ascending instance, with those being removed.
    QList<ManagedProcess *> instancesOf(const QString &app) const;

    /// The instances of a new app, all stopped; they are told of when they start. InvalidConfig,
    /// AlreadyExists.
    Result<QList<ManagedProcess *>> create(const ProcessSpec &spec);
    /// Gives the app's instances this definition from their next start on, and adds instances where
    /// spec.instances is more than there are; those are returned. Surplus ones stay: remove() them
    /// first. The errors of create().
    Result<QList<ManagedProcess *>> redefine(const ProcessSpec &spec);
    /// This instance runs by `spec` still, and does so until its app is redefined once more; how
    /// many there are and their namespace are the app's.
    void keepDefinition(ManagedProcess &process, ProcessSpec spec);
    /// Whether create() or redefine() accepts this definition.
    Result<void> checkDefinition(const ProcessSpec &spec) const;
    /// The same, whatever it depends on: of one that changes together with others.
    Result<void> checkAlone(const ProcessSpec &spec) const;
    /// Whether `process`, which runs, could be launched anew by `spec`, its app's definition or
    /// what that is to become: asked before it is ended. What launching it would answer.
    Result<void> checkLaunch(const ManagedProcess &process, const ProcessSpec &spec);
    /// Stops them where needed, as stop() does, then forgets them and their ids for ever. removed()
    /// follows.
    void remove(const QList<ManagedProcess *> &processes);
    /// Such a one is not found by resolve() any more, though its name is taken still.
    bool isBeingRemoved(const ManagedProcess &process) const;
    Wanted wanted(const ManagedProcess &process) const;

    /// Where its output goes, or went last; before its first start: where it will go.
    LogFiles logFilesOf(const ManagedProcess &process) const;

    /// Stops these, each after those of them that depend on it; nobody wants them any more.
    void stop(const QList<ManagedProcess *> &processes);
    /// Stops all, likewise, though they stay wanted; finished when no managed process is left
    /// running.
    QFuture<void> stopAll();

signals:
    /// Once after restore(), from the event loop.
    void restored();
    void statusChanged(const pmdaemon::StatusChange &change);
    void updated(const pmdaemon::ProcessEntry &entry);
    void happened(const pmdaemon::ProcessEvent &event);
    void healthChanged(const pmdaemon::HealthUpdate &update);
    void removed(pmdaemon::ProcessId id, const QString &name);
    /// Something that has to be known after a restart of the daemon: what process(id) is and wants.
    void changed(pmdaemon::ProcessId id);

private:
    using Processes = std::map<ProcessId, std::unique_ptr<ManagedProcess>>;

    Result<void> checkNames(const ProcessSpec &spec) const;
    Result<void> checkDependencies(const ProcessSpec &spec) const;
    ManagedProcess *addInstance(const ProcessSpec &spec, int instance);
    ManagedProcess *add(const ProcessEntry &entry, const ProcessSpec &spec);
    void resumeSome();
    void resume(const KnownProcess &known);
    void resumed();
    void finishRestoring();
    void startIfWanted(ManagedProcess &process);
    QList<Blocker> blockersOf(const ManagedProcess &process) const;
    void onLaunchWanted(ManagedProcess &process);
    void startDependencies(const ManagedProcess &process);
    void launchWhenReady(ManagedProcess &process);
    void lookAtBlockedBy(const QString &app);
    void setTimetable(ManagedProcess &process);
    void updateWatch(const ManagedProcess &process);
    Result<void> checkListen(const ProcessSpec &spec) const;
    Result<void> handSockets(LaunchSpec &launch, const ProcessSpec &spec);
    Error withListener(const Error &error) const;
    void closeUnusedSockets();
    void runStopCommand(ManagedProcess &process);
    void endStopCommand(ProcessId id);
    void queueLaunch(const ManagedProcess &process);
    void bringDownInOrder(const QList<ManagedProcess *> &processes, bool areDismissed);
    void bringMoreDown();
    QSet<QString> neededIn(const std::set<ProcessId> &group) const;
    void launchNewcomers();
    void launch(ProcessId id);
    void onStatus(const ManagedProcess &process);
    void dropLater(ProcessId id);
    void drop(ProcessId id);
    void bringAllDown();
    void finishStopAll();

    Surroundings m_surroundings;
    HealthProbes m_probes;
    PortAllocator m_ports;
    ListenSockets m_sockets;
    SpawnQueue m_spawns;
    Processes m_processes;
    std::map<ProcessId, std::unique_ptr<Timetable>> m_timetables; ///< of those that have one
    std::map<QString, std::unique_ptr<WatchRestart>> m_watches;   ///< by app, while it is wanted
    std::map<ProcessId, std::unique_ptr<ScriptProbe>> m_stopCommands; ///< while they run
    LogCompressor m_compressor;
    std::set<ProcessId> m_beingRemoved;
    std::optional<QPromise<void>> m_allStopped; ///< once stopAll() was called
    Persist m_persist;
    std::deque<KnownProcess> m_toResume;
    int m_resuming = 0; ///< how many have not told yet what became of them
    QList<ProcessId> m_launchesAfterRestoring;
    QList<ProcessId> m_newcomers;                  ///< to be launched once they are stored
    QHash<QString, std::set<ProcessId>> m_blocked; ///< by each app that they wait for
    /// Processes that come down, each after its dependents.
    struct Descent
    {
        std::set<ProcessId> group;
        std::set<ProcessId> waiting; ///< of the group
        bool areDismissed = false;   ///< nobody wants them, unless they were started again since
    };
    std::vector<Descent> m_descents;
    bool m_goesOn = false;         ///< with what ran before: nobody asks for it anew
    bool m_bringsMoreDown = false; ///< in a later turn of the event loop
    int m_nextId = 0;
};

template <typename Ask>
std::invoke_result_t<Ask> Supervisor::onceRestored(Ask ask)
{
    if (!isRestoring())
        return ask();
    return QtFuture::connect(this, &Supervisor::restored).then(this, std::move(ask)).unwrap();
}

} // namespace pmdaemon
