// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/processrunner.h"

#include <optional>
#include <sys/resource.h>

namespace pmdaemon {

/// One process' slot on disk (docs/shim-protocol.md): `<home>/slots/<id>` and the name of its
/// shim's socket.
class SlotDirectory
{
public:
    /// `home` and `runDirectory` are absolute.
    SlotDirectory(const QString &home, const QString &runDirectory, ProcessId id);

    const QString &path() const { return m_path; }
    const QString &socket() const { return m_socket; }

    /// Whether there is one on disk.
    bool exists() const;
    /// Makes the directory where needed (0700) and puts `spec` there as a whole. StartFailed with
    /// {step, errno, path}.
    Result<void> write(const LaunchSpec &spec, std::optional<rlimit> openFiles) const;
    /// `planned`, with the log files and the environment that are written here, if that is sound.
    LaunchSpec recalled(const LaunchSpec &planned) const;
    /// Whose shim holds the slot; 0 = nobody's.
    qint64 holder() const;
    /// Tells the shim to end, whoever started it; a program that it has would end first.
    void endShim() const;
    /// Forgets what happened there, once no program runs in it. A shim that still holds it ends.
    void remove() const;

    /// The ids of all slots that a home has.
    static QList<ProcessId> all(const QString &home);

private:
    QString m_home;
    QString m_path;
    QString m_socket;
};

/// The bytes of a slot's `spec`.
QByteArray compileSpec(const LaunchSpec &spec, const QString &cookie, const QString &budget,
                       std::optional<rlimit> openFiles);

} // namespace pmdaemon
