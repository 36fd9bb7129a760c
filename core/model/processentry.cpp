// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/model/processentry.h"

#include <algorithm>

namespace pmdaemon {

QString instanceName(const QString &app, int instance, int instances)
{
    return instances < 2 ? app : app + u'-' + QString::number(instance);
}

milliseconds uptimeOf(const ProcessEntry &entry, WallTime now)
{
    if (!entry.startedAt)
        return milliseconds{0};
    return std::max(milliseconds{0}, now - *entry.startedAt);
}

} // namespace pmdaemon
