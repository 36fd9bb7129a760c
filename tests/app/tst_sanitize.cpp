// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/sanitize.h"

#include <QTest>

using namespace pmdaemon;

class TestSanitize : public QObject
{
    Q_OBJECT

private slots:
    void leavesNothingThatActs_data();
    void leavesNothingThatActs();
    void stripsColoursWhereAsked();
    void leavesNoControlWhateverComes();
};

void TestSanitize::leavesNothingThatActs_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArray>("shown");
    const auto row = [](const char *name, const QByteArray &line, const QByteArray &shown) {
        QTest::newRow(name) << line << shown;
    };
    row("plain", "hello\tworld", "hello\tworld");
    row("UTF-8", "grün ✓ 日本 ÄÖ", "grün ✓ 日本 ÄÖ");
    row("empty", "", "");
    row("CR of a CR LF", "done\r", "done");
    row("progress bar", "10%\r20%", "10%␍20%");
    row("colour", "\x1b[1;31mred\x1b[m", "\x1b[1;31mred\x1b[m\x1b[0m");
    row("true colour", "\x1b[38:2::1:2:3mx", "\x1b[38:2::1:2:3mx\x1b[0m");
    row("clear the screen", "\x1b[2J", "␛[2J");
    row("title", "\x1b]0;gotcha\x07", "␛]0;gotcha␇");
    row("clipboard", "\x1b]52;c;AAAA\x1b\\", "␛]52;c;AAAA␛\\");
    row("link", "\x1b]8;;http://x\x1b\\y", "␛]8;;http://x␛\\y");
    row("private m", "\x1b[?1m", "␛[?1m");
    row("intermediate m", "\x1b[1 m", "␛[1 m");
    row("unfinished", "\x1b[31", "␛[31");
    row("lone escape", "a\x1b", "a␛");
    row("escape within", "\x1b[3\x1b[31mx", "␛[3\x1b[31mx\x1b[0m");
    row("C1 CSI",
        "\xC2\x9b"
        "2J",
        "\xEF\xBF\xBD"
        "2J");
    row("bidirectional controls", "a\u202E\u2066\u2069\u200F\u061Cb",
        "a\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDb");
    row("their neighbours", "\u202F\u2065\u206A\u200D\u061B…", "\u202F\u2065\u206A\u200D\u061B…");
    row("no-break space", "\xC2\xA0x", "\xC2\xA0x");
    row("DEL and BS", "a\x7f\x08", "a␡␈");
    row("NUL", QByteArray("a\0b", 3), "a␀b");
}

void TestSanitize::leavesNothingThatActs()
{
    QFETCH(QByteArray, line);
    QFETCH(QByteArray, shown);
    QCOMPARE(harmless(line, Colours::Keep), shown);
}

void TestSanitize::stripsColoursWhereAsked()
{
    QCOMPARE(harmless("\x1b[1;31mred\x1b[0m and \x1b[Kmore", Colours::Strip),
             QByteArray("red and ␛[Kmore"));
}

void TestSanitize::leavesNoControlWhateverComes()
{
    // All pairs of bytes around the ones that matter.
    QByteArray line;
    for (int a = 0; a < 256; ++a) {
        for (const char b : {'\x1b', '[', 'm', '\xC2', '\x9b', ';'}) {
            line += static_cast<char>(a);
            line += b;
        }
    }
    const QByteArray shown = harmless(line, Colours::Strip);
    for (const char c : shown)
        QVERIFY2(static_cast<unsigned char>(c) >= 0x20 || c == '\t',
                 qPrintable(QString::number(c)));
    QVERIFY(!shown.contains('\x7f'));
    QVERIFY(!shown.contains("\xC2\x9b"));
}

QTEST_GUILESS_MAIN(TestSanitize)
#include "tst_sanitize.moc"
