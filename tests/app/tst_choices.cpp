// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/choices.h"
#include "app/cli/specoptions.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {
const WallTime now{std::chrono::milliseconds{1'700'000'000'000}};

bool isUsage(const auto &checked)
{
    return !checked && checked.error().code == ExitCode::Usage &&
           !checked.error().message.isEmpty();
}
} // namespace

class TestChoices : public QObject
{
    Q_OBJECT

private slots:
    void everyFieldHasAnOption();
    void optionsBecomeTheFieldsValues();
    void wrongValuesNameTheOption();
    void pathsBecomeAbsolute();
    void logsTimesAreReadAsPeopleWriteThem();
    void localTimesAreAccepted();
    void logsRefusesWhatItCannotDo();
    void connectionChecksItsOptions();
    void flagsBeatEnvironmentBeatsFile();
    void loopbackStaysBesideOtherAddresses();
    void settingsNameWhatIsWrong_data();
    void settingsNameWhatIsWrong();
    void twoHomesHaveTwoSettingsFiles();
};

void TestChoices::everyFieldHasAnOption()
{
    QStringList flags;
    for (const SpecOption &option : specOptions())
        flags += option.flags.split(u',');
    QCOMPARE(QSet<QString>(flags.begin(), flags.end()).size(), flags.size());
    for (const char *flag :
         {"--name", "--namespace", "--instances", "--port", "--env", "--cwd", "--interpreter",
          "--autorestart", "!--no-autorestart", "--max-memory-restart", "--max-memory",
          "--kill-timeout", "--health-check-url", "--no-new-privileges", "--wait-timeout"})
        QVERIFY2(flags.contains(QLatin1StringView(flag)), flag);
    QVERIFY(!flags.contains(u"!--no-no-new-privileges"_s));
    QVERIFY(!flags.contains(u"--script"_s));
}

void TestChoices::optionsBecomeTheFieldsValues()
{
    Choices choices;
    choices.what = "app.js";
    choices.arguments = {"--flag", "x y"};
    choices.fields = {{u"name"_s, {"web"}},          {u"instances"_s, {"2"}},
                      {u"port"_s, {"3000-3003"}},    {u"env"_s, {"A=1", "B=x=y", "C="}},
                      {u"autorestart"_s, {"false"}}, {u"kill_timeout"_s, {"5s"}},
                      {u"min_uptime"_s, {"250"}},    {u"max_memory_restart"_s, {"512M"}}};
    const auto options = startOptions(choices);
    QVERIFY2(options, options ? "" : qPrintable(options.error().message));
    QCOMPARE(options->arguments, (QStringList{u"--flag"_s, u"x y"_s}));
    QJsonObject config = options->fields;
    config[u"script"_s] = u"app.js"_s;
    const auto spec = specFromJson(config);
    QVERIFY(spec);
    QCOMPARE(spec->name, u"web"_s);
    QCOMPARE(spec->instances, 2);
    QCOMPARE(spec->port->last, 3003);
    QCOMPARE(spec->env,
             (QMap<QString, QString>{{u"A"_s, u"1"_s}, {u"B"_s, u"x=y"_s}, {u"C"_s, {}}}));
    QVERIFY(!spec->autorestart);
    QCOMPARE(spec->killTimeout, 5s);
    QCOMPARE(spec->minUptime, 250ms);
    QCOMPARE(spec->maxMemoryRestart, 512LL << 20);
}

void TestChoices::wrongValuesNameTheOption()
{
    const std::map<QString, Texts> wrong = {
        {u"instances"_s, {"many"}},    {u"port"_s, {"70000"}}, {u"env"_s, {"A"}},
        {u"kill_timeout"_s, {"soon"}}, {u"name"_s, {"a b"}},   {u"kill_signal"_s, {"SIGNOT"}}};
    for (const auto &[key, texts] : wrong) {
        Choices choices;
        choices.what = "x";
        choices.fields = {{key, texts}};
        const auto options = startOptions(choices);
        QVERIFY2(isUsage(options), qPrintable(key));
        QVERIFY(options.error().message.startsWith("--"_L1 + QString(key).replace(u'_', u'-')));
    }
}

void TestChoices::pathsBecomeAbsolute()
{
    Choices choices;
    choices.fields = {{u"cwd"_s, {"sub"}}, {u"out_file"_s, {"/var/log/x"}}};
    const auto options = startOptions(choices);
    QVERIFY(options);
    QCOMPARE(options->fields[u"cwd"_s].toString(), QDir::currentPath() + u"/sub"_s);
    QCOMPARE(options->fields[u"out_file"_s].toString(), u"/var/log/x"_s);
}

void TestChoices::logsTimesAreReadAsPeopleWriteThem()
{
    Choices choices;
    choices.since = "10m";
    choices.until = "2023-11-14T22:13:20Z";
    choices.level = "warn";
    choices.err = true;
    const auto options = logsOptions(choices, now);
    QVERIFY(options);
    QCOMPARE(*options->since, now - 10min);
    QCOMPARE(*options->until, now);
    QVERIFY(options->level == LogLevel::Warn);
    QVERIFY(options->stream == LogStream::Err);
    choices.since = "1700000000000";
    choices.out = true;
    QCOMPARE(*logsOptions(choices, now)->since, now);
    QVERIFY(!logsOptions(choices, now)->stream);
}

void TestChoices::localTimesAreAccepted()
{
    const auto since = [](const char *text) {
        Choices choices;
        choices.since = text;
        const auto options = logsOptions(choices, now);
        return options ? options->since.value_or(WallTime{}).time_since_epoch().count() : -1;
    };
    const QDateTime local = QDateTime::fromMSecsSinceEpoch(now.time_since_epoch().count());
    QCOMPARE(since("2026-12-01 06:13:29"),
             QDateTime({2026, 12, 1}, {6, 13, 29}).toMSecsSinceEpoch());
    QCOMPARE(since("2026-12-01"), QDateTime({2026, 12, 1}, {0, 0}).toMSecsSinceEpoch());
    QCOMPARE(since("10:00"), QDateTime(local.date(), {10, 0}).toMSecsSinceEpoch());
    QCOMPARE(since("5"), -1);
    QCOMPARE(since("1700000000"), -1);
}

void TestChoices::logsRefusesWhatItCannotDo()
{
    Choices choices;
    choices.level = "loud";
    QVERIFY(isUsage(logsOptions(choices, now)));
    choices.level = {};
    choices.since = "yesterday";
    QVERIFY(isUsage(logsOptions(choices, now)));
    choices.since = {};
    choices.until = "1h";
    choices.follow = true;
    QVERIFY(isUsage(logsOptions(choices, now)));
}

void TestChoices::connectionChecksItsOptions()
{
    Choices choices;
    choices.home = "relative/../home";
    choices.timeout = "1m30s";
    choices.noSpawn = true;
    const auto options = connectionOptions(choices);
    QVERIFY(options);
    QCOMPARE(options->home, QDir::currentPath() + u"/home"_s);
    QCOMPARE(*options->timeout, 90s);
    QVERIFY(!options->maySpawn);
    choices.timeout = "0";
    QVERIFY(isUsage(connectionOptions(choices)));
    choices.timeout = {};
    choices.host = "prod-1";
    choices.port = 1;
    QVERIFY(isUsage(connectionOptions(choices)));
    choices.port = -1;
    choices.fingerprint = "AB";
    QVERIFY(connectionOptions(choices));
    choices.host = {};
    QVERIFY(isUsage(connectionOptions(choices)));
}

void TestChoices::flagsBeatEnvironmentBeatsFile()
{
    QTemporaryDir home;
    QFile file(home.filePath(u"pmdaemon.toml"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("# comment\nport = 1\nmax_connections = 7\nrequire_auth = true\n"
               "allowed_hosts = [\"a\", \"b\"]\nmetrics_interval = \"2s\"\n");
    file.close();
    qputenv("PMDAEMON_PORT", "2");
    qputenv("PMDAEMON_MAX_CONNECTIONS", "8");
    qputenv("PMDAEMON_ALLOWED_ORIGINS", "https://x,https://y");
    Choices choices;
    choices.home = home.path().toStdString();
    choices.settings = {{u"port"_s, {"3"}}, {u"host"_s, {}}};
    const auto settings = daemonSettings(choices);
    for (const char *variable :
         {"PMDAEMON_PORT", "PMDAEMON_MAX_CONNECTIONS", "PMDAEMON_ALLOWED_ORIGINS"})
        qunsetenv(variable);
    QVERIFY2(settings, settings ? "" : qPrintable(settings.error().message));
    QCOMPARE(settings->port, 3);
    QCOMPARE(settings->maxConnections, 8);
    QVERIFY(settings->requireAuth);
    QCOMPARE(settings->allowedHosts, (QStringList{u"a"_s, u"b"_s}));
    QCOMPARE(settings->allowedOrigins, (QStringList{u"https://x"_s, u"https://y"_s}));
    QCOMPARE(settings->metricsInterval, 2s);
    QCOMPARE(settings->hosts, Settings().hosts);
    QCOMPARE(settings->home, home.path());
}

void TestChoices::loopbackStaysBesideOtherAddresses()
{
    const QTemporaryDir home;
    const auto hostsOf = [&](const std::vector<std::string> &given) {
        Choices choices;
        choices.home = home.path().toStdString();
        choices.settings[u"host"_s] = given;
        const auto settings = daemonSettings(choices);
        return settings ? settings->hosts : QStringList();
    };
    const QString v4 = u"127.0.0.1"_s;
    const QString v6 = u"::1"_s;
    QCOMPARE(hostsOf({"127.0.0.1"}), QStringList{v4}); // as somebody wants it
    QCOMPARE(hostsOf({"192.0.2.7"}), (QStringList{u"192.0.2.7"_s, v4, v6}));
    QCOMPARE(hostsOf({"0.0.0.0"}), (QStringList{u"0.0.0.0"_s, v6}));
    QCOMPARE(hostsOf({"::"}), (QStringList{u"::"_s, v4}));
    QCOMPARE(hostsOf({"::", "0.0.0.0"}), (QStringList{u"::"_s, u"0.0.0.0"_s}));
}

void TestChoices::settingsNameWhatIsWrong_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QString>("named");
    QTest::newRow("unknown key") << QByteArray("prot = 1\n") << u"prot"_s;
    QTest::newRow("range") << QByteArray("port = 65536\n") << u"port"_s;
    QTest::newRow("type") << QByteArray("require_auth = 3\n") << u"require_auth"_s;
    QTest::newRow("list for one") << QByteArray("port = [1, 2]\n") << u"port"_s;
    QTest::newRow("in a table") << QByteArray("[daemon]\nport = 1\n") << u"port"_s;
    QTest::newRow("a name for an address") << QByteArray("host = \"localhost\"\n") << u"host"_s;
    QTest::newRow("interval") << QByteArray("metrics_interval = 5\n") << u"metrics_interval"_s;
}

void TestChoices::settingsNameWhatIsWrong()
{
    QFETCH(QByteArray, file);
    QFETCH(QString, named);
    QTemporaryDir home;
    QFile toml(home.filePath(u"pmdaemon.toml"_s));
    QVERIFY(toml.open(QIODevice::WriteOnly));
    toml.write(file);
    toml.close();
    Choices choices;
    choices.home = home.path().toStdString();
    const auto settings = daemonSettings(choices);
    QVERIFY(!settings);
    QCOMPARE(int(settings.error().code), int(ExitCode::ConfigInvalid));
    QVERIFY2(settings.error().message.contains(named), qPrintable(settings.error().message));
}

void TestChoices::twoHomesHaveTwoSettingsFiles()
{
    QCOMPARE(settingsFileOf(u"/srv/a"_s), u"/srv/a/pmdaemon.toml"_s);
    qputenv("XDG_CONFIG_HOME", "/etc/xdg");
    QCOMPARE(settingsFileOf(QDir::homePath() + u"/.pmdaemon"_s),
             u"/etc/xdg/pmdaemon/pmdaemon.toml"_s);
    qunsetenv("XDG_CONFIG_HOME");
    QCOMPARE(settingsFileOf(QDir::homePath() + u"/.pmdaemon"_s),
             QDir::homePath() + u"/.config/pmdaemon/pmdaemon.toml"_s);
}

QTEST_GUILESS_MAIN(TestChoices)
#include "tst_choices.moc"
