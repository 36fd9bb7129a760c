// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/protocol/servermessage.h"
#include "server/auth/authorize.h"

namespace pmdaemon {

// What a grant lets its holder see, on REST and the WebSocket alike.

/// Below control the values of environment variables are hidden, for a restricted one the whole
/// configuration and where the logs are.
ProcessDetail visibleTo(const Grant &grant, ProcessDetail detail);
/// That of it, as programs read it.
QJsonObject processInfoFor(const Grant &grant, const ProcessDetail &detail);

/// With the holder's role, and how many of `processes` have which status.
QJsonObject systemInfoFor(const Grant &grant, SystemInfo info,
                          const QList<ProcessEntry> &processes);

QMap<QString, int> countByStatus(const QList<ProcessEntry> &processes);

} // namespace pmdaemon
