// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/uniquefd.h"

#include <QByteArray>
#include <QHash>
#include <QSet>

namespace pmdaemon {

/// One inotify instance. A watch is shared by all who want the same file; each releases it once.
class Inotify
{
public:
    Inotify();

    /// -1 when the kernel gives none.
    int descriptor() const { return m_instance.get(); }
    /// Tells when the open file `fd` is written, cut, renamed or deleted. -1 = cannot be watched.
    int watchFile(int fd);
    /// Tells when something appears in the folder `path` or, while that is missing, in the nearest
    /// one above it.
    int watchFolder(QByteArray path);
    void release(int watch);

    /// The watches that have something to tell; all of them where events were lost.
    QSet<int> takeEvents();

private:
    int add(const QByteArray &path, quint32 events);

    UniqueFd m_instance;
    QHash<int, int> m_users;
};

} // namespace pmdaemon
