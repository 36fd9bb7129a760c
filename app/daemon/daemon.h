// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/rundirectory.h"
#include "core/config/settings.h"
#include "core/localbackend.h"
#include "core/model/processspec.h"
#include "server/listener.h"

#include <QElapsedTimer>

#include <functional>
#include <memory>

namespace pmdaemon {

class Gateway;
class StateStore;
class StraySlots;
class Subreaper;

/// Told which slots have a shim that has to be kept alive, and of which none is to be any more.
struct SlotWatch
{
    std::function<void(ProcessId)> watch = [](ProcessId) {};
    std::function<void(ProcessId)> forget = [](ProcessId) {};
};

/// The composition that supervises and serves: run directory, state store, LocalBackend and
/// Gateway. The daemon and an embedded desktop window are one of these each. Processes belong to
/// their shims: they are found again at start(), and do not end with this.
class Daemon : public QObject
{
    Q_OBJECT

public:
    explicit Daemon(const Settings &settings, QObject *parent = nullptr);
    ~Daemon() override;

    /// Claims the home, goes on with what an earlier daemon left there, listens and publishes the
    /// address. AlreadyRunning, PortInUse, StorageFull or StartFailed. `inherited`: see
    /// Listener::listen().
    Result<void> start(const QList<int> &inherited = {}, SlotWatch slotWatch = {},
                       SocketKeeper socketKeeper = {});
    /// Only after start().
    LocalBackend &backend() { return *m_backend; }
    int port() const;
    QList<ListeningSocket> listeningSockets() const;
    /// Makes these the definitions of their apps; see CommandExecutor::apply(). What fails is
    /// logged and listed as errored.
    void apply(const QList<ProcessSpec> &apps);
    enum class Ending { LeaveProcesses, StopProcesses };
    /// Takes no more commands, stops every process or none, stores what happened, closes the front
    /// door, then emits stopped(). What is wanted to run is started again by the next start().
    void shutdown(Ending ending);

signals:
    void stopped();

private:
    void restore(const ProcessRunnerFactory &makeRunner);
    void finish();
    void onDeserted();

    Settings m_settings;
    std::unique_ptr<RunDirectory> m_runDirectory;
    std::unique_ptr<StateStore> m_store;
    std::unique_ptr<Subreaper> m_subreaper; ///< of health check scripts
    std::unique_ptr<LocalBackend> m_backend;
    std::unique_ptr<StraySlots> m_strays;
    std::unique_ptr<Gateway> m_gateway;
    QElapsedTimer m_sinceRelease; ///< of the heap
};

} // namespace pmdaemon
