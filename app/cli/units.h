// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/walltime.h"

#include <QString>

namespace pmdaemon {

/// "850ms", "12s", "3m 4s", "5h 12m", "8d 3h": the two largest units.
QString uptimeText(milliseconds uptime);
/// "0 B", "512 B", "1.5 MiB", …: powers of 1024.
QString sizeText(qint64 bytes);
/// "500ms", "5s", "1m30s", "2h", "1d", or a plain number of `plainUnit`; nothing for anything else
/// and for what does not fit.
std::optional<milliseconds> durationFromString(QStringView text, milliseconds plainUnit);

} // namespace pmdaemon
