// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/settings.h"
#include "core/model/processspec.h"
#include "core/model/result.h"

#include <functional>

namespace pmdaemon {

/// `pmdaemon daemon`: runs in the foreground, with the apps of `ecosystemFile` where one is named,
/// until SIGTERM or SIGINT. SIGHUP has that file read again; one that cannot be used changes
/// nothing. Tells its keeper, else $NOTIFY_SOCKET, when it is ready; takes the sockets of
/// $LISTEN_FDS that fit. Needs a QCoreApplication. The Error says why it could not start.
Result<void> runDaemon(const Settings &settings, const QString &ecosystemFile);

} // namespace pmdaemon
