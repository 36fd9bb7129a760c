// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/cronexpression.h"

#include <QDateTime>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

WallTime moment(const QString &iso)
{
    return WallTime(milliseconds(QDateTime::fromString(iso, Qt::ISODate).toMSecsSinceEpoch()));
}

QString text(std::optional<WallTime> time)
{
    if (!time)
        return u"never"_s;
    return QDateTime::fromMSecsSinceEpoch(time->time_since_epoch().count(), Qt::UTC)
        .toString(Qt::ISODate);
}

} // namespace

class TestCronExpression : public QObject
{
    Q_OBJECT

private slots:
    void findsTheNextTime_data()
    {
        QTest::addColumn<QString>("expression");
        QTest::addColumn<QString>("after");
        QTest::addColumn<QStringList>("expected");
        const auto row = [](const char *expression, const char *after,
                            const QStringList &expected) {
            QTest::addRow("%s", expression)
                << QString::fromLatin1(expression) << QString::fromLatin1(after) << expected;
        };
        const char *start = "2026-01-15T10:20:30Z"; // a Thursday
        row("* * * * *", start, {u"2026-01-15T10:21:00Z"_s, u"2026-01-15T10:22:00Z"_s});
        row("* * * * * *", start, {u"2026-01-15T10:20:31Z"_s});
        row("*/20 * * * * *", start, {u"2026-01-15T10:20:40Z"_s, u"2026-01-15T10:21:00Z"_s});
        row("0 3 * * *", start, {u"2026-01-16T03:00:00Z"_s, u"2026-01-17T03:00:00Z"_s});
        row("20 10 * * *", start, {u"2026-01-16T10:20:00Z"_s});
        row("15,45 9-10 * * *", start, {u"2026-01-15T10:45:00Z"_s, u"2026-01-16T09:15:00Z"_s});
        row("5/20 * * * *", start, {u"2026-01-15T10:25:00Z"_s, u"2026-01-15T10:45:00Z"_s});
        row("0 0 * * mon-FRI", start, {u"2026-01-16T00:00:00Z"_s, u"2026-01-19T00:00:00Z"_s});
        row("0 0 * * 7", start, {u"2026-01-18T00:00:00Z"_s, u"2026-01-25T00:00:00Z"_s});
        row("0 0 * * 5-7", start,
            {u"2026-01-16T00:00:00Z"_s, u"2026-01-17T00:00:00Z"_s, u"2026-01-18T00:00:00Z"_s});
        row("0 0 31 * *", start, {u"2026-01-31T00:00:00Z"_s, u"2026-03-31T00:00:00Z"_s});
        row("0 0 1 feb,apr ?", start, {u"2026-02-01T00:00:00Z"_s, u"2026-04-01T00:00:00Z"_s});
        row("0 0 29 2 *", start, {u"2028-02-29T00:00:00Z"_s, u"2032-02-29T00:00:00Z"_s});
        row("0 0 30 2 *", start, {u"never"_s});
        // Either day will do where both are restricted.
        row("0 0 20 * 1", start,
            {u"2026-01-19T00:00:00Z"_s, u"2026-01-20T00:00:00Z"_s, u"2026-01-26T00:00:00Z"_s});
        row("0 0 */2 * 1", start, {u"2026-01-19T00:00:00Z"_s, u"2026-02-09T00:00:00Z"_s});
        row("@hourly", start, {u"2026-01-15T11:00:00Z"_s});
        row("@weekly", start, {u"2026-01-18T00:00:00Z"_s});
        row("@yearly", start, {u"2027-01-01T00:00:00Z"_s});
    }
    void findsTheNextTime()
    {
        QFETCH(QString, expression);
        QFETCH(QString, after);
        QFETCH(QStringList, expected);
        const auto cron = CronExpression::parse(expression);
        QVERIFY2(cron, cron ? "" : qPrintable(cron.error()));
        std::optional<WallTime> at = moment(after);
        for (const QString &each : expected) {
            at = cron->next(*at, QTimeZone::utc());
            QCOMPARE(text(at), each);
        }
    }

    void goesByTheClocksOfItsZone_data()
    {
        QTest::addColumn<QString>("expression");
        QTest::addColumn<QString>("after");
        QTest::addColumn<QStringList>("expected");
        // Berlin: on 29 March 2026 the clocks go from 02:00 to 03:00, at 01:00 UTC.
        QTest::newRow("skipped once")
            << u"30 2 * * *"_s << u"2026-03-28T12:00:00Z"_s
            << QStringList{u"2026-03-29T01:00:00Z"_s, u"2026-03-30T00:30:00Z"_s};
        QTest::newRow("many skipped, once")
            << u"*/10 2 * * *"_s << u"2026-03-28T12:00:00Z"_s
            << QStringList{u"2026-03-29T01:00:00Z"_s, u"2026-03-30T00:00:00Z"_s};
        QTest::newRow("past the skipped hour")
            << u"*/30 * * * *"_s << u"2026-03-29T00:30:00Z"_s
            << QStringList{u"2026-03-29T01:00:00Z"_s, u"2026-03-29T01:30:00Z"_s};
        // On 25 October 2026 from 03:00 to 02:00, at 01:00 UTC.
        QTest::newRow("doubled once")
            << u"30 2 * * *"_s << u"2026-10-24T12:00:00Z"_s
            << QStringList{u"2026-10-25T00:30:00Z"_s, u"2026-10-26T01:30:00Z"_s};
        QTest::newRow("within the doubled hour") << u"30 2 * * *"_s << u"2026-10-25T01:10:00Z"_s
                                                 << QStringList{u"2026-10-26T01:30:00Z"_s};
        QTest::newRow("behind the doubled hour")
            << u"0 3 * * *"_s << u"2026-10-24T12:00:00Z"_s
            << QStringList{u"2026-10-25T02:00:00Z"_s, u"2026-10-26T02:00:00Z"_s};
        QTest::newRow("midnight") << u"0 0 * * *"_s << u"2026-06-01T12:00:00Z"_s
                                  << QStringList{u"2026-06-01T22:00:00Z"_s};
    }
    void goesByTheClocksOfItsZone()
    {
        QFETCH(QString, expression);
        QFETCH(QString, after);
        QFETCH(QStringList, expected);
        const QTimeZone berlin = timeZoneNamed(u"Europe/Berlin"_s).value();
        std::optional<WallTime> at = moment(after);
        for (const QString &each : expected) {
            at = CronExpression::parse(expression)->next(*at, berlin);
            QCOMPARE(text(at), each);
        }
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("says");
        const auto row = [](const char *expression, const char16_t *says) {
            QTest::newRow(expression) << QString::fromUtf16(says);
        };
        row("", u"5 or 6 fields");
        row("* * * *", u"5 or 6 fields");
        row("* * * * * * *", u"5 or 6 fields");
        row("60 * * * *", u"\"60\" is no minute");
        row("* 24 * * *", u"\"24\" is no hour");
        row("* * 0 * *", u"\"0\" is no day of the month");
        row("* * * 13 *", u"\"13\" is no month");
        row("* * * * 8", u"\"8\" is no day of the week");
        row("* * * abc *", u"\"abc\" is no month");
        row("* * * anf *", u"\"anf\" is no month");
        row("5-1 * * * *", u"\"5-1\" is no minute");
        row("*/0 * * * *", u"\"*/0\" is no minute");
        row("*/x * * * *", u"\"*/x\" is no minute");
        row("1,,2 * * * *", u"\"\" is no minute");
        row("@never", u"5 or 6 fields");
    }
    void refuses()
    {
        QFETCH(QString, says);
        const auto cron = CronExpression::parse(QString::fromLatin1(QTest::currentDataTag()));
        QVERIFY(!cron);
        QVERIFY2(cron.error().contains(says), qPrintable(cron.error()));
    }

    void knowsTimeZones()
    {
        QVERIFY(timeZoneNamed({}));
        QVERIFY(timeZoneNamed(u"UTC"_s));
        QVERIFY(!timeZoneNamed(u"Europe/Atlantis"_s));
    }
};

QTEST_GUILESS_MAIN(TestCronExpression)
#include "tst_cronexpression.moc"
