// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/ecosystemschema.h"
#include "core/config/specfields.h"
#include "core/config/specvalues.h"

#include <QJsonDocument>
#include <QRandomGenerator>
#include <QSet>
#include <QTest>
#include <QThread>

#include <csignal>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {

QJsonObject object(const char *json)
{
    QJsonParseError error;
    const QJsonObject made = QJsonDocument::fromJson(json, &error).object();
    if (error.error != QJsonParseError::NoError)
        qWarning() << error.errorString() << json;
    return made;
}

ProcessSpec specOf(const char *json)
{
    const auto spec = specFromJson(object(json));
    if (!spec)
        qWarning().noquote() << specError(spec.error()).message;
    return spec.value_or(ProcessSpec{});
}

/// "POINTER: message" of each problem.
QStringList problemsOf(const QJsonObject &json, const QString &defaultName = {})
{
    QStringList texts;
    const auto spec = specFromJson(json, defaultName);
    if (spec)
        return texts;
    for (const SpecProblem &problem : spec.error())
        texts.append(problem.pointer + u": "_s + problem.message);
    return texts;
}

/// Random valid specs, the same ones in every run.
class Generator
{
public:
    ProcessSpec spec();

private:
    int below(int limit) { return m_random.bounded(limit); }
    bool coin() { return below(2) == 1; }
    QString text() { return coin() ? u"x \"y\" ü=😀"_s : u"-v"_s + QString::number(below(99)); }
    QStringList texts()
    {
        QStringList list;
        for (int i = below(4); i > 0; --i)
            list.append(coin() ? text() : QString());
        return list;
    }
    QMap<QString, QString> pairs()
    {
        QMap<QString, QString> map;
        for (int i = below(3); i > 0; --i)
            map.insert(u"KEY"_s + QString::number(below(9)), u"v "_s + QString::number(below(9)));
        return map;
    }
    milliseconds time() { return milliseconds{1 + below(100'000)}; }
    PortSpec ports(int instances)
    {
        const int first = 1 + below(60'000);
        const auto kind = PortSpec::Kind(instances > 1 ? 1 + below(2) : below(3));
        return {kind, first, kind == PortSpec::Kind::Single ? first : first + instances + below(9)};
    }
    HealthCheckSpec check();

    QRandomGenerator m_random{20260115};
};

HealthCheckSpec Generator::check()
{
    HealthCheckSpec c;
    c.enabled = coin();
    c.type = CheckType(below(3));
    if (c.type == CheckType::Http)
        c.url = u"http://localhost:{port}/health?x=%1"_s.arg(below(9));
    if (c.type == CheckType::Tcp)
        c.port = below(2) * (1 + below(65'535));
    if (c.type == CheckType::Script)
        c.script = text();
    c.host = coin() ? u"::1"_s : QString();
    c.interval = time();
    c.timeout = time();
    c.startPeriod = time();
    c.retries = 1 + below(9);
    c.successThreshold = 1 + below(9);
    c.headers = pairs();
    if (coin())
        c.expectedStatus = {200, 100 + below(500)};
    c.expectedBody = coin() ? text() : QString();
    c.onUnhealthy = HealthCheckSpec::OnUnhealthy(below(2));
    return c;
}

ProcessSpec Generator::spec()
{
    ProcessSpec s;
    s.name = u"app-%1.x_y"_s.arg(below(1'000));
    s.nameSpace = coin() ? u"shop"_s : u"default"_s;
    s.instances = 1 + below(20);
    s.script = text();
    s.args = texts();
    s.interpreter = coin() ? std::optional(u"none"_s) : std::nullopt;
    s.interpreterArgs = texts();
    s.cwd = coin() ? u"/srv/a b"_s : QString();
    s.shell = coin();
    s.env = pairs();
    s.envFiles = coin() ? QStringList{u"/srv/.env"_s, u"/srv/b"_s} : QStringList{};
    s.filterEnv = coin()   ? QStringList{u""_s}
                  : coin() ? QStringList{u"AWS_"_s, u"X"_s}
                           : QStringList{};
    s.instanceVar = coin() ? u"NUMBER"_s : s.instanceVar;
    s.incrementVar = coin() ? u"PORT"_s : QString();
    s.autorestart = coin();
    s.restartPolicy = coin() ? std::optional(RestartWhen(below(3))) : std::nullopt;
    s.stopExitCodes = coin() ? QList<int>{0, below(256)} : QList<int>{};
    s.maxRestarts = coin() ? ProcessSpec::Unlimited : below(100);
    s.minUptime = time();
    s.restartDelay = time();
    s.expBackoffRestartDelay = milliseconds{below(2) * 500};
    s.killSignal = 1 + below(31);
    s.killTimeout = time();
    s.treekill = coin();
    s.port = coin() ? std::optional(ports(s.instances)) : std::nullopt;
    s.healthCheck = coin() ? std::optional(check()) : std::nullopt;
    s.maxMemoryRestart = below(3) * 1'000'000'000LL;
    if (coin())
        s.dependsOn = {{u"db"_s, DependencyCondition(below(4))},
                       {u"q"_s, DependencyCondition(below(4))}};
    s.cronRestart = coin() ? u"*/5 2 * * *"_s : QString();
    s.schedule = coin() ? u"@daily"_s : QString();
    s.overlap = Overlap(below(3));
    if (coin())
        s.watch.emplace(coin() ? QStringList{u"/srv/a"_s, u"/srv/b"_s} : QStringList{});
    s.ignoreWatch = coin() ? QStringList{u"*.tmp"_s} : s.ignoreWatch;
    s.watchDelay = time();
    s.waitReady = coin();
    s.listenTimeout = time();
    s.stopCommand = coin() ? u"kill {pid}"_s : QString();
    s.shutdownWithMessage = coin();
    s.hasInput = coin();
    s.maxCpuPercent = below(2) * 150;
    if (coin())
        s.listen = {{u"127.0.0.1"_s, 1 + below(65'535), {}},
                    {u"::1"_s, 1 + below(65'535), {}},
                    {{}, 0, u"/run/a b.sock"_s}};
    s.startup = coin() ? std::optional(check()) : std::nullopt;
    s.readiness = coin() ? std::optional(check()) : std::nullopt;
    s.liveness = coin() ? std::optional(check()) : std::nullopt;
    s.cronTimezone = coin() ? u"Europe/Berlin"_s : QString();
    s.nice = coin() ? std::optional(below(40) - 20) : std::nullopt;
    s.cpuAffinity = coin() ? QList<int>{below(9), 10, 20 + below(1'000)} : QList<int>{};
    s.umask = coin() ? std::optional(below(0777)) : std::nullopt;
    if (coin())
        s.rlimits = {
            {u"nofile"_s, {below(9), LimitPair::Unlimited}}, {u"core"_s, {}}, {u"as"_s, {5, 5}}};
    s.oomScoreAdj = coin() ? std::optional(below(2'001) - 1'000) : std::nullopt;
    s.user = coin() ? u"www-data"_s : QString();
    s.group = coin() ? u"100"_s : QString();
    s.noNewPrivileges = coin();
    s.logFile = coin() ? u"/var/log/l"_s : QString();
    s.outFile = coin() ? u"/var/log/o"_s : QString();
    s.errorFile = coin() ? u"/var/log/e"_s : QString();
    s.maxLogSize = below(1'000'000);
    s.maxLogFiles = below(100);
    s.compressLogs = coin();
    s.mergeLogs = coin();
    s.logDateFormat = coin() ? u"YYYY-MM-DD"_s : QString();
    s.logType = LogType(below(2));
    s.disableLogs = coin();
    s.configFile = coin() ? u"/etc/e.json"_s : QString();
    s.configEnvironment = coin() ? u"production"_s : QString();
    return s;
}

} // namespace

class TestSpecFields : public QObject
{
    Q_OBJECT

private slots:
    void readsEveryField();
    void readsTheDocumentedConfig();
    void readsLimits();
    void readsSockets();
    void readsWhatIsWatched();
    void countsCores();
    void namesAnAppThatHasNoName();
    void treatsNullAsAbsent();
    void readsDurations_data();
    void readsDurations();
    void readsSizes_data();
    void readsSizes();
    void readsPorts_data();
    void readsPorts();
    void judgesNames_data();
    void judgesNames();
    void tellsTheKindOfHealthCheck();
    void takesHealthChecksInShort();
    void findsEveryProblem();
    void refuses_data();
    void refuses();
    void refusesEveryWrongType();
    void bounds();
    void writesWhatDiffersAlone();
    void readsWhatItWrites();
    void hidesSecrets();
    void describesEveryField();
    void theSchemaOfAFileHasEveryField();
    void explainsAllProblemsInOneError();
};

void TestSpecFields::readsEveryField()
{
    const ProcessSpec spec = specOf(R"({
        "name": "web", "namespace": "shop", "instances": 4, "script": "server.js",
        "args": ["--fast", 3], "interpreter": "node", "node_args": "--inspect \"a b\"",
        "cwd": "/srv", "env": {"A": "x", "B": 3, "C": true, "D": 0.5},
        "autorestart": false, "max_restarts": "unlimited", "min_uptime": "2s",
        "restart_delay": 100, "exp_backoff_restart_delay": 0, "kill_signal": "INT",
        "kill_timeout": "1m30s", "treekill": false, "port": "3000-3003",
        "max_memory_restart": "1.5G", "out_file": "/o", "error_file": "/e",
        "max_log_size": "64K", "max_log_files": 0, "disable_logs": true,
        "config_file": "/etc/ecosystem.json",
        "health_check": {"check_type": "http", "url": "https://localhost:{port}/h",
            "interval": "10s", "timeout": 500, "retries": 5, "start_period": "1m",
            "success_threshold": 2, "headers": {"X-A": "b"}, "expected_status": [200, 204],
            "expected_body": "ok", "on_unhealthy": "none", "enabled": false}})");
    QCOMPARE(spec.name, u"web"_s);
    QCOMPARE(spec.nameSpace, u"shop"_s);
    QCOMPARE(spec.instances, 4);
    QCOMPARE(spec.args, (QStringList{u"--fast"_s, u"3"_s}));
    QCOMPARE(spec.interpreter, u"node"_s);
    QCOMPARE(spec.interpreterArgs, (QStringList{u"--inspect"_s, u"a b"_s}));
    QCOMPARE(spec.env,
             (QMap<QString, QString>{
                 {u"A"_s, u"x"_s}, {u"B"_s, u"3"_s}, {u"C"_s, u"true"_s}, {u"D"_s, u"0.5"_s}}));
    QCOMPARE(spec.maxRestarts, ProcessSpec::Unlimited);
    QCOMPARE(spec.minUptime, milliseconds{2s});
    QCOMPARE(spec.expBackoffRestartDelay, 0ms);
    QCOMPARE(spec.killSignal, SIGINT);
    QCOMPARE(spec.killTimeout, 90'000ms);
    QCOMPARE(spec.port, (PortSpec{PortSpec::Kind::Range, 3000, 3003}));
    QCOMPARE(spec.maxMemoryRestart, 1'610'612'736);
    QCOMPARE(spec.maxLogSize, 65'536);
    QVERIFY(spec.healthCheck);
    QCOMPARE(spec.healthCheck->expectedStatus, (QList{200, 204}));
    QCOMPARE(spec.healthCheck->interval, milliseconds{10s});
    QVERIFY(spec.healthCheck->onUnhealthy == HealthCheckSpec::OnUnhealthy::None);
    QCOMPARE(specFromJson(specToJson(spec)).value(), spec);
}

void TestSpecFields::readsTheDocumentedConfig()
{
    const auto spec = specFromJson(
        object(R"({"script": "node", "args": ["server.js"], "port": "3002"})"), u"new-service"_s);
    QVERIFY(spec.has_value());
    QCOMPARE(spec->name, u"new-service"_s);
    QCOMPARE(spec->port, (PortSpec{PortSpec::Kind::Single, 3002, 3002}));
}

void TestSpecFields::readsLimits()
{
    const ProcessSpec spec = specOf(R"({"script": "a", "umask": "022", "cpu_affinity": "4,0-2,1",
        "rlimits": {"nofile": 4096, "core": "unlimited", "as": {"soft": "1G"},
                    "stack": {"soft": 5, "hard": "unlimited"}}, "uid": 33, "stop_exit_codes": 3})");
    QCOMPARE(spec.umask, 022);
    QCOMPARE(specOf(R"({"script": "a", "umask": 22})").umask, 022); // as YAML reads 022
    QCOMPARE(spec.cpuAffinity, (QList{0, 1, 2, 4}));
    constexpr qint64 none = LimitPair::Unlimited;
    QCOMPARE(spec.rlimits, (QMap<QString, LimitPair>{{u"nofile"_s, {4'096, 4'096}},
                                                     {u"core"_s, {none, none}},
                                                     {u"as"_s, {1 << 30, 1 << 30}},
                                                     {u"stack"_s, {5, none}}}));
    QCOMPARE(spec.user, u"33"_s);
    QCOMPARE(spec.stopExitCodes, QList{3});
}

void TestSpecFields::readsSockets()
{
    const QList<ListenSpec> sockets = specOf(R"({"script": "a", "listen": [3000, "localhost:3001",
        "[::1]:3002", "/run/a.sock", "127.0.0.1:3000"]})")
                                          .listen;
    QCOMPARE(sockets, (QList<ListenSpec>{{u"127.0.0.1"_s, 3000, {}},
                                         {u"127.0.0.1"_s, 3001, {}},
                                         {u"::1"_s, 3002, {}},
                                         {{}, 0, u"/run/a.sock"_s}}));
    QCOMPARE(specOf(R"({"script": "a", "listen": "3000"})").listen.size(), 1);
}

void TestSpecFields::readsWhatIsWatched()
{
    using Watched = std::optional<QStringList>;
    QCOMPARE(specOf(R"({"script": "a", "watch": true})").watch, Watched(QStringList()));
    QCOMPARE(specOf(R"({"script": "a", "watch": false})").watch, Watched());
    QCOMPARE(specOf(R"({"script": "a", "watch": "/src"})").watch, Watched(QStringList{u"/src"_s}));
    QVERIFY(specOf(R"({"script": "a"})").ignoreWatch.contains(u"node_modules"_s));
    QCOMPARE(specOf(R"({"script": "a", "ignore_watch": "tmp"})").ignoreWatch,
             QStringList{u"tmp"_s});
}

void TestSpecFields::countsCores()
{
    const int cores = QThread::idealThreadCount();
    QCOMPARE(specOf(R"({"script": "a", "instances": "max"})").instances, cores);
    QCOMPARE(specOf(R"({"script": "a", "instances": 0})").instances, cores);
    QCOMPARE(specOf(R"({"script": "a", "instances": -1})").instances, std::max(1, cores - 1));
    QCOMPARE(specOf(R"({"script": "a", "instances": -999})").instances, 1);
}

void TestSpecFields::namesAnAppThatHasNoName()
{
    QCOMPARE(specOf(R"({"script": "/srv/web.server.js"})").name, u"web.server"_s);
    QCOMPARE(specOf(R"({"script": "node server.js --fast"})").name, u"node"_s);
    QCOMPARE(specFromJson(object(R"({"script": "a.js"})"), u"given"_s)->name, u"given"_s);
    QCOMPARE(specFromJson(object(R"({"script": "a.js", "name": "own"})"), u"given"_s)->name,
             u"own"_s);
    const QStringList problems = problemsOf(object(R"({"script": "/srv/ü.js"})"));
    QCOMPARE(problems.size(), 1);
    QVERIFY(problems[0].startsWith(u"/name: missing, and \"ü\" cannot be it"_s));
    QVERIFY(!problemsOf(object(R"({"script": "a.js"})"), u"7"_s).isEmpty());
}

void TestSpecFields::treatsNullAsAbsent()
{
    QCOMPARE(specOf(R"({"name": "a", "script": "a", "port": null, "env": null,
                        "health_check": null, "instances": null})"),
             specOf(R"({"name": "a", "script": "a"})"));
    QVERIFY(problemsOf(object(R"({"script": null})"))[0].startsWith(u"/script: missing"_s));
}

void TestSpecFields::readsDurations_data()
{
    QTest::addColumn<QJsonValue>("value");
    QTest::addColumn<qint64>("expected"); // −1 = refused
    const auto row = [](const QJsonValue &value, qint64 expected) {
        QTest::addRow("%s", qPrintable(value.toVariant().toString())) << value << expected;
    };
    row(1500, 1'500);
    row(0, 0);
    row(u"1500"_s, 1500);
    row(u"500ms"_s, 500);
    row(u"5s"_s, 5'000);
    row(u"1.5s"_s, 1'500);
    row(u"1m30s"_s, 90'000);
    row(u"2h"_s, 7'200'000);
    row(u"1d"_s, 86'400'000);
    row(u"1h1h"_s, 7'200'000);
    for (const QJsonValue &value :
         {QJsonValue(-1), QJsonValue(1.5), QJsonValue(1e18), QJsonValue(u""_s), QJsonValue(u"s"_s),
          QJsonValue(u"5 s"_s), QJsonValue(u"-5s"_s), QJsonValue(u"5x"_s), QJsonValue(u"1e3s"_s),
          QJsonValue(u"1.2.3s"_s), QJsonValue(u"999999d"_s), QJsonValue(u"5s!"_s),
          QJsonValue(true)})
        row(value, -1);
}

void TestSpecFields::readsDurations()
{
    QFETCH(QJsonValue, value);
    QFETCH(qint64, expected);
    QCOMPARE(DurationValue::parse(value).value_or(-1ms).count(), expected);
}

void TestSpecFields::readsSizes_data()
{
    QTest::addColumn<QJsonValue>("value");
    QTest::addColumn<qint64>("expected");
    const auto row = [](const QJsonValue &value, qint64 expected) {
        QTest::addRow("%s", qPrintable(value.toVariant().toString())) << value << expected;
    };
    row(1024, 1'024);
    row(u"1024"_s, 1'024);
    row(u"64K"_s, 65'536);
    row(u"512M"_s, 536'870'912);
    row(u"512MB"_s, 536'870'912);
    row(u"512mib"_s, 536'870'912);
    row(u"1.5G"_s, 1'610'612'736);
    row(u"1T"_s, 1'099'511'627'776);
    for (const QJsonValue &value :
         {QJsonValue(-1), QJsonValue(0.5), QJsonValue(u""_s), QJsonValue(u"M"_s),
          QJsonValue(u"5MM"_s), QJsonValue(u"5 M"_s), QJsonValue(u"5M5M"_s),
          QJsonValue(u"99999999T"_s), QJsonValue(false)})
        row(value, -1);
}

void TestSpecFields::readsSizes()
{
    QFETCH(QJsonValue, value);
    QFETCH(qint64, expected);
    QCOMPARE(SizeValue::parse(value).value_or(-1), expected);
}

void TestSpecFields::readsPorts_data()
{
    QTest::addColumn<QJsonValue>("value");
    QTest::addColumn<bool>("fine");
    for (const QJsonValue &value :
         {QJsonValue(1), QJsonValue(65'535), QJsonValue(u"3000"_s), QJsonValue(u"3000-3003"_s),
          QJsonValue(u"auto:3000-3100"_s), QJsonValue(u"5-5"_s)})
        QTest::addRow("%s", qPrintable(value.toVariant().toString())) << value << true;
    for (const QJsonValue &value :
         {QJsonValue(0), QJsonValue(65'536), QJsonValue(1.5), QJsonValue(u""_s), QJsonValue(u"-"_s),
          QJsonValue(u"3003-3000"_s), QJsonValue(u"3000-"_s), QJsonValue(u"-3000"_s),
          QJsonValue(u"1-2-3"_s), QJsonValue(u"auto:"_s), QJsonValue(u"Auto:1-2"_s),
          QJsonValue(u" 80"_s), QJsonValue(u"+80"_s), QJsonValue(u"80-99999"_s),
          QJsonValue(u"99999999999"_s)})
        QTest::addRow("not %s", qPrintable(value.toVariant().toString())) << value << false;
}

void TestSpecFields::readsPorts()
{
    QFETCH(QJsonValue, value);
    QFETCH(bool, fine);
    const auto ports = PortsValue::parse(value);
    QCOMPARE(ports.has_value(), fine);
    if (ports)
        QCOMPARE(PortsValue::parse(PortsValue::write(*ports)), ports);
}

void TestSpecFields::judgesNames_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("fine");
    for (const QString &name : {u"a"_s, u"web-0"_s, u"0a"_s, u"A.b_c-d"_s, QString(64, u'a')})
        QTest::addRow("%s", qPrintable(name)) << name << true;
    for (const QString &name : {u""_s, u"7"_s, u"0123"_s, u"-a"_s, u".a"_s, u"_a"_s, u"a..b"_s,
                                u".."_s, u"a/b"_s, u"../../tmp/x"_s, u"a b"_s, u"a\n"_s, u"ü"_s,
                                u"all"_s, u"<b>"_s, u"a:b"_s, u"\u0661"_s, QString(65, u'a')})
        QTest::addRow("not %s", qPrintable(name)) << name << false;
}

void TestSpecFields::judgesNames()
{
    QFETCH(QString, name);
    QFETCH(bool, fine);
    QCOMPARE(isValidName(name), fine);
}

// moc cannot read a raw string that holds two slashes inside a macro's parentheses.
void TestSpecFields::tellsTheKindOfHealthCheck()
{
    const std::pair<const char *, CheckType> checks[] = {
        {R"({"url": "http://localhost/"})", CheckType::Http},
        {R"({"port": 80})", CheckType::Tcp},
        {R"({"check_type": "tcp"})", CheckType::Tcp},
        {R"({"script": "true"})", CheckType::Script},
    };
    for (const auto &[json, type] : checks) {
        const auto spec = specFromJson({{u"script"_s, u"a"_s}, {u"health_check"_s, object(json)}});
        QVERIFY2(spec && spec->healthCheck && spec->healthCheck->type == type, json);
    }
}

void TestSpecFields::takesHealthChecksInShort()
{
    const ProcessSpec url = specOf(R"({"script": "a", "health_check_url": "http://localhost/"})");
    const ProcessSpec longUrl =
        specOf(R"({"script": "a", "health_check": {"url": "http://localhost/"}})");
    QCOMPARE(url, longUrl);
    const ProcessSpec script = specOf(R"({"script": "a", "health_check_script": "true"})");
    QCOMPARE(script, specOf(R"({"script": "a", "health_check": {"script": "true"}})"));
    const QJsonObject both = object(R"({"script": "a", "health_check": {"script": "true"},
                                        "health_check_url": "http://localhost/"})");
    const QStringList problems = problemsOf(both);
    QCOMPARE(problems.size(), 1);
    QVERIFY(problems[0].startsWith(u"/health_check_url: a health check is given twice"_s));
}

void TestSpecFields::findsEveryProblem()
{
    const QStringList problems = problemsOf(object(R"({
        "name": "..", "instanses": 2, "min_uptime": "soon", "a/b": 1,
        "health_check": {"url": "ftp://x", "intervals": 5, "retries": 0}})"));
    const QStringList expected{
        u"/name: expected 1 to 64 letters"_s,
        u"/min_uptime: expected milliseconds"_s,
        u"/health_check/url: expected a URL"_s,
        u"/health_check/retries: expected a whole number from 1"_s,
        u"/health_check/intervals: unknown key; did you mean \"interval\"?"_s,
        u"/a~1b: unknown key"_s,
        u"/instanses: unknown key; did you mean \"instances\"?"_s,
        u"/script: missing"_s,
    };
    QCOMPARE(problems.size(), expected.size());
    for (qsizetype i = 0; i < expected.size(); ++i)
        QVERIFY2(problems[i].startsWith(expected[i]), qPrintable(problems[i]));
}

void TestSpecFields::refuses_data()
{
    QTest::addColumn<QByteArray>("members");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *members, const char16_t *says) {
        QTest::newRow(members) << QByteArray(members) << QString::fromUtf16(says);
    };
    row(R"("script": "")", u"/script: expected a text that is not empty");
    row(R"("script": "  ")", u"/script: expected a text that is not empty");
    row(R"("cwd": "relative")", u"/cwd: expected an absolute path");
    row(R"("out_file": "a.log")", u"/out_file: expected an absolute path");
    row(R"("env": {"A=B": "x"})", u"/env: expected an object of names");
    row(R"("env": {"": "x"})", u"/env: expected");
    row(R"("env": {"A": null})", u"/env: expected");
    row(R"("args": [true])", u"/args: expected a list of texts");
    row(R"("args": ["a", ["b"]])", u"/args: expected a list of texts");
    row(R"("max_restarts": -1)", u"/max_restarts: expected a whole number from 0");
    row(R"("max_restarts": "many")", u"\"unlimited\"");
    row(R"("kill_signal": "SIGFOO")", u"/kill_signal: expected a signal");
    row(R"("kill_signal": 0)", u"/kill_signal");
    row(R"("instances": 1001)", u"/instances");
    row(R"("instances": 1.5)", u"got 1.5");
    row(R"("env_file": "relative")", u"/env_file: expected an absolute path");
    row(R"("env_file": ["/a", 5])", u"/env_file: expected an absolute path");
    row(R"("filter_env": "AWS_")", u"/filter_env: expected true for all but PATH");
    row(R"("instance_var": "A B")", u"/instance_var: expected the name of a variable");
    row(R"("increment_var": "1A")", u"/increment_var: expected the name of a variable");
    row(R"("restart_policy": "sometimes")",
        u"/restart_policy: expected \"always\", \"on_failure\"");
    row(R"("stop_exit_codes": [0, 256])", u"/stop_exit_codes: expected an exit code from 0 to 255");
    row(R"("depends_on": "db")", u"/depends_on: expected a list of apps");
    row(R"("depends_on": {"db": {"condition": "ready"}})", u"/depends_on: expected a list of apps");
    row(R"("depends_on": {"db": {"when": "started"}})", u"/depends_on: expected a list of apps");
    row(R"("depends_on": ["a b"])", u"/depends_on: expected a list of apps");
    row(R"("cron_restart": "60 * * * *")", u"/cron_restart: expected 5 or 6 fields of crontab(5)");
    row(R"("schedule": "sometimes")", u"/schedule: expected 5 or 6 fields of crontab(5)");
    row(R"("overlap": "wait")", u"/overlap: expected \"skip\", \"queue\" or \"kill\"");
    row(R"("instances": "2.5")", u"/instances: expected a whole number");
    row(R"("max_restarts": "4x")", u"/max_restarts: expected a whole number");
    row(R"("log_type": "xml")", u"/log_type: expected \"raw\" or \"json\"");
    row(R"("log_date_format": "")", u"/log_date_format: expected a text that is not empty");
    row(R"("merge_logs": "yes")", u"/merge_logs: expected true or false");
    row(R"("compress_logs": 1)", u"/compress_logs: expected true or false");
    row(R"("watch": "src")", u"/watch: expected true for its folder, false, an absolute path");
    row(R"("watch": [])", u"/watch: expected true for its folder");
    row(R"("ignore_watch": ["a", ""])", u"/ignore_watch: expected a name or path");
    row(R"("watch_delay": "soon")", u"/watch_delay: expected");
    row(R"("wait_ready": "yes")", u"/wait_ready: expected true or false");
    row(R"("listen_timeout": -1)", u"/listen_timeout: expected");
    row(R"("stop_command": "")", u"/stop_command: expected a text that is not empty");
    row(R"("shutdown_with_message": 1)", u"/shutdown_with_message: expected true or false");
    row(R"("stdin": "file")", u"/stdin: expected \"pipe\"");
    row(R"("stdin": true)", u"/stdin: expected \"pipe\"");
    row(R"("max_cpu_percent": "90%")", u"/max_cpu_percent: expected a whole number");
    row(R"("listen": 0)", u"/listen: expected a port");
    row(R"("listen": 65536)", u"/listen: expected a port");
    row(R"("listen": "web.sock")", u"/listen: expected a port");
    row(R"("listen": "::1:3000")", u"/listen: expected a port");
    row(R"("listen": "[127.0.0.1]:3000")", u"/listen: expected a port");
    row(R"("listen": "example.org:3000")", u"/listen: expected a port");
    row(R"("listen": ":3000")", u"/listen: expected a port");
    row(R"("startup": {"enabled": true})", u"/startup: expected \"url\"");
    row(R"("readiness": {"port": 0})", u"/readiness/port: expected");
    row(R"("liveness": {"script": "true", "intervals": 5})", u"/liveness/intervals");
    row(R"("cron_timezone": "Europe/Atlantis")", u"/cron_timezone: expected a time zone");
    row(R"("nice": 20)", u"/nice: expected a whole number from -20 to 19");
    row(R"("oom_score_adj": -1001)", u"/oom_score_adj: expected a whole number from -1000");
    row(R"("cpu_affinity": "3-1")", u"/cpu_affinity: expected numbers of CPUs");
    row(R"("cpu_affinity": [1024])", u"/cpu_affinity: expected numbers of CPUs");
    row(R"("umask": "088")", u"/umask: expected up to three octal digits");
    row(R"("umask": 18)", u"/umask: expected up to three octal digits");
    row(R"("rlimits": {"files": 5})", u"/rlimits: expected an object");
    row(R"("rlimits": {"nofile": {"soft": 5, "hard": 4}})", u"/rlimits: expected an object");
    row(R"("rlimits": {"nofile": {"soft": 5, "max": 9}})", u"/rlimits: expected an object");
    row(R"("user": "no body")", u"/user: expected a name, or a number");
    row(R"("gid": 4294967295)", u"/gid: expected a name, or a number");
    row(R"("port": "3000-3001", "instances": 3)", u"/port: a range of 2 for 3 instances");
    row(R"("port": "auto:3000-3001", "instances": 3)", u"/port: a range of 2");
    row(R"("port": 3000, "instances": 3)",
        u"/port: one port for 3 instances, which need one each; use a range such as \"3000-3002\"");
    row(R"("health_check": [])", u"/health_check: expected an object");
    row(R"("health_check": {})", u"/health_check: expected \"url\"");
    row(R"("health_check": {"enabled": true})", u"/health_check: expected \"url\"");
    row(R"("health_check": {"check_type": "http"})", u"/health_check/url: missing");
    row(R"("health_check": {"check_type": "script"})", u"/health_check/script: missing");
    row(R"("health_check": {"check_type": "tcp", "url": "http://a/"})",
        u"/health_check/url: does not belong");
    row(R"("health_check": {"url": "http://a/", "script": "true"})",
        u"/health_check/script: does not belong");
    row(R"("health_check": {"url": "http://"})", u"/health_check/url: expected a URL");
    row(R"("health_check": {"url": "http://a:{prot}/"})", u"/health_check/url: expected a URL");
    row(R"("health_check": {"url": "http://a/", "headers": {"A": "b\r\nC: d"}})",
        u"/health_check/headers");
    row(R"("health_check": {"url": "http://a/", "headers": {"A b": "c"}})",
        u"/health_check/headers");
    row(R"("health_check": {"url": "http://a/", "expected_status": [99]})",
        u"/health_check/expected_status");
    row(R"("health_check": {"url": "http://a/", "interval": 0})", u"/health_check/interval");
    row(R"("health_check": {"url": "http://a/", "on_unhealthy": "reboot"})",
        u"/health_check/on_unhealthy: expected \"restart\" or \"none\", got \"reboot\"");
}

void TestSpecFields::refuses()
{
    QFETCH(QByteArray, members);
    QFETCH(QString, says);
    const QByteArray script = members.startsWith("\"script\"") ? "" : R"("script": "a", )";
    const QByteArray json = '{' + script + members + '}';
    const QStringList problems = problemsOf(object(json));
    QCOMPARE(problems.size(), 1);
    QVERIFY2(problems[0].contains(says), qPrintable(problems[0]));
}

void TestSpecFields::refusesEveryWrongType()
{
    const QJsonValue values[] = {QJsonArray{QJsonArray{}},
                                 QJsonObject{{u"x"_s, QJsonArray{}}},
                                 true,
                                 u"\u0001 nonsense"_s,
                                 1.5,
                                 -1e300};
    for (const SpecField &field : specFields()) {
        int accepted = 0;
        for (const QJsonValue &value : values) {
            ProcessSpec spec;
            const auto problem = field.read(value, spec);
            accepted += problem ? 0 : 1;
            if (problem)
                QCOMPARE(spec, ProcessSpec());
        }
        QVERIFY2(accepted <= 1, field.key.data());
    }
}

void TestSpecFields::bounds()
{
    QJsonObject json = object(R"({"script": "a"})");
    json[u"args"_s] = QJsonArray::fromStringList(QStringList(1'024, u"x"_s));
    QVERIFY(problemsOf(json).isEmpty());
    json[u"args"_s] = QJsonArray::fromStringList(QStringList(1'025, u"x"_s));
    QCOMPARE(problemsOf(json).size(), 1);
    json[u"args"_s] = QJsonArray{QString(128 * 1'024, u'x')};
    QCOMPARE(problemsOf(json).size(), 1);
    json = object(R"({"script": "a", "env": {}})");
    json[u"env"_s] = QJsonObject{{u"A"_s, QString(128 * 1'024, u'x')}};
    QCOMPARE(problemsOf(json).size(), 1);
    json = object(R"({"script": "a", "instances": 11})");
    json[u"name"_s] = QString(62, u'n');
    QVERIFY(problemsOf(json)[0].contains(u"too long for 11 instances"_s));
}

void TestSpecFields::writesWhatDiffersAlone()
{
    QCOMPARE(specToJson(specOf(R"({"name": "a", "script": "b", "instances": 1, "autorestart": true,
                                   "kill_signal": 15})")),
             object(R"({"name": "a", "script": "b"})"));
    const ProcessSpec spec = specOf(
        R"({"name": "a", "script": "b", "health_check_url": "http://a/", "node_args": "x"})");
    const QJsonObject expected = object(
        R"({"name": "a", "script": "b", "interpreter_args": ["x"],
            "health_check": {"check_type": "http", "url": "http://a/"}})");
    QCOMPARE(specToJson(spec), expected);
}

void TestSpecFields::readsWhatItWrites()
{
    Generator generator;
    for (int i = 0; i < 500; ++i) {
        const ProcessSpec spec = generator.spec();
        const QJsonObject json = specToJson(spec);
        const auto back = specFromJson(json);
        QVERIFY2(back.has_value(), QJsonDocument(json).toJson());
        QVERIFY2(*back == spec, QJsonDocument(json).toJson());
    }
}

void TestSpecFields::hidesSecrets()
{
    const QJsonObject shown = redacted(specToJson(specOf(R"({"name": "a", "script": "b",
        "env": {"DB_PASSWORD": "hunter2"}, "node_args": ["--api-key=hunter2"],
        "args": ["--token=hunter2", "--Password", "hunter2", "--verbose", "--auth-token", "-x"],
        "health_check": {"url": "http://a/", "headers": {"Authorization": "hunter2"}}})")));
    const QByteArray text = QJsonDocument(shown).toJson();
    QVERIFY2(!text.contains("hunter2"), text);
    for (const char *name :
         {"DB_PASSWORD", "--token=", "--Password", "--verbose", "-x", "Authorization"})
        QVERIFY2(text.contains(name), name);
    const QJsonObject plain = object(R"({"name": "a", "script": "b"})");
    QCOMPARE(redacted(plain), plain);
}

void TestSpecFields::describesEveryField()
{
    QSet<QString> keys;
    for (const SpecField &field : specFields()) {
        QVERIFY2(!field.accepted.isEmpty() && *field.description, field.key.data());
        QVERIFY2(field.schema.contains(u"type"_s), field.key.data());
        QVERIFY(specField(QString(field.key)) == &field);
        keys.insert(field.key);
    }
    QCOMPARE(keys.size(), qsizetype(specFields().size()));
    QVERIFY(!specField(u"nonsense"));
}

void TestSpecFields::theSchemaOfAFileHasEveryField()
{
    const QJsonObject schema = ecosystemSchema();
    const QJsonObject app = schema[u"$defs"_s][u"app"_s].toObject();
    QCOMPARE(app[u"properties"_s].toObject().size(), qsizetype(specFields().size()));
    for (const SpecField &field : specFields()) {
        const QJsonObject property = app[u"properties"_s][field.key].toObject();
        QCOMPARE(property[u"anyOf"_s][0].toObject(), field.schema);
        QVERIFY(!property[u"description"_s].toString().isEmpty());
    }
    QCOMPARE(app[u"required"_s], QJsonValue(QJsonArray{u"script"_s}));
    QVERIFY(!schema[u"properties"_s][u"defaults"_s].toObject().contains(u"required"_s));
}

void TestSpecFields::explainsAllProblemsInOneError()
{
    const auto spec = specFromJson(object(R"({"script": 1, "health_check": {"retries": "x"}})"));
    const Error error = specError(spec.error());
    QVERIFY(error.code == ErrorCode::InvalidConfig);
    const QStringList lines = error.message.split(u'\n');
    QCOMPARE(lines.size(), 2);
    QVERIFY(lines[1].startsWith(u"health_check.retries: expected"_s));
    const QJsonArray problems = error.details[u"problems"_s].toArray();
    QCOMPARE(problems.size(), 2);
    QCOMPARE(problems[1][u"pointer"_s], QJsonValue(u"/health_check/retries"_s));
}

QTEST_GUILESS_MAIN(TestSpecFields)
#include "tst_specfields.moc"
