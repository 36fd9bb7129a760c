// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/logs/logfiles.h"
#include "core/logs/logpump.h"

#include <QObject>

#include <memory>

namespace pmdaemon {

/// Where the programs of one runner write to: its log files, through pipes that outlive each run.
class ProcessOutput : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// The Error's details are {step, errno, path}.
    Result<void> open(const LogFiles &files);
    /// What processes that still hold the pipes write later is stored until the last one is gone.
    void close();
    /// Stores all that has been written so far.
    void catchUp();

    /// For stdout and stderr of a program; -1 = thrown away.
    int out() const;
    int err() const;

signals:
    void failed(const pmdaemon::Error &error);

private:
    Result<std::unique_ptr<LogPump>> makePump(const QString &path, const LogFiles &files);

    std::unique_ptr<LogPump> m_out;
    std::unique_ptr<LogPump> m_err; ///< none where both streams go to one file
    bool m_shared = false;
};

} // namespace pmdaemon
