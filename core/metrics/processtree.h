// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/metrics/processfiles.h"

#include <chrono>
#include <map>
#include <optional>

namespace pmdaemon {

/// A process with all its descendants.
struct TreeFigures
{
    std::chrono::nanoseconds cpu{0}; ///< used by all that were seen, from the first reading on
    qint64 memory = 0;               ///< resident bytes
};

/// Reads the figures of one process tree again and again. Its CPU time never goes back: what a
/// descendant had used when it was last seen stays in it after its end. Descendants that begin and
/// end between two readings are not seen.
class ProcessTree
{
public:
    /// `procRoot` is /proc or a fixture; with a fixture, CPU time comes from its stat files.
    ProcessTree(const QByteArray &procRoot, qint64 pid, FdBudget *budget);

    /// Known: without a search for new descendants, half the cost. What these use meanwhile is
    /// counted as soon as they are found.
    enum class Walk { Whole, Known };

    /// Nothing when the process is gone. `keepOpen`: another reading will come soon.
    std::optional<TreeFigures> read(bool keepOpen, Walk walk = Walk::Whole);
    /// Closes what keepOpen left open.
    void release();

private:
    struct Member
    {
        Member(QByteArray directory, FdBudget *budget)
            : files(std::move(directory), budget)
        {}
        ProcessFiles files;
        clockid_t clock = 0;
        std::chrono::nanoseconds cpu{0};
        unsigned round = 0;
    };

    Member &memberFor(qint64 pid);
    bool readMember(qint64 pid, Member &member, Walk walk);
    std::optional<std::chrono::nanoseconds> cpuTime(qint64 pid, Member &member);

    QByteArray m_procRoot;
    qint64 m_root;
    FdBudget *m_budget;
    bool m_isKernel; ///< m_procRoot shows the processes of this machine
    std::map<qint64, Member> m_members;
    std::vector<qint64> m_pending;
    QByteArray m_buffer;
    TreeFigures m_figures;
    unsigned m_round = 0;
};

} // namespace pmdaemon
