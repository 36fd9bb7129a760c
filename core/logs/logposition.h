// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtGlobal>

namespace pmdaemon {

/// A place in one log file, whatever its name is by now. inode 0 = before everything.
struct FilePosition
{
    quint64 inode = 0;
    qint64 offset = 0;

    bool operator==(const FilePosition &) const = default;
};

/// A place between two lines of a process' log.
struct LogPosition
{
    qint64 seq = 0; ///< of the line before it
    FilePosition out;
    FilePosition err;

    bool operator==(const LogPosition &) const = default;
};

} // namespace pmdaemon
