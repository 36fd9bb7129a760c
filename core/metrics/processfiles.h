// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/uniquefd.h"

#include <QByteArray>

#include <vector>

namespace pmdaemon {

/// How many descriptors may stay open between two samples.
class FdBudget
{
public:
    explicit FdBudget(int limit)
        : m_limit(limit)
    {}
    /// A quarter of what this process may open.
    static FdBudget ofThisProcess();

    bool take(int count);
    void giveBack(int count) { m_used -= count; }
    int used() const { return m_used; }

private:
    int m_limit;
    int m_used = 0;
};

/// The files of one process below /proc, kept open between readings where the budget allows it:
/// that costs a tenth of opening them each time.
class ProcessFiles
{
public:
    /// `directory` is /proc/PID.
    ProcessFiles(QByteArray directory, FdBudget *budget);
    ~ProcessFiles();
    ProcessFiles(const ProcessFiles &) = delete;
    ProcessFiles &operator=(const ProcessFiles &) = delete;

    /// Opens what the budget allows; without it, everything is opened for each reading.
    void keepOpen();
    void release();

    /// False when the process is gone.
    bool readStatm(QByteArray &buffer) const;
    bool readStat(QByteArray &buffer) const;
    /// The pids of the children of all its threads, appended. A thread that replaces another may be
    /// seen some readings late.
    void readChildren(std::vector<qint64> &pids, QByteArray &buffer);

private:
    struct Thread
    {
        qint64 id;
        UniqueFd children;
    };

    bool readFile(const char *name, QByteArray &buffer) const;
    QByteArray childrenPath(qint64 thread) const;
    std::vector<qint64> listThreads() const;
    bool threadsMayHaveChanged();
    void openThreads();

    QByteArray m_directory;
    FdBudget *m_budget;
    UniqueFd m_statm;
    UniqueFd m_tasks;
    std::vector<Thread> m_threads;
    int m_taken = 0;
    int m_readings = 0;
};

} // namespace pmdaemon
