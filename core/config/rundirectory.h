// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/result.h"
#include "core/slot/uniquefd.h"

#include <QByteArray>
#include <QStringList>

#include <memory>

namespace pmdaemon {

/// Where a running daemon listens, as its own user's clients find it in `<run>/daemon.json`.
struct DaemonAddress
{
    qint64 pid = 0;
    QStringList hosts; ///< addresses, without brackets
    int port = 0;

    bool operator==(const DaemonAddress &) const = default;
    /// "ws://127.0.0.1:9615/ws", of the first host.
    QString url() const;
};

/// The daemon's side of its run directory: holds the lock of its home, so that there is never a
/// second daemon on one home, and leaves the address and the local token for its clients. The
/// address is withdrawn and the lock released on destruction.
class RunDirectory
{
public:
    /// Makes both folders (the run directory 0700). AlreadyRunning when another daemon holds the
    /// home, `details` {pid}; StartFailed with the errno's words for what cannot be made, or for a
    /// run directory that is not ours alone.
    static Result<std::unique_ptr<RunDirectory>> claim(const QString &home, const QString &path);
    ~RunDirectory();

    /// The token kept in `<run>/token`, made on first use. A file that others can read is refused:
    /// StartFailed.
    Result<QByteArray> token();
    Result<void> publish(const DaemonAddress &address);

private:
    RunDirectory(const QString &home, const QString &path);

    QString m_path;
    UniqueFd m_lock;
    bool m_published = false;
};

// The clients' side.

/// Unreachable when no daemon has left its address there.
Result<DaemonAddress> readDaemonAddress(const QString &runDirectory);
/// Unreachable when there is none, Unauthorized when the file is not ours or others can read it.
Result<QByteArray> readLocalToken(const QString &runDirectory);

/// The pid of the keeper (docs/keeper.md) that holds the home, as its lock tells; 0 = none.
qint64 keeperPid(const QString &home);

/// A folder that nobody else can enter, made where it is missing; StartFailed where it is something
/// else.
Result<void> makePrivateFolder(const QString &path);

/// "pmd_", 43 characters of base64url for 32 random bytes, 6 for the first four bytes of the
/// SHA-256 of those 43: the prefix lets scanners find leaked ones, the checksum tells a typing
/// error.
QByteArray generateToken();
bool isWellFormedToken(QByteArrayView token);

} // namespace pmdaemon
