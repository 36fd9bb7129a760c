// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/apply.h"
#include "core/model/command.h"
#include "core/model/eventpage.h"
#include "core/model/logline.h"
#include "core/model/processfilter.h"
#include "core/model/result.h"

#include <QHash>
#include <QObject>
#include <QPointer>

#include <map>

namespace pmdaemon {

/// Where a Backend stands with what it shows. A LocalBackend is always Live.
enum class ConnectionState {
    Disconnected, ///< nothing tried, or closed by this end
    Connecting,   ///< the first attempt
    Live,         ///< the mirror is current
    Lost,         ///< was Live; the mirror is stale, a new attempt comes by itself
    Refused,      ///< not authorised, or another protocol version; no further attempt
};

/// What all watchers of a Backend want together. Sampled and tailed is this and nothing more.
struct Interest
{
    std::map<milliseconds, QList<ProcessFilter>>
        processMetrics;                ///< by interval; equal filters once
    QList<milliseconds> systemMetrics; ///< intervals, ascending
    QList<ProcessFilter> logs;         ///< equal filters once

    bool operator==(const Interest &) const = default;
};

class Backend;

/// Keeps something watched while it lives. Movable; harmless after its Backend is gone.
class Watch
{
public:
    Watch() = default;
    Watch(Backend *backend, quint64 key);
    Watch(Watch &&other) noexcept;
    Watch &operator=(Watch &&other) noexcept;
    ~Watch();

private:
    QPointer<Backend> m_backend;
    quint64 m_key = 0;
};

/// The one thing that front ends know: processes as a mirror, commands as replies, changes as
/// signals. Reads are local and never block. In one event-loop turn the mirror is changed first,
/// then the signal is emitted; per process, statuses and events arrive in order.
class Backend : public QObject
{
    Q_OBJECT

public:
    ~Backend() override;

    /// All known processes by ascending id. Stale unless connectionState() is Live.
    const QList<ProcessEntry> &processes() const { return m_processes; }
    const ProcessEntry *process(ProcessId id) const;
    /// The entries that `target` names: a name, an app, an id in digits, "all", "namespace:X".
    QList<ProcessEntry> resolve(QStringView target) const;
    /// The newest sample of a watched process; zeros for any other.
    ProcessSample lastSample(ProcessId id) const { return m_samples.value(id); }
    ConnectionState connectionState() const { return m_state; }
    /// What this end may do. Admin for a LocalBackend.
    Role role() const { return m_role; }

    /// Frames arrive by processMetrics() every `interval`, the first one at once. They hold at
    /// least what `filter` matches: each receiver picks its own interval and processes.
    [[nodiscard]] Watch watchProcessMetrics(ProcessFilter filter, milliseconds interval);
    [[nodiscard]] Watch watchSystemMetrics(milliseconds interval);
    /// Lines written from now on arrive by logLines().
    [[nodiscard]] Watch watchLogs(ProcessFilter filter);

    /// Finished when the operation is: stopped means that the whole process tree is gone. Several
    /// targets: all are tried; if any failed, the Error is the first one's, and its details name
    /// each as {failed: [{process, code, message}], done: [name]}.
    virtual Reply<CommandResult> command(Command command) = 0;
    /// `target` as for resolve(); NotFound when it names nothing.
    virtual Reply<QList<ProcessDetail>> processInfo(QString target) = 0;
    virtual Reply<SystemInfo> systemInfo() = 0;
    /// An empty `process` = the system. `step` 0 = the finest that covers the stretch.
    virtual Reply<History> history(QString process, WallTime from, WallTime to,
                                   milliseconds step) = 0;
    virtual Reply<LogPage> logs(LogQuery query) = 0;
    /// Makes the apps of ecosystem files what they say; see CommandExecutor::apply().
    virtual Reply<ApplyReport> apply(ApplyRequest request) = 0;
    /// NotFound where query.process names nothing now and nothing has happened to one of that name.
    virtual Reply<EventPage> events(EventQuery query) = 0;

signals:
    void connectionStateChanged(pmdaemon::ConnectionState state, const QString &reason);
    /// A new entry, or one whose status changed. A new one's previous status is Stopped.
    void statusChanged(const pmdaemon::StatusChange &change);
    /// An entry changed in another way: health, port, restarts reset.
    void processUpdated(const pmdaemon::ProcessEntry &entry);
    void processRemoved(pmdaemon::ProcessId id, const QString &name);
    void processEvent(const pmdaemon::ProcessEvent &event);
    void healthChanged(const pmdaemon::HealthUpdate &update);
    void processMetrics(const pmdaemon::MetricsFrame &frame);
    void systemMetrics(const pmdaemon::SystemMetrics &metrics);
    void logLines(const pmdaemon::LogBatch &batch);

protected:
    explicit Backend(QObject *parent = nullptr);

    const Interest &interest() const { return m_interest; }
    /// The union of all watches changed; interest() is the new one.
    virtual void interestChanged() = 0;

    // The only ways to change the mirror; each emits its signal after the change.
    void setConnectionState(ConnectionState state, const QString &reason = {});
    void setRole(Role role) { m_role = role; }
    void applyStatus(const StatusChange &change);
    void applyUpdate(const ProcessEntry &entry);
    void applyRemoval(ProcessId id);
    void applyMetrics(const MetricsFrame &frame);

private:
    friend class Watch;
    struct Watcher
    {
        enum class Kind { ProcessMetrics, SystemMetrics, Logs } kind;
        ProcessFilter filter;
        milliseconds interval{0};
    };
    Watch addWatcher(Watcher watcher);
    void removeWatcher(quint64 key);
    void rebuildInterest();
    qsizetype lowerBound(ProcessId id) const;

    QList<ProcessEntry> m_processes;
    QHash<ProcessId, ProcessSample> m_samples;
    std::map<quint64, Watcher> m_watchers;
    Interest m_interest;
    quint64 m_lastKey = 0;
    ConnectionState m_state = ConnectionState::Disconnected;
    Role m_role = Role::None;
};

} // namespace pmdaemon

Q_DECLARE_METATYPE(pmdaemon::ConnectionState)
