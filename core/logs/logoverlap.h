// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/logline.h"

namespace pmdaemon {

/// How many of the leading lines of `later` are in `earlier` already: both come from the same log,
/// and `later` begins somewhere in `earlier` or after it. Goes by stream and text: the numbering
/// begins anew with every watch.
qsizetype overlap(const QList<LogLine> &earlier, const QList<LogLine> &later);

} // namespace pmdaemon
