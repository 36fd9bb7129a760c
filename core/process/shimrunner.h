// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/processrunner.h"
#include "core/process/shimlink.h"
#include "core/process/slotdirectory.h"
#include "core/slot/uniquefd.h"

#include <QTimer>

#include <array>
#include <functional>

namespace pmdaemon {

/// Where shims live and what they are made of.
struct ShimHome
{
    QString home;                         ///< absolute: the slots lie below
    QString runDirectory;                 ///< absolute: the sockets lie below
    QString program;                      ///< absolute: pmdaemon-shim
    std::optional<rlimit> openFiles = {}; ///< for the programs; none = what the shim has
    /// Told that the slot has a shim, whatever happens to it, and before it is told to end.
    std::function<void(ProcessId)> watch = [](ProcessId) {};
    std::function<void(ProcessId)> forget = [](ProcessId) {};
    /// Whether a shim that runs another file may become `program`.
    std::function<bool()> mayUpgrade = [] { return false; };
};

/// The program is a child of a shim of its own, which is no child of ours: both go on when this
/// process ends, and resume() finds them again. What happens is read from the shim's journal, in
/// order, each record once. A shim that dies is replaced, by the keeper or from here; its program
/// goes on.
class ShimRunner : public ProcessRunner
{
    Q_OBJECT

public:
    explicit ShimRunner(const ShimHome &home, QObject *parent = nullptr);
    /// Ends nothing.
    ~ShimRunner() override;

    void start(const LaunchSpec &spec) override;
    void stop(const StopPolicy &policy) override;
    Result<void> sendSignal(int signal) override;
    Result<void> send(const QByteArray &bytes) override;
    qint64 pid() const override;
    void resume(const LaunchSpec &spec, quint64 position) override;
    LaunchSpec launchedBefore(const LaunchSpec &planned) const override;
    quint64 position() const override { return m_position; }
    void forget(quint64 position) override;
    void release() override;
    void discard() override;

private:
    /// Starting: from start() until the program is executed; the wish is the shim's once it is
    /// found in the journal. Clearing: the root process has ended, its tree or output has not.
    enum class Phase { Idle, Starting, Running, Clearing, Waiting };

    void use(const LaunchSpec &spec);
    void prepare();
    void launchShim(const QStringList &role);
    void upgrade();
    void onUpgraded(int code);
    void onLaunched(const QByteArray &answer);
    void onNotExecuted(const QString &words);
    void failLaunch(const Error &error);
    void putOff(const Error &error);
    void onConnected();
    void onLost();
    void holdFifos();
    void reach();
    void onAcknowledged(ShimMessage request, int code, quint64 lastSeq);
    void sendSockets();
    void sendWishes();
    void onState(const ShimState &state);
    void take(const JournalRecord &record);
    void takeWanted(const WantedRecord &record);
    void takeUp(const JournalRecord &record);
    void takeFailure(const StartFailedRecord &record);
    void takeExit(const JournalRecord &record);
    void takeEnd(const JournalRecord &record);
    void takeTrouble(const TroubleRecord &record);
    bool needsShim() const;

    const ShimHome m_home;
    LaunchSpec m_spec;
    std::optional<SlotDirectory> m_slot;
    /// From the first shim that has them until release(), so that what the program wrote last is
    /// not lost when shim and keeper are gone at once and the program ends before the next shim.
    std::array<UniqueFd, 2> m_fifos;
    Phase m_phase = Phase::Idle;
    quint64 m_position = 0;
    bool m_isResuming = false;
    bool m_isLaunching = false;
    bool m_skipsPast = false;  ///< the slot has a past that is not this process'
    bool m_isCurrent = false;  ///< everything that the journal holds has been taken
    bool m_isOutdated = false; ///< its shim runs another file than m_home.program
    bool m_wantsStart = false;
    bool m_isPrepared = false; ///< its slot holds what is to be started
    bool m_isPutOff = false;   ///< the start waits for what the machine is short of
    std::optional<StopPolicy> m_wantedStop;
    SpawnedRecord m_spawned = {}; ///< of the current or last run
    WallTime m_startedAt{};       ///< likewise
    ProcessExit m_exit;
    ShimLink m_link;
    QTimer m_retry;
    milliseconds m_retryDelay{0};
};

} // namespace pmdaemon
