// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/rundirectory.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int patience = 60'000;

struct Outcome
{
    int code = -1;
    QByteArray out;
    QByteArray err;
};

QByteArray describe(const Outcome &outcome)
{
    return "code " + QByteArray::number(outcome.code) + "\nout: " + outcome.out +
           "\nerr: " + outcome.err;
}

#define VERIFY_CODE(outcome, expected)                                     \
    do {                                                                   \
        const Outcome result = (outcome);                                  \
        QVERIFY2(result.code == (expected), describe(result).constData()); \
    } while (false)

quint16 freePort()
{
    QTcpServer server;
    server.listen(QHostAddress::LocalHost);
    return server.serverPort();
}

} // namespace

class TestCli : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void helpAndVersionNeedNoDaemon();
    void theManualExplainsEveryCommand();
    void wrongUsageIsCode2_data();
    void wrongUsageIsCode2();
    void suggestsWhatWasMeant_data();
    void suggestsWhatWasMeant();
    void outputGoesNowhereElse();
    void withoutADaemonItIsCode50();
    void programsGetOneValueAlways();
    void commandsAtOnceStartOneDaemon();
    void aPortInUseIsTold();
    void aProcessLivesItsLife();
    void processesAreScaledSignalledAndReset();
    void linesAreSent();
    void commandsHaveWaysToBeCarriedOut();
    void tokensAreGivenOutAndRevoked();
    void logsAreShownAsTheAppSays();
    void everyAliasWorks();
    void optionsReachTheProgram();
    void allAppsOfAFileStart();
    void configurationErrorsHaveTheirCodes();
    void appsComeFromStandardInput();
    void filesAreCheckedComparedAndApplied();
    void bashCompletesLiveNames();
    void severalTargetsAreAllTried();
    void targetsAreSelectedByPatternStatusAndFile();
    void failuresHaveTheirCodes();
    void tokensOfOthersAreRefused();
    void logsAreSelected();
    void logsAreHarmless();
    void logsFollowSeveralWithoutAHole();
    void logsFollowOverReconnects();
    void eventsAreShownAndSelected();
    void eventsFollowOverReconnects();
    void aHungDaemonIsToldInTime();
    void quietSaysNothing();
    void aTerminalGetsShapesAndColours();
    void aWatchedListShowsEachChange();
    void monitShowsTheLogOfTheSelection();
    void environmentsAndTreesAreShown();
    void whatWasSavedComesBack();
    void systemdStartsTheDaemon();
    void deletingSeveralIsAsked();
    void killLeavesTheProcessesAlone();
    void killAllEndsTheProcessesToo();
    void theDoctorFindsAndMendsADamagedState();

private:
    QProcessEnvironment environment() const;
    void launch(QProcess &process, const QStringList &arguments) const;
    Outcome run(const QStringList &arguments) const;
    QJsonArray list() const;
    QString write(const QString &name, const QByteArray &text) const;
    void seesMoreFromTheNextDaemon(QProcess &follower, const QString &port,
                                   QByteArrayList &lines) const;
    Outcome runOnTerminal(const QStringList &arguments, int columns, const QByteArray &input,
                          const QByteArray &question = {}, bool noColour = false) const;

    std::unique_ptr<QTemporaryDir> m_home;
};

void TestCli::init()
{
    m_home = std::make_unique<QTemporaryDir>();
    QVERIFY(m_home->isValid());
}

void TestCli::cleanup()
{
    VERIFY_CODE(run({u"kill"_s, u"--all"_s}), 0);
    m_home.reset();
}

QProcessEnvironment TestCli::environment() const
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const QString &name : environment.keys()) {
        if (name.startsWith("PMDAEMON_"_L1) || name == "NO_COLOR"_L1)
            environment.remove(name);
    }
    environment.insert(u"PMDAEMON_HOME"_s, m_home->filePath(u"home"_s));
    environment.insert(u"PMDAEMON_PORT"_s, u"0"_s);
    environment.insert(u"XDG_CONFIG_HOME"_s, m_home->filePath(u"config"_s));
    environment.insert(u"PATH"_s, m_home->path() + u':' + environment.value(u"PATH"_s));
    return environment;
}

void TestCli::launch(QProcess &process, const QStringList &arguments) const
{
    process.setProcessEnvironment(environment());
    process.setWorkingDirectory(m_home->path());
    process.start(QStringLiteral(PMDAEMON_PROGRAM), arguments);
}

Outcome TestCli::run(const QStringList &arguments) const
{
    QProcess process;
    launch(process, arguments);
    if (!process.waitForFinished(patience))
        return {-1, process.readAllStandardOutput(),
                "did not end\n" + process.readAllStandardError()};
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2,
            process.readAllStandardOutput(), process.readAllStandardError()};
}

QJsonArray TestCli::list() const
{
    const Outcome outcome = run({u"list"_s, u"--json"_s});
    const QJsonDocument document = QJsonDocument::fromJson(outcome.out);
    if (outcome.code != 0 || !document.isArray())
        qWarning("%s", describe(outcome).constData());
    return document.array();
}

QString TestCli::write(const QString &name, const QByteArray &text) const
{
    QFile file(m_home->filePath(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
        qFatal("cannot write %s", qPrintable(file.fileName()));
    return file.fileName();
}

/// On a pseudo terminal; `input` is typed once `question` is there.
Outcome TestCli::runOnTerminal(const QStringList &arguments, int columns, const QByteArray &input,
                               const QByteArray &question, bool noColour) const
{
    QByteArrayList words = {PMDAEMON_PROGRAM};
    for (const QString &argument : arguments)
        words.append(argument.toLocal8Bit());
    QProcessEnvironment wanted = environment();
    if (noColour)
        wanted.insert(u"NO_COLOR"_s, u"1"_s);
    QByteArrayList variables;
    for (const QString &variable : wanted.toStringList())
        variables.append(variable.toLocal8Bit());
    const auto pointers = [](QByteArrayList &list) {
        std::vector<char *> all;
        for (QByteArray &each : list)
            all.push_back(each.data());
        all.push_back(nullptr);
        return all;
    };
    const std::vector<char *> argv = pointers(words);
    const std::vector<char *> envp = pointers(variables);
    winsize size = {};
    size.ws_col = static_cast<unsigned short>(columns);
    size.ws_row = 24;
    int terminal = -1;
    const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, &size);
    if (pid == 0) {
        ::execve(argv[0], argv.data(), envp.data());
        ::_exit(127);
    }
    Outcome outcome;
    std::array<char, 4096> buffer;
    bool typed = false;
    ssize_t length = 0;
    while ((length = ::read(terminal, buffer.data(), buffer.size())) > 0) {
        outcome.out += QByteArray(buffer.data(), length);
        if (!typed && !question.isEmpty() && outcome.out.contains(question)) {
            typed = true;
            if (::write(terminal, input.constData(), static_cast<size_t>(input.size())) < 0)
                break;
        }
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    ::close(terminal);
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -2;
    return outcome;
}

void TestCli::helpAndVersionNeedNoDaemon()
{
    const Outcome help = run({u"help"_s});
    QCOMPARE(help.code, 0);
    for (const char *command : {"start", "stop", "restart", "reload", "delete", "list", "info",
                                "logs", "daemon", "kill", "ping", "version"})
        QVERIFY2(help.out.contains(command), command);
    QCOMPARE(run({u"--help"_s}).out, help.out);
    const Outcome start = run({u"help"_s, u"start"_s});
    QCOMPARE(start.code, 0);
    QVERIFY(start.out.contains("--max-memory"));
    QCOMPARE(run({u"start"_s, u"--help"_s}).out, start.out);
    QVERIFY(run({u"version"_s}).out.startsWith("pmdaemon "));
    const QJsonObject version =
        QJsonDocument::fromJson(run({u"version"_s, u"--json"_s}).out).object();
    QCOMPARE(version[u"protocol"_s].toInt(), 1);
    QVERIFY(!QFile::exists(m_home->filePath(u"home"_s)));
}

void TestCli::theManualExplainsEveryCommand()
{
    const QByteArray manual = run({u"__man"_s}).out;
    const QByteArray help = run({u"help"_s}).out;
    int commands = 0;
    for (const QByteArray &line : help.mid(help.indexOf("Subcommands:")).split('\n')) {
        if (!line.startsWith("  ") || line.startsWith("   "))
            continue;
        QByteArray heading = "\n.SS ";
        heading += line.trimmed().split(' ').first().replace("-", "\\-");
        QVERIFY2(manual.contains(heading), heading.constData());
        ++commands;
    }
    QVERIFY(commands > 20);
    QProcess groff;
    groff.start(u"groff"_s, {u"-man"_s, u"-Tutf8"_s, u"-Kutf8"_s, u"-ww"_s, u"-z"_s});
    groff.write(manual);
    groff.closeWriteChannel();
    QVERIFY(groff.waitForFinished(patience));
    QCOMPARE(groff.readAllStandardError(), QByteArray());
    QCOMPARE(groff.exitCode(), 0);
}

void TestCli::wrongUsageIsCode2_data()
{
    QTest::addColumn<QStringList>("arguments");
    const auto row = [](const char *line) {
        QTest::newRow(line) << QString::fromLatin1(line).split(u' ', Qt::SkipEmptyParts);
    };
    for (const char *line :
         {"", "fly", "list --fly", "stop", "start", "help fly", "logs -n many", "logs --level loud",
          "list --port 70000", "list --timeout soon", "start x --instances many",
          "list --host a --port 1", "list --host ftp://a", "kill --host a", "logs -f --until 1h",
          "list --sort size", "stop all --status up", "list --status up", "list --watch"})
        row(line);
}

void TestCli::wrongUsageIsCode2()
{
    QFETCH(QStringList, arguments);
    const Outcome outcome = run(arguments);
    QVERIFY2(outcome.code == 2, describe(outcome).constData());
    QVERIFY(outcome.out.isEmpty());
    QVERIFY(outcome.err.startsWith("pmdaemon: "));
}

void TestCli::suggestsWhatWasMeant_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QByteArray>("told");
    const auto row = [](const char *line, const char *told) {
        QTest::newRow(line) << QString::fromLatin1(line) << QByteArray(told);
    };
    row("lst", "there is no command lst; did you mean \"list\"?");
    row("starrt api", "there is no command starrt; did you mean \"start\"?");
    row("help descrbe", "there is no command descrbe; did you mean \"describe\"?");
    row("list --jsn", "there is no option --jsn; did you mean \"--json\"?");
    row("start x --naem y", "there is no option --naem; did you mean \"--name\"?");
    row("list extra", "extra is one argument too many\n");
    for (const char *line : {"stop wbe", "info wbe", "logs wbe", "start wbe"})
        row(line, "; did you mean \"web\"?");
}

void TestCli::suggestsWhatWasMeant()
{
    QFETCH(QString, line);
    QFETCH(QByteArray, told);
    VERIFY_CODE(run({u"start"_s, u"sleep 1000"_s, u"--name"_s, u"web"_s}), 0);
    const Outcome outcome = run(line.split(u' '));
    QVERIFY2(outcome.err.contains(told), describe(outcome).constData());
    QVERIFY(outcome.code == 2 || outcome.code == 10);
}

/// Not into the socket that would otherwise have got the number of stdout.
void TestCli::outputGoesNowhereElse()
{
    QProcess shell;
    shell.setProcessEnvironment(environment());
    shell.start(u"/bin/sh"_s,
                {u"-c"_s, u"exec \"$0\" list >&-"_s, QStringLiteral(PMDAEMON_PROGRAM)});
    QVERIFY(shell.waitForFinished(patience));
    QCOMPARE(shell.exitCode(), 1);
    const QByteArray told = shell.readAllStandardError();
    QVERIFY2(told.contains("Bad file descriptor"), told.constData());
}

void TestCli::withoutADaemonItIsCode50()
{
    for (const QString &command : {u"list"_s, u"ping"_s, u"logs"_s}) {
        const Outcome outcome = run({command, u"--no-spawn"_s});
        QVERIFY2(outcome.code == 50, describe(outcome).constData());
        QVERIFY(outcome.out.isEmpty());
    }
    const Outcome refused = run({u"list"_s, u"--host"_s, u"127.0.0.1:%1"_s.arg(freePort())});
    QVERIFY2(refused.code == 50 && refused.err.contains("refused"), describe(refused).constData());
}

void TestCli::programsGetOneValueAlways()
{
    const auto errorCode = [this](const QString &line) {
        const Outcome outcome = run(line.split(u' ') + QStringList{u"--json"_s});
        const QJsonDocument document = QJsonDocument::fromJson(outcome.out);
        const QJsonValue value = document.isArray() ? document[0] : QJsonValue(document.object());
        return value[u"error"_s][u"code"_s].toString();
    };
    QCOMPARE(errorCode(u"list --no-spawn"_s), u"unreachable"_s);
    QCOMPARE(errorCode(u"list --fly"_s), u"usage"_s);
    QCOMPARE(errorCode(u"list --timeout soon"_s), u"usage"_s);
    QCOMPARE(errorCode(u"unstartup"_s), u"not_found"_s);
    const Outcome none = run({u"update"_s, u"--json"_s});
    QVERIFY2(QJsonDocument::fromJson(none.out).object().contains(u"daemon"_s),
             describe(none).constData());
    VERIFY_CODE(run({u"token"_s, u"create"_s, u"ci"_s}), 0);
    QCOMPARE(errorCode(u"token create ci"_s), u"already_exists"_s);
    for (const QString &command : {u"restart"_s, u"info"_s, u"env"_s, u"events"_s})
        QCOMPARE(errorCode(command + u" nosuch"_s), u"not_found"_s);
}

void TestCli::commandsAtOnceStartOneDaemon()
{
    std::array<QProcess, 5> processes;
    for (QProcess &process : processes)
        launch(process, {u"list"_s});
    for (QProcess &process : processes) {
        QVERIFY(process.waitForFinished(patience));
        QVERIFY2(process.exitCode() == 0, process.readAllStandardError().constData());
    }
    QFile log(m_home->filePath(u"home/pmdaemon.log"_s));
    QVERIFY(log.open(QIODevice::ReadOnly));
    QCOMPARE(log.readAll().count("listens on"), 1);
    QVERIFY(!(log.permissions() & (QFile::ReadGroup | QFile::ReadOther)));
    const Outcome ping = run({u"ping"_s, u"--json"_s, u"--no-spawn"_s});
    QCOMPARE(ping.code, 0);
    QCOMPARE(QJsonDocument::fromJson(ping.out).object()[u"role"_s].toString(), u"admin"_s);
}

void TestCli::aPortInUseIsTold()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    const QString port = QString::number(server.serverPort());
    const Outcome outcome = run({u"--port"_s, port, u"list"_s});
    QVERIFY2(outcome.code == 30, describe(outcome).constData());
    QVERIFY(outcome.err.contains(port.toLatin1()));
    VERIFY_CODE(run({u"daemon"_s, u"--port"_s, port}), 30);
}

void TestCli::aProcessLivesItsLife()
{
    const Outcome started =
        run({u"start"_s, u"sleep"_s, u"--name"_s, u"web"_s, u"--"_s, u"1000"_s});
    QVERIFY2(started.code == 0, describe(started).constData());
    QVERIFY(started.out.startsWith("web: online (pid "));
    QJsonArray processes = list();
    QCOMPARE(processes.size(), 1);
    QCOMPARE(processes[0][u"name"_s].toString(), u"web"_s);
    QCOMPARE(processes[0][u"status"_s].toString(), u"online"_s);
    QVERIFY(processes[0][u"memory"_s].toInteger() > 0);
    QVERIFY(processes[0][u"cpu"_s].isDouble());
    const qint64 pid = processes[0][u"pid"_s].toInteger();
    QVERIFY(pid > 0);
    QVERIFY(run({u"list"_s}).out.contains("web"));
    QVERIFY(run({u"list"_s, u"--namespace"_s, u"other"_s}).out.count('\n') == 1);

    const QJsonArray info =
        QJsonDocument::fromJson(run({u"info"_s, u"web"_s, u"--json"_s}).out).array();
    QCOMPARE(info.size(), 1);
    QCOMPARE(info[0][u"config"_s][u"args"_s].toArray(), QJsonArray{u"1000"_s});
    QVERIFY(run({u"info"_s, u"web"_s}).out.contains("online"));

    VERIFY_CODE(run({u"start"_s, u"web"_s}), 11);
    VERIFY_CODE(run({u"restart"_s, u"web"_s}), 0);
    QVERIFY(list()[0][u"pid"_s].toInteger() != pid);
    VERIFY_CODE(run({u"reload"_s, u"web"_s}), 0);
    VERIFY_CODE(run({u"stop"_s, u"web"_s}), 0);
    QCOMPARE(list()[0][u"status"_s].toString(), u"stopped"_s);
    VERIFY_CODE(run({u"start"_s, u"web"_s}), 0);
    const QJsonArray deleted =
        QJsonDocument::fromJson(run({u"delete"_s, u"web"_s, u"--json"_s}).out).array();
    QCOMPARE(deleted.size(), 1);
    QVERIFY(deleted[0][u"success"_s].toBool());
    QCOMPARE(list().size(), 0);
}

void TestCli::processesAreScaledSignalledAndReset()
{
    write(u"web.sh"_s, "trap 'echo heard' HUP\necho ready\nwhile :; do sleep 0.05; done\n");
    VERIFY_CODE(run({u"start"_s, u"web.sh"_s}), 0);
    VERIFY_CODE(run({u"restart"_s, u"web"_s}), 0);
    QCOMPARE(list()[0][u"restarts"_s], QJsonValue(1));
    const Outcome reset = run({u"reset"_s, u"all"_s});
    VERIFY_CODE(reset, 0);
    QCOMPARE(reset.out, "web: restarts are counted from 0\n");
    QCOMPARE(list()[0][u"restarts"_s], QJsonValue(0));
    const auto logs = [&] { return run({u"logs"_s, u"web"_s, u"--no-color"_s}).out; };
    QTRY_COMPARE_WITH_TIMEOUT(logs(), "ready\nready\n", patience);
    VERIFY_CODE(run({u"signal"_s, u"HUP"_s, u"web"_s}), 0);
    QTRY_COMPARE_WITH_TIMEOUT(logs(), "ready\nready\nheard\n", patience);
    VERIFY_CODE(run({u"flush"_s, u"web"_s}), 0);
    QCOMPARE(logs(), QByteArray());

    const Outcome three = run({u"scale"_s, u"web"_s, u"3"_s});
    VERIFY_CODE(three, 0);
    QCOMPARE(list().size(), 3);
    VERIFY_CODE(run({u"scale"_s, u"web"_s, u"1"_s}), 0);
    QCOMPARE(list().size(), 1);

    VERIFY_CODE(run({u"signal"_s, u"SIGNONE"_s, u"web"_s}), 2);
    VERIFY_CODE(run({u"signal"_s, u"HUP"_s}), 2);
    VERIFY_CODE(run({u"scale"_s, u"web"_s, u"0"_s}), 2);
    VERIFY_CODE(run({u"scale"_s, u"web"_s}), 2);
    VERIFY_CODE(run({u"scale"_s, u"nobody"_s, u"2"_s}), 10);
    VERIFY_CODE(run({u"stop"_s, u"web"_s}), 0);
    QVERIFY(run({u"signal"_s, u"HUP"_s, u"web"_s}).code != 0);
}

void TestCli::linesAreSent()
{
    const QString copy = u"while read -r line; do echo \"got $line\"; done"_s;
    VERIFY_CODE(
        run({u"start"_s, copy, u"--shell"_s, u"--name"_s, u"copy"_s, u"--stdin"_s, u"pipe"_s}), 0);
    const Outcome sent = run({u"send"_s, u"copy"_s, u"a line"_s});
    VERIFY_CODE(sent, 0);
    QCOMPARE(sent.out, "copy: the line was sent to it\n");
    VERIFY_CODE(run({u"send"_s, u"copy"_s}), 0);
    const auto logs = [&] { return run({u"logs"_s, u"copy"_s, u"--no-color"_s}).out; };
    QTRY_COMPARE_WITH_TIMEOUT(logs(), "got a line\ngot \n", patience);
    VERIFY_CODE(run({u"send"_s}), 2);
    VERIFY_CODE(run({u"send"_s, u"copy"_s, QString(5'000, u'x')}), 70);
    VERIFY_CODE(run({u"start"_s, u"sleep 1000"_s, u"--name"_s, u"deaf"_s}), 0);
    const Outcome deaf = run({u"send"_s, u"deaf"_s, u"x"_s});
    VERIFY_CODE(deaf, 22);
    QVERIFY2(deaf.err.contains("give it stdin: \"pipe\""), deaf.err.constData());
}

void TestCli::commandsHaveWaysToBeCarriedOut()
{
    const QString stubborn =
        u"trap 'echo hup; exit 0' HUP; echo up; while :; do sleep 0.05; done"_s;
    VERIFY_CODE(run({u"start"_s, stubborn, u"--shell"_s, u"--name"_s, u"web"_s, u"--port"_s,
                     QString::number(freePort())}),
                0);
    const auto logs = [&] { return run({u"logs"_s, u"web"_s}).out; };
    QTRY_COMPARE_WITH_TIMEOUT(logs(), "up\n", patience);
    const QString port = QString::number(freePort());
    const Outcome moved = run({u"restart"_s, u"web"_s, u"--port"_s, port, u"--signal"_s, u"HUP"_s});
    VERIFY_CODE(moved, 0);
    QVERIFY2(moved.out.contains(QByteArray("port ").append(port.toLatin1())),
             moved.out.constData());
    QVERIFY2(logs().startsWith("up\nhup\n"), logs().constData());
    VERIFY_CODE(run({u"restart"_s, u"web"_s, u"--port"_s, u"none"_s}), 2);
    VERIFY_CODE(run({u"stop"_s, u"web"_s, u"--signal"_s, u"NONE"_s}), 2);
    const Outcome begun = run({u"stop"_s, u"web"_s, u"--no-wait"_s});
    VERIFY_CODE(begun, 0);
    QVERIFY2(begun.out.contains("web: stopping") || begun.out.contains("web: stopped"),
             begun.out.constData());
    VERIFY_CODE(run({u"start"_s, u"web"_s, u"--instances"_s, u"2"_s}), 22); // one port for two
    VERIFY_CODE(run({u"start"_s, u"web"_s, u"--port"_s, port}), 0);
    VERIFY_CODE(run({u"delete"_s, u"web"_s, u"--delete-logs"_s}), 0);
    QVERIFY(!QFile::exists(m_home->filePath(u"home/logs/web-out.log"_s)));
}

void TestCli::tokensAreGivenOutAndRevoked()
{
    const Outcome none = run({u"token"_s, u"list"_s});
    VERIFY_CODE(none, 0);
    const Outcome made = run(
        {u"token"_s, u"create"_s, u"ci"_s, u"--role"_s, u"control"_s, u"--expires"_s, u"30d"_s});
    VERIFY_CODE(made, 0);
    QVERIFY2(made.out.startsWith("pmd_") && made.out.count('\n') == 1, made.out.constData());
    VERIFY_CODE(run({u"token"_s, u"create"_s, u"ci"_s}), 11);
    VERIFY_CODE(run({u"token"_s, u"create"_s}), 2);
    VERIFY_CODE(run({u"token"_s, u"create"_s, u"a/b"_s}), 22);
    VERIFY_CODE(run({u"token"_s, u"create"_s, u"x"_s, u"--expires"_s, u"soon"_s}), 2);
    const QByteArray table = run({u"token"_s, u"list"_s}).out;
    QVERIFY2(table.contains("ci") && table.contains("control"), table.constData());
    QVERIFY(!table.contains(made.out.trimmed()));
    const QJsonArray json =
        QJsonDocument::fromJson(run({u"token"_s, u"list"_s, u"--json"_s}).out).array();
    QCOMPARE(json[0][u"name"_s], QJsonValue(u"ci"_s));
    QCOMPARE(json[0].toObject().keys(),
             (QStringList{u"created_at"_s, u"expires_at"_s, u"name"_s, u"role"_s}));
    VERIFY_CODE(run({u"token"_s, u"revoke"_s, u"ci"_s}), 0);
    VERIFY_CODE(run({u"token"_s, u"revoke"_s, u"ci"_s}), 10);
    const Outcome web = run({u"web"_s, u"--no-browser"_s});
    VERIFY_CODE(web, 0);
    QVERIFY2(web.out.startsWith("http://localhost:") && web.out.count('\n') == 1 &&
                 web.err.contains("within a minute"),
             describe(web).constData());
}

void TestCli::logsAreShownAsTheAppSays()
{
    const auto logs = [this](const QStringList &arguments) {
        return run(QStringList{u"logs"_s, u"--no-color"_s} + arguments).out;
    };
    const QString script = u"echo one; exec sleep 1000"_s;
    VERIFY_CODE(run({u"start"_s, script, u"--shell"_s, u"--name"_s, u"timed"_s,
                     u"--log-date-format"_s, u"[at] YYYY"_s}),
                0);
    QTRY_COMPARE_WITH_TIMEOUT(logs({u"timed"_s}),
                              "at " + QByteArray::number(QDate::currentDate().year()) + " one\n",
                              patience);
    QCOMPARE(logs({u"timed"_s, u"--raw"_s}), "one\n");
    VERIFY_CODE(run({u"start"_s, script, u"--shell"_s, u"--name"_s, u"object"_s, u"--log-type"_s,
                     u"json"_s}),
                0);
    QTRY_VERIFY_WITH_TIMEOUT(!logs({u"object"_s}).isEmpty(), patience);
    const QJsonObject line = QJsonDocument::fromJson(logs({u"object"_s})).object();
    QCOMPARE(line[u"message"_s], QJsonValue(u"one"_s));
    QCOMPARE(line[u"stream"_s], QJsonValue(u"stdout"_s));

    const QString unique = u"date +%s%N; exec sleep 1000"_s;
    VERIFY_CODE(run({u"start"_s, unique, u"--shell"_s, u"--name"_s, u"many"_s, u"--instances"_s,
                     u"3"_s, u"--merge-logs"_s}),
                0);
    QTRY_COMPARE_WITH_TIMEOUT(logs({u"many"_s, u"--raw"_s}).count('\n'), 3, patience);
    QVERIFY(QFile::exists(m_home->filePath(u"home/logs/many-out.log"_s)));
    QProcess follower;
    launch(follower, {u"logs"_s, u"-f"_s, u"-n"_s, u"0"_s, u"many"_s, u"--raw"_s});
    QVERIFY(follower.waitForStarted());
    QByteArray heard;
    QTRY_VERIFY_WITH_TIMEOUT(run({u"restart"_s, u"many-1"_s}).code == 0 &&
                                 (heard += follower.readAllStandardOutput()).count('\n') >= 3,
                             patience);
    follower.terminate();
    QVERIFY(follower.waitForFinished());
    // Each line once, though three instances have the file.
    const QByteArrayList lines = heard.trimmed().split('\n');
    QCOMPARE(QSet<QByteArray>(lines.begin(), lines.end()).size(), lines.size());
}

void TestCli::everyAliasWorks()
{
    VERIFY_CODE(run({u"start"_s, u"sleep 1000"_s, u"--name"_s, u"a"_s}), 0);
    for (const QString &alias : {u"ls"_s, u"l"_s, u"ps"_s, u"status"_s})
        QCOMPARE(QJsonDocument::fromJson(run({alias, u"--json"_s}).out).array().size(), 1);
    for (const QString &alias : {u"describe"_s, u"show"_s})
        VERIFY_CODE(run({alias, u"a"_s}), 0);
    VERIFY_CODE(run({u"r"_s, u"a"_s}), 0);
    VERIFY_CODE(run({u"del"_s, u"a"_s}), 0);
    VERIFY_CODE(run({u"rm"_s, u"a"_s}), 10);
}

void TestCli::optionsReachTheProgram()
{
    const QString script = write(u"show.sh"_s, "echo \"$A|$PORT|$1|$2|$PWD\"\nexec sleep 1000\n");
    QDir(m_home->path()).mkdir(u"sub"_s);
    const QString port = QString::number(freePort());
    const Outcome started =
        run({u"start"_s, u"show.sh"_s, u"--env"_s, u"A=x=y z"_s, u"--port"_s, port, u"--cwd"_s,
             u"sub"_s, u"--no-autorestart"_s, u"--"_s, u"--flag"_s, u"two words"_s});
    QVERIFY2(started.code == 0, describe(started).constData());
    const QByteArray expected = "x=y z|" + port.toLatin1() + "|--flag|two words|" +
                                m_home->filePath(u"sub"_s).toLocal8Bit() + '\n';
    QTRY_COMPARE_WITH_TIMEOUT(run({u"logs"_s, u"show"_s}).out, expected, patience);
    const QJsonArray info =
        QJsonDocument::fromJson(run({u"info"_s, u"show"_s, u"--json"_s}).out).array();
    QCOMPARE(info[0][u"config"_s][u"script"_s].toString(), script);
    QCOMPARE(info[0][u"config"_s][u"autorestart"_s], QJsonValue(false));
}

void TestCli::allAppsOfAFileStart()
{
    QJsonArray apps;
    for (int i = 0; i < 100; ++i)
        apps.append(QJsonObject{{u"name"_s, u"app%1"_s.arg(i)}, {u"script"_s, u"sleep 1000"_s}});
    write(u"ecosystem.json"_s, QJsonDocument(QJsonObject{{u"apps"_s, apps}}).toJson());
    const Outcome started = run({u"start"_s, u"ecosystem.json"_s});
    QVERIFY2(started.code == 0, describe(started).constData());
    QCOMPARE(started.out.count("online"), 100);
    QCOMPARE(list().size(), 100);
    VERIFY_CODE(run({u"stop"_s, u"all"_s}), 0);
    for (const QJsonValue &process : list())
        QCOMPARE(process[u"status"_s].toString(), u"stopped"_s);
    VERIFY_CODE(run({u"start"_s, u"ecosystem.json"_s, u"--name"_s, u"x"_s}), 2);
}

void TestCli::configurationErrorsHaveTheirCodes()
{
    VERIFY_CODE(run({u"start"_s, u"missing.json"_s}), 20);
    QDir(m_home->path()).mkdir(u"folder.json"_s);
    VERIFY_CODE(run({u"start"_s, u"folder.json"_s}), 21);
    const QString bad = write(u"bad.json"_s, "{\"apps\": [\n{\"name\": \"a\",\n\"script\": \"x\",\n"
                                             "\"instances_\": 2}]}\n");
    const Outcome outcome = run({u"start"_s, u"bad.json"_s});
    QVERIFY2(outcome.code == 22, describe(outcome).constData());
    QVERIFY2(outcome.err.contains(QByteArray(bad.toLocal8Bit() + ":4: instances_: ")),
             outcome.err.constData());
    write(u"garbage.json"_s, "{\"apps\": [");
    VERIFY_CODE(run({u"start"_s, u"garbage.json"_s}), 22);
    VERIFY_CODE(run({u"daemon"_s, u"--config"_s, u"missing.json"_s}), 20);
    VERIFY_CODE(run({u"daemon"_s, u"--config"_s, u"garbage.json"_s}), 22);
    VERIFY_CODE(run({u"daemon"_s, u"--send-queue"_s, u"1"_s}), 22);
}

void TestCli::appsComeFromStandardInput()
{
    const auto runWith = [this](const QStringList &arguments, const QByteArray &input) {
        QProcess process;
        launch(process, arguments);
        process.write(input);
        process.closeWriteChannel();
        if (!process.waitForFinished(patience))
            return Outcome{-1, {}, "did not end"};
        return Outcome{process.exitCode(), process.readAllStandardOutput(),
                       process.readAllStandardError()};
    };
    VERIFY_CODE(runWith({u"start"_s, u"-"_s}, "{apps: [{name: 'a', script: 'sleep 1000'}]}"), 0);
    VERIFY_CODE(runWith({u"apply"_s, u"-"_s}, "apps:\n- {name: b, script: sleep 1000}\n"), 0);
    const QJsonArray processes = list();
    QCOMPARE(processes.size(), 2);
    const QJsonObject config =
        QJsonDocument::fromJson(run({u"info"_s, u"b"_s, u"--json"_s}).out)[0][u"config"_s]
            .toObject();
    QCOMPARE(config[u"cwd"_s].toString(), m_home->path());
    QVERIFY(config[u"config_file"_s].toString().isEmpty()); // it cannot be read again
    VERIFY_CODE(run({u"restart"_s, u"b"_s}), 0);
    const Outcome wrong = runWith({u"validate"_s, u"-"_s}, "apps:\n- {name_: b, script: x}\n");
    QCOMPARE(wrong.code, 22);
    QVERIFY2(wrong.err.contains("stdin:2: name_: unknown key"), wrong.err.constData());
}

void TestCli::filesAreCheckedComparedAndApplied()
{
    VERIFY_CODE(run({u"apply"_s}), 20);
    VERIFY_CODE(run({u"init"_s}), 0);
    VERIFY_CODE(run({u"init"_s}), 11);
    VERIFY_CODE(run({u"validate"_s}), 0);
    const QByteArray two =
        "apps:\n- {name: a, script: sleep 1000}\n- {name: b, script: sleep 1000}\n";
    write(u"ecosystem.yaml"_s, two);
    QCOMPARE(run({u"diff"_s}).out,
             "+ a: would be added and started\n+ b: would be added and started\n"_ba);
    QCOMPARE(run({u"list"_s, u"--json"_s}).out.trimmed(), "[]"_ba);
    QCOMPARE(run({u"apply"_s}).out, "+ a: added and started\n+ b: added and started\n"_ba);
    QCOMPARE(run({u"apply"_s}).out, "= 2 app(s) unchanged\n"_ba);
    const auto pidOf = [this](const QString &name) {
        const QByteArray info = run({u"info"_s, name, u"--json"_s}).out;
        return QJsonDocument::fromJson(info)[0][u"pid"_s].toInt();
    };
    const int pid = pidOf(u"a"_s);
    QVERIFY(pid > 0);
    write(u"ecosystem.yaml"_s, "apps:\n- {name: a, script: sleep 1000, namespace: shop}\n"
                               "- {name: c, script: /no/such/program}\n");
    const Outcome changed = run({u"apply"_s});
    QCOMPARE(changed.code, 12);
    QCOMPARE(changed.out, "~ a: changed as it runs: namespace\n- b: stopped and removed\n"_ba);
    QVERIFY2(changed.err.contains("c: "), changed.err.constData());
    QCOMPARE(pidOf(u"a"_s), pid);

    write(u"ecosystem.yaml"_s, two + "- {name: c, script: x, depends_on: [d]}\n");
    VERIFY_CODE(run({u"validate"_s}), 0); // d may be there already
    const Outcome refused = run({u"apply"_s});
    VERIFY_CODE(refused, 22);
    QVERIFY2(refused.err.contains("c: depends_on: there is no app d"), refused.err.constData());
    write(u"ecosystem.yaml"_s, two + "- {name_: c, script: x}\n");
    const Outcome wrong = run({u"validate"_s});
    VERIFY_CODE(wrong, 22);
    QVERIFY2(wrong.err.contains("ecosystem.yaml:4: name_: unknown key"), wrong.err.constData());
    VERIFY_CODE(run({u"validate"_s, u"--lenient"_s}), 0);
}

void TestCli::bashCompletesLiveNames()
{
    VERIFY_CODE(run({u"start"_s, u"sleep 1000"_s, u"--name"_s, u"webshop"_s}), 0);
    write(u"complete.sh"_s, "source <(\"$1\" completion bash)\n"
                            "COMP_LINE=\"$1 --home $2 stop we\"; COMP_POINT=${#COMP_LINE}\n"
                            "COMP_WORDS=($COMP_LINE); COMP_CWORD=4; _pmdaemon\n"
                            "echo \"${COMPREPLY[*]}\"\n");
    QProcess bash;
    bash.start(u"bash"_s, {m_home->filePath(u"complete.sh"_s), QStringLiteral(PMDAEMON_PROGRAM),
                           m_home->filePath(u"home"_s)});
    QVERIFY(bash.waitForFinished(patience));
    QCOMPARE(bash.readAllStandardOutput(), "webshop\n"_ba);
    QCOMPARE(bash.readAllStandardError(), ""_ba);
}

void TestCli::targetsAreSelectedByPatternStatusAndFile()
{
    const QString file =
        write(u"two.json"_s, R"({"apps": [{"name": "web-a", "script": "sleep 1000"},
        {"name": "web-b", "script": "sleep 1000"}]})");
    VERIFY_CODE(run({u"start"_s, file}), 0);
    VERIFY_CODE(run({u"start"_s, u"sleep 1000"_s, u"--name"_s, u"other"_s}), 0);
    const auto statuses = [this] {
        QStringList all;
        for (const QJsonValue &each : list())
            all.append(each["status"_L1].toString());
        return all;
    };
    VERIFY_CODE(run({u"stop"_s, u"web-*"_s}), 0);
    QCOMPARE(statuses(), (QStringList{u"stopped"_s, u"stopped"_s, u"online"_s}));
    const Outcome started = run({u"restart"_s, u"all"_s, u"--status"_s, u"stopped"_s});
    VERIFY_CODE(started, 0);
    QVERIFY(!started.out.contains("other"));
    QCOMPARE(statuses(), (QStringList{u"online"_s, u"online"_s, u"online"_s}));
    VERIFY_CODE(run({u"stop"_s, u"all"_s, u"--status"_s, u"errored"_s}), 0);
    VERIFY_CODE(run({u"stop"_s, file}), 0);
    QCOMPARE(statuses(), (QStringList{u"stopped"_s, u"stopped"_s, u"online"_s}));
    VERIFY_CODE(run({u"stop"_s, u"nothing-*"_s}), 10);
}

void TestCli::severalTargetsAreAllTried()
{
    for (const QString &name : {u"a"_s, u"b"_s})
        VERIFY_CODE(run({u"start"_s, u"sleep 1000"_s, u"--name"_s, name}), 0);
    const Outcome stopped = run({u"stop"_s, u"a"_s, u"nobody"_s, u"b"_s});
    QVERIFY2(stopped.code == 10, describe(stopped).constData());
    QCOMPARE(stopped.out, QByteArray("a: stopped\nb: stopped\n"));
    QVERIFY(stopped.err.contains("nobody"));
    const Outcome json = run({u"start"_s, u"nobody"_s, u"--json"_s});
    QCOMPARE(json.code, 10);
    const QJsonArray results =
        QJsonDocument::fromJson(run({u"delete"_s, u"nobody"_s, u"a"_s, u"--json"_s}).out).array();
    QCOMPARE(results.size(), 2);
    QCOMPARE(results[0][u"error"_s][u"code"_s].toString(), u"not_found"_s);
    QVERIFY(results[1][u"success"_s].toBool());
    VERIFY_CODE(run({u"info"_s, u"nobody"_s, u"b"_s}), 10);
    VERIFY_CODE(run({u"logs"_s, u"nobody"_s}), 10);
}

void TestCli::failuresHaveTheirCodes()
{
    VERIFY_CODE(run({u"start"_s, u"./no-such-file"_s}), 10);
    write(u"noexec"_s, "data");
    VERIFY_CODE(run({u"start"_s, u"./noexec"_s}), 12);
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    VERIFY_CODE(run({u"start"_s, u"sleep 1000"_s, u"--name"_s, u"p"_s, u"--port"_s,
                     QString::number(server.serverPort())}),
                30);
    const Outcome late = run({u"start"_s, u"sleep 1000"_s, u"--name"_s, u"late"_s,
                              u"--wait-ready"_s, u"--listen-timeout"_s, u"50"_s});
    VERIFY_CODE(late, 41);
    QVERIFY2(late.err.contains("it did not say that it is ready within 50 ms"),
             late.err.constData());
    write(u"sick.json"_s, R"({"apps": [{"name": "sick", "script": "sleep 1000",
        "startup": {"script": "false", "interval": 50, "retries": 1}}]})");
    const Outcome sick = run({u"start"_s, u"sick.json"_s});
    VERIFY_CODE(sick, 40);
    QVERIFY2(sick.err.contains("its startup probe failed: it exited with code 1"),
             sick.err.constData());
    write(u"twice.json"_s, R"({"apps":[{"name":"t","script":"sleep 1"}]})");
    VERIFY_CODE(run({u"start"_s, u"sleep 1000"_s, u"--name"_s, u"t"_s}), 0);
    VERIFY_CODE(run({u"start"_s, u"twice.json"_s}), 11);
}

void TestCli::tokensOfOthersAreRefused()
{
    const QString token = write(u"token"_s, "pmd_wrong\n");
    QFile::setPermissions(token, QFile::ReadOwner | QFile::ReadOther);
    VERIFY_CODE(run({u"list"_s, u"--token-file"_s, u"token"_s}), 60);
    VERIFY_CODE(run({u"list"_s, u"--token-file"_s, u"nowhere"_s}), 60);
    QFile::setPermissions(token, QFile::ReadOwner);
    const Outcome outcome = run({u"list"_s, u"--token-file"_s, u"token"_s});
    QVERIFY2(outcome.code == 60, describe(outcome).constData());
    QVERIFY(!outcome.err.contains("pmd_wrong"));
    QVERIFY2(outcome.err.contains(" refuses: "), outcome.err.constData());
    QVERIFY2(outcome.err.contains("token"), outcome.err.constData());
}

void TestCli::logsAreSelected()
{
    write(u"talk.sh"_s, "for i in 1 2 3 4 5; do echo \"line $i\"; done\n"
                        "echo '[WARN] careful'\necho failed >&2\nexec sleep 1000\n");
    VERIFY_CODE(run({u"start"_s, u"talk.sh"_s}), 0);
    QTRY_COMPARE_WITH_TIMEOUT(run({u"logs"_s, u"talk"_s}).out.count('\n'), 7, patience);
    QCOMPARE(run({u"logs"_s, u"talk"_s, u"--err"_s}).out, QByteArray("failed\n"));
    QCOMPARE(run({u"logs"_s, u"talk"_s, u"--out"_s, u"-n"_s, u"2"_s}).out,
             QByteArray("line 5\n[WARN] careful\n"));
    QCOMPARE(run({u"logs"_s, u"talk"_s, u"--grep"_s, u"line 3"_s}).out, QByteArray("line 3\n"));
    QCOMPARE(run({u"logs"_s, u"talk"_s, u"--level"_s, u"warn"_s}).out.count('\n'), 2);
    QCOMPARE(run({u"logs"_s, u"talk"_s, u"--until"_s, u"1h"_s}).out, QByteArray());
    QCOMPARE(run({u"logs"_s, u"talk"_s, u"--since"_s, u"1h"_s}).out.count('\n'), 7);
    QVERIFY(run({u"logs"_s}).out.contains("talk | line 1\n"));
    const Outcome none = run({u"logs"_s, u"talk"_s, u"-n"_s, u"0"_s});
    QVERIFY2(none.code == 0 && none.out.isEmpty() && none.err.isEmpty(),
             describe(none).constData());
    const QJsonArray lines =
        QJsonDocument::fromJson(run({u"logs"_s, u"talk"_s, u"--json"_s}).out).array();
    QCOMPARE(lines.size(), 7);
    QCOMPARE(lines[0][u"process"_s].toString(), u"talk"_s);
    QVERIFY(run({u"logs"_s, u"talk"_s, u"--timestamps"_s}).out.contains("Z line 1\n"));
}

void TestCli::logsAreHarmless()
{
    write(u"evil.sh"_s, "printf '\\033[31mred\\033[0m\\033[2J\\n'\nexec sleep 1000\n");
    VERIFY_CODE(run({u"start"_s, u"evil.sh"_s}), 0);
    QTRY_COMPARE_WITH_TIMEOUT(run({u"logs"_s, u"evil"_s}).out,
                              QByteArray("\x1b[31mred\x1b[0m␛[2J\x1b[0m\n"), patience);
    QCOMPARE(run({u"logs"_s, u"evil"_s, u"--no-color"_s}).out, QByteArray("red␛[2J\n"));
    QCOMPARE(run({u"logs"_s, u"evil"_s, u"--raw"_s}).out,
             QByteArray("\x1b[31mred\x1b[0m\x1b[2J\n"));
}

void TestCli::logsFollowSeveralWithoutAHole()
{
    // The pages of the others take a while, in which the first goes on writing.
    write(u"fast.sh"_s, "i=0\nwhile :; do i=$((i+1)); echo $i\n"
                        "[ $((i % 20)) = 0 ] && sleep 0.005\ndone\n");
    write(u"big.sh"_s, "seq 4000\necho ready\nexec sleep 1000\n");
    VERIFY_CODE(run({u"start"_s, u"fast.sh"_s}), 0);
    VERIFY_CODE(run({u"start"_s, u"big.sh"_s, u"--instances"_s, u"8"_s}), 0);
    QTRY_COMPARE_WITH_TIMEOUT(
        run({u"logs"_s, u"big"_s, u"-n"_s, u"1"_s, u"--grep"_s, u"ready"_s}).out.count('\n'), 8,
        patience);
    QProcess follower;
    launch(follower, {u"logs"_s, u"-f"_s, u"-n"_s, u"4000"_s});
    QByteArrayList numbers;
    const auto seesMore = [&] {
        follower.waitForReadyRead(50);
        while (follower.canReadLine()) {
            const QByteArray line = follower.readLine();
            if (line.startsWith("fast | "))
                numbers.append(line.mid(7).trimmed());
        }
        return numbers.size() > 6'000; // a page and what followed it
    };
    QTRY_VERIFY_WITH_TIMEOUT(seesMore(), patience);
    for (qsizetype i = 1; i < numbers.size(); ++i)
        QCOMPARE(numbers[i].toInt(), numbers[i - 1].toInt() + 1);
    follower.kill();
    QVERIFY(follower.waitForFinished(patience));
}

/// The whole lines of `follower` until some have come from before and after a change of daemons.
void TestCli::seesMoreFromTheNextDaemon(QProcess &follower, const QString &port,
                                        QByteArrayList &lines) const
{
    const auto seesLines = [&](qsizetype count) {
        follower.waitForReadyRead(50);
        while (follower.canReadLine())
            lines.append(follower.readLine().chopped(1));
        return lines.size() >= count;
    };
    QTRY_VERIFY_WITH_TIMEOUT(seesLines(6), patience);
    VERIFY_CODE(run({u"kill"_s}), 0);
    VERIFY_CODE(run({u"--port"_s, port, u"list"_s}), 0); // starts another daemon
    const qsizetype before = lines.size();
    QTRY_VERIFY_WITH_TIMEOUT(seesLines(before + 10), patience);
}

void TestCli::logsFollowOverReconnects()
{
    const QString port = QString::number(freePort());
    write(u"tick.sh"_s, "i=0\nwhile :; do i=$((i+1)); echo \"$1 $i\"; sleep 0.05; done\n");
    VERIFY_CODE(run({u"--port"_s, port, u"start"_s, u"tick.sh"_s, u"--"_s, u"tick"_s}), 0);
    QProcess follower;
    launch(follower, {u"logs"_s, u"tick"_s, u"-f"_s, u"-n"_s, u"1"_s});
    QByteArrayList lines;
    seesMoreFromTheNextDaemon(follower, port, lines);
    // Every line once and in order, those that were written while there was no daemon, too.
    for (qsizetype i = 1; i < lines.size(); ++i)
        QCOMPARE(lines[i].mid(5).toInt(), lines[i - 1].mid(5).toInt() + 1);
    QVERIFY(follower.readAllStandardError().contains("lost"));
    ::kill(static_cast<pid_t>(follower.processId()), SIGINT);
    QVERIFY(follower.waitForFinished(patience));
    QCOMPARE(follower.exitCode(), 130);
}

void TestCli::eventsAreShownAndSelected()
{
    write(u"fail.sh"_s, "exit 3\n");
    write(u"wait.sh"_s, "exec sleep 1000\n");
    VERIFY_CODE(run({u"start"_s, u"wait.sh"_s}), 0);
    run({u"start"_s, u"fail.sh"_s, u"--no-autorestart"_s});
    VERIFY_CODE(run({u"delete"_s, u"wait"_s}), 0);
    const Outcome wait = run({u"events"_s, u"wait"_s});
    VERIFY_CODE(wait, 0);
    const QByteArrayList lines = wait.out.trimmed().split('\n');
    QCOMPARE(lines.size(), 3);
    QVERIFY2(lines[0].contains("wait  started       pid "), lines[0].constData());
    QVERIFY2(lines[1].contains("wait  stopped       SIGTERM, requested"), lines[1].constData());
    QVERIFY2(lines[2].endsWith("wait  deleted"), lines[2].constData());
    const Outcome last = run({u"events"_s, u"fail"_s, u"-n"_s, u"1"_s, u"--json"_s});
    VERIFY_CODE(last, 0);
    const QJsonArray events = QJsonDocument::fromJson(last.out).array();
    QCOMPARE(events.size(), 1);
    QCOMPARE(events[0][u"event"_s], u"crashed"_s);
    QCOMPARE(events[0][u"details"_s][u"exit_code"_s], QJsonValue(3));
    VERIFY_CODE(run({u"events"_s, u"nobody"_s}), 10);
    VERIFY_CODE(run({u"events"_s, u"-n"_s, u"1001"_s}), 2);
    VERIFY_CODE(run({u"events"_s, u"--since"_s, u"whenever"_s}), 2);
}

void TestCli::eventsFollowOverReconnects()
{
    const QString port = QString::number(freePort());
    write(u"fail.sh"_s, "sleep 0.1; exit 3\n");
    VERIFY_CODE(run({u"--port"_s, port, u"start"_s, u"fail.sh"_s, u"--max-restarts"_s, u"1000"_s,
                     u"--exp-backoff-restart-delay"_s, u"0"_s}),
                0);
    QProcess follower;
    launch(follower, {u"events"_s, u"fail"_s, u"-f"_s, u"-n"_s, u"1"_s, u"--json"_s});
    QByteArrayList lines;
    seesMoreFromTheNextDaemon(follower, port, lines);
    // Each once and in order, those that happened while there was no daemon, too.
    int restarts = 0;
    for (const QByteArray &line : lines) {
        const QJsonObject event = QJsonDocument::fromJson(line).object();
        if (event[u"event"_s] != u"restarted"_s)
            continue;
        const int count = event[u"details"_s][u"restarts"_s].toInt();
        QVERIFY2(restarts == 0 || count == restarts + 1, lines.join('\n').constData());
        restarts = count;
    }
    QVERIFY(restarts > 0);
    ::kill(static_cast<pid_t>(follower.processId()), SIGINT);
    QVERIFY(follower.waitForFinished(patience));
}

void TestCli::aHungDaemonIsToldInTime()
{
    VERIFY_CODE(run({u"list"_s}), 0);
    const auto address = pmdaemon::readDaemonAddress(m_home->filePath(u"home/run"_s));
    QVERIFY(address);
    const auto pid = static_cast<pid_t>(address->pid);
    QCOMPARE(::kill(pid, SIGSTOP), 0);
    const auto goOn = qScopeGuard([pid] { ::kill(pid, SIGCONT); });
    for (const QString &command : {u"list"_s, u"ping"_s, u"logs"_s}) {
        const Outcome outcome = run({command, u"--timeout"_s, u"300ms"_s});
        QVERIFY2(outcome.code == 50, describe(outcome).constData());
        QVERIFY2(outcome.err.contains("no answer within 0.3 s"), outcome.err.constData());
        QVERIFY(outcome.out.isEmpty());
    }
    const Outcome kill = run({u"kill"_s, u"--timeout"_s, u"300ms"_s});
    QVERIFY2(kill.code == 13 && kill.err.contains("0.3 s"), describe(kill).constData());
}

void TestCli::quietSaysNothing()
{
    const Outcome outcome = run({u"-q"_s, u"start"_s, u"sleep 1000"_s, u"--name"_s, u"a"_s});
    QVERIFY2(outcome.code == 0, describe(outcome).constData());
    QVERIFY(outcome.out.isEmpty() && outcome.err.isEmpty());
    QVERIFY(!run({u"-q"_s, u"stop"_s, u"b"_s}).err.isEmpty());
}

void TestCli::aTerminalGetsShapesAndColours()
{
    VERIFY_CODE(run({u"start"_s, u"sleep 1000"_s, u"--name"_s, u"web"_s}), 0);
    const Outcome wide = runOnTerminal({u"list"_s}, 200, {});
    QVERIFY2(wide.code == 0, describe(wide).constData());
    QVERIFY2(wide.out.contains("\x1b[32m● online\x1b[0m"), wide.out.constData());
    QVERIFY(wide.out.contains("memory"));
    const Outcome narrow = runOnTerminal({u"list"_s}, 40, {}, {}, true);
    QVERIFY(!narrow.out.contains('\x1b'));
    for (const QByteArray &line : narrow.out.split('\n'))
        QVERIFY2(QString::fromUtf8(line).trimmed().size() <= 40, line.constData());
    QVERIFY(narrow.out.contains("web"));
    QVERIFY(!run({u"list"_s}).out.contains('\x1b'));
}

void TestCli::aWatchedListShowsEachChange()
{
    VERIFY_CODE(run({u"start"_s, u"sleep 2"_s, u"--name"_s, u"short"_s, u"--no-autorestart"_s}), 0);
    const QByteArray interrupt = "\x03";
    const Outcome seen = runOnTerminal({u"list"_s, u"--watch"_s}, 100, interrupt, "○ stopped");
    QCOMPARE(seen.code, 130);
    QVERIFY2(seen.out.contains("● online"), seen.out.constData());
    // What stood on the terminal before comes back.
    QVERIFY(seen.out.startsWith("\x1b[?1049h"));
    QVERIFY(seen.out.endsWith("\x1b[?1049l"));
    const Outcome left = runOnTerminal({u"list"_s, u"--watch"_s}, 100, "q", "q leave");
    QVERIFY2(left.code == 0 && left.out.endsWith("\x1b[?1049l"), describe(left).constData());
    VERIFY_CODE(
        run({u"start"_s, u"sleep 1000"_s, u"--name"_s, u"many"_s, u"--instances"_s, u"30"_s}), 0);
    const Outcome scrolled = runOnTerminal({u"top"_s, u"--sort"_s, u"id"_s}, 100, "Gq", "10 below");
    QVERIFY2(scrolled.code == 0, describe(scrolled).constData());
}

void TestCli::monitShowsTheLogOfTheSelection()
{
    VERIFY_CODE(run({u"start"_s, u"echo hello from $PMDAEMON_PROCESS_NAME; sleep 1000"_s,
                     u"--shell"_s, u"--name"_s, u"talker"_s}),
                0);
    const Outcome seen = runOnTerminal({u"monit"_s}, 100, "q", "hello from talker");
    QVERIFY2(seen.code == 0, describe(seen).constData());
    QVERIFY2(seen.out.contains("› ") && seen.out.contains("● online"), seen.out.constData());
    QVERIFY(seen.out.contains("q leave"));
    QVERIFY(seen.out.endsWith("\x1b[?1049l"));
    VERIFY_CODE(run({u"monit"_s}), 2); // there is no terminal
}

void TestCli::environmentsAndTreesAreShown()
{
    VERIFY_CODE(run({u"start"_s, u"sleep 1000 & wait"_s, u"--shell"_s, u"--name"_s, u"web"_s,
                     u"--env"_s, u"COLOUR=blue"_s, u"--namespace"_s, u"shop"_s}),
                0);
    const Outcome env = run({u"env"_s, u"web"_s});
    VERIFY_CODE(env, 0);
    QVERIFY2(env.out.contains("\nCOLOUR=blue\n"), env.out.constData());
    const auto json = QJsonDocument::fromJson(run({u"env"_s, u"web"_s, u"--json"_s}).out).array();
    QCOMPARE(json[0][u"env"_s][u"PMDAEMON_NAMESPACE"_s], QJsonValue(u"shop"_s));
    VERIFY_CODE(run({u"env"_s, u"nobody"_s}), 10);
    const auto treeHasSleep = [&] { return run({u"tree"_s}).out.contains("sleep 1000"); };
    QTRY_VERIFY_WITH_TIMEOUT(treeHasSleep(), patience);
    const QByteArray tree = run({u"tree"_s}).out;
    QVERIFY2(tree.startsWith("shop\n") && tree.contains("web (online) "), tree.constData());
    VERIFY_CODE(run({u"stop"_s, u"web"_s}), 0);
    VERIFY_CODE(run({u"env"_s, u"web"_s}), 1);
    QCOMPARE(run({u"tree"_s}).out.count('\n'), 2);
}

void TestCli::whatWasSavedComesBack()
{
    VERIFY_CODE(run({u"resurrect"_s}), 20);
    VERIFY_CODE(run({u"save"_s, u"nothing"_s}), 0);
    VERIFY_CODE(run({u"resurrect"_s, u"nothing"_s}), 0);
    VERIFY_CODE(run({u"start"_s, u"sleep 1000"_s, u"--name"_s, u"a"_s, u"--env"_s, u"TOKEN=x"_s,
                     u"--env"_s, u"TEXT=${NOT_SET}$$"_s}),
                0);
    VERIFY_CODE(run({u"save"_s}), 0);
    const QString file = m_home->filePath(u"home/snapshots/saved.json"_s);
    QCOMPARE(QFile::permissions(file) & (QFile::ReadGroup | QFile::ReadOther),
             QFile::Permissions());
    VERIFY_CODE(run({u"delete"_s, u"a"_s}), 0);
    VERIFY_CODE(run({u"start"_s, u"sleep 1000"_s, u"--name"_s, u"b"_s}), 0);
    VERIFY_CODE(run({u"save"_s, u"second"_s}), 0);
    const Outcome back = run({u"resurrect"_s});
    VERIFY_CODE(back, 0);
    QCOMPARE(back.out, "+ a: added and started\n");
    QCOMPARE(list().size(), 2);                                   // what came since is left alone
    QVERIFY(run({u"env"_s, u"a"_s}).out.contains("\nTOKEN=x\n")); // and not its redaction
    QVERIFY(run({u"env"_s, u"a"_s}).out.contains("\nTEXT=${NOT_SET}$$\n"));
    VERIFY_CODE(run({u"save"_s, u"../x"_s}), 2);
}

void TestCli::systemdStartsTheDaemon()
{
    // What would be systemd's notes what it was told.
    const QString fake = write(u"systemctl"_s, "#!/bin/sh\necho \"$@\" >> \"$0.log\"\n");
    QFile::setPermissions(fake, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    VERIFY_CODE(run({u"startup"_s}), 0);
    QFile unit(m_home->filePath(u"config/systemd/user/pmdaemon.service"_s));
    QVERIFY(unit.open(QIODevice::ReadOnly));
    const QByteArray text = unit.readAll();
    const QByteArray home = m_home->filePath(u"home"_s).toUtf8();
    const QByteArray command = QByteArray(PMDAEMON_PROGRAM) + " daemon --home " + home;
    QVERIFY2(text.contains(command), text.constData());
    QVERIFY2(!text.contains('@'), text.constData());
    VERIFY_CODE(run({u"unstartup"_s}), 0);
    QVERIFY(!QFile::exists(unit.fileName()));
    VERIFY_CODE(run({u"unstartup"_s}), 10);
    QFile log(fake + u".log"_s);
    QVERIFY(log.open(QIODevice::ReadOnly));
    QCOMPARE(log.readAll(), "--user daemon-reload\n--user enable pmdaemon.service\n"
                            "--user disable pmdaemon.service\n--user daemon-reload\n");
}

void TestCli::deletingSeveralIsAsked()
{
    for (const QString &name : {u"a"_s, u"b"_s})
        VERIFY_CODE(run({u"start"_s, u"sleep 1000"_s, u"--name"_s, name}), 0);
    const QByteArray question = "[y/N]";
    const Outcome no = runOnTerminal({u"delete"_s, u"all"_s}, 80, "n\n", question);
    QVERIFY2(no.code == 130 && no.out.contains("a, b"), describe(no).constData());
    QCOMPARE(list().size(), 2);
    const Outcome yes = runOnTerminal({u"delete"_s, u"all"_s}, 80, "y\n", question);
    QVERIFY2(yes.code == 0, describe(yes).constData());
    QCOMPARE(list().size(), 0);
    for (const QString &name : {u"a"_s, u"b"_s})
        VERIFY_CODE(run({u"start"_s, u"sleep 1000"_s, u"--name"_s, name}), 0);
    const Outcome forced = runOnTerminal({u"delete"_s, u"-f"_s, u"all"_s}, 80, {});
    QVERIFY2(forced.code == 0 && !forced.out.contains(question), describe(forced).constData());
}

void TestCli::killLeavesTheProcessesAlone()
{
    VERIFY_CODE(run({u"start"_s, u"sleep 1000"_s, u"--name"_s, u"a"_s}), 0);
    const QJsonObject before = list()[0].toObject();
    const auto pid = static_cast<pid_t>(before[u"pid"_s].toInteger());
    VERIFY_CODE(run({u"kill"_s}), 0);
    VERIFY_CODE(run({u"list"_s, u"--no-spawn"_s}), 50);
    QCOMPARE(::kill(pid, 0), 0);
    // Of a daemon that list started; on a loaded machine a shim may answer late.
    QTRY_COMPARE_WITH_TIMEOUT(list()[0][u"pid"_s], before[u"pid"_s], patience);
    const QJsonObject after = list()[0].toObject();
    for (const QString &key : {u"id"_s, u"name"_s, u"pid"_s, u"restarts"_s, u"started_at"_s})
        QCOMPARE(after[key], before[key]);
    QCOMPARE(after[u"status"_s].toString(), u"online"_s);
    VERIFY_CODE(run({u"stop"_s, u"a"_s}), 0);
    QVERIFY(::kill(pid, 0) != 0);
}

void TestCli::killAllEndsTheProcessesToo()
{
    VERIFY_CODE(run({u"start"_s, u"sleep 1000"_s, u"--name"_s, u"a"_s}), 0);
    const auto pid = static_cast<pid_t>(list()[0][u"pid"_s].toInteger());
    QCOMPARE(::kill(pid, 0), 0);
    const Outcome killed = run({u"kill"_s, u"--all"_s, u"--json"_s});
    QVERIFY2(killed.code == 0, describe(killed).constData());
    QVERIFY(QJsonDocument::fromJson(killed.out).object()[u"stopped"_s].toBool());
    QVERIFY(::kill(pid, 0) != 0);
    VERIFY_CODE(run({u"list"_s, u"--no-spawn"_s}), 50);
    QVERIFY(!QJsonDocument::fromJson(run({u"kill"_s, u"--json"_s}).out)
                 .object()[u"stopped"_s]
                 .toBool(true));
}

void TestCli::theDoctorFindsAndMendsADamagedState()
{
    const auto problems = [this] {
        QStringList about;
        for (const QJsonValue &finding :
             QJsonDocument::fromJson(run({u"doctor"_s, u"--json"_s}).out).array()) {
            if (!finding[u"ok"_s].toBool())
                about.append(finding[u"about"_s].toString());
        }
        return about;
    };
    VERIFY_CODE(run({u"doctor"_s}), 0); // where nothing ever ran
    VERIFY_CODE(run({u"list"_s, u"--no-spawn"_s}), 50);
    VERIFY_CODE(run({u"start"_s, u"sleep 1000"_s, u"--name"_s, u"a"_s}), 0);
    const QJsonObject before = list()[0].toObject();
    VERIFY_CODE(run({u"doctor"_s}), 0);
    VERIFY_CODE(run({u"doctor"_s, u"--restore-backup"_s}), 11); // the daemon has it
    VERIFY_CODE(run({u"kill"_s}), 0);

    write(u"home/state.db"_s, "no database");
    VERIFY_CODE(run({u"doctor"_s}), 1);
    QCOMPARE(problems(), QStringList{u"state"_s});
    QCOMPARE(list(), QJsonArray()); // the daemon says so as well, and touches nothing
    QCOMPARE(problems(), QStringList{u"state"_s});
    const Outcome listed = run({u"list"_s});
    QVERIFY2(listed.code == 0 && listed.err.contains("Safe mode") &&
                 listed.err.contains("`pmdaemon doctor`"),
             describe(listed).constData());
    const Outcome killed = run({u"kill"_s, u"--all"_s});
    QVERIFY2(killed.code == 13 && killed.err.contains("nothing was stopped"),
             describe(killed).constData());
    VERIFY_CODE(run({u"ping"_s, u"--no-spawn"_s}), 0);
    VERIFY_CODE(run({u"kill"_s}), 0);
    VERIFY_CODE(run({u"doctor"_s, u"--restore-backup"_s, u"--accept-loss"_s}), 2);
    VERIFY_CODE(run({u"doctor"_s, u"--restore-backup"_s}), 0);
    VERIFY_CODE(run({u"doctor"_s}), 0);
    // A shim that has not answered within a second is waited for no longer, and adopted later.
    QTRY_COMPARE_WITH_TIMEOUT(list()[0][u"pid"_s], before[u"pid"_s], patience);
    QCOMPARE(list()[0][u"restarts"_s], before[u"restarts"_s]);
}

QTEST_GUILESS_MAIN(TestCli)
#include "tst_cli.moc"
