// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/protocol/jsoncodec.h"

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

QString described(const QJsonValue &value)
{
    switch (value.type()) {
    case QJsonValue::Null:
        return u"null"_s;
    case QJsonValue::Bool:
        return value.toBool() ? u"true"_s : u"false"_s;
    case QJsonValue::Double:
        return QString::number(value.toDouble(), 'g', 12);
    case QJsonValue::String:
        return value.toString().isEmpty() ? u"an empty string"_s : quoted(value.toString());
    case QJsonValue::Array:
        return u"a list of %1"_s.arg(value.toArray().size());
    case QJsonValue::Object:
        return u"an object"_s;
    case QJsonValue::Undefined:
        break;
    }
    return u"nothing"_s;
}

} // namespace

ReadProblem refused(const QJsonValue &got, QStringView accepted)
{
    return {{}, u"expected %1, got %2"_s.arg(accepted.toString(), described(got))};
}

ReadProblem refusedWord(const QJsonValue &got, std::span<const QLatin1StringView> words)
{
    QStringList all;
    for (const QLatin1StringView word : words)
        all.append(word);
    ReadProblem problem = refused(got, QString(u"one of "_s + all.join(", "_L1)));
    problem.message += didYouMean(got.toString(), words);
    return problem;
}

std::optional<qint64> wholeNumber(const QJsonValue &json, qint64 min, qint64 max)
{
    if (!json.isDouble())
        return std::nullopt;
    // toInteger() gives its argument back for what is no whole number of 64 bits.
    const qint64 number = json.toInteger(0);
    if (number == 0 && json.toInteger(1) != 0)
        return std::nullopt;
    return number >= min && number <= max ? std::optional(number) : std::nullopt;
}

QString wholeNumberWords(qint64 min, qint64 max)
{
    if (min == std::numeric_limits<int>::min() || min == std::numeric_limits<qint64>::min())
        return u"a whole number"_s;
    if (max == std::numeric_limits<int>::max() || max == std::numeric_limits<qint64>::max())
        return u"a whole number of %1 or more"_s.arg(min);
    return u"a whole number from %1 to %2"_s.arg(min).arg(max);
}

ReadResult Codec<WallTime>::read(const QJsonValue &json, WallTime &to)
{
    // Within the years that RFC 3339 can write.
    constexpr qint64 first = -62'135'596'800'000;
    constexpr qint64 last = 253'402'300'799'999;
    std::optional<WallTime> time;
    if (const auto number = wholeNumber(json, first, last))
        time = WallTime{milliseconds{*number}};
    else if (json.isString())
        time = wallTimeFromString(json.toString());
    if (!time || time->time_since_epoch().count() < first ||
        time->time_since_epoch().count() > last)
        return refused(json, u"a time as \"2026-01-15T14:30:25.123Z\" or milliseconds since 1970");
    to = *time;
    return {};
}

} // namespace pmdaemon
