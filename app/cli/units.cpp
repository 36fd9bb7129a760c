// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/units.h"

#include <algorithm>
#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

struct Unit
{
    QLatin1StringView name;
    qint64 size;
};

constexpr std::array<Unit, 5> timeUnits{
    {{"d"_L1, 86'400'000}, {"h"_L1, 3'600'000}, {"m"_L1, 60'000}, {"s"_L1, 1'000}, {"ms"_L1, 1}}};

constexpr qint64 longest = qint64(10'000) * 86'400'000; // days; sums stay far from an overflow

/// "90s": cuts the number and the unit off the start of `text`.
std::optional<milliseconds> takePart(QStringView &text)
{
    const auto lengthOf = [&](auto belongs) {
        return std::find_if_not(text.cbegin(), text.cend(), belongs) - text.cbegin();
    };
    bool isNumber = false;
    const qsizetype digits = lengthOf([](QChar c) { return c >= u'0' && c <= u'9'; });
    const qint64 count = text.first(digits).toLongLong(&isNumber);
    text = text.sliced(digits);
    const qsizetype letters = lengthOf([](QChar c) { return c >= u'a' && c <= u'z'; });
    const QStringView name = text.first(letters);
    text = text.sliced(letters);
    for (const Unit &unit : timeUnits) {
        if (unit.name == name)
            return isNumber && count <= longest / unit.size
                       ? std::optional(milliseconds{count * unit.size})
                       : std::nullopt;
    }
    return std::nullopt;
}

} // namespace

QString uptimeText(milliseconds uptime)
{
    const qint64 all = uptime.count();
    if (all < 1'000)
        return QString::number(all) + "ms"_L1;
    QString text;
    for (std::size_t i = 0; i + 1 < timeUnits.size(); ++i) {
        if (all < timeUnits[i].size)
            continue;
        text = QString::number(all / timeUnits[i].size) + timeUnits[i].name;
        if (i + 2 < timeUnits.size()) {
            const qint64 rest = all % timeUnits[i].size / timeUnits[i + 1].size;
            text += u' ' + QString::number(rest) + timeUnits[i + 1].name;
        }
        break;
    }
    return text;
}

QString sizeText(qint64 bytes)
{
    constexpr std::array names = {"KiB"_L1, "MiB"_L1, "GiB"_L1, "TiB"_L1, "PiB"_L1};
    if (bytes < 1'024)
        return QString::number(bytes) + " B"_L1;
    double value = static_cast<double>(bytes) / 1'024;
    std::size_t unit = 0;
    while (value >= 1'023.95 && unit + 1 < names.size()) {
        value /= 1'024;
        ++unit;
    }
    return QString::number(value, 'f', 1) + u' ' + names[unit];
}

std::optional<milliseconds> durationFromString(QStringView text, milliseconds plainUnit)
{
    bool isNumber = false;
    const qint64 plain = text.toLongLong(&isNumber);
    if (isNumber) {
        const bool fits = plain >= 0 && plain <= longest / plainUnit.count();
        return fits ? std::optional(plain * plainUnit) : std::nullopt;
    }
    if (text.isEmpty())
        return std::nullopt;
    milliseconds total{0};
    while (!text.isEmpty()) {
        const std::optional<milliseconds> part = takePart(text);
        if (!part || total.count() > longest)
            return std::nullopt;
        total += *part;
    }
    return total;
}

} // namespace pmdaemon
