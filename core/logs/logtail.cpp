// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/logtail.h"

#include "core/logs/followedlog.h"
#include "core/logs/inotify.h"

#include <QDir>
#include <QFile>
#include <QLoggingCategory>
#include <QSocketNotifier>
#include <QTimer>

#include <deque>
#include <map>

namespace pmdaemon {

using Clock = FollowedLog::Clock;

namespace {

Q_LOGGING_CATEGORY(log, "pmdaemon.logs")

constexpr milliseconds longestTurn{5};
constexpr milliseconds pauseAfterTurn{10}; // many small writes make one batch
constexpr milliseconds pollInterval{500};

} // namespace

class LogTail::Private
{
public:
    explicit Private(LogTail *tail);

    void follow(const LogSource &source);
    void unfollow(ProcessId id);
    void markDue(ProcessId id);
    void markAllDue();
    void takeEvents();
    void turn();
    bool readOne(FollowedLog &followed, Clock::time_point deadline);
    void watch(FollowedLog &followed);
    bool watchStream(FollowedLog::Stream &stream, const QString &path);
    void flushPartials();
    void planFlush();
    void emitReady();

    LogTail *q;
    Inotify inotify;
    std::unique_ptr<QSocketNotifier> notifier;
    QTimer pause;
    QTimer flush;
    QTimer poll; // only where something cannot be watched
    std::map<ProcessId, FollowedLog> logs;
    QMultiHash<int, ProcessId> watchers;
    QHash<ProcessId, qint64> lastSeqs; // of those followed earlier
    std::deque<ProcessId> due;
    QList<LogBatch> ready;
};

LogTail::Private::Private(LogTail *tail)
    : q(tail)
{
    pause.setSingleShot(true);
    flush.setSingleShot(true);
    poll.setInterval(pollInterval);
    QObject::connect(&pause, &QTimer::timeout, q, [this] { turn(); });
    QObject::connect(&flush, &QTimer::timeout, q, [this] { flushPartials(); });
    QObject::connect(&poll, &QTimer::timeout, q, [this] { markAllDue(); });
    if (inotify.descriptor() < 0)
        return;
    notifier = std::make_unique<QSocketNotifier>(inotify.descriptor(), QSocketNotifier::Read);
    QObject::connect(notifier.get(), &QSocketNotifier::activated, q, [this] { turn(); });
}

void LogTail::Private::follow(const LogSource &source)
{
    const auto [entry, isNew] = logs.try_emplace(source.id, source, lastSeqs.take(source.id));
    Q_ASSERT(isNew);
    watch(entry->second);
    // What came between opening and watching tells nobody.
    markDue(source.id);
}

void LogTail::Private::unfollow(ProcessId id)
{
    FollowedLog &followed = logs.at(id);
    for (FollowedLog::Stream &stream : followed.streams()) {
        for (const int watch : {stream.fileWatch, stream.folderWatch}) {
            watchers.remove(watch, id);
            inotify.release(watch);
        }
    }
    lastSeqs.insert(id, followed.lastSeq());
    logs.erase(id);
}

void LogTail::Private::markDue(ProcessId id)
{
    if (std::find(due.begin(), due.end(), id) == due.end())
        due.push_back(id);
    if (!pause.isActive())
        pause.start(0);
}

void LogTail::Private::markAllDue()
{
    for (const auto &[id, followed] : logs)
        markDue(id);
}

void LogTail::Private::takeEvents()
{
    for (const int watch : inotify.takeEvents()) {
        for (auto entry = watchers.constFind(watch);
             entry != watchers.cend() && entry.key() == watch; ++entry) {
            if (std::find(due.begin(), due.end(), *entry) == due.end())
                due.push_back(*entry);
        }
    }
}

/// Reads what is due, for a while; then nothing is looked at during a pause.
void LogTail::Private::turn()
{
    takeEvents();
    if (due.empty()) {
        if (notifier)
            notifier->setEnabled(true);
        return;
    }
    if (notifier)
        notifier->setEnabled(false);
    const Clock::time_point deadline = Clock::now() + longestTurn;
    for (std::size_t left = due.size(); left > 0 && Clock::now() < deadline; --left) {
        const ProcessId id = due.front();
        due.pop_front();
        const auto followed = logs.find(id);
        if (followed != logs.end() && !readOne(followed->second, deadline))
            due.push_back(id);
    }
    pause.start(pauseAfterTurn);
    planFlush();
    emitReady();
}

/// True when nothing is left to read.
bool LogTail::Private::readOne(FollowedLog &followed, Clock::time_point deadline)
{
    const bool isDone = followed.read(deadline, ready);
    watch(followed);
    return isDone;
}

void LogTail::Private::watch(FollowedLog &followed)
{
    const LogSource &source = followed.source();
    bool canWatch = true;
    for (FollowedLog::Stream &stream : followed.streams()) {
        watchers.remove(stream.fileWatch, source.id);
        watchers.remove(stream.folderWatch, source.id);
        const QString &path = stream.kind == LogStream::Out ? source.out : source.err;
        const quint64 before = stream.watchedInode;
        canWatch = watchStream(stream, path) && canWatch;
        if (before != stream.watchedInode)
            markDue(source.id);
    }
    for (const FollowedLog::Stream &stream : followed.streams()) {
        for (const int watch : {stream.fileWatch, stream.folderWatch}) {
            if (watch >= 0 && !watchers.contains(watch, source.id))
                watchers.insert(watch, source.id);
        }
    }
    if (!canWatch && !poll.isActive()) {
        qCWarning(log, "%s cannot be watched for changes; it is looked at twice a second",
                  qUtf8Printable(source.name));
        poll.start();
    }
}

bool LogTail::Private::watchStream(FollowedLog::Stream &stream, const QString &path)
{
    const quint64 inode = stream.file.position().inode;
    if (inode != stream.watchedInode) {
        const int old = stream.fileWatch;
        stream.fileWatch = inotify.watchFile(stream.file.descriptor());
        inotify.release(old);
        stream.watchedInode = inode;
    }
    // Until the file is there the folder may come to be, too.
    if (stream.folderWatch < 0 || inode == 0) {
        const int old = stream.folderWatch;
        const QByteArray folder = QFile::encodeName(QFileInfo(path).path());
        stream.folderWatch = inotify.watchFolder(folder);
        inotify.release(old);
    }
    return stream.folderWatch >= 0 && (inode == 0 || stream.fileWatch >= 0);
}

void LogTail::Private::flushPartials()
{
    const Clock::time_point now = Clock::now();
    for (auto &[id, followed] : logs) {
        if (followed.flushDue().value_or(Clock::time_point::max()) > now)
            continue;
        // The rest of the line may be there already.
        if (readOne(followed, now + longestTurn))
            followed.flush(Clock::now(), ready);
    }
    planFlush();
    emitReady();
}

void LogTail::Private::planFlush()
{
    if (flush.isActive())
        return;
    std::optional<Clock::time_point> first;
    for (const auto &[id, followed] : logs) {
        if (const std::optional<Clock::time_point> at = followed.flushDue())
            first = std::min(first.value_or(*at), *at);
    }
    if (!first)
        return;
    const auto wait = std::chrono::ceil<milliseconds>(*first - Clock::now());
    flush.start(std::max(wait, milliseconds(1)));
}

/// Last of all, because who receives it may change what is followed.
void LogTail::Private::emitReady()
{
    const QList<LogBatch> batches = std::exchange(ready, {});
    for (const LogBatch &batch : batches)
        emit q->lines(batch);
}

LogTail::LogTail(QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this))
{}

LogTail::~LogTail() = default;

void LogTail::setSources(const QList<LogSource> &sources)
{
    std::map<ProcessId, LogSource> wanted;
    for (const LogSource &source : sources)
        wanted.try_emplace(source.id, source);
    for (auto entry = d->logs.begin(); entry != d->logs.end();) {
        const ProcessId id = entry->first;
        const auto found = wanted.find(id);
        const bool goesOn = found != wanted.end() && entry->second.hasFilesOf(found->second);
        ++entry;
        if (!goesOn) {
            d->unfollow(id);
            continue;
        }
        d->logs.at(id).rename(found->second);
        wanted.erase(found);
    }
    for (const auto &[id, source] : wanted)
        d->follow(source);
    if (d->logs.empty())
        d->poll.stop();
}

std::optional<LogPosition> LogTail::catchUp(ProcessId id)
{
    const auto followed = d->logs.find(id);
    if (followed == d->logs.end())
        return std::nullopt;
    d->readOne(followed->second, Clock::time_point::max());
    const LogPosition position = followed->second.position();
    d->planFlush();
    d->emitReady();
    return position;
}

} // namespace pmdaemon

#include "moc_logtail.cpp"
