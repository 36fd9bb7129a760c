// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/specfields.h"

#include <vector>

namespace pmdaemon {

/// The value of `health_check`. The keys of its problems begin with a point, to be put behind the
/// name of the field.
struct HealthCheckValue
{
    static constexpr QLatin1StringView accepted{"an object with \"url\", \"port\" or \"script\", "
                                                "as \"interval\", \"timeout\", \"retries\""};
    static QJsonObject schema();
    static tl::expected<HealthCheckSpec, QList<SpecProblem>> parse(const QJsonValue &value);
    static QJsonObject write(const HealthCheckSpec &check);
};

/// `health_check` in the table of an app, and `startup`, `readiness` and `liveness`.
std::vector<SpecField> healthCheckFieldsOfApp();

} // namespace pmdaemon
