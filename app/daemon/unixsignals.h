// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QObject>
#include <QSocketNotifier>

namespace pmdaemon {

/// Turns SIGTERM, SIGINT, SIGHUP and SIGUSR1 into Qt signals of the thread that made it. At most
/// one exists at a time; the former dispositions come back with its destruction.
class UnixSignals : public QObject
{
    Q_OBJECT

public:
    explicit UnixSignals(QObject *parent = nullptr);
    ~UnixSignals() override;

signals:
    void terminate(); ///< SIGTERM
    void interrupt(); ///< SIGINT
    void hangUp();
    void replace(); ///< SIGUSR1

private:
    void read();

    QSocketNotifier m_notifier;
};

} // namespace pmdaemon
