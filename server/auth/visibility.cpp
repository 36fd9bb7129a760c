// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/auth/visibility.h"

#include "core/config/specfields.h"

namespace pmdaemon {

ProcessDetail visibleTo(const Grant &grant, ProcessDetail detail)
{
    if (grant.restricted) {
        detail.config = {};
        detail.outFile.clear();
        detail.errorFile.clear();
    } else if (grant.role < Role::Control) {
        detail.config = redacted(detail.config);
    }
    return detail;
}

QJsonObject processInfoFor(const Grant &grant, const ProcessDetail &detail)
{
    return toJson(visibleTo(grant, detail));
}

QJsonObject systemInfoFor(const Grant &grant, SystemInfo info, const QList<ProcessEntry> &processes)
{
    info.role = grant.role;
    return toJson(info, countByStatus(processes));
}

QMap<QString, int> countByStatus(const QList<ProcessEntry> &processes)
{
    QMap<QString, int> counts;
    for (const ProcessEntry &entry : processes)
        ++counts[toString(entry.status)];
    return counts;
}

} // namespace pmdaemon
