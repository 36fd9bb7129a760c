// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <stdint.h>

/// Parts that the daemon shares with programs that link libc only: no Qt in this room.
namespace pmdaemon {

/// When a program that ended by itself is started again. Times are milliseconds.
struct RestartPolicy
{
    static constexpr int Unlimited = -1;

    bool autorestart = true;
    bool onlyAfterFailure = false; ///< not after exit code 0
    int maxRestarts = 16;          ///< after unstable runs in a row, or Unlimited
    int64_t minUptime = 1'000;     ///< a shorter run is unstable
    int64_t restartDelay = 0;
    int64_t backoffBase = 100; ///< doubles per unstable run; 0 = no backoff
    int64_t backoffCap = 15'000;
    uint64_t stopCodes[4] = {}; ///< a bit for each exit code after which it stays down

    void addStopCode(int code) { stopCodes[code / 64] |= uint64_t(1) << (code % 64); }
    bool isStopCode(int code) const { return stopCodes[code / 64] >> (code % 64) & 1; }

    bool operator==(const RestartPolicy &) const = default;
};

/// A run that is over.
struct EndedRun
{
    static constexpr int NoExitCode = -1; ///< a signal ended it, or that is not known

    int64_t uptime = 0;
    int exitCode = NoExitCode; ///< 0 to 255
    bool requested = false;    ///< we ended it
};

struct RestartDecision
{
    enum class Verdict { StayDown, Restart, GiveUp };

    Verdict verdict = Verdict::StayDown;
    int64_t delay = 0; ///< measured from the exit

    bool operator==(const RestartDecision &) const = default;
};

/// Counts one program's unstable runs and decides after each exit. Pure: no clock, no randomness of
/// its own. The first restart after a stable run or a reset comes after restartDelay; the second
/// after backoffBase, which doubles with each further unstable run up to the cap, but never before
/// restartDelay; a stable run resets.
class RestartTracker
{
public:
    explicit RestartTracker(RestartPolicy policy = {});

    void setPolicy(const RestartPolicy &policy) { m_policy = policy; }
    /// A person or program started it: forget the unstable runs.
    void reset()
    {
        m_unstableRuns = 0;
        m_restarts = 0;
    }
    int unstableRuns() const { return m_unstableRuns; }
    int restartsInRow() const { return m_restarts; }
    /// As another tracker counted them.
    void restore(int unstableRuns, int restartsInRow)
    {
        m_unstableRuns = unstableRuns;
        m_restarts = restartsInRow;
    }

    /// `jitter` in [-1, 1] spreads the backoff by ±20 %.
    RestartDecision afterExit(const EndedRun &run, double jitter);

private:
    RestartPolicy m_policy;
    int m_unstableRuns = 0;
    int m_restarts = 0; ///< in a row: since the last reset or stable run
};

} // namespace pmdaemon
