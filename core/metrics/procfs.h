// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <chrono>
#include <vector>

/// Reading /proc. The parsers take what a file holds (proc(5) has the formats) and leave zeros for
/// what is not in it.
namespace pmdaemon::procfs {

/// The first line of /proc/stat in clock ticks, and how many cpuN lines follow.
struct CpuTicks
{
    qint64 busy = 0;
    qint64 total = 0; ///< busy, idle and waiting for disks
    int cores = 0;
};
CpuTicks parseStat(QByteArrayView text);

/// Bytes.
struct Memory
{
    qint64 total = 0;
    qint64 available = 0;
    qint64 swapTotal = 0;
    qint64 swapFree = 0;
};
Memory parseMemInfo(QByteArrayView text);

struct Load
{
    double one = 0;
    double five = 0;
    double fifteen = 0;
};
Load parseLoadAverage(QByteArrayView text);

/// Bytes since boot over all interfaces but loopback.
struct Traffic
{
    qint64 received = 0;
    qint64 sent = 0;
};
Traffic parseNetDev(QByteArrayView text);

/// Whole seconds since boot.
qint64 parseUptime(QByteArrayView text);

/// User and system time in clock ticks, from /proc/PID/stat.
qint64 parseProcessTicks(QByteArrayView text);
/// Resident pages, from /proc/PID/statm.
qint64 parseResidentPages(QByteArrayView text);
/// The pids in /proc/PID/task/TID/children, appended to `pids`.
void parsePids(QByteArrayView text, std::vector<qint64> &pids);

/// Bytes of the file system that holds `path`.
struct Disk
{
    qint64 total = 0;
    qint64 used = 0;
};
Disk diskOf(const QByteArray &path);

/// All that `path` holds; empty if it cannot be read.
QByteArray readFile(const QByteArray &path);
/// The same from the start of an open file, into `buffer`, whose capacity is reused. False if it
/// cannot be read: the process it tells about is gone.
bool readAgain(int fd, QByteArray &buffer);

} // namespace pmdaemon::procfs
