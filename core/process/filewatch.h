// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/walltime.h"
#include "core/slot/uniquefd.h"

#include <QElapsedTimer>
#include <QHash>
#include <QObject>
#include <QSet>
#include <QStringList>
#include <QTimer>

#include <deque>
#include <memory>

class QSocketNotifier;

namespace pmdaemon {

/// Tells when something changes in folders, with all below them, and in single files (inotify(7)).
/// A file is watched through its folder, since editors replace files; links below a folder are not
/// followed.
class FileWatch : public QObject
{
    Q_OBJECT

public:
    static constexpr int MaxDelays = 25; ///< what never comes to rest is told after so many

    struct Scope
    {
        QStringList paths;    ///< absolute, folders and files
        QStringList ignored;  ///< names, or paths from a watched folder on, with `*` and `?`
        QStringList excluded; ///< absolute: folders, and files with those whose names add a suffix
        milliseconds delay{0};
    };

    explicit FileWatch(Scope scope, QObject *parent = nullptr);
    ~FileWatch() override;

    bool watchesAnything() const { return !m_scope.paths.isEmpty(); }
    /// Folders are found a few in each turn of the event loop; from the end of that on nothing is
    /// missed.
    bool isLooking() const { return !m_toWatch.empty(); }

signals:
    /// Nothing has changed for the delay, or something all the time for MaxDelays of it; before
    /// that at least `path` had.
    void changed(const QString &path);
    void watching();
    /// Why not everything is watched, with what to do.
    void failed(const QString &reason);

private:
    struct Folder
    {
        QString root; ///< the watched path that it belongs to
        QString path;
        QSet<QString> files; ///< which alone count; empty = all
    };

    void watchSome();
    int watch(const Folder &folder);
    void forget(const QString &folder);
    void addBelow(const Folder &folder);
    void onReadable();
    void note(const Folder &folder, const QString &name, quint32 mask);
    void tellSoon(const QString &path);
    bool counts(const QString &root, const QString &path) const;

    const Scope m_scope;
    UniqueFd m_inotify;
    std::unique_ptr<QSocketNotifier> m_notifier;
    QHash<int, Folder> m_folders; ///< by watch
    std::deque<Folder> m_toWatch;
    QTimer m_quiet;
    QElapsedTimer m_firstChange; ///< of those that are not told yet
    QString m_changed;
};

} // namespace pmdaemon
