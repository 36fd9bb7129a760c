// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/logindexstore.h"

#include <sys/stat.h>

namespace pmdaemon {

enum class LogStep : uint8_t {
    None,
    Check, ///< it is a link, a folder, a device, or has other names
    Open,
    Stat,
    Lock,
    Splice,
    Read,
    Write,
    Rotate,
    RotateNext, ///< of the file that was to take the log's place
    Truncate,
};

/// What went wrong with a log file; `step` None = nothing.
struct LogFailure
{
    LogStep step = LogStep::None;
    int code = 0; ///< errno

    explicit operator bool() const { return step != LogStep::None; }
    bool operator==(const LogFailure &) const = default;
};

/// Called before a rotation takes effect: the file of that inode will end at `cut`. inode 0 = it
/// did not come to it. False = do not rotate.
struct RotationWitness
{
    bool (*note)(void *context, uint64_t inode, int64_t cut) = nullptr;
    void *context = nullptr;
};

/// The names in a log's folder: they are held while they change.
struct LogNames
{
    UniqueFd folder; ///< locked, unless it is busy or cannot be locked
    bool isBusy = false;
};

/// Stores what comes out of a pipe in a log file, keeps the file's time index, and rotates both by
/// size. The bytes go from the pipe to the file inside the kernel (splice), so what was not stored
/// is still in the pipe.
///
/// Rotation: once the file holds maxSize bytes, what follows the last line end moves to a new file,
/// which takes the name; the old one becomes `<file>.1`, and so on up to `<file>.<maxFiles>`. A
/// reader that follows the file thus sees an unfinished line at its end vanish there and begin the
/// next file. A line is split only where it is longer than 1 MiB and maxSize both.
///
/// Several of these, also of several processes, may share a file, and the file may be emptied,
/// moved away or deleted by others: it is made again. Who stores has it locked until the pipe is
/// empty, also over rotations, so that what a program writes at once is not torn.
class LogStore
{
public:
    /// `path` is absolute and outlives this. maxSize in bytes, 0 = never rotated.
    LogStore(const char *path, int64_t maxSize, int maxFiles);

    /// Another file; what is pending() goes there.
    void reset(const char *path, int64_t maxSize, int maxFiles);
    void setLimits(int64_t maxSize, int maxFiles);
    void setWitness(const RotationWitness &witness) { m_witness = witness; }

    /// Makes the folder and checks that the file can be used. It is made (0640) when there is
    /// something to store.
    LogFailure prepare();

    struct Moved
    {
        int64_t bytes = 0;
        bool atEnd = false; ///< the pipe is empty and nobody can write to it any more
        LogFailure failure; ///< what is not stored yet comes with the next call
    };
    /// Stores what is in the pipe (non-blocking), about `limit` bytes at most.
    Moved move(int pipe, int64_t limit);
    /// Bytes that were taken from the pipe, where it cannot be spliced, and are not stored yet.
    int64_t pending() const { return m_pendingEnd - m_pendingBegin; }

private:
    LogFailure open();
    LogFailure openFile(int flags);
    bool isStillNamed() const;
    bool isSilent(int pipe) const;
    LogNames lockNames() const;
    void moveLocked(int pipe, int64_t limit, Moved &moved);
    /// Bytes stored; 0 at the end of the pipe, -1 when there is nothing now or a failure.
    int64_t transfer(int pipe, int64_t offset, int64_t count, LogFailure &failure);
    int64_t copy(int pipe, int64_t offset, int64_t count, LogFailure &failure);
    LogFailure rotateIfDue(int64_t from, int64_t size);
    LogFailure rotateAt(int64_t cut, int64_t size);
    /// Holds it, as it will the log.
    LogFailure makeNext(int64_t cut, int64_t size, UniqueFd &made);
    LogFailure use(UniqueFd file);
    LogFailure moveNames();

    static constexpr int64_t CopySize = 1024;

    const char *m_path;
    int64_t m_maxSize;
    int m_maxFiles;
    RotationWitness m_witness;
    UniqueFd m_file;
    struct stat m_status = {};
    LogIndexStore m_index;
    int64_t m_rotateAt; ///< the size that makes the next rotation due
    bool m_canSplice = true;
    int64_t m_pendingBegin = 0;
    int64_t m_pendingEnd = 0;
    char m_pending[CopySize];
};

/// Finishes a rotation that was interrupted after its witness was told `inode` and `cut`, or lets
/// it be where it did not begin to change names.
void finishLogRotation(const char *path, uint64_t inode, int64_t cut);

} // namespace pmdaemon
