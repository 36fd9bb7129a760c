// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/cli/commands.h"

namespace pmdaemon {

/// What a table of processes shows of one.
struct ProcessRow
{
    ProcessEntry entry;
    ProcessSample sample;
    QList<double> cpuPast; ///< percent, oldest first; empty = not known
};

/// The counts of statuses, as "3 online, 1 errored", or "4 of 9: …" where rows are not `all`.
QString statusCounts(const QList<ProcessRow> &rows, qsizetype all);

/// How many rows have no place, as "2 above, 5 below"; empty where all have one.
QString hiddenRows(qsizetype above, qsizetype below);

/// How many of a row's last figures are shown, a second apart.
constexpr int pastLength = 10;

/// The last figures of each process that is watched.
class CpuPast
{
public:
    void take(const MetricsFrame &frame);
    QList<double> of(ProcessId id) const { return m_past.value(id); }

private:
    QHash<ProcessId, QList<double>> m_past;
};

/// What `list --sort` accepts, the first being the default.
QStringList processSortKeys();

/// Those that the options choose, in their order.
QList<ProcessRow> chosenRows(const Backend &backend, const ListOptions &options);

/// At most `width` wide; 0 = as wide as it gets. What is redrawn shows the past of the CPU, too.
QByteArray renderProcesses(const QList<ProcessRow> &rows, const Output &output, int width,
                           bool isRedrawn = false);

/// Bars of eighths: the lowest for 0, the highest for `highest` and more.
QString sparkline(const QList<double> &values, double highest);

} // namespace pmdaemon
