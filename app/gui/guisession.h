// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/gui/guioptions.h"
#include "gui/window/mainwindow.h"

#include <memory>

namespace pmdaemon {

class Backend;
class Daemon;
class RemoteBackend;

/// What a window shows: a daemon that lives in this process, or one at the other end of a
/// connection.
class GuiSession : public QObject
{
    Q_OBJECT

public:
    /// The daemon named by the options, to which tryToConnect() connects; else the one that holds
    /// the home already; else one of our own. The Error says why none of them can be had.
    static Result<std::unique_ptr<GuiSession>> open(const GuiOptions &options);
    ~GuiSession() override;

    Backend &backend();
    MainWindow::Options windowOptions() const;
    /// Tries at once to reach the other end, if there is one.
    void tryToConnect();
    /// Ends what is ours, then emits ended().
    void end();

signals:
    void ended();

private:
    GuiSession();
    Result<void> openRemote(const GuiOptions &options);
    Result<void> openLocal(const GuiOptions &options);

    std::unique_ptr<Daemon> m_daemon;
    std::unique_ptr<RemoteBackend> m_remote;
    QString m_host;
};

} // namespace pmdaemon
