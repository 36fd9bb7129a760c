// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/logpump.h"

#include <QCoreApplication>
#include <QTimerEvent>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <system_error>

using namespace Qt::Literals::StringLiterals;

namespace pmdaemon {

namespace {

constexpr int largePipe = 256 * 1024;
constexpr qint64 perWakeUp = 1024 * 1024; ///< then the other processes have their turn
constexpr int lazyMs = 1;
constexpr int retryMs = 1'000;

/// The kernel counts the pages of a user's pipes (pipe-user-pages-soft, 64 MiB) and makes further
/// ones tiny. Half of that is for large pipes.
constexpr int maxLargePipes = 128;
std::atomic<int> largePipes = 0;

/// Standard descriptors must stay free of it, should the daemon have been started without some.
UniqueFd aboveStandard(int fd)
{
    if (fd > 2)
        return UniqueFd(fd);
    const UniqueFd low(fd);
    return UniqueFd(::fcntl(low.get(), F_DUPFD_CLOEXEC, 3));
}

int enlarge(int pipe)
{
    if (::geteuid() == 0 || largePipes < maxLargePipes) {
        if (::fcntl(pipe, F_SETPIPE_SZ, largePipe) == largePipe) {
            ++largePipes;
            return largePipe;
        }
    }
    return ::fcntl(pipe, F_GETPIPE_SZ);
}

bool isPassing(const Error &error)
{
    const int code = error.details.value("errno"_L1).toInt();
    return code == ENOSPC || code == EDQUOT || code == EIO;
}

} // namespace

Result<std::unique_ptr<LogPump>> LogPump::create(const QString &path, qint64 maxSize, int maxFiles)
{
    LogWriter writer(path, maxSize, maxFiles);
    auto prepared = writer.prepare();
    if (!prepared && !isPassing(prepared.error()))
        return tl::unexpected(prepared.error());
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        const int code = errno;
        const QString words = QString::fromLocal8Bit(std::system_category().message(code));
        return fail(ErrorCode::Internal,
                    QCoreApplication::translate("LogPump", "Cannot make a pipe for %1: %2.")
                        .arg(path, words),
                    {{u"step"_s, "pipe"_L1}, {u"errno"_s, code}, {u"path"_s, path}});
    }
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return std::unique_ptr<LogPump>(
        new LogPump(std::move(writer), aboveStandard(ends[0]), aboveStandard(ends[1])));
}

LogPump::LogPump(LogWriter writer, UniqueFd readEnd, UniqueFd writeEnd)
    : m_writer(std::move(writer))
    , m_readEnd(std::move(readEnd))
    , m_writeEnd(std::move(writeEnd))
    , m_notifier(m_readEnd.get(), QSocketNotifier::Read)
    , m_capacity(enlarge(m_readEnd.get()))
{
    connect(&m_notifier, &QSocketNotifier::activated, this, [this] { step(perWakeUp); });
}

LogPump::~LogPump()
{
    if (m_capacity == largePipe)
        --largePipes;
}

void LogPump::closeWriteEnd()
{
    m_writeEnd.reset();
}

bool LogPump::catchUp()
{
    int waiting = 0;
    if (::ioctl(m_readEnd.get(), FIONREAD, &waiting) != 0)
        return false;
    while (waiting > 0) {
        const qint64 stored = step(waiting);
        if (stored <= 0)
            return false;
        waiting -= static_cast<int>(stored);
    }
    return true;
}

void LogPump::timerEvent(QTimerEvent *event)
{
    if (event->timerId() == m_timer.timerId())
        step(perWakeUp);
}

qint64 LogPump::step(qint64 limit)
{
    const LogWriter::Moved moved = m_writer.move(m_readEnd.get(), limit);
    const bool stuck = moved.error && moved.bytes == 0;
    const bool little = moved.bytes > 0 && moved.bytes < m_capacity / 4;
    if (stuck)
        m_timer.start(retryMs, this);
    else if (little)
        m_timer.start(lazyMs, Qt::PreciseTimer, this);
    else
        m_timer.stop();
    m_notifier.setEnabled(!stuck && !little && !moved.atEnd);
    if (moved.error)
        report(*moved.error);
    else if (moved.bytes > 0)
        m_lastError.reset();
    if (moved.atEnd)
        emit ended();
    return moved.bytes;
}

void LogPump::report(const Error &error)
{
    if (m_lastError == error)
        return;
    m_lastError = error;
    emit failed(error);
}

} // namespace pmdaemon

#include "moc_logpump.cpp"
