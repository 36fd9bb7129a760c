// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/shim/control.h"
#include "app/shim/exitstatus.h"
#include "app/shim/oomwatch.h"
#include "app/shim/output.h"
#include "app/shim/spawn.h"
#include "app/shim/specfile.h"
#include "app/shim/tree.h"
#include "core/slot/programtalk.h"
#include "core/slot/restartbudget.h"

namespace pmdaemon {

/// Why a shim could not begin.
struct ShimFailure
{
    const char *step = nullptr; ///< null = nothing failed
    int code = 0;               ///< errno
    int32_t holder = 0;         ///< the shim that the slot has
};

/// Supervises the program of one slot, as docs/shim-protocol.md says: one thread, one loop, no
/// memory but its own.
///
///   Idle --START--> Spawning --exec--> Running --exit--> Clearing --tree gone--> Idle or Waiting
///   Waiting --delay--> Spawning       Waiting --STOP--> Idle
///   Spawning --exec fails--> Idle, or Waiting where the machine is short of something
class Shim
{
public:
    /// Both paths are absolute and outlive this.
    Shim(const char *folder, const char *socket);

    /// Takes the slot: lock, journal, FIFOs, socket.
    ShimFailure open();
    /// The same, when another program in this process did it and handed its descriptors on.
    ShimFailure openHandedOn(int argc, char *argv[]);

    /// Goes on where the journal ends. With `restarts` also with a start or restart that was
    /// pending; without, that is over.
    void resume(bool restarts);
    /// Makes the program run; EBUSY unless idle.
    int start();
    /// Until it is told to end.
    void run();

    /// Of a request, for its ACK.
    int answer(const ShimRequest &request, int connection);
    ShimState state() const;

private:
    // shim.cpp: the loop
    int64_t nextTimer() const; ///< of all, in µs of the boot clock; 0 = none
    int64_t nextStep() const;  ///< of the run, in ms
    void onTimers(int64_t now);
    void onSignals();
    void reapOrphans();
    /// The folder, its lock and its journal.
    ShimFailure claim();
    ShimFailure takeLock();
    ShimFailure openSignals();

    // run.cpp: one run of the program, from fork to E
    void launch();
    SpawnFailure prepareTalk(const SlotSpec &spec);
    int openNotify(UniqueFd handedOn = UniqueFd());
    void onReady();
    void failStart(const SpawnFailure &failure);
    bool putOff(const SpawnFailure &failure);
    void onChannel();
    void onExecuted();
    void onRootEnded();
    void recordExit(const ExitStatus &exit);
    void clear();
    void finishRun();
    void becomeIdle();
    RestartDecision decide(int64_t uptime, int exitCode = EndedRun::NoExitCode);
    void restartIfDue(int64_t now);
    TreeRoot tree() const;

    // stop.cpp
    int stop(const ShimStop &policy);
    void sendStop();
    void onDeadline();
    void beginKilling();
    void beginEnd();
    int sendSignal(int number);
    int updateSpec();
    int takeSockets(const ShimRequest &request);

    // adopt.cpp
    void restoreCounts(const SlotHistory &history);
    void watchAgain(const SlotHistory &history);
    void closeOtherBoot(const SlotHistory &history);
    void cancelWait();
    void adoptRun(const SlotHistory &history);
    bool comesToExecute() const;
    void clearAgain(const SlotHistory &history);
    void noteAdopted(bool isAlive);

    // upgrade.cpp
    int upgrade(const ShimRequest &request, int connection);

    const char *m_path;
    const char *m_socket;
    UniqueFd m_folder;
    UniqueFd m_lock;
    UniqueFd m_signals;
    uint64_t m_inode = 0; ///< of the slot
    Journal m_journal;
    SpecFile m_spec;
    RestartTracker m_tracker;
    RestartBudget m_budget;
    Output m_output;
    NotifySocket m_notify;
    NodeChannel m_channel;
    int m_sockets[maxChildSockets]; ///< what the program is handed on
    int m_socketCount = 0;
    bool m_lacksSockets = false; ///< which puts the start off

    ShimPhase m_phase = ShimPhase::Idle;
    bool m_isOver = false;
    bool m_isEnding = false; ///< to be over as soon as it is idle

    // The current or last run.
    SpawnedChild m_child;
    uint64_t m_bootId = 0;
    uint32_t m_generation = 0;
    int64_t m_spawnedAt = 0; ///< boot
    int64_t m_spawnedAtWall = 0;
    bool m_isReady = false;     ///< it has said so, or was not asked to
    bool m_isOurs = true;       ///< our child, not an adopted one
    bool m_ownsSession = false; ///< the session that bears the root's number is its own
    Cookie m_cookie;
    int64_t m_endedAt = 0; ///< boot
    int64_t m_uptime = 0;
    int m_exitCode = EndedRun::NoExitCode;
    bool m_wasOutOfMemory = false;

    bool m_isStopping = false; ///< a stop was asked for in this run
    bool m_isKilling = false;  ///< what is left is killed, no longer waited for
    bool m_wasKilled = false;  ///< the stop's time ran out
    ShimStop m_stop = {};
    int64_t m_deadline = 0; ///< boot
    int64_t m_clearAt = 0;  ///< when to look again what is left
    int64_t m_clearPause = 0;

    int64_t m_restartAt = 0; ///< boot
    bool m_hasPlace = false; ///< in the budget of restarts

    // Large, and hardly touched.
    ControlSocket m_control{m_journal, *this};
    OomWatch m_oom;
    ProcessTree m_processes;
};

} // namespace pmdaemon
