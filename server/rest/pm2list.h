// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/command.h"

#include <QJsonArray>

namespace pmdaemon {

/// The processes in the shape that `pm2 jlist` prints, for scripts that read that. What PM2 knows
/// and we do not is left out, and so is the environment.
QJsonArray pm2List(const QList<ProcessDetail> &processes);

} // namespace pmdaemon
