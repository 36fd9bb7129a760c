// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processspec.h"

namespace pmdaemon {

/// App → the apps it depends on.
using DependencyGraph = QMap<QString, QStringList>;

/// A way from an app back to itself, as [a, b, a]; empty when there is none.
QStringList dependencyCycle(const DependencyGraph &graph);

/// Each app behind those of the list that it depends on, else in the order given. Without cycles.
QList<ProcessSpec> inStartOrder(const QList<ProcessSpec> &apps);

} // namespace pmdaemon
