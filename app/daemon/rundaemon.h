// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/settings.h"
#include "core/model/processspec.h"
#include "core/model/result.h"

namespace pmdaemon {

/// `pmdaemon daemon`: runs in the foreground, with `apps` started, until SIGTERM or SIGINT. Tells
/// its keeper, else $NOTIFY_SOCKET, when it is ready; takes the sockets of $LISTEN_FDS that fit.
/// Needs a QCoreApplication. The Error says why it could not start.
Result<void> runDaemon(const Settings &settings, const QList<ProcessSpec> &apps);

} // namespace pmdaemon
