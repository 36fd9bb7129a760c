// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/apply.h"
#include "core/model/processspec.h"
#include "core/model/result.h"

#include <QMap>
#include <QSet>

namespace pmdaemon {

struct ApplyPlan
{
    QList<ProcessSpec> apps; ///< in the order of their start
    ApplyReport report;
};

/// What has to change so that the apps are what the request says; `current` are all there are, by
/// name. InvalidConfig with every problem of every app, for what cannot be: also circles and
/// dependencies that name nothing. What runs of the `unsettled` apps is not what `current` says, or
/// has failed: they change though their definitions do not.
Result<ApplyPlan> planApply(const ApplyRequest &request, const QMap<QString, ProcessSpec> &current,
                            const QSet<QString> &unsettled = {});

} // namespace pmdaemon
