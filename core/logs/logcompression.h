// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/result.h"
#include "core/slot/uniquefd.h"

#include <QSet>
#include <QString>
#include <QThreadPool>
#include <QTimer>

#include <chrono>

namespace pmdaemon {

/// Rotated files of `path` but the newest become `<file>.<n>.gz` (RFC 1952): the newest one may
/// still be read by a follower and be cut when its rotation is finished. Their indexes stay. Waits
/// for the disk: run it on a worker. What fails stays as it is.
Result<void> compressRotatedLogs(const QString &path);

/// Does so for one log after another, on a thread of its own, and not at each rotation of one that
/// is written fast: most of what it would compress then is given up a moment later.
class LogCompressor
{
public:
    static constexpr std::chrono::milliseconds Pause{2'000};

    LogCompressor();
    /// Ends what is begun, and forgets the rest: the next rotation comes back to it.
    ~LogCompressor();

    /// `path` has been rotated, or is about to be.
    void add(const QString &path);

private:
    QThreadPool m_worker;
    QTimer m_pause; ///< between the first rotation and the look at what there is
    QSet<QString> m_waiting;
};

/// How many bytes such a file holds, as its end says (modulo 4 GiB).
qint64 inflatedSize(int compressed);

/// Its content, `size` bytes at most, in memory; none where it is damaged or holds more.
UniqueFd inflate(int compressed, qint64 size);

} // namespace pmdaemon
