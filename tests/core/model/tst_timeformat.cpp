// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/model/timeformat.h"

#include <QTest>
#include <QTimeZone>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

class TestTimeFormat : public QObject
{
    Q_OBJECT

private slots:
    void formats_data()
    {
        QTest::addColumn<QString>("format");
        QTest::addColumn<QString>("text");
        const auto row = [](const char *format, const char *text) {
            QTest::newRow(format) << QString::fromLatin1(format) << QString::fromLatin1(text);
        };
        row("YYYY-MM-DD HH:mm:ss.SSS Z", "2026-01-05 21:07:09.042 -03:30");
        row("YYYY-MM-DD HH:mm Z", "2026-01-05 21:07 -03:30");
        row("YY M D H m s", "26 1 5 21 7 9");
        row("dddd ddd MMMM MMM", "Monday Mon January Jan");
        row("hh:mm A h a", "09:07 PM 9 pm");
        row("ZZ X x", "-0330 1767659829 1767659829042");
        row("[Today] YYYY [YYYY]", "Today 2026 YYYY");
        row("[open", "[open");
        row("'/|", "'/|");
    }

    void formats()
    {
        QFETCH(QString, format);
        QFETCH(QString, text);
        const WallTime time{milliseconds{1'767'659'829'042}};
        QCOMPARE(formatTime(time, format, QTimeZone(-(3 * 60 + 30) * 60)), text);
    }
};

QTEST_GUILESS_MAIN(TestTimeFormat)
#include "tst_timeformat.moc"
