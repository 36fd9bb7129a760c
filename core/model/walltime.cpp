// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/model/walltime.h"

#include <QDateTime>
#include <QTimeZone>

namespace pmdaemon {

WallTime wallNow()
{
    return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
}

QString toRfc3339(WallTime time)
{
    return QDateTime::fromMSecsSinceEpoch(time.time_since_epoch().count(), Qt::UTC)
        .toString(Qt::ISODateWithMs);
}

std::optional<WallTime> wallTimeFromString(QStringView text)
{
    bool isNumber = false;
    const qint64 number = text.toLongLong(&isNumber);
    if (isNumber)
        return WallTime{milliseconds{number}};
    const QDateTime time = QDateTime::fromString(text.toString(), Qt::ISODateWithMs);
    // Without an offset it would mean another moment on every machine.
    if (!time.isValid() || time.timeSpec() == Qt::LocalTime)
        return std::nullopt;
    return WallTime{milliseconds{time.toMSecsSinceEpoch()}};
}

} // namespace pmdaemon
