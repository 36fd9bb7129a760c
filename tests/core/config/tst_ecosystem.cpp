// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/ecosystem.h"
#include "tests/support/comparenames.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

class TestEcosystem : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void readsCommentsAndTrailingCommas();
    void readsEveryFormat_data();
    void readsEveryFormat();
    void startsRelativePathsAtTheFile();
    void keepsProgramsAndCommandLinesAsTheyAre();
    void appliesDefaults();
    void namesFileLineAndKeyOfEveryProblem();
    void pointsAtDefaultsOnce();
    void refuses_data();
    void refuses();
    void refusesNamesThatCollide();
    void boundsWhatItReports();
    void refusesWhatIsNoReadableFile();

private:
    QString write(const QByteArray &text, const QString &name = u"ecosystem.json"_s)
    {
        const QString path = m_home->filePath(name);
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.flush())
            qFatal("cannot write %s", qPrintable(path));
        return path;
    }

    std::unique_ptr<QTemporaryDir> m_home;
};

void TestEcosystem::init()
{
    m_home = std::make_unique<QTemporaryDir>();
    QVERIFY(m_home->isValid());
}

void TestEcosystem::readsCommentsAndTrailingCommas()
{
    const QByteArray text = R"({
        // what runs in the shop
        "$schema": "ecosystem.schema.json",
        "apps": [
            { "name": "web", "script": "node server.js", /* two of them */ "instances": 2, },
            { "name": "worker", "script": "sleep 5" },
        ],
    })";
    const auto apps = loadEcosystem(write(text));
    QVERIFY2(apps.has_value(), apps ? "" : qPrintable(apps.error().message));
    QCOMPARE(apps->size(), 2);
    QCOMPARE(apps->at(0).name, u"web"_s);
    QCOMPARE(apps->at(0).instances, 2);
    QCOMPARE(apps->at(1).script, u"sleep 5"_s);
}

void TestEcosystem::readsEveryFormat_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("JSON") << u"ecosystem.json"_s << R"({"apps": [
                              {"name": "web", "script": "x", "env": {"A": 1}},
                              {"name": "b", "script": "x", "instanses": 2}]})"_ba;
    QTest::newRow("YAML") << u"ecosystem.yml"_s
                          << "apps:\n- {name: web, script: x, env: {A: 1}}\n- name: b\n  script: "
                             "x\n  instanses: 2\n"_ba;
    QTest::newRow("TOML")
        << u"ecosystem.TOML"_s
        << "[[apps]]\nname = \"web\"\nscript = \"x\"\nenv.A = 1\n[[apps]]\nname = "
           "\"b\"\nscript = \"x\"\ninstanses = 2\n"_ba;
}

void TestEcosystem::readsEveryFormat()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, text);
    const auto wrong = loadEcosystem(write(text, name));
    QVERIFY(!wrong);
    const int line = int(text.first(text.indexOf("instanses")).count('\n')) + 1;
    QCOMPARE(wrong.error().message,
             u"%1:%2: instanses: unknown key; did you mean \"instances\"?"_s.arg(
                 m_home->filePath(name), QString::number(line)));
    text.replace("instanses", "instances");
    const auto apps = loadEcosystem(write(text, name));
    QVERIFY2(apps.has_value(), apps ? "" : qPrintable(apps.error().message));
    QCOMPARE(apps->at(0).env, (QMap<QString, QString>{{u"A"_s, u"1"_s}}));
    QCOMPARE(apps->at(1).instances, 2);
}

void TestEcosystem::startsRelativePathsAtTheFile()
{
    QVERIFY(QDir(m_home->path()).mkpath(u"etc"_s));
    write("#!/bin/sh\n", u"run.sh"_s);
    const QString path = write(R"({"apps": [{"script": "../run.sh", "out_file": "logs/o.log",
                                             "error_file": "/e.log"},
                                            {"script": "x", "cwd": ".."}]})",
                               u"etc/ecosystem.json"_s);
    const auto apps = loadEcosystem(m_home->filePath(u"etc/../etc/ecosystem.json"_s));
    QVERIFY(apps.has_value());
    QCOMPARE(apps->at(0).name, u"run"_s);
    QCOMPARE(apps->at(0).script, m_home->filePath(u"run.sh"_s));
    QCOMPARE(apps->at(0).cwd, m_home->filePath(u"etc"_s));
    QCOMPARE(apps->at(0).outFile, m_home->filePath(u"etc/logs/o.log"_s));
    QCOMPARE(apps->at(0).errorFile, u"/e.log"_s);
    QCOMPARE(apps->at(0).configFile, path);
    QCOMPARE(apps->at(1).cwd, m_home->path());
}

void TestEcosystem::keepsProgramsAndCommandLinesAsTheyAre()
{
    const auto apps = loadEcosystem(
        write(R"({"apps": [{"script": "node"}, {"name": "b", "script": "./gone --x"}]})"));
    QVERIFY(apps.has_value());
    QCOMPARE(apps->at(0).script, u"node"_s);
    QCOMPARE(apps->at(1).script, u"./gone --x"_s);
}

void TestEcosystem::appliesDefaults()
{
    const auto apps = loadEcosystem(write(R"({
        "defaults": {"namespace": "shop", "max_restarts": 3, "env": {"A": "1", "B": "2"}},
        "apps": [{"script": "a"}, {"script": "b", "max_restarts": 5, "env": {"B": "3"}}]})"));
    QVERIFY(apps.has_value());
    QCOMPARE(apps->at(0).nameSpace, u"shop"_s);
    QCOMPARE(apps->at(0).maxRestarts, 3);
    QCOMPARE(apps->at(1).maxRestarts, 5);
    QCOMPARE(apps->at(1).env, (QMap<QString, QString>{{u"A"_s, u"1"_s}, {u"B"_s, u"3"_s}}));
}

void TestEcosystem::namesFileLineAndKeyOfEveryProblem()
{
    const QString path = write("{\n"
                               "  \"apps\": [\n"
                               "    {\n"
                               "      \"script\": \"a\",\n"
                               "      \"instanses\": 2,\n"
                               "      \"health_check\": {\n"
                               "        \"url\": \"x\"\n"
                               "      }\n"
                               "    },\n"
                               "    { \"name\": \"b\" }, 5\n"
                               "  ],\n"
                               "  \"app\": 1\n"
                               "}\n");
    const auto apps = loadEcosystem(path);
    QVERIFY(!apps);
    QCOMPARE(apps.error().code, ErrorCode::InvalidConfig);
    const QStringList lines = apps.error().message.split(u'\n');
    const QStringList expected{
        u":5: instanses: unknown key; did you mean \"instances\"?"_s,
        u":7: health_check.url: expected a URL"_s,
        u":10: script: missing"_s,
        u":10: apps[2]: expected an object"_s,
        u":12: app: unknown key; did you mean \"apps\"?"_s,
    };
    QCOMPARE(lines.size(), expected.size());
    for (qsizetype i = 0; i < lines.size(); ++i)
        QVERIFY2(lines[i].startsWith(path + expected[i]), qPrintable(lines[i]));
    const QJsonObject problem = apps.error().details[u"problems"_s].toArray().at(0).toObject();
    QCOMPARE(problem, (QJsonObject{{u"file"_s, path},
                                   {u"line"_s, 5},
                                   {u"column"_s, 7},
                                   {u"key"_s, u"instanses"_s},
                                   {u"message"_s, problem[u"message"_s]}}));
}

void TestEcosystem::pointsAtDefaultsOnce()
{
    const auto apps = loadEcosystem(write("{\n\"defaults\": {\"min_uptime\": \"soon\"},\n"
                                          "\"apps\": [{\"script\": \"a\"}, {\"script\": \"b\"}]}"));
    QVERIFY(!apps);
    QCOMPARE(apps.error().message.count(u'\n'), 0);
    QVERIFY(apps.error().message.contains(u":2: min_uptime: expected"_s));
}

void TestEcosystem::refuses_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const QByteArray &text, const QString &says) {
        QTest::newRow(name) << text << says;
    };
    row("empty", "", u":1: JSON: "_s);
    row("cut off", "{\n\"apps\": [\n", u":3: JSON: "_s);
    row("open comment", "{\n/* ", u":2: JSON: "_s);
    row("two values", "{\"apps\": []}\n{}", u":2: JSON: "_s);
    row("no UTF-8", "{\"apps\": \"\xff\"}", u":1: JSON: "_s);
    row("NUL", QByteArray("{\n}\0{}", 6), u":2: JSON: "_s);
    row("list", "[]", u":1: apps: expected a list"_s);
    row("no apps", "{}", u":1: apps: expected a list"_s);
    row("empty list", "{\n\"apps\": []}", u":2: apps: expected a list"_s);
    row("one app", R"({"script": "a"})", u"put the app into a list"_s);
    row("duplicate key", "{\"apps\": [{\"script\": \"a\",\n \"script\": \"b\"}]}",
        u":2: script: the key stands here twice"_s);
    row("too deep", QByteArray(100'000, '['), u"deeper than 64"_s);
    row("defaults as list", R"({"defaults": [], "apps": [{"script": "a"}]})",
        u"defaults: expected an object"_s);
    row("env beside a default env",
        "{\"defaults\": {\"env\": {\"A\": 1}}, \"apps\": [{\"script\": \"a\",\n\"env\": \"B=2\"}]}",
        u":2: env: expected an object"_s);
    row("default env beside an env",
        "{\"apps\": [{\"script\": \"a\", \"env\": {\"A\": 1}}],\n\"defaults\": {\"env\": "
        "[\"B=2\"]}}",
        u":2: env: expected an object"_s);
    row("one port for two",
        "{\"apps\": [{\"script\": \"a\"},\n{\"script\": \"b\", \"instances\": 2,\n\"port\": "
        "3000}]}",
        u":3: port: one port for 2 instances"_s);
    row("name as default", R"({"defaults": {"name": "x"}, "apps": [{"script": "a"}]})",
        u"name: each app needs its own"_s);
}

void TestEcosystem::refuses()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, says);
    const auto apps = loadEcosystem(write(text));
    QVERIFY(!apps);
    QCOMPARE(apps.error().code, ErrorCode::InvalidConfig);
    QVERIFY2(apps.error().message.contains(says), qPrintable(apps.error().message));
}

void TestEcosystem::refusesNamesThatCollide()
{
    const auto says = [this](const QByteArray &apps) {
        const auto loaded = loadEcosystem(write("{\"apps\": [" + apps + "]}"));
        return loaded ? QString() : loaded.error().message;
    };
    QVERIFY(says(R"({"name": "a", "script": "x"}, {"name": "a", "script": "y"})")
                .contains(u"\"a\" is taken by the app \"a\""_s));
    // The second instance of web is called web-1.
    QVERIFY(
        says(R"({"name": "web", "script": "x", "instances": 2}, {"name": "web-1", "script": "y"})")
            .contains(u"\"web-1\" is taken by the app \"web\""_s));
    QCOMPARE(says(R"({"name": "web", "script": "x"}, {"name": "web-1", "script": "y"})"),
             QString());
}

void TestEcosystem::boundsWhatItReports()
{
    const QByteArray lines = QByteArray("{},\n").repeated(20'000);
    const auto many = loadEcosystem(write("{\"apps\": [\n" + lines + "]}"));
    QVERIFY(!many);
    QVERIFY(many.error().message.endsWith(u"and 19900 more"_s));
    QVERIFY(many.error().message.size() < 100'000);
}

void TestEcosystem::refusesWhatIsNoReadableFile()
{
    QCOMPARE(loadEcosystem(m_home->filePath(u"gone.json"_s)).error().code, ErrorCode::NotFound);
    QVERIFY(loadEcosystem(m_home->path()).error().message.endsWith(u"expected a file"_s));
    const QString pipe = m_home->filePath(u"pipe.json"_s);
    QCOMPARE(::mkfifo(pipe.toLocal8Bit().constData(), 0600), 0);
    QVERIFY(loadEcosystem(pipe).error().message.endsWith(u"expected a file"_s));
    const QString large = write(QByteArray(10 * 1024 * 1024 + 1, ' '));
    QVERIFY(loadEcosystem(large).error().message.endsWith(u"larger than 10 MiB"_s));
}

QTEST_GUILESS_MAIN(TestEcosystem)
#include "tst_ecosystem.moc"
