// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/backend.h"

#include "core/model/processtarget.h"

#include <algorithm>
#include <utility>

namespace pmdaemon {

Watch::Watch(Backend *backend, quint64 key)
    : m_backend(backend)
    , m_key(key)
{}

Watch::Watch(Watch &&other) noexcept
    : m_backend(std::exchange(other.m_backend, nullptr))
    , m_key(other.m_key)
{}

Watch &Watch::operator=(Watch &&other) noexcept
{
    // The old watch ends last: a watch that replaces an equal one must not stop the sampling.
    Watch old(std::move(*this));
    m_backend = std::exchange(other.m_backend, nullptr);
    m_key = other.m_key;
    return *this;
}

Watch::~Watch()
{
    if (m_backend)
        m_backend->removeWatcher(m_key);
}

Backend::Backend(QObject *parent)
    : QObject(parent)
{}

Backend::~Backend() = default;

qsizetype Backend::lowerBound(ProcessId id) const
{
    const auto at = std::lower_bound(m_processes.cbegin(), m_processes.cend(), id,
                                     [](const ProcessEntry &e, ProcessId i) { return e.id < i; });
    return at - m_processes.cbegin();
}

const ProcessEntry *Backend::process(ProcessId id) const
{
    const qsizetype at = lowerBound(id);
    return at < m_processes.size() && m_processes[at].id == id ? &m_processes[at] : nullptr;
}

QList<ProcessEntry> Backend::resolve(QStringView target) const
{
    const ProcessTarget wanted(target);
    QList<ProcessEntry> found;
    std::copy_if(m_processes.cbegin(), m_processes.cend(), std::back_inserter(found),
                 [&](const ProcessEntry &entry) { return wanted.matches(entry); });
    return found;
}

Watch Backend::watchProcessMetrics(ProcessFilter filter, milliseconds interval)
{
    return addWatcher({Watcher::Kind::ProcessMetrics, std::move(filter), interval});
}

Watch Backend::watchSystemMetrics(milliseconds interval)
{
    return addWatcher({Watcher::Kind::SystemMetrics, {}, interval});
}

Watch Backend::watchLogs(ProcessFilter filter)
{
    return addWatcher({Watcher::Kind::Logs, std::move(filter), milliseconds{0}});
}

Watch Backend::addWatcher(Watcher watcher)
{
    const quint64 key = ++m_lastKey;
    m_watchers.emplace(key, std::move(watcher));
    rebuildInterest();
    return Watch(this, key);
}

void Backend::removeWatcher(quint64 key)
{
    m_watchers.erase(key);
    rebuildInterest();
}

void Backend::rebuildInterest()
{
    const auto addOnce = [](auto &list, const auto &value) {
        if (!list.contains(value))
            list.append(value);
    };
    Interest interest;
    for (const auto &[key, watcher] : m_watchers) {
        switch (watcher.kind) {
        case Watcher::Kind::ProcessMetrics:
            addOnce(interest.processMetrics[watcher.interval], watcher.filter);
            break;
        case Watcher::Kind::SystemMetrics:
            addOnce(interest.systemMetrics, watcher.interval);
            break;
        case Watcher::Kind::Logs:
            addOnce(interest.logs, watcher.filter);
            break;
        }
    }
    std::sort(interest.systemMetrics.begin(), interest.systemMetrics.end());
    if (interest == m_interest)
        return;
    m_interest = std::move(interest);
    interestChanged();
}

void Backend::setConnectionState(ConnectionState state, const QString &reason)
{
    if (state == m_state)
        return;
    m_state = state;
    emit connectionStateChanged(state, reason);
}

void Backend::applyStatus(const StatusChange &change)
{
    const qsizetype at = lowerBound(change.process.id);
    if (at < m_processes.size() && m_processes[at].id == change.process.id)
        m_processes[at] = change.process;
    else
        m_processes.insert(at, change.process);
    emit statusChanged(change);
}

void Backend::applyUpdate(const ProcessEntry &entry)
{
    const qsizetype at = lowerBound(entry.id);
    if (at >= m_processes.size() || m_processes[at].id != entry.id || m_processes[at] == entry)
        return;
    m_processes[at] = entry;
    emit processUpdated(entry);
}

void Backend::applyRemoval(ProcessId id)
{
    const qsizetype at = lowerBound(id);
    if (at >= m_processes.size() || m_processes[at].id != id)
        return;
    const QString name = m_processes.takeAt(at).name;
    m_samples.remove(id);
    emit processRemoved(id, name);
}

void Backend::applyMetrics(const MetricsFrame &frame)
{
    for (const ProcessSample &sample : frame.processes)
        m_samples.insert(sample.id, sample);
    emit processMetrics(frame);
}

} // namespace pmdaemon

#include "moc_backend.cpp"
