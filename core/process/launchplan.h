// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processspec.h"
#include "core/process/processrunner.h"

#include <QProcessEnvironment>

namespace pmdaemon {

/// What a launch depends on beside the app's own definition.
struct LaunchContext
{
    QString home;                    ///< absolute; the default log files lie below
    QProcessEnvironment environment; ///< the daemon's own
};

/// How `entry` (its id, name, app, instance and port are looked at) of the app `spec` is started
/// here and now. Looks at the file system, changes nothing. StartFailed when the script, its
/// interpreter or the folder is not there, `details` {step, errno, path}; InvalidConfig for an
/// environment that cannot be passed on.
Result<LaunchSpec> planLaunch(const ProcessSpec &spec, const ProcessEntry &entry,
                              const LaunchContext &context);

/// Where the output of `entry` goes. Several instances never share a file: "-<instance>" is put
/// before the suffix of a file that the user named.
LogFiles logFilesOf(const ProcessSpec &spec, const ProcessEntry &entry, const QString &home);

/// The daemon's environment without what is meant for the daemon alone (tokens, sockets passed by
/// a service manager), then `fromFiles`, then the user's, then what is injected.
QProcessEnvironment launchEnvironment(const ProcessSpec &spec, const ProcessEntry &entry,
                                      const QProcessEnvironment &daemons,
                                      const QMap<QString, QString> &fromFiles = {});

} // namespace pmdaemon
