// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/cli/exitcode.h"
#include "app/cli/output.h"
#include "client/remotebackend.h"

#include <QEventLoop>
#include <QFutureWatcher>

#include <functional>
#include <memory>

namespace pmdaemon {

/// What all commands that talk to a daemon accept.
struct ConnectionOptions
{
    QString home;      ///< absolute
    QString host = {}; ///< empty = the daemon of `home` on this machine
    int port = -1;     ///< where a daemon that has to be started listens; -1 = its settings decide
    QString tokenFile = {};   ///< empty = the local token, for the local daemon alone
    QString fingerprint = {}; ///< of the certificate of `host`; empty = authorities alone
    std::optional<milliseconds> timeout; ///< for one answer
    bool maySpawn = true;
};

/// Why a command ends, and with which code.
struct Failure
{
    ExitCode code = ExitCode::Failure;
    QString message;
};

/// Finds the daemon, starts it where that is wanted, and stays connected to it.
class Session
{
public:
    using ProblemListener = std::function<void(const QString &problem)>;

    /// `onProblem` is told at each connect() what the daemon says is wrong with itself.
    explicit Session(ConnectionOptions options, ProblemListener onProblem = {});

    /// Returns when the mirror is complete. `prepare` runs before anything is sent: watches made in
    /// it cost no round trip. `reconnect`: come back by itself after a loss.
    tl::expected<void, Failure> connect(const std::function<void(Backend &)> &prepare = {},
                                        bool reconnect = false);
    const ConnectionOptions &options() const { return m_options; }
    /// Only after connect().
    RemoteBackend &backend() { return *m_backend; }

private:
    tl::expected<void, Failure> connectOnce(const std::function<void(Backend &)> &prepare,
                                            bool reconnect);
    tl::expected<Endpoint, Failure> findEndpoint();
    tl::expected<Endpoint, Failure> remoteEndpoint() const;

    void tellProblems();

    ConnectionOptions m_options;
    ProblemListener m_onProblem;
    std::unique_ptr<RemoteBackend> m_backend;
};

/// Runs the event loop until the reply is there.
template <typename T>
Result<T> await(const Reply<T> &reply)
{
    if (!reply.isFinished()) {
        QEventLoop loop;
        QFutureWatcher<Result<T>> watcher;
        QObject::connect(&watcher, &QFutureWatcher<Result<T>>::finished, &loop, &QEventLoop::quit);
        watcher.setFuture(reply);
        loop.exec();
    }
    return reply.result();
}

/// The daemon of `home` that is there and listens, if any: its address file may be a dead one's.
std::optional<Endpoint> runningDaemon(const QString &home);

/// Whether the pid that a daemon left is still that daemon's: pids are used again.
bool isOurDaemon(qint64 pid);

/// Before the first QWebSocket of a program without TLS: the plugin costs 7 MB and 5 ms.
void leaveTlsOut();

} // namespace pmdaemon
