// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/logoverlap.h"

#include <algorithm>

namespace pmdaemon {

namespace {

bool isSame(const LogLine &a, const LogLine &b)
{
    return a.stream == b.stream && a.message == b.message;
}

} // namespace

qsizetype overlap(const QList<LogLine> &earlier, const QList<LogLine> &later)
{
    for (qsizetype count = later.size(); count > 0; --count) {
        const qsizetype compared = std::min(count, earlier.size());
        if (compared > 0 && std::equal(earlier.cend() - compared, earlier.cend(),
                                       later.cbegin() + count - compared, isSame))
            return count;
    }
    return 0;
}

} // namespace pmdaemon
