// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/filewatch.h"

#include "core/model/wildcard.h"

#include <QDir>
#include <QFileInfo>
#include <QSocketNotifier>

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/inotify.h>
#include <system_error>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int foldersPerTurn = 64;
constexpr quint32 events = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;

/// "./logs/**" and "**/logs" are "logs".
QString plainPattern(QString pattern)
{
    for (const QLatin1StringView prefix : {"./"_L1, "**/"_L1}) {
        if (pattern.startsWith(prefix))
            pattern.remove(0, prefix.size());
    }
    for (const QLatin1StringView suffix : {"/**"_L1, "/*"_L1, "/"_L1}) {
        if (pattern.size() > suffix.size() && pattern.endsWith(suffix))
            pattern.chop(suffix.size());
    }
    return pattern;
}

QStringList plainPatterns(const QStringList &patterns)
{
    QStringList plain;
    for (const QString &pattern : patterns)
        plain.append(plainPattern(pattern));
    return plain;
}

bool isAtOrBelow(const QString &path, const QString &folder)
{
    return path == folder || path.startsWith(folder + u'/');
}

QString whyNotWatched(const QString &folder, int code)
{
    if (code == ENOSPC || code == EMFILE || code == EBADF) // of which there was no instance
        return FileWatch::tr("the kernel gives no more watches: raise fs.inotify.max_user_watches "
                             "and fs.inotify.max_user_instances, or let ignore_watch leave out "
                             "large folders");
    return FileWatch::tr("%1 cannot be watched: %2")
        .arg(folder, QString::fromLocal8Bit(std::system_category().message(code)));
}

QString joined(const QString &folder, const QString &name)
{
    return folder.endsWith(u'/') ? QString(folder + name) : QString(folder + u'/' + name);
}

} // namespace

FileWatch::FileWatch(Scope scope, QObject *parent)
    : QObject(parent)
    , m_scope{scope.paths, plainPatterns(scope.ignored), scope.excluded, scope.delay}
    , m_inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC))
{
    m_quiet.setSingleShot(true);
    connect(&m_quiet, &QTimer::timeout, this, [this] { emit changed(m_changed); });
    if (m_inotify) {
        m_notifier = std::make_unique<QSocketNotifier>(m_inotify.get(), QSocketNotifier::Read);
        connect(m_notifier.get(), &QSocketNotifier::activated, this, &FileWatch::onReadable);
    }
    for (const QString &path : m_scope.paths) {
        const QFileInfo info(path);
        if (info.isDir())
            m_toWatch.push_back({path, path, {}});
        else
            m_toWatch.push_back({info.path(), info.path(), {info.fileName()}});
    }
    QMetaObject::invokeMethod(this, &FileWatch::watchSome, Qt::QueuedConnection);
}

FileWatch::~FileWatch() = default;

void FileWatch::watchSome()
{
    for (int i = 0; i < foldersPerTurn && !m_toWatch.empty(); ++i) {
        const Folder folder = std::move(m_toWatch.front());
        m_toWatch.pop_front();
        const int code = watch(folder);
        if (code == 0 || code == ENOENT || code == ENOTDIR)
            continue;      // or it is gone already
        m_toWatch.clear(); // it would go on like that
        emit failed(whyNotWatched(folder.path, code));
    }
    if (isLooking())
        QMetaObject::invokeMethod(this, &FileWatch::watchSome, Qt::QueuedConnection);
    else
        emit watching();
}

/// 0 or an errno.
int FileWatch::watch(const Folder &folder)
{
    const quint32 follow = folder.path == folder.root ? 0 : IN_DONT_FOLLOW;
    const int watch = ::inotify_add_watch(
        m_inotify.get(), QFile::encodeName(folder.path).constData(), events | IN_ONLYDIR | follow);
    if (watch < 0)
        return errno;
    const auto known = m_folders.find(watch);
    if (known == m_folders.end())
        m_folders.insert(watch, folder);
    else if (known->files.isEmpty() || folder.files.isEmpty())
        known->files.clear(); // all of it counts already, or does now
    else
        known->files.unite(folder.files);
    if (folder.files.isEmpty())
        addBelow(folder);
    return 0;
}

/// What is moved away is not watched there; where it is moved within what is watched, it is found
/// again under its new name.
void FileWatch::forget(const QString &folder)
{
    for (auto it = m_folders.cbegin(); it != m_folders.cend(); ++it) {
        if (isAtOrBelow(it->path, folder))
            ::inotify_rm_watch(m_inotify.get(), it.key()); // IN_IGNORED follows
    }
}

void FileWatch::addBelow(const Folder &folder)
{
    const QStringList names =
        QDir(folder.path)
            .entryList(QDir::Dirs | QDir::Hidden | QDir::NoDotAndDotDot | QDir::NoSymLinks);
    for (const QString &name : names) {
        const QString path = joined(folder.path, name);
        if (counts(folder.root, path))
            m_toWatch.push_back({folder.root, path, {}});
    }
}

void FileWatch::onReadable()
{
    alignas(inotify_event) std::array<char, 16 * 1024> buffer;
    ssize_t got = 0;
    while ((got = ::read(m_inotify.get(), buffer.data(), buffer.size())) > 0) {
        for (ssize_t at = 0; at < got;) {
            const auto *event = reinterpret_cast<const inotify_event *>(buffer.data() + at);
            at += ssize_t(sizeof(inotify_event)) + event->len;
            if (event->mask & IN_Q_OVERFLOW) {
                tellSoon(m_scope.paths.value(0)); // one change, whatever it was
            } else if (event->mask & IN_IGNORED) {
                m_folders.remove(event->wd); // the folder is gone, and the watch with it
            } else if (const auto folder = m_folders.constFind(event->wd);
                       folder != m_folders.constEnd() && event->len > 0) {
                note(*folder, QFile::decodeName(event->name), event->mask);
            }
        }
    }
}

void FileWatch::note(const Folder &folder, const QString &name, quint32 mask)
{
    const QString path = joined(folder.path, name);
    if (!folder.files.isEmpty() && !folder.files.contains(name))
        return;
    if (!counts(folder.root, path))
        return;
    if (mask & IN_ISDIR && mask & IN_MOVED_FROM)
        forget(path);
    if (mask & IN_ISDIR && mask & (IN_CREATE | IN_MOVED_TO)) {
        const bool wasLooking = isLooking();
        const bool isWatchedPath = !folder.files.isEmpty(); // which was not there before
        m_toWatch.push_back({isWatchedPath ? path : folder.root, path, {}});
        if (!wasLooking)
            QMetaObject::invokeMethod(this, &FileWatch::watchSome, Qt::QueuedConnection);
    }
    tellSoon(path);
}

void FileWatch::tellSoon(const QString &path)
{
    m_changed = path;
    if (!m_quiet.isActive())
        m_firstChange.start();
    const milliseconds left = m_scope.delay * MaxDelays - milliseconds{m_firstChange.elapsed()};
    m_quiet.start(std::clamp(left, milliseconds{0}, m_scope.delay));
}

bool FileWatch::counts(const QString &root, const QString &path) const
{
    const auto isExcluded = [&path](const QString &excluded) {
        return isAtOrBelow(path, excluded) || path.startsWith(excluded + u'.');
    };
    if (std::any_of(m_scope.excluded.begin(), m_scope.excluded.end(), isExcluded))
        return false;
    const QStringView below = QStringView(path).sliced(std::min(root.size() + 1, path.size()));
    const QStringView name = below.sliced(below.lastIndexOf(u'/') + 1);
    return std::none_of(m_scope.ignored.begin(), m_scope.ignored.end(),
                        [&](const QString &pattern) {
                            if (pattern.startsWith(u'/'))
                                return matchesWildcard(pattern, path);
                            return matchesWildcard(pattern, pattern.contains(u'/') ? below : name);
                        });
}

} // namespace pmdaemon

#include "moc_filewatch.cpp"
