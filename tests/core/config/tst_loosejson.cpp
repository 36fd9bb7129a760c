// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/loosejson.h"
#include "core/config/strictjson.h"

#include <QJsonDocument>
#include <QRandomGenerator>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

class TestLooseJson : public QObject
{
    Q_OBJECT

private slots:
    void becomesJson_data()
    {
        QTest::addColumn<QByteArray>("loose");
        QTest::addColumn<QByteArray>("json");
        const auto row = [](const char *name, const char *loose, const char *json) {
            QTest::newRow(name) << QByteArray(loose) << QByteArray(json);
        };
        row("names", "{a: 1, $b_2 : {c:2}}", "{\"a\": 1, \"$b_2\" : {\"c\":2}}");
        row("single quotes", "['a', 'it\\'s', 'say \"x\"']",
            "[\"a\", \"it's\", \"say \\\"x\\\"\"]");
        row("escapes", "['a\\n\\\\', \"b\\'\"]", "[\"a\\n\\\\\", \"b'\"]");
        row("words are no names", "[true, null, {a: false}]", "[true, null, {\"a\": false}]");
        row("nothing in texts", "{\"{a: 'b'}\": \"//x\"}", "{\"{a: 'b'}\": \"//x\"}");
        row("nothing in comments", "{/* a: 'b' */ c: 1, // d: 'e'\n f: 2}",
            "{/* a: 'b' */ \"c\": 1, // d: 'e'\n \"f\": 2}");
        row("a name behind a comment", "{ // one\n a: 1}", "{ // one\n \"a\": 1}");
        row("no end", "{a: 'b\n}", "{\"a\": \"b\n}");
        row("empty", "", "");
    }
    void becomesJson()
    {
        QFETCH(QByteArray, loose);
        QFETCH(QByteArray, json);
        QCOMPARE(jsonOfLoose(loose), json);
        QCOMPARE(jsonOfLoose(json), json);
    }

    void anyTextEndsInItsLines()
    {
        QRandomGenerator random(7);
        constexpr char letters[] = "{}[]:,'\"\\/*\n a1$";
        for (int i = 0; i < 5'000; ++i) {
            QByteArray text;
            for (int length = random.bounded(40); length > 0; --length)
                text += letters[random.bounded(int(sizeof letters) - 1)];
            QCOMPARE(jsonOfLoose(text).count('\n'), text.count('\n'));
        }
    }
};

QTEST_GUILESS_MAIN(TestLooseJson)
#include "tst_loosejson.moc"
