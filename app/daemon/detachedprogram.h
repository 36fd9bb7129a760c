// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/result.h"

#include <QByteArray>

#include <optional>
#include <sys/resource.h>
#include <sys/types.h>

namespace pmdaemon {

/// A program that is to run in a session of its own, in "/", without anything of ours but this.
struct DetachedProgram
{
    /// The number that `inherited` has there.
    static constexpr int inheritedFd = 3;

    QByteArrayList arguments;   ///< the first is the program's path
    QByteArrayList environment; ///< NAME=value
    int log = -1;               ///< its stdout and stderr; -1 = ours
    int inherited = -1;         ///< a descriptor that it gets; -1 = none
    std::optional<rlimit> openFiles;
};

/// Returns the pid once exec has succeeded: a child to be waited for. StartFailed with the errno's
/// words.
Result<pid_t> launchDetached(DetachedProgram program);

/// The environment of this process without the variables of these names.
QByteArrayList environmentWithout(const QByteArrayList &names);

/// Where pmdaemon-shim is: beside this program, else in ../libexec/pmdaemon. StartFailed when it is
/// in neither place.
Result<QString> findShim();

} // namespace pmdaemon
