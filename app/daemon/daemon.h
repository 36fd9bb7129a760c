// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/rundirectory.h"
#include "core/config/settings.h"
#include "core/localbackend.h"
#include "core/model/processspec.h"
#include "server/listener.h"

#include <memory>

namespace pmdaemon {

class Gateway;
class Subreaper;

/// The composition that supervises and serves: run directory, LocalBackend and Gateway. The daemon
/// and an embedded desktop window are one of these each.
class Daemon : public QObject
{
    Q_OBJECT

public:
    explicit Daemon(const Settings &settings, QObject *parent = nullptr);
    ~Daemon() override;

    /// Claims the home, listens and publishes the address. AlreadyRunning, PortInUse or
    /// StartFailed. `inherited`: see Listener::listen().
    Result<void> start(const QList<int> &inherited = {});
    /// Only after start().
    LocalBackend &backend() { return *m_backend; }
    int port() const;
    QList<ListeningSocket> listeningSockets() const;
    /// Starts these apps; what fails to start is logged and listed as errored.
    void startApps(const QList<ProcessSpec> &apps);
    /// Closes the front door, stops every process, then emits stopped().
    void shutdown();

signals:
    void stopped();

private:
    Settings m_settings;
    std::unique_ptr<RunDirectory> m_runDirectory;
    std::unique_ptr<Subreaper> m_subreaper;
    std::unique_ptr<LocalBackend> m_backend;
    std::unique_ptr<Gateway> m_gateway;
};

} // namespace pmdaemon
