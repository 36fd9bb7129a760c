// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/model/processentry.h"

#include <algorithm>

namespace pmdaemon {

milliseconds uptimeOf(const ProcessEntry &entry, WallTime now)
{
    if (!entry.startedAt)
        return milliseconds{0};
    return std::max(milliseconds{0}, now - *entry.startedAt);
}

} // namespace pmdaemon
