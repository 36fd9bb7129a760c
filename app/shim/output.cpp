// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/output.h"

#include "core/slot/slotfifo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

namespace pmdaemon {

namespace {

constexpr int largePipe = 256 * 1024;
constexpr int hugePipe = 512 * 1024; ///< where a large one is full before a pause is over
/// The kernel counts the pages of a user's pipes and makes further ones tiny; half of what it
/// allows is for large pipes.
constexpr nlink_t maxLargeSlots = 256;
constexpr int64_t perWakeUp = 1024 * 1024; ///< then others have their turn
// In µs.
constexpr int64_t longestPause = 2'000;        ///< measured: 1 ms costs a third more CPU
constexpr int64_t longestPauseOfSmall = 1'000; ///< of a small pipe, which is full before
constexpr int64_t shortestPause = 100;
constexpr int64_t retryPause = 100'000;
constexpr int64_t dropPause = 10'000;
/// Others hold a log file while they empty it or change its names.
constexpr int heldTries = 200;
constexpr timespec heldPause{0, 1'000'000};
constexpr int64_t patience = 800'000; ///< with what it takes to notice, less than a second

bool isPassing(const LogFailure &failure)
{
    return failure.code == ENOSPC || failure.code == EDQUOT || failure.code == EIO;
}

bool isLargeHouse(int folder)
{
    struct stat status;
    return ::geteuid() != 0 && ::fstatat(folder, "..", &status, 0) == 0 &&
           status.st_nlink > maxLargeSlots + 2;
}

int64_t waiting(int fifo)
{
    int bytes = 0;
    return ::ioctl(fifo, FIONREAD, &bytes) == 0 ? bytes : 0;
}

} // namespace

int OutputStream::open(int folder, uint32_t number, Journal &journal)
{
    const char *name = fifoNames[number];
    if (::mkfifoat(folder, name, 0600) != 0 && errno != EEXIST)
        return errno;
    UniqueFd fifo = openFifo(folder, name);
    if (!fifo)
        return errno;
    if (!isLargeHouse(folder))
        ::fcntl(fifo.get(), F_SETPIPE_SZ, largePipe);
    open(static_cast<UniqueFd &&>(fifo), number, journal);
    return 0;
}

void OutputStream::open(UniqueFd fifo, uint32_t number, Journal &journal)
{
    m_fifo = static_cast<UniqueFd &&>(fifo);
    m_number = number;
    m_journal = &journal;
    m_capacity = ::fcntl(m_fifo.get(), F_GETPIPE_SZ);
    m_longestPause = m_capacity >= largePipe ? longestPause : longestPauseOfSmall;
    m_pause = m_longestPause;
}

void OutputStream::setTarget(const char *path, const SlotSpec &spec)
{
    if (m_path)
        catchUp(0);
    m_path = path;
    m_store.reset(path ? path : "", spec.maxSize, spec.maxFiles);
    m_store.setWitness({noteRotation, this});
}

void OutputStream::setLimits(const SlotSpec &spec)
{
    m_store.setLimits(spec.maxSize, spec.maxFiles);
}

bool OutputStream::noteRotation(void *context, uint64_t inode, int64_t cut)
{
    const auto *stream = static_cast<OutputStream *>(context);
    JournalRecord record = makeRecord(RecordType::Rotating);
    record.rotating.stream = stream->m_number;
    record.rotating.inode = inode;
    record.rotating.cut = cut;
    return stream->m_journal->append(record) == 0;
}

void OutputStream::finishRotation(const JournalRecord &rotating)
{
    if (!m_path || rotating.seq == 0 || rotating.rotating.inode == 0)
        return;
    finishLogRotation(m_path, rotating.rotating.inode, rotating.rotating.cut);
    noteRotation(this, 0, 0); // whatever happens to these files later is none of it
}

LogFailure OutputStream::prepare()
{
    if (!m_path)
        return {};
    const LogFailure failure = m_store.prepare();
    return isPassing(failure) ? LogFailure() : failure;
}

void OutputStream::step(int64_t now)
{
    if (!m_path) {
        const int64_t bytes = waiting(m_fifo.get());
        discard(bytes, false);
        pauseAfter(bytes, now);
    } else if (m_isDropping && now < m_tryAt) {
        drop(now);
    } else {
        store(perWakeUp, now);
    }
}

/// Bytes stored.
int64_t OutputStream::store(int64_t limit, int64_t now)
{
    const LogStore::Moved moved = m_store.move(m_fifo.get(), limit);
    m_isHeld = moved.failure.step == LogStep::Lock && moved.failure.code == EWOULDBLOCK;
    if (moved.bytes == 0 && moved.failure) {
        onTrouble(moved.failure, now);
        return 0;
    }
    m_lockedSince = 0;
    m_fullSince = 0;
    pauseAfter(moved.bytes, now);
    if (moved.failure) {
        noteTrouble(moved.failure.code);
        return moved.bytes;
    }
    noteGap();
    m_isDropping = false;
    if (moved.bytes > 0)
        noteTrouble(0);
    return moved.bytes;
}

/// More is likely to come soon where something came; where the pipe was full, before this pause was
/// over.
void OutputStream::pauseAfter(int64_t bytes, int64_t now)
{
    const int64_t shorter = m_pause * 7 / 8;
    if (bytes >= m_capacity * 31 / 32 && !grow())
        m_pause = shorter < shortestPause ? 0 : shorter;
    else if (bytes < m_capacity / 4)
        m_pause = m_pause == 0 ? shortestPause : m_pause * 2;
    if (m_pause > m_longestPause)
        m_pause = m_longestPause;
    m_wakeAt = bytes > 0 && m_pause > 0 ? now + m_pause : 0;
}

/// False when the pipe is as large as it gets, or the kernel gives this user no more.
bool OutputStream::grow()
{
    if (m_capacity != largePipe || ::fcntl(m_fifo.get(), F_SETPIPE_SZ, hugePipe) < 0)
        return false;
    m_capacity = hugePipe;
    return true;
}

void OutputStream::onTrouble(const LogFailure &failure, int64_t now)
{
    if (failure.step == LogStep::Lock && failure.code == EWOULDBLOCK) {
        if (m_lockedSince == 0)
            m_lockedSince = now;
        if (now - m_lockedSince < patience) {
            m_wakeAt = now + m_longestPause;
            return;
        }
    }
    noteTrouble(failure.code);
    m_wakeAt = now + retryPause;
    if (!isFull()) {
        m_fullSince = 0;
    } else if (m_fullSince == 0) {
        m_fullSince = now;
    } else if (now - m_fullSince >= patience) {
        m_isDropping = true;
    }
    if (m_isDropping) {
        m_tryAt = now + retryPause;
        drop(now);
    }
}

void OutputStream::drop(int64_t now)
{
    const int64_t bytes = waiting(m_fifo.get());
    if (bytes >= m_capacity / 2 || isFull())
        discard(bytes, true);
    m_wakeAt = now + dropPause;
}

void OutputStream::discard(int64_t bytes, bool counts)
{
    char block[2048];
    while (bytes > 0) {
        const auto size = bytes < int64_t(sizeof block) ? size_t(bytes) : sizeof block;
        const ssize_t got = ::read(m_fifo.get(), block, size);
        if (got <= 0)
            return;
        bytes -= got;
        if (!counts)
            continue;
        m_droppedBytes += uint64_t(got);
        for (ssize_t i = 0; i < got; ++i)
            m_droppedLines += block[i] == '\n';
    }
}

bool OutputStream::isFull() const
{
    pollfd entry{m_fifo.get(), POLLOUT, 0};
    return ::poll(&entry, 1, 0) == 0;
}

void OutputStream::noteTrouble(int code)
{
    if (code == m_trouble)
        return;
    m_trouble = code;
    JournalRecord record = makeRecord(RecordType::Trouble);
    record.trouble.stream = m_number;
    record.trouble.code = code;
    m_journal->append(record);
}

void OutputStream::noteGap()
{
    if (m_droppedBytes == 0)
        return;
    JournalRecord record = makeRecord(RecordType::Gap);
    record.gap.stream = m_number;
    record.gap.bytes = m_droppedBytes;
    record.gap.lines = m_droppedLines;
    if (m_journal->append(record) != 0)
        return;
    m_droppedBytes = 0;
    m_droppedLines = 0;
}

void OutputStream::catchUp(int64_t now)
{
    int64_t bytes = waiting(m_fifo.get()) + m_store.pending();
    if (!m_path)
        return discard(bytes, false);
    int tries = heldTries;
    while (bytes > 0) {
        const int64_t stored = store(bytes, now);
        if (stored <= 0 && m_isHeld && --tries > 0) {
            ::nanosleep(&heldPause, nullptr); // nothing tells when it is let go of
            continue;
        }
        if (stored <= 0)
            return;
        bytes -= stored;
    }
}

LogFailure Output::configure(const SlotSpec &spec, uint32_t &stream)
{
    m_streams[0].setTarget(spec.logs[0], spec);
    m_streams[1].setTarget(spec.isShared() ? nullptr : spec.logs[1], spec);
    for (stream = 0; stream < 2; ++stream) {
        if (const LogFailure failure = m_streams[stream].prepare())
            return failure;
    }
    return {};
}

void Output::setLimits(const SlotSpec &spec)
{
    for (OutputStream &stream : m_streams)
        stream.setLimits(spec);
}

void Output::step(int64_t now)
{
    for (OutputStream &stream : m_streams) {
        if (!stream.isAwaited() && stream.wakeAt() <= now)
            stream.step(now);
    }
}

void Output::catchUp(int64_t now)
{
    for (OutputStream &stream : m_streams)
        stream.catchUp(now);
}

int64_t Output::wakeAt() const
{
    int64_t at = 0;
    for (const OutputStream &stream : m_streams) {
        if (!stream.isAwaited() && (at == 0 || stream.wakeAt() < at))
            at = stream.wakeAt();
    }
    return at;
}

void Output::noteGaps()
{
    for (OutputStream &stream : m_streams)
        stream.noteGap();
}

bool Output::canBeHandedOn() const
{
    return m_streams[0].canBeHandedOn() && m_streams[1].canBeHandedOn();
}

} // namespace pmdaemon
