// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/textwidth.h"

#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

class TestTextWidth : public QObject
{
    Q_OBJECT

private slots:
    void countsCells_data();
    void countsCells();
    void cutsAtTheEndOrInTheMiddle();
    void clipsLines_data();
    void clipsLines();
    void readsNoMoreOfALineThanItShows();
};

void TestTextWidth::countsCells_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("cells");
    QTest::newRow("nothing") << QString() << 0;
    QTest::newRow("ASCII") << u"web-1"_s << 5;
    QTest::newRow("Latin") << u"größer"_s << 6;
    QTest::newRow("combining") << u"e\u0301a\u0308\u0323"_s << 2;
    QTest::newRow("wide") << u"日本語"_s << 6;
    QTest::newRow("emoji") << u"🚀!"_s << 3;
    QTest::newRow("family") << u"👨\u200D👩\u200D👧"_s << 2;
    QTest::newRow("skin") << u"👍🏽"_s << 2;
    QTest::newRow("selector") << u"☎\uFE0F"_s << 2;
    QTest::newRow("pictures") << u"␛…"_s << 2;
}

void TestTextWidth::countsCells()
{
    QFETCH(QString, text);
    QFETCH(int, cells);
    QCOMPARE(textWidth(text), cells);
}

void TestTextWidth::cutsAtTheEndOrInTheMiddle()
{
    QCOMPARE(shortened(u"web"_s, 3, Cut::End), u"web"_s);
    QCOMPARE(shortened(u"api-gateway-17"_s, 12, Cut::End), u"api-gateway…"_s);
    QCOMPARE(shortened(u"api-gateway-17"_s, 12, Cut::Middle), u"api-ga…ay-17"_s);
    QCOMPARE(shortened(u"日本語日本語"_s, 6, Cut::End), u"日本…"_s);
    QCOMPARE(shortened(u"日本語日本語"_s, 6, Cut::Middle), u"日…語"_s);
}

void TestTextWidth::clipsLines_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArray>("shown"); // of it in 6 cells
    QTest::addColumn<int>("cells");
    const auto row = [](const char *name, const QByteArray &line, const QByteArray &shown,
                        int cells) { QTest::newRow(name) << line << shown << cells; };
    row("short", "one", "one", 3);
    row("full", "123456", "123456", 6);
    row("long", "1234567", "123456", 6);
    row("half of a wide one", "12345日", "12345", 5);
    row("tab", "a\tb", "a     ", 6);
    row("colour", "\x1b[31m1234567", "\x1b[31m123456\x1b[0m", 6);
    row("colour takes no room", "\x1b[31m12\x1b[0m3", "\x1b[31m12\x1b[0m3\x1b[0m", 3);
    row("combining at the end", "12345e\u0301x", "12345e\u0301", 6);
}

void TestTextWidth::clipsLines()
{
    QFETCH(QByteArray, line);
    QFETCH(QByteArray, shown);
    QFETCH(int, cells);
    const ClippedLine result = clipped(line, 6);
    QCOMPARE(result.text, shown);
    QCOMPARE(result.width, cells);
}

void TestTextWidth::readsNoMoreOfALineThanItShows()
{
    QVERIFY(clipped("a" + QByteArray("\u0301").repeated(30'000), 80).text.size() <= 80 * 32);
    // Cut within no character.
    QVERIFY(!clipped("a" + QByteArray("\u0301").repeated(30'000), 80).text.contains("\uFFFD"));
}

QTEST_APPLESS_MAIN(TestTextWidth)
#include "tst_textwidth.moc"
