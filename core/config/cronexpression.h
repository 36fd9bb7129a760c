// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/walltime.h"

#include <QTimeZone>

#include <array>
#include <optional>
#include <tl/expected.hpp>

namespace pmdaemon {

/// When something happens again and again, as crontab(5) has it: minute, hour, day of the month,
/// month, day of the week, or six fields of which the first is the second; also @hourly, @daily,
/// @midnight, @weekly, @monthly, @yearly and @annually. A field is a list of `*`, N, N-M, each
/// maybe with /STEP; months and days have names; Sunday is 0 or 7. Where both days are restricted,
/// either will do.
class CronExpression
{
public:
    /// Or what is wrong, for people.
    static tl::expected<CronExpression, QString> parse(const QString &text);

    /// The first time behind `after` by the clocks of `zone`. A time that the clocks skip stands
    /// for the moment at which they do; one that they show twice for the first. Nothing where it
    /// never comes (the 30th of February).
    std::optional<WallTime> next(WallTime after, const QTimeZone &zone) const;

    bool operator==(const CronExpression &) const = default;

private:
    struct Field
    {
        quint64 values = 0;        ///< a bit each
        bool isRestricted = false; ///< it does not begin with *
        bool has(int value) const { return values >> value & 1; }
        bool operator==(const Field &) const = default;
    };
    enum { Second, Minute, Hour, Day, Month, Weekday, FieldCount };

    bool matches(QDate date) const;

    std::array<Field, FieldCount> m_fields;
};

/// The zone of that IANA name, or of the machine for an empty one; nothing where there is none.
std::optional<QTimeZone> timeZoneNamed(const QString &name);

} // namespace pmdaemon
