// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QStringView>

namespace pmdaemon {

/// Whether PM2 knows this key of an app (lib/API/schema.json and the documentation of its ecosystem
/// file), and it has no meaning here.
bool isForPm2Alone(QStringView key);

} // namespace pmdaemon
