// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/processhandle.h"

#include <QObject>
#include <QSocketNotifier>

namespace pmdaemon {

/// Waits until all of some processes have ended.
class ExitWatch : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;
    ~ExitWatch() override;

    /// At least one; they replace those watched so far.
    void watch(std::vector<ProcessHandle> processes);
    void stop();

signals:
    /// Once per watch(), from the event loop.
    void allEnded();

private:
    void arm();
    void next();

    std::vector<ProcessHandle> m_processes;
    QSocketNotifier *m_notifier = nullptr; ///< of the last one
};

} // namespace pmdaemon
