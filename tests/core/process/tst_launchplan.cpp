// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/launchplan.h"
#include "tests/support/comparenames.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <cerrno>
#include <cstring>
#include <unistd.h>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

class TestLaunchPlan : public QObject
{
    Q_OBJECT

    QTemporaryDir m_dir;
    LaunchContext m_context;

    QString path(const QString &name) const { return m_dir.filePath(name); }

    void makeFile(const QString &name, bool executable)
    {
        QDir(m_dir.path()).mkpath(QFileInfo(path(name)).path());
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner |
                                    (executable ? QFile::ExeOwner : QFile::ReadOwner)));
    }

    ProcessSpec spec(const QString &script) const
    {
        ProcessSpec made;
        made.name = u"web"_s;
        made.script = script;
        made.cwd = m_dir.path();
        return made;
    }

    ProcessEntry entry(int instance = 0, int instances = 1) const
    {
        ProcessEntry made;
        made.id = ProcessId{4};
        made.app = u"web"_s;
        made.name = instances > 1 ? u"web-%1"_s.arg(instance) : u"web"_s;
        made.instance = instance;
        made.nameSpace = u"shop"_s;
        return made;
    }

    Result<LaunchSpec> plan(const ProcessSpec &spec) const
    {
        return planLaunch(spec, entry(), m_context);
    }

private slots:
    void initTestCase()
    {
        for (const QString &program :
             {u"node"_s, u"python3"_s, u"bash"_s, u"ruby"_s, u"perl"_s, u"php"_s, u"tool"_s})
            makeFile(u"bin/"_s + program, true);
        makeFile(u"server"_s, true);
        makeFile(u"with space.py"_s, false);
        for (const char *suffix : {"js", "mjs", "cjs", "ts", "py", "sh", "rb", "pl", "php"})
            makeFile(u"app."_s + QLatin1StringView(suffix), false);
        m_context.home = path(u"home"_s);
        m_context.environment.insert(u"PATH"_s, path(u"bin"_s));
        m_context.environment.insert(u"KEPT"_s, u"yes"_s);
    }

    void findsPrograms_data()
    {
        QTest::addColumn<QString>("script");
        QTest::addColumn<QString>("program"); // below the test's folder
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("file") << u"server"_s << u"server"_s << QStringList{};
        QTest::newRow("path") << u"./server"_s << u"server"_s << QStringList{};
        QTest::newRow("absolute") << path(u"server"_s) << u"server"_s << QStringList{};
        QTest::newRow("on PATH") << u"tool"_s << u"bin/tool"_s << QStringList{};
        QTest::newRow("command line") << u"tool --port 80 \"two words\""_s << u"bin/tool"_s
                                      << QStringList{u"--port"_s, u"80"_s, u"two words"_s};
        QTest::newRow("script in a command line")
            << u"app.py -v"_s << u"bin/python3"_s << QStringList{path(u"app.py"_s), u"-v"_s};
        QTest::newRow("name with a space")
            << u"with space.py"_s << u"bin/python3"_s << QStringList{path(u"with space.py"_s)};
        const auto byExtension = [&](const char *suffix, const QString &program) {
            const QString file = u"app."_s + QLatin1StringView(suffix);
            QTest::newRow(suffix) << file << u"bin/"_s + program << QStringList{path(file)};
        };
        for (const char *suffix : {"js", "mjs", "cjs", "ts"})
            byExtension(suffix, u"node"_s);
        byExtension("py", u"python3"_s);
        byExtension("sh", u"bash"_s);
        byExtension("rb", u"ruby"_s);
        byExtension("pl", u"perl"_s);
        byExtension("php", u"php"_s);
    }
    void findsPrograms()
    {
        QFETCH(const QString, script);
        QFETCH(const QString, program);
        QFETCH(const QStringList, arguments);
        const Result<LaunchSpec> launch = plan(spec(script));
        QVERIFY2(launch, launch ? "" : qPrintable(launch.error().message));
        QCOMPARE(launch->program, path(program));
        QCOMPARE(launch->arguments, arguments);
        QCOMPARE(launch->workingDirectory, m_dir.path());
    }

    void ordersArguments()
    {
        ProcessSpec app = spec(u"app.js first"_s);
        app.interpreterArgs = {u"--inspect"_s};
        app.args = {u"last"_s};
        QCOMPARE(plan(app)->arguments,
                 (QStringList{u"--inspect"_s, path(u"app.js"_s), u"first"_s, u"last"_s}));
    }

    void interpreterCanBeChosen()
    {
        ProcessSpec app = spec(u"app.js"_s);
        app.interpreter = u"tool"_s;
        QCOMPARE(plan(app)->program, path(u"bin/tool"_s));
        app.interpreter = u"./server"_s;
        QCOMPARE(plan(app)->program, path(u"server"_s));
        app.script = u"server"_s;
        app.interpreter = u"none"_s;
        QCOMPARE(plan(app)->program, path(u"server"_s));
    }

    void saysWhatIsMissing_data()
    {
        QTest::addColumn<QString>("script");
        QTest::addColumn<QString>("interpreter");
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QString>("says");
        QTest::addColumn<int>("code");
        const QString none;
        QTest::newRow("script") << u"nothing"_s << none << none << u"“nothing”"_s << ENOENT;
        QTest::newRow("path") << u"/no/such"_s << none << none << u"“/no/such”"_s << ENOENT;
        QTest::newRow("empty") << u" "_s << none << none << u"script"_s << EISDIR;
        QTest::newRow("folder as script") << u"bin"_s << none << none << u"“bin”"_s << EISDIR;
        QTest::newRow("interpreter") << u"app.js"_s << u"deno"_s << none << u"“deno”"_s << ENOENT;
        QTest::newRow("interpreter of the folder")
            << u"app.js"_s << u"server"_s << none << u"is not on PATH"_s << ENOENT;
        QTest::newRow("path of an interpreter")
            << u"app.js"_s << u"./deno"_s << none << u"no such file"_s << ENOENT;
        QTest::newRow("cwd") << u"server"_s << none << u"/no/such"_s << u"/no/such"_s << ENOENT;
        QTest::newRow("file as cwd")
            << u"server"_s << none << path(u"server"_s) << u"not a folder"_s << ENOTDIR;
    }
    void saysWhatIsMissing()
    {
        QFETCH(const QString, script);
        QFETCH(const QString, interpreter);
        QFETCH(const QString, folder);
        QFETCH(const QString, says);
        QFETCH(const int, code);
        ProcessSpec app = spec(script);
        if (!interpreter.isEmpty())
            app.interpreter = interpreter;
        if (!folder.isEmpty())
            app.cwd = folder;
        const Result<LaunchSpec> launch = plan(app);
        QVERIFY(!launch);
        QCOMPARE(launch.error().code, ErrorCode::StartFailed);
        QVERIFY2(launch.error().message.contains(says), qPrintable(launch.error().message));
        QCOMPARE(launch.error().details["errno"_L1], QJsonValue(code));
        QVERIFY(launch.error().message.contains(QString::fromLocal8Bit(std::strerror(code))));
    }

    void environmentIsDaemonsThenUsersThenInjected()
    {
        QProcessEnvironment daemons;
        for (const QString &name : {u"PMDAEMON_TOKEN"_s, u"PMDAEMON_ANYTHING"_s, u"NOTIFY_SOCKET"_s,
                                    u"LISTEN_FDS"_s, u"PM2_HOME"_s, u"JOURNAL_STREAM"_s})
            daemons.insert(name, u"secret"_s);
        daemons.insert(u"KEPT"_s, u"daemon"_s);
        daemons.insert(u"BOTH"_s, u"daemon"_s);
        daemons.insert(u"PMDAEMON_HOME"_s, u"/h"_s);
        ProcessSpec app = spec(u"server"_s);
        app.env = {{u"BOTH"_s, u"user"_s}, {u"PORT"_s, u"1"_s}};
        ProcessEntry second = entry(1, 2);
        second.port = 3001;
        const QProcessEnvironment made = launchEnvironment(app, second, daemons);
        QVERIFY(!made.toStringList().join(u' ').contains("secret"_L1));
        QCOMPARE(made.value(u"KEPT"_s), u"daemon"_s);
        QCOMPARE(made.value(u"BOTH"_s), u"user"_s);
        QCOMPARE(made.value(u"PMDAEMON_HOME"_s), u"/h"_s);
        QCOMPARE(made.value(u"PORT"_s), u"3001"_s);
        QCOMPARE(made.value(u"PMDAEMON_PROCESS_NAME"_s), u"web-1"_s);
        QCOMPARE(made.value(u"PMDAEMON_PROCESS_ID"_s), u"4"_s);
        QCOMPARE(made.value(u"PMDAEMON_NAMESPACE"_s), u"shop"_s);
        QVERIFY(!made.value(u"PMDAEMON_VERSION"_s).isEmpty());
        QCOMPARE(made.value(u"PM2_INSTANCE_ID"_s), u"1"_s);
        QCOMPARE(made.value(u"NODE_APP_INSTANCE"_s), u"1"_s);
    }

    void instancesHaveNumbersOfTheirOwn()
    {
        ProcessSpec app = spec(u"server"_s);
        app.instanceVar = u"WORKER"_s;
        app.incrementVar = u"DEBUG_PORT"_s;
        app.env = {{u"DEBUG_PORT"_s, u"9229"_s}};
        const QProcessEnvironment made = launchEnvironment(app, entry(2, 3), {});
        QCOMPARE(made.value(u"WORKER"_s), u"2"_s);
        QCOMPARE(made.value(u"DEBUG_PORT"_s), u"9231"_s);
        QVERIFY(!made.contains(u"NODE_APP_INSTANCE"_s));
    }

    void filtersWhatIsInherited()
    {
        QProcessEnvironment daemons;
        for (const QString &name : {u"AWS_KEY"_s, u"AWS_ID"_s, u"MY_AWS"_s, u"PATH"_s})
            daemons.insert(name, u"x"_s);
        ProcessSpec app = spec(u"server"_s);
        app.filterEnv = QStringList{u"AWS_"_s};
        QVERIFY(!launchEnvironment(app, entry(), daemons).contains(u"AWS_ID"_s));
        QVERIFY(launchEnvironment(app, entry(), daemons).contains(u"MY_AWS"_s));
        app.filterEnv = QStringList{u""_s};
        QVERIFY(!launchEnvironment(app, entry(), daemons).contains(u"MY_AWS"_s));
        QVERIFY(launchEnvironment(app, entry(), daemons).contains(u"PATH"_s));
    }

    void readsEnvironmentFiles()
    {
        QFile file(path(u"more.env"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("KEPT=file\nBOTH=file\n");
        file.close();
        ProcessSpec app = spec(u"server"_s);
        app.env = {{u"BOTH"_s, u"user"_s}};
        app.envFiles = QStringList{file.fileName()};
        const Result<LaunchSpec> launch = plan(app);
        QVERIFY(launch->environment.contains(u"KEPT=file"_s));
        QVERIFY(launch->environment.contains(u"BOTH=user"_s));
        app.envFiles = QStringList{path(u"gone.env"_s)};
        const Error error = plan(app).error();
        QCOMPARE(error.code, ErrorCode::StartFailed);
        QCOMPARE(error.details[u"step"_s], QJsonValue(u"env_file"_s));
        QVERIFY2(error.message.contains(path(u"gone.env"_s)), qPrintable(error.message));
    }

    void givesTheScriptToAShell()
    {
        ProcessSpec app = spec(u"echo $HOME | cat"_s);
        app.shell = true;
        QCOMPARE(plan(app)->program, u"/bin/sh"_s);
        QCOMPARE(plan(app)->arguments, (QStringList{u"-c"_s, u"echo $HOME | cat"_s, u"web"_s}));
        app.args = {u"a b"_s};
        QCOMPARE(plan(app)->arguments,
                 (QStringList{u"-c"_s, u"echo $HOME | cat \"$@\""_s, u"web"_s, u"a b"_s}));
    }

    void looksUpUsersAndGroups()
    {
        ProcessSpec app = spec(u"server"_s);
        app.user = u"nobody"_s;
        const Result<LaunchSpec> launch = plan(app);
        QVERIFY(launch->limits.hasCredentials);
        QCOMPARE(launch->limits.user, 65'534U);
        QVERIFY(launch->environment.contains(u"USER=nobody"_s));
        app.user = QString::number(::geteuid());
        QVERIFY(!plan(app)->limits.hasCredentials);
        app.user = u"no-such-user"_s;
        QVERIFY(plan(app).error().message.contains(u"user “no-such-user” is not known"_s));
        app.user.clear();
        app.group = u"no-such-group"_s;
        QCOMPARE(plan(app).error().details[u"step"_s], QJsonValue(u"group"_s));
    }

    void refusesAnImpossibleEnvironment()
    {
        ProcessSpec app = spec(u"server"_s);
        app.env = {{u"A=B"_s, u"c"_s}};
        QCOMPARE(plan(app).error().code, ErrorCode::InvalidConfig);
        app.env = {{u"A"_s, u"b"_s + QChar(0)}};
        QCOMPARE(plan(app).error().code, ErrorCode::InvalidConfig);
    }

    void logFilesAreNamedAfterTheInstance()
    {
        ProcessSpec app = spec(u"server"_s);
        QCOMPARE(logFilesOf(app, entry(), u"/h"_s).out, u"/h/logs/web-out.log"_s);
        QCOMPARE(logFilesOf(app, entry(1, 2), u"/h"_s).err, u"/h/logs/web-1-error.log"_s);
        app.outFile = u"/var/log/web.log"_s;
        QCOMPARE(logFilesOf(app, entry(), u"/h"_s).out, u"/var/log/web.log"_s);
        QCOMPARE(logFilesOf(app, entry(1, 2), u"/h"_s).out, u"/var/log/web-1.log"_s);
        app.outFile = u"/var/log/web"_s;
        QCOMPARE(logFilesOf(app, entry(1, 2), u"/h"_s).out, u"/var/log/web-1"_s);
        app.logFile = u"/var/log/both.log"_s;
        QCOMPARE(logFilesOf(app, entry(), u"/h"_s).out, u"/var/log/web"_s);
        QCOMPARE(logFilesOf(app, entry(), u"/h"_s).err, u"/var/log/both.log"_s);
        app.disableLogs = true;
        QVERIFY(logFilesOf(app, entry(), u"/h"_s).out.isEmpty());
    }

    void carriesThePolicies()
    {
        ProcessSpec app = spec(u"server"_s);
        app.maxRestarts = ProcessSpec::Unlimited;
        app.minUptime = milliseconds{5};
        app.expBackoffRestartDelay = milliseconds{0};
        app.killSignal = 2;
        app.killTimeout = milliseconds{9};
        app.treekill = false;
        const Result<LaunchSpec> launch = plan(app);
        QCOMPARE(launch->restart.maxRestarts, RestartPolicy::Unlimited);
        QCOMPARE(launch->restart.minUptime, 5);
        QCOMPARE(launch->restart.backoffBase, 0);
        QCOMPARE(launch->stop, (StopPolicy{2, milliseconds{9}, false}));
    }
};

QTEST_GUILESS_MAIN(TestLaunchPlan)
#include "tst_launchplan.moc"
