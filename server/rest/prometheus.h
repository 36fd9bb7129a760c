// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/command.h"

#include <QJsonArray>

namespace pmdaemon {

/// Prometheus' text format 0.0.4, or OpenMetrics 1.0: both name and escape alike, and differ in how
/// counters are declared and how a text ends.
enum class Exposition { Prometheus, OpenMetrics };

/// Of what a scraper says that it accepts.
Exposition expositionFor(QByteArrayView accept);
QByteArray contentTypeOf(Exposition exposition);

/// The daemon's and the processes' figures; what a process has no figure for is left out. `uptime`:
/// the daemon's.
QByteArray metricsText(const QList<ProcessDetail> &processes, milliseconds uptime,
                       Exposition exposition);

/// Targets as http_sd_configs of Prometheus reads them: the daemon, which is reached as `host`
/// (HOST:PORT), and each running instance that has a port, on the same machine.
QJsonArray discoveryTargets(const QList<ProcessEntry> &processes, const QString &host);

} // namespace pmdaemon
