// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/strictjson.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRandomGenerator>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

class TestStrictJson : public QObject
{
    Q_OBJECT

private slots:
    void readsWhatQtReads_data();
    void readsWhatQtReads();
    void keepsIntegersExact();
    void saysWhereItBroke_data();
    void saysWhereItBroke();
    void knowsWhereEachValueStands();
    void boundsWhatThePointersTake();
    void countsLinesAndColumns();
    void escapesPointers();
    void agreesWithQtOnMutatedTexts();
};

void TestStrictJson::readsWhatQtReads_data()
{
    QTest::addColumn<QByteArray>("text");
    const QByteArray texts[] = {
        "{}",
        "[]",
        R"({"b":1,"a":[true,false,null,{"x":{}}],"":"empty key"})",
        R"(["ü😀", "\u00fc\ud83d\ude00", "\"\\\/\b\f\n\r\t"])",
        "[0, -0, 1.5, -2e-3, 1E5, 9007199254740993, -9223372036854775808, 1e308]",
        "{\"z\":1,\"ü\":2,\"é\":3,\"😀\":4,\"a\":5,\"\\u0041\":6}",
        " \t\r\n[ 1 , 2 ] \n",
    };
    for (const QByteArray &text : texts)
        QTest::newRow(text) << text;
}

void TestStrictJson::readsWhatQtReads()
{
    QFETCH(QByteArray, text);
    const auto parsed = parseStrictJson(text, {});
    QVERIFY2(parsed.has_value(), parsed ? "" : qPrintable(parsed.error().message));
    const QJsonDocument document = QJsonDocument::fromJson(text);
    QVERIFY(!document.isNull());
    const QJsonValue expected =
        document.isArray() ? QJsonValue(document.array()) : QJsonValue(document.object());
    QCOMPARE(parsed->root, expected);
}

void TestStrictJson::keepsIntegersExact()
{
    const auto parsed = parseStrictJson("[9007199254740993, 18446744073709551615]", {});
    QCOMPARE(parsed->root[0].toInteger(), 9'007'199'254'740'993);
    QCOMPARE(parsed->root[1].toDouble(), 18446744073709551615.0);
    QCOMPARE(parsed->root[1].toInteger(-1), -1);
}

void TestStrictJson::saysWhereItBroke_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("syntax");
    QTest::addColumn<QString>("pointer");
    const auto row = [](const char *name, const QByteArray &text, bool syntax,
                        const QString &pointer) {
        QTest::newRow(name) << text << syntax << pointer;
    };
    row("empty", "", true, {});
    row("word", "nul", true, {});
    row("bare NaN", "[NaN]", true, u"/0"_s);
    row("leading zero", "[01]", true, u"/0"_s);
    row("plus", "[+1]", true, u"/0"_s);
    row("single quotes", "['a']", true, u"/0"_s);
    row("control character", "[\"a\nb\"]", true, u"/0"_s);
    row("bad escape", R"(["\x"])", true, u"/0"_s);
    row("overlong UTF-8", "[\"\xc0\xaf\"]", true, u"/0"_s);
    row("encoded surrogate", "[\"\xed\xa0\x80\"]", true, u"/0"_s);
    row("duplicate", R"({"a":{"b":1,"c":2,"b":3}})", false, u"/a/b"_s);
    row("duplicate empty key", R"({"":1,"":2})", false, u"/"_s);
    row("lone surrogate in a key", R"({"\udc00":1})", false, u"/\xdc00"_s);
    row("U+0000 in a key", R"({"\u0000":1})", false, u"/\0"_s);
    row("U+0000", R"([1,"\u0000"])", false, u"/1"_s);
    row("swapped pair", R"(["\ude00\ud83d"])", false, u"/0"_s);
    row("after a list", R"({"a":[1,[2]],"b":1e999})", false, u"/b"_s);
}

void TestStrictJson::saysWhereItBroke()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, syntax);
    QFETCH(QString, pointer);
    const auto parsed = parseStrictJson(text, {});
    QVERIFY(!parsed);
    QCOMPARE(parsed.error().syntax, syntax);
    if (!syntax)
        QCOMPARE(parsed.error().pointer.size(), pointer.size());
    if (!syntax && pointer.isValidUtf16())
        QCOMPARE(parsed.error().pointer, pointer);
    QVERIFY(!parsed.error().message.isEmpty());
    QVERIFY(parsed.error().offset <= text.size());
}

void TestStrictJson::knowsWhereEachValueStands()
{
    JsonRules rules;
    rules.keepOffsets = true;
    rules.relaxed = true;
    const QByteArray text = R"({ /* "a" */ "k\"\\": [ "x\"", -1.5e3, true, {"n": 1}, [2], ],})";
    const auto parsed = parseStrictJson(text, rules);
    QVERIFY2(parsed.has_value(), parsed ? "" : qPrintable(parsed.error().message));
    const std::pair<QString, QByteArray> expected[] = {
        {u"/k\"\\"_s, R"("k\"\\")"}, {u"/k\"\\/0"_s, R"("x\"")"}, {u"/k\"\\/1"_s, "-1.5e3"},
        {u"/k\"\\/2"_s, "true"},     {u"/k\"\\/3"_s, R"({"n")"},  {u"/k\"\\/3/n"_s, R"("n": 1)"},
        {u"/k\"\\/4"_s, "[2]"},      {u"/k\"\\/4/0"_s, "2]"},
    };
    QCOMPARE(parsed->offsets.size(), qsizetype(std::size(expected)));
    for (const auto &[pointer, begins] : expected) {
        QVERIFY2(parsed->offsets.contains(pointer), qPrintable(pointer));
        QCOMPARE(text.mid(parsed->offsets.value(pointer), begins.size()), begins);
    }
}

void TestStrictJson::boundsWhatThePointersTake()
{
    JsonRules rules;
    rules.keepOffsets = true;
    rules.maxValues = 1'000'000;
    const QByteArray text =
        "{\"" + QByteArray(1'000'000, 'k') + "\":[" + QByteArray("1,").repeated(100'000) + "1]}";
    const auto parsed = parseStrictJson(text, rules);
    QVERIFY(parsed.has_value());
    QVERIFY(!parsed->offsets.isEmpty());
    QVERIFY(parsed->offsets.size() < 100);
}

void TestStrictJson::countsLinesAndColumns()
{
    QCOMPARE(positionAt("ab\ncd", 0), (TextPosition{1, 1}));
    QCOMPARE(positionAt("ab\ncd", 2), (TextPosition{1, 3}));
    QCOMPARE(positionAt("ab\ncd", 3), (TextPosition{2, 1}));
    QCOMPARE(positionAt("ab\ncd", 99), (TextPosition{2, 3}));
    QCOMPARE(positionAt("", 0), (TextPosition{1, 1}));
}

void TestStrictJson::escapesPointers()
{
    QCOMPARE(pointerTo(u"/x"_s, u"a/b~c"), u"/x/a~1b~0c"_s);
    QCOMPARE(pointerTo({}, u""), u"/"_s);
}

/// What this reader takes, Qt takes too and as the same value; never the other way round in
/// another value.
void TestStrictJson::agreesWithQtOnMutatedTexts()
{
    const QByteArray original =
        R"({"apps":[{"name":"wéb","n":[1,-2.5e3,true,null],"e":{"A":"\u00e9\n","B":""}}]})";
    QRandomGenerator random(42);
    int taken = 0;
    for (int i = 0; i < 20'000; ++i) {
        QByteArray text = original;
        for (int n = 1 + random.bounded(2); n > 0; --n) {
            const int at = random.bounded(int(text.size()));
            if (random.bounded(2) == 0)
                text[at] = char(random.bounded(256));
            else
                text.remove(at, 1 + random.bounded(3));
        }
        const auto parsed = parseStrictJson(text, {});
        if (!parsed)
            continue;
        ++taken;
        const QJsonDocument document = QJsonDocument::fromJson(text);
        QVERIFY2(document.isObject() || !parsed->root.isObject(), text);
        if (document.isObject())
            QVERIFY2(QJsonValue(document.object()) == parsed->root, text);
    }
    QVERIFY(taken > 1'000);
}

QTEST_GUILESS_MAIN(TestStrictJson)
#include "tst_strictjson.moc"
