// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/ecosystem.h"
#include "core/config/variables.h"
#include "tests/support/comparenames.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <sys/stat.h>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

class TestEcosystem : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void readsCommentsAndTrailingCommas();
    void ordersAppsByWhatTheyDependOn();
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
    void acceptsWhatPm2Accepts();
    void expandsVariables();
    void readsTextsThatWereWrittenForItTheSame();
    void includesOtherFiles();
    void choosesAnEnvironment();
    void leavesUnknownKeysOutWhenAsked();
    void evaluatesJavaScript();
    void tellsWhatIsWrongWithJavaScript_data();
    void tellsWhatIsWrongWithJavaScript();
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
    QCOMPARE(apps->apps.size(), 2);
    QCOMPARE(apps->apps.at(0).name, u"web"_s);
    QCOMPARE(apps->apps.at(0).instances, 2);
    QCOMPARE(apps->apps.at(1).script, u"sleep 5"_s);
}

void TestEcosystem::ordersAppsByWhatTheyDependOn()
{
    const auto apps = loadEcosystem(write(R"({"apps": [
        {"name": "web", "script": "x", "depends_on": {"db": {"condition": "healthy"}, "job": null}},
        {"name": "job", "script": "x"}, {"name": "db", "script": "x"}]})"));
    QVERIFY2(apps.has_value(), apps ? "" : qPrintable(apps.error().message));
    QCOMPARE(apps->apps.at(2).name, u"web"_s);
    QCOMPARE(apps->apps.at(2).dependsOn.value(u"db"_s), DependencyCondition::Healthy);
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
    QCOMPARE(apps->apps.at(0).env, (QMap<QString, QString>{{u"A"_s, u"1"_s}}));
    QCOMPARE(apps->apps.at(1).instances, 2);
}

void TestEcosystem::startsRelativePathsAtTheFile()
{
    QVERIFY(QDir(m_home->path()).mkpath(u"etc"_s));
    write("#!/bin/sh\n", u"run.sh"_s);
    const QString path = write(R"({"apps": [{"script": "../run.sh", "out_file": "logs/o.log",
                                             "error_file": "/e.log"},
                                            {"script": "x", "cwd": "..", "output": "o.log",
                                             "log_file": "./l.log", "watch": ["src", "/srv"]}]})",
                               u"etc/ecosystem.json"_s);
    const auto apps = loadEcosystem(m_home->filePath(u"etc/../etc/ecosystem.json"_s));
    QVERIFY(apps.has_value());
    QCOMPARE(apps->apps.at(0).name, u"run"_s);
    QCOMPARE(apps->apps.at(0).script, m_home->filePath(u"run.sh"_s));
    QCOMPARE(apps->apps.at(0).cwd, m_home->filePath(u"etc"_s));
    QCOMPARE(apps->apps.at(0).outFile, m_home->filePath(u"etc/logs/o.log"_s));
    QCOMPARE(apps->apps.at(0).errorFile, u"/e.log"_s);
    QCOMPARE(apps->apps.at(0).configFile, path);
    QCOMPARE(apps->apps.at(1).cwd, m_home->path());
    QCOMPARE(apps->apps.at(1).outFile, m_home->filePath(u"etc/o.log"_s));
    QCOMPARE(apps->apps.at(1).logFile, m_home->filePath(u"etc/l.log"_s));
    QCOMPARE(apps->apps.at(1).watch.value_or(QStringList()),
             (QStringList{m_home->filePath(u"etc/src"_s), u"/srv"_s}));
}

void TestEcosystem::keepsProgramsAndCommandLinesAsTheyAre()
{
    const auto apps = loadEcosystem(
        write(R"({"apps": [{"script": "node"}, {"name": "b", "script": "./gone --x"}]})"));
    QVERIFY(apps.has_value());
    QCOMPARE(apps->apps.at(0).script, u"node"_s);
    QCOMPARE(apps->apps.at(1).script, u"./gone --x"_s);
}

void TestEcosystem::appliesDefaults()
{
    const auto apps = loadEcosystem(write(R"({
        "defaults": {"namespace": "shop", "max_restarts": 3, "env": {"A": "1", "B": "2"}},
        "apps": [{"script": "a"}, {"script": "b", "max_restarts": 5, "env": {"B": "3"}}]})"));
    QVERIFY(apps.has_value());
    QCOMPARE(apps->apps.at(0).nameSpace, u"shop"_s);
    QCOMPARE(apps->apps.at(0).maxRestarts, 3);
    QCOMPARE(apps->apps.at(1).maxRestarts, 5);
    QCOMPARE(apps->apps.at(1).env, (QMap<QString, QString>{{u"A"_s, u"1"_s}, {u"B"_s, u"3"_s}}));
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
    row("unset variable", "{\"apps\": [{\"script\": \"a\",\n\"cwd\": \"${PMD_UNSET}\"}]}",
        u":2: cwd: the variable PMD_UNSET is not set"_s);
    row("open variable", "{\"apps\": [{\"script\": \"a\",\n\"args\": [\"${X\"]}]}",
        u":2: args.0: \"${\" has no \"}\""_s);
    row("env_NAME as text", "{\"apps\": [{\"script\": \"a\",\n\"env_test\": \"A=1\"}]}",
        u":2: env_test: expected an object"_s);
    row("missing env_file", "{\"apps\": [{\"script\": \"a\",\n\"env_file\": \"gone\"}]}",
        u"gone: there is no such file"_s);
    row("missing include", "{\"apps\": [{\"script\": \"a\"}],\n\"include\": \"gone.json\"}",
        u":2: include: "_s);
    row("includes itself", "{\"apps\": [{\"script\": \"a\"}],\n\"include\": [\"ecosystem.json\"]}",
        u":2: include: ecosystem.json is read already"_s);
    row("include of a number", "{\"apps\": [{\"script\": \"a\"}],\n\"include\": [5]}",
        u":2: include: expected a path, or a list of them"_s);
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
    row("circle",
        "{\"apps\": [{\"script\": \"a\"},\n{\"name\": \"b\", \"script\": \"x\", \"depends_on\": "
        "[\"c\"]}, {\"name\": \"c\", \"script\": \"x\",\n\"depends_on\": {\"b\": {\"condition\": "
        "\"process_healthy\"}}}]}",
        u":2: depends_on: goes round in a circle, b → c → b"_s);
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

void TestEcosystem::acceptsWhatPm2Accepts()
{
    const auto apps = loadEcosystem(write(R"({
        "apps": [{"script": "a", "exec_mode": "fork",
                  "vizion": false},
                 {"script": "b", "exec_mode": "cluster"}],
        "deploy": {"production": {"user": "node"}}})"));
    QVERIFY2(apps.has_value(), apps ? "" : qPrintable(apps.error().message));
    const QString path = m_home->filePath(u"ecosystem.json"_s);
    QCOMPARE(apps->notices,
             (QStringList{path + u":5: deploy is PM2's and is ignored"_s,
                          path + u":2: exec_mode has no meaning here and is ignored"_s,
                          path + u":3: vizion has no meaning here and is ignored"_s}));
    QCOMPARE(loadEcosystem(write(R"([{"script": "a"}, {"script": "b"}])"))->apps.size(), 2);
    QCOMPARE(loadEcosystem(write(R"({"script": "a"})"))->apps.size(), 1);
    QCOMPARE(loadEcosystem(write(R"({"pm2": [{"script": "a"}]})"))->apps.size(), 1);
    QCOMPARE(loadEcosystem(write(R"({"apps": {"cmd": "a"}})"))->apps.size(), 1);
    const auto loose = loadEcosystem(write("{apps: [{script: 'a', instances: '2',\n"
                                           "min_uptime: \"100\", env: {A: {b: [1]}}}]}"));
    QVERIFY2(loose.has_value(), loose ? "" : qPrintable(loose.error().message));
    QCOMPARE(loose->apps.first().instances, 2);
    QCOMPARE(loose->apps.first().minUptime.count(), 100);
    QCOMPARE(loose->apps.first().env.value(u"A"_s), u"{\"b\":[1]}"_s);
    const auto inLine = loadEcosystem(write("{apps: [{script: 'a',\n instances: 'two'}]}"));
    QVERIFY2(inLine.error().message.contains(u":2: instances: expected"_s),
             qPrintable(inLine.error().message));
    const auto wrong = loadEcosystem(write("[{\"script\": \"a\"},\n{\"script\": 5}]"));
    QVERIFY2(wrong.error().message.contains(u":2: script: expected a text"_s),
             qPrintable(wrong.error().message));
}

void TestEcosystem::expandsVariables()
{
    qputenv("PMD_TEST_NUMBER", "2");
    qputenv("PMD_TEST_EMPTY", "");
    write("# comment\nPMD_TEST_SECRET='a b'\nPMD_TEST_NUMBER=9\n", u".env"_s);
    const auto apps = loadEcosystem(write(R"({
        "defaults": {"env_file": ".env"},
        "apps": [{"name": "a${PMD_TEST_NUMBER}", "script": "a",
                  "instances": "${PMD_TEST_NUMBER}", "autorestart": "${PMD_TEST_BOOL:-false}",
                  "args": ["--n=${PMD_TEST_NUMBER}", "$5", "$$x", "$${Y}"],
                  "env": {"S": "${PMD_TEST_SECRET}", "E": "${PMD_TEST_EMPTY:-e}",
                          "F": "x${PMD_TEST_EMPTY}", "V": "${PMD_TEST_V:-1.10}"}}]})"));
    QVERIFY2(apps.has_value(), apps ? "" : qPrintable(apps.error().message));
    const ProcessSpec app = apps->apps.at(0);
    QCOMPARE(app.name, u"a2"_s);
    QCOMPARE(app.instances, 2);
    QCOMPARE(app.autorestart, false);
    QCOMPARE(app.args, (QStringList{u"--n=2"_s, u"$5"_s, u"$x"_s, u"${Y}"_s}));
    QCOMPARE(app.env,
             (QMap<QString, QString>{
                 {u"S"_s, u"a b"_s}, {u"E"_s, u"e"_s}, {u"F"_s, u"x"_s}, {u"V"_s, u"1.10"_s}}));
    QCOMPARE(app.envFiles, QStringList{m_home->filePath(u".env"_s)});
}

void TestEcosystem::readsTextsThatWereWrittenForItTheSame()
{
    const auto nothing = [](const QString &) -> std::optional<QString> { return {}; };
    for (const QString &text : {u"$"_s, u"$$"_s, u"$$$"_s, u"${X}"_s, u"$${X}"_s, u"a$"_s, u"$a"_s,
                                u"${"_s, u"$${A:-b}"_s, u"$$$$z"_s, QString()}) {
        const auto read = withVariables(withoutVariables(text), nothing);
        QVERIFY2(read, qPrintable(text));
        QCOMPARE(*read, text);
    }
    const QJsonValue config = QJsonObject{{u"args"_s, QJsonArray{u"${A}"_s, 5}},
                                          {u"env"_s, QJsonObject{{u"$$"_s, u"$$"_s}}}};
    const QJsonValue written = QJsonObject{{u"args"_s, QJsonArray{u"$${A}"_s, 5}},
                                           {u"env"_s, QJsonObject{{u"$$"_s, u"$$$"_s}}}};
    QCOMPARE(withoutVariables(config), written);
}

void TestEcosystem::includesOtherFiles()
{
    QVERIFY(QDir(m_home->path()).mkpath(u"sub"_s));
    write("apps:\n- script: x\n  name: inner\n", u"sub/more.yaml"_s);
    const QString path = write(R"({"include": "sub/more.yaml", "defaults": {"namespace": "outer"},
                  "apps": [{"script": "y", "name": "outer"}]})");
    const auto apps = loadEcosystem(path);
    QVERIFY2(apps.has_value(), apps ? "" : qPrintable(apps.error().message));
    QCOMPARE(apps->apps.at(0).name, u"inner"_s);
    QCOMPARE(apps->apps.at(0).nameSpace, u"default"_s);
    QCOMPARE(apps->apps.at(0).cwd, m_home->filePath(u"sub"_s));
    QCOMPARE(apps->apps.at(0).configFile, m_home->filePath(u"sub/more.yaml"_s));
    QCOMPARE(apps->apps.at(1).configFile, path);
    QCOMPARE(apps->apps.at(1).cwd, m_home->path());

    write("apps:\n- script: x\n  name: outer\n  port: no\n", u"sub/more.yaml"_s);
    const QString inner = m_home->filePath(u"sub/more.yaml"_s);
    QVERIFY(loadEcosystem(path).error().message.startsWith(inner + u":4: port: expected"_s));
    write("apps:\n- script: x\n  name: outer\n", u"sub/more.yaml"_s);
    QCOMPARE(loadEcosystem(path).error().message,
             path + u":2: name: \"outer\" is taken by the app \"outer\" of "_s + inner +
                 u"; choose another one"_s);
}

void TestEcosystem::choosesAnEnvironment()
{
    const QString path = write(R"({"defaults": {"env_test": {"C": 7}},
        "apps": [{"script": "a", "env": {"A": 1, "B": 2}, "env_production": {"B": 3, "D": 4}},
                 {"script": "b"}]})");
    const auto plain = loadEcosystem(path);
    QVERIFY2(plain.has_value(), plain ? "" : qPrintable(plain.error().message));
    QCOMPARE(plain->apps.at(0).env, (QMap<QString, QString>{{u"A"_s, u"1"_s}, {u"B"_s, u"2"_s}}));
    const auto chosen = loadEcosystem(path, {.environment = u"production"_s});
    QCOMPARE(chosen->apps.at(0).env,
             (QMap<QString, QString>{{u"A"_s, u"1"_s}, {u"B"_s, u"3"_s}, {u"D"_s, u"4"_s}}));
    QCOMPARE(chosen->apps.at(0).configEnvironment, u"production"_s);
    QVERIFY(chosen->apps.at(1).env.isEmpty());
    QCOMPARE(loadEcosystem(path, {.environment = u"test"_s})->apps.at(1).env,
             (QMap<QString, QString>{{u"C"_s, u"7"_s}}));
    QCOMPARE(loadEcosystem(path, {.environment = u"none"_s})->notices,
             QStringList{path + u": no app has env_none"_s});
}

void TestEcosystem::leavesUnknownKeysOutWhenAsked()
{
    const QString path =
        write("{\"apps\": [{\"script\": \"a\",\n\"instanses\": 2,\n\"health_check\": "
              "{\"check_type\": \"tcp\", \"prt\": 5}}]}");
    const auto apps = loadEcosystem(path, {.lenient = true});
    QVERIFY2(apps.has_value(), apps ? "" : qPrintable(apps.error().message));
    QCOMPARE(apps->notices.size(), 2);
    QVERIFY(
        apps->notices.join(u' ').contains(path + u":2: instanses: unknown key; did you mean"_s));
    QVERIFY(apps->notices.join(u' ').contains(path + u":3: health_check.prt: unknown key"_s));
    QVERIFY(!loadEcosystem(write(R"({"apps": [{"x": 1}]})"), {.lenient = true}));
}

void TestEcosystem::evaluatesJavaScript()
{
    write("module.exports = 'web';\n", u"name.js"_s);
    const auto apps = loadEcosystem(write(R"(
        const name = require('./name.js');
        console.log('this is no part of it');
        const base = { script: 'server.js', kill_timeout: 3000 };
        module.exports = async () => ({
            apps: [{ ...base, name, env: { A: `${1 + 1}`, B: '${HOME}' } },
                   { ...base, name: 'b', kill_signal: 'SIGTERM', ready: undefined }],
        });)",
                                          u"ecosystem.config.js"_s));
    QVERIFY2(apps.has_value(), apps ? "" : qPrintable(apps.error().message));
    QCOMPARE(apps->apps.at(0).name, u"web"_s);
    QCOMPARE(apps->apps.at(0).killTimeout, milliseconds(3'000));
    QCOMPARE(apps->apps.at(0).killSignal, SIGINT); // as PM2 has it
    QCOMPARE(apps->apps.at(0).env,
             (QMap<QString, QString>{{u"A"_s, u"2"_s}, {u"B"_s, u"${HOME}"_s}}));
    QCOMPARE(apps->apps.at(1).killSignal, SIGTERM);
    const auto module = loadEcosystem(
        write("export default { apps: [{ script: 'x' }] };\n", u"ecosystem.config.mjs"_s));
    QVERIFY2(module.has_value(), module ? "" : qPrintable(module.error().message));
}

void TestEcosystem::tellsWhatIsWrongWithJavaScript_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("says");
    QTest::newRow("syntax") << "module.exports = {\n,}"_ba << u"ecosystem.config.js:2"_s;
    QTest::newRow("throws") << "throw new Error('not today')"_ba << u"Error: not today"_s;
    QTest::newRow("field") << "module.exports = {apps: [{script: 'x', port: 'no'}]}"_ba
                           << u"ecosystem.config.js: port: expected a port"_s;
    QTest::newRow("nothing") << ""_ba << u"apps: expected a list"_s;
    QTest::newRow("much") << "module.exports = 'x'.repeat(11 * 1024 * 1024)"_ba
                          << u"exports more than 10 MiB"_s;
    QTest::newRow("without end") << "while (true) {}"_ba << u"did not end within 10 s"_s;
}

void TestEcosystem::tellsWhatIsWrongWithJavaScript()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, says);
    const auto apps = loadEcosystem(write(text, u"ecosystem.config.js"_s));
    QVERIFY(!apps);
    QCOMPARE(apps.error().code, ErrorCode::InvalidConfig);
    QVERIFY2(apps.error().message.contains(says), qPrintable(apps.error().message));
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
