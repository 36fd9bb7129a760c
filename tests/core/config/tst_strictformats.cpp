// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/stricttoml.h"
#include "core/config/strictyaml.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

// What YAML and TOML have of their own; what all formats share is tested through JSON.

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

using Parsed = tl::expected<ParsedJson, JsonProblem>;
using Parse = Parsed (*)(QByteArrayView, const JsonRules &);
Q_DECLARE_METATYPE(Parse)

namespace {

const JsonRules rules{8, 20, 100, false, true};

QByteArray json(const Parsed &parsed)
{
    if (!parsed)
        return parsed.error().message.toUtf8();
    const QJsonValue root = parsed->root;
    return root.isArray() ? QJsonDocument(root.toArray()).toJson(QJsonDocument::Compact)
                          : QJsonDocument(root.toObject()).toJson(QJsonDocument::Compact);
}

} // namespace

class TestStrictFormats : public QObject
{
    Q_OBJECT

private slots:
    void reads_data();
    void reads();
    void refuses_data();
    void refuses();
    void knowsWhereEverythingStands_data();
    void knowsWhereEverythingStands();
};

void TestStrictFormats::reads_data()
{
    QTest::addColumn<Parse>("parse");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
    const auto yaml = [](const char *name, const QByteArray &text, const QByteArray &expected) {
        QTest::addRow("YAML, %s", name) << Parse(parseStrictYaml) << text << expected;
    };
    yaml("core schema", "[~, null, , true, False, yes, 12, -1, +3, 0x1F, 0o17, 1.5, 1e3, .5, 010]",
         R"([null,null,null,true,false,"yes",12,-1,3,31,15,1.5,1000,0.5,10])");
    yaml("quoted stay texts", R"({a: "1", b: 'true', c: !!str 5, d: !!int 7})",
         R"({"a":"1","b":"true","c":"5","d":7})");
    yaml("more than a number holds", "[99999999999999999999, .inf, .nan, 1e999]",
         R"([1e+20,".inf",".nan","1e999"])");
    yaml("block texts", "a: |\n  one\n  two\nb: >-\n  three\n  four\n",
         R"({"a":"one\ntwo\n","b":"three four"})");
    yaml("aliases", "a: &x {p: 1}\nb: *x\nc: [*x, &y 2, *y]\n",
         R"({"a":{"p":1},"b":{"p":1},"c":[{"p":1},2,2]})");
    yaml("merge keys", "a: &a {p: 1, q: 2}\nb: &b {q: 3, r: 4}\nc:\n  <<: [*a, *b]\n  p: 9\n",
         R"({"a":{"p":1,"q":2},"b":{"q":3,"r":4},"c":{"p":9,"q":2,"r":4}})");
    yaml("comments and a document's marks", "# c\n---\na: 1 # d\n...\n", R"({"a":1})");
    const auto toml = [](const char *name, const QByteArray &text, const QByteArray &expected) {
        QTest::addRow("TOML, %s", name) << Parse(parseStrictToml) << text << expected;
    };
    toml("values", "a = 1\nb = 0x1F\nc = 1.5\nd = true\ne = \"x\"\nf = [1, \"y\"]\n",
         R"({"a":1,"b":31,"c":1.5,"d":true,"e":"x","f":[1,"y"]})");
    toml("tables", "[[apps]]\nname = \"a\"\nenv.X = 1\n[[apps]]\nname = \"b\"\n[apps.env]\nY = 2\n",
         R"({"apps":[{"env":{"X":1},"name":"a"},{"env":{"Y":2},"name":"b"}]})");
    toml("dates", "d = 2026-01-02\nt = 07:32:00\n", R"({"d":"2026-01-02","t":"07:32:00"})");
}

void TestStrictFormats::reads()
{
    QFETCH(Parse, parse);
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    QCOMPARE(json(parse(text, rules)), expected);
}

void TestStrictFormats::refuses_data()
{
    QTest::addColumn<Parse>("parse");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<int>("line");
    QTest::addColumn<QString>("says");
    const auto yaml = [](const char *name, const QByteArray &text, const QString &pointer, int line,
                         const QString &says) {
        QTest::addRow("YAML, %s", name)
            << Parse(parseStrictYaml) << text << pointer << line << says;
    };
    yaml("duplicate key", "a:\n  b: 1\n  c: 2\n  b: 3\n", u"/a/b"_s, 4, u"stands here twice"_s);
    yaml("cycle", "a: &x\n  b:\n  - *x\n", u"/a/b"_s, 2, u"inside of what it names"_s);
    yaml("many by aliases", "a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b]\n",
         u"/c/2"_s, 3, u"more than 100 values"_s);
    yaml("deep", QByteArray("- ").repeated(2'000) + "x", u"/0/0/0/0/0/0/0/0"_s, 1,
         u"deeper than 8"_s);
    yaml("a mapping as key", "? {a: 1}\n: 2\n", {}, 1, u"expected a text as key, got a mapping"_s);
    yaml("a tag", "a: 1\nb: !!python/object:os.system x\n", u"/b"_s, 2, u"has no meaning here"_s);
    yaml("two documents", "a: 1\n---\nb: 2\n", {}, 1, u"a second document"_s);
    yaml("no end", "a: [1,\n", {}, 2, {});
    yaml("wrong indentation", "a: 1\n  b: 2\n", {}, 2, {});
    yaml("a tab", "a:\n\tb: 1\n", {}, 2, {});
    yaml("merges no mapping", "a:\n  <<: 5\n", u"/a/<<"_s, 2, u"expected a mapping to merge"_s);
    yaml("unknown alias", "a: *b\n", {}, 1, u"anchor"_s);
    yaml("no UTF-8", "a: \xff\n", {}, 1, u"UTF-8"_s);
    yaml("NUL", QByteArray("a: 1\n\0", 6), {}, 2, u"NUL"_s);
    const auto toml = [](const char *name, const QByteArray &text, const QString &pointer, int line,
                         const QString &says) {
        QTest::addRow("TOML, %s", name)
            << Parse(parseStrictToml) << text << pointer << line << says;
    };
    toml("duplicate key", "a = 1\na = 2\n", {}, 2, u"redefine"_s);
    toml("no value", "a = 1\nb =\n", {}, 2, {});
    toml("deep", "a = " + QByteArray(2'000, '['), {}, 1, {});
    toml("deep by names", "[a.b.c.d.e.f.g.h.i.j]\nk = 1\n", u"/a/b/c/d/e/f/g/h"_s, 1,
         u"deeper than 8"_s);
    toml("no number", "a = 1\nb = inf\n", u"/b"_s, 2, u"number"_s);
    toml("no UTF-8", "a = \"\xff\"\n", {}, 1, u"utf-8"_s);
}

void TestStrictFormats::refuses()
{
    QFETCH(Parse, parse);
    QFETCH(QByteArray, text);
    QFETCH(QString, pointer);
    QFETCH(int, line);
    QFETCH(QString, says);
    const Parsed parsed = parse(text, rules);
    QVERIFY(!parsed);
    const JsonProblem &problem = parsed.error();
    QVERIFY2(problem.message.contains(says), qPrintable(problem.message));
    QCOMPARE(problem.pointer, problem.syntax ? QString() : pointer);
    QCOMPARE(positionAt(text, problem.offset).line, line);
}

void TestStrictFormats::knowsWhereEverythingStands_data()
{
    QTest::addColumn<Parse>("parse");
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("YAML") << Parse(parseStrictYaml)
                          << "# ä\napps:\n  - name: \"ä\"\n    env: {ä: 1, B: 2}\n  - x\n"_ba;
    QTest::newRow("TOML") << Parse(parseStrictToml)
                          << "# ä\n#\n[[apps]]\nname = \"ä\"\nenv = {\"ä\" = 1, B = 2}\n"_ba;
}

void TestStrictFormats::knowsWhereEverythingStands()
{
    QFETCH(Parse, parse);
    QFETCH(QByteArray, text);
    const Parsed parsed = parse(text, rules);
    QVERIFY(parsed.has_value());
    const auto at = [&](const QString &pointer) { return parsed->offsets.value(pointer, -1); };
    QCOMPARE(at(u"/apps/0/name"_s), text.indexOf("name"));
    QCOMPARE(at(u"/apps/0/env/B"_s), text.indexOf("B"));
    const int line = positionAt(text, at(u"/apps/0"_s)).line;
    QCOMPARE(line, 3);
}

QTEST_GUILESS_MAIN(TestStrictFormats)
#include "tst_strictformats.moc"
