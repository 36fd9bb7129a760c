// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/cronexpression.h"

#include <QDateTime>
#include <QStringList>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

struct FieldKind
{
    const char *name;
    int min;
    int max;
    QLatin1StringView words; ///< of three letters each, from `min` on
};

constexpr std::array kinds = {
    FieldKind{"second", 0, 59, {}},
    FieldKind{"minute", 0, 59, {}},
    FieldKind{"hour", 0, 23, {}},
    FieldKind{"day of the month", 1, 31, {}},
    FieldKind{"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"_L1},
    FieldKind{"day of the week", 0, 7, "sunmontuewedthufrisat"_L1},
};

struct Macro
{
    QLatin1StringView name;
    QLatin1StringView expression;
};

constexpr std::array macros = {
    Macro{"@hourly"_L1, "0 * * * *"_L1},   Macro{"@daily"_L1, "0 0 * * *"_L1},
    Macro{"@midnight"_L1, "0 0 * * *"_L1}, Macro{"@weekly"_L1, "0 0 * * 0"_L1},
    Macro{"@monthly"_L1, "0 0 1 * *"_L1},  Macro{"@yearly"_L1, "0 0 1 1 *"_L1},
    Macro{"@annually"_L1, "0 0 1 1 *"_L1},
};

constexpr int yearsAhead = 30; // longer than any day and date take to meet: 28, but for 2100

std::optional<int> valueOf(const QString &text, const FieldKind &kind)
{
    bool isNumber = false;
    const int number = text.toInt(&isNumber);
    if (isNumber)
        return number >= kind.min && number <= kind.max ? std::optional(number) : std::nullopt;
    const qsizetype at = text.size() == 3 ? kind.words.indexOf(text.toLower()) : -1;
    return at >= 0 && at % 3 == 0 ? std::optional(kind.min + int(at / 3)) : std::nullopt;
}

/// The bits of one part of a list: "*", "5", "1-5", "*/10", "5/10", "1-30/2".
std::optional<quint64> bitsOf(const QString &part, const FieldKind &kind)
{
    const QString range = part.section(u'/', 0, 0);
    const bool hasStep = part.contains(u'/');
    bool isStep = true;
    const int step = hasStep ? part.section(u'/', 1).toInt(&isStep) : 1;
    if (!isStep || step < 1)
        return std::nullopt;
    std::optional<int> first = kind.min;
    std::optional<int> last = kind.max;
    if (range != "*"_L1 && range != "?"_L1) {
        first = valueOf(range.section(u'-', 0, 0), kind);
        last = range.contains(u'-') ? valueOf(range.section(u'-', 1), kind)
               : hasStep            ? std::optional(kind.max)
                                    : first;
    }
    if (!first || !last || *first > *last)
        return std::nullopt;
    quint64 bits = 0;
    for (int value = *first; value <= *last; value += step)
        bits |= quint64(1) << value;
    return bits;
}

/// The moment at which clocks show this, as next() says.
WallTime momentOf(QDate date, QTime time, const QTimeZone &zone)
{
    constexpr qint64 day = 24 * 3600 * 1000;
    const qint64 shown = QDateTime(date, time, Qt::UTC).toMSecsSinceEpoch();
    const auto offsetAt = [&zone](qint64 moment) {
        return qint64(zone.offsetFromUtc(QDateTime::fromMSecsSinceEpoch(moment, Qt::UTC))) * 1000;
    };
    const qint64 before = offsetAt(shown - day);
    const qint64 after = offsetAt(shown + day);
    for (const qint64 offset : {std::max(before, after), std::min(before, after)}) {
        if (offsetAt(shown - offset) == offset)
            return WallTime(milliseconds(shown - offset));
    }
    const auto change = zone.nextTransition(QDateTime::fromMSecsSinceEpoch(shown - day, Qt::UTC));
    return WallTime(milliseconds(change.atUtc.toMSecsSinceEpoch()));
}

} // namespace

tl::expected<CronExpression, QString> CronExpression::parse(const QString &text)
{
    QString expression = text.simplified();
    for (const Macro &macro : macros) {
        if (expression == macro.name)
            expression = macro.expression;
    }
    QStringList fields = expression.split(u' ', Qt::SkipEmptyParts);
    if (fields.size() == FieldCount - 1)
        fields.prepend(u"0"_s);
    if (fields.size() != FieldCount)
        return tl::unexpected(u"expected 5 or 6 fields"_s);
    CronExpression cron;
    for (int i = 0; i < FieldCount; ++i) {
        Field &field = cron.m_fields[std::size_t(i)];
        field.isRestricted = !fields[i].startsWith(u'*') && !fields[i].startsWith(u'?');
        for (const QString &part : fields[i].split(u',')) {
            const auto bits = bitsOf(part, kinds[std::size_t(i)]);
            if (!bits)
                return tl::unexpected(
                    u"\"%1\" is no %2"_s.arg(part, QLatin1StringView(kinds[std::size_t(i)].name)));
            field.values |= *bits;
        }
    }
    Field &weekday = cron.m_fields[Weekday];
    if (weekday.has(7))
        weekday.values = (weekday.values | 1) & 0x7f;
    return cron;
}

bool CronExpression::matches(QDate date) const
{
    const Field &day = m_fields[Day];
    const Field &weekday = m_fields[Weekday];
    if (!m_fields[Month].has(date.month()))
        return false;
    const bool isDay = day.has(date.day());
    const bool isWeekday = weekday.has(date.dayOfWeek() % 7);
    return day.isRestricted && weekday.isRestricted ? isDay || isWeekday : isDay && isWeekday;
}

std::optional<WallTime> CronExpression::next(WallTime after, const QTimeZone &zone) const
{
    const QDateTime local = QDateTime::fromMSecsSinceEpoch(after.time_since_epoch().count(), zone);
    const QDate last = local.date().addYears(yearsAhead);
    QTime from = local.time();
    for (QDate date = local.date(); date <= last; date = date.addDays(1)) {
        if (!matches(date)) {
            from = QTime(0, 0);
            continue;
        }
        for (int hour = from.hour(); hour < 24; ++hour) {
            if (!m_fields[Hour].has(hour))
                continue;
            const bool isFirstHour = hour == from.hour();
            for (int minute = isFirstHour ? from.minute() : 0; minute < 60; ++minute) {
                if (!m_fields[Minute].has(minute))
                    continue;
                for (int second = 0; second < 60; ++second) {
                    if (!m_fields[Second].has(second))
                        continue;
                    const WallTime moment = momentOf(date, QTime(hour, minute, second), zone);
                    if (moment > after)
                        return moment;
                }
            }
        }
        from = QTime(0, 0);
    }
    return std::nullopt;
}

std::optional<QTimeZone> timeZoneNamed(const QString &name)
{
    const QTimeZone zone = name.isEmpty() ? QTimeZone::systemTimeZone() : QTimeZone(name.toUtf8());
    if (zone.isValid())
        return zone;
    return name.isEmpty() ? std::optional(QTimeZone::utc()) : std::nullopt;
}

} // namespace pmdaemon
