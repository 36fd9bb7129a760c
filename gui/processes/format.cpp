// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/processes/format.h"

#include <QCoreApplication>
#include <QLocale>

#include <array>

namespace pmdaemon {

namespace {

constexpr auto context = "pmdaemon::Format";

// In the order of the enums.
constexpr std::array statusWords{
    QT_TRANSLATE_NOOP("pmdaemon::Format", "stopped"),
    QT_TRANSLATE_NOOP("pmdaemon::Format", "starting"),
    QT_TRANSLATE_NOOP("pmdaemon::Format", "online"),
    QT_TRANSLATE_NOOP("pmdaemon::Format", "stopping"),
    QT_TRANSLATE_NOOP("pmdaemon::Format", "errored"),
    QT_TRANSLATE_NOOP("pmdaemon::Format", "restarting"),
};
constexpr std::array healthWords{
    QT_TRANSLATE_NOOP("pmdaemon::Format", "unknown"),
    QT_TRANSLATE_NOOP("pmdaemon::Format", "healthy"),
    QT_TRANSLATE_NOOP("pmdaemon::Format", "unhealthy"),
};

// Each pattern takes the count of its unit and what is left in the next smaller one.
struct DurationUnit
{
    qint64 seconds;
    qint64 smaller;
    const char *pattern;
};
constexpr std::array durationUnits{
    //: a duration in days and hours
    DurationUnit{86'400, 3'600, QT_TRANSLATE_NOOP("pmdaemon::Format", "%1 d %2 h")},
    //: a duration in hours and minutes
    DurationUnit{3'600, 60, QT_TRANSLATE_NOOP("pmdaemon::Format", "%1 h %2 min")},
    //: a duration in minutes and seconds
    DurationUnit{60, 1, QT_TRANSLATE_NOOP("pmdaemon::Format", "%1 min %2 s")},
};

QString word(const char *text)
{
    return QCoreApplication::translate(context, text);
}

} // namespace

QString statusWord(ProcessStatus status)
{
    return word(statusWords[std::size_t(status)]);
}

QString healthWord(HealthStatus health)
{
    return word(healthWords[std::size_t(health)]);
}

QString percentText(double percent)
{
    //: a percentage
    return QCoreApplication::translate("pmdaemon::Format", "%1 %")
        .arg(QLocale().toString(percent, 'f', 1));
}

QString bytesText(qint64 bytes)
{
    constexpr qint64 gibibyte = 1024LL * 1024 * 1024;
    return QLocale().formattedDataSize(bytes, bytes < gibibyte ? 0 : 2);
}

QString durationText(milliseconds duration)
{
    const qint64 seconds = duration.count() / 1'000;
    for (const DurationUnit &unit : durationUnits) {
        if (seconds >= unit.seconds) {
            return word(unit.pattern)
                .arg(seconds / unit.seconds)
                .arg(seconds % unit.seconds / unit.smaller);
        }
    }
    //: a duration in seconds
    return QCoreApplication::translate("pmdaemon::Format", "%1 s").arg(seconds);
}

QString nameText(const QString &name)
{
    QString text = name;
    for (QChar &c : text) {
        if (c.category() == QChar::Other_Control || isExplicitDirection(c.unicode()))
            c = QChar::ReplacementCharacter;
    }
    return text;
}

bool isExplicitDirection(char16_t c)
{
    // Embeddings, overrides and isolates of the Unicode Bidirectional Algorithm (UAX #9).
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

QString noValue()
{
    return QStringLiteral("–");
}

} // namespace pmdaemon
