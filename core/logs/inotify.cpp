// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/inotify.h"

#include <array>
#include <sys/inotify.h>

namespace pmdaemon {

Inotify::Inotify()
    : m_instance(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC))
{}

int Inotify::add(const QByteArray &path, quint32 events)
{
    const int watch = ::inotify_add_watch(m_instance.get(), path.constData(), events);
    if (watch >= 0)
        ++m_users[watch];
    return watch;
}

int Inotify::watchFile(int fd)
{
    // By the descriptor, because the name may be another file's by now.
    return add("/proc/self/fd/" + QByteArray::number(fd), IN_MODIFY | IN_MOVE_SELF | IN_ATTRIB);
}

int Inotify::watchFolder(QByteArray path)
{
    for (;;) {
        const int watch = add(path, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
        const qsizetype slash = path.lastIndexOf('/');
        if (watch >= 0 || path == "/" || slash < 0)
            return watch;
        path.truncate(std::max<qsizetype>(slash, 1));
    }
}

void Inotify::release(int watch)
{
    const auto users = m_users.find(watch);
    if (users == m_users.end() || --*users > 0)
        return;
    m_users.erase(users);
    ::inotify_rm_watch(m_instance.get(), watch);
}

QSet<int> Inotify::takeEvents()
{
    QSet<int> told;
    alignas(inotify_event) std::array<char, 16 * 1024> buffer;
    ssize_t got = 0;
    while ((got = ::read(m_instance.get(), buffer.data(), buffer.size())) > 0) {
        for (ssize_t at = 0; at < got;) {
            const auto *event = reinterpret_cast<const inotify_event *>(buffer.data() + at);
            at += ssize_t(sizeof(inotify_event)) + event->len;
            if (event->mask & IN_Q_OVERFLOW) {
                for (const auto &[watch, users] : m_users.asKeyValueRange())
                    told.insert(watch);
            } else if (event->mask & IN_IGNORED) {
                m_users.remove(event->wd); // the file is gone, and the watch with it
            } else {
                told.insert(event->wd);
            }
        }
    }
    return told;
}

} // namespace pmdaemon
