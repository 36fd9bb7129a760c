// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/pm2dump.h"
#include "tests/support/comparenames.h"

#include <QTest>

#include <csignal>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

QProcessEnvironment ours()
{
    QProcessEnvironment environment;
    environment.insert(u"LANG"_s, u"C"_s);
    environment.insert(u"EDITOR"_s, u"vi"_s);
    return environment;
}

Pm2Dump read(const QByteArray &entries)
{
    const auto dump = readPm2Dump('[' + entries + ']', ours());
    return dump ? *dump : Pm2Dump{{}, {dump.error().message}};
}

const QByteArray web = R"({"name": "web", "pm_exec_path": "/srv/web.js", "pm_cwd": "/srv",
    "exec_interpreter": "node", "exec_mode": "fork_mode", "args": ["-v"], "node_args": [],
    "pm_pid_path": "/home/u/.pm2/pids/web-0.pid", "pm_out_log_path": "/home/u/.pm2/logs/web-out.log",
    "pm_err_log_path": "/var/log/web.err", "watch": false, "status": "online", "restart_time": 5,
    "env": {"LANG": "C", "EDITOR": "emacs", "PM2_USAGE": "CLI", "web": "{}", "PWD": "/x", "N": 5,
            "unique_id": "1", "list": ["x"]}})";

} // namespace

class TestPm2Dump : public QObject
{
    Q_OBJECT

private slots:
    void readsAnApp()
    {
        const Pm2Dump dump = read(web);
        QCOMPARE(dump.notices, QStringList());
        QCOMPARE(dump.apps.size(), 1);
        const ProcessSpec &app = dump.apps.first();
        QCOMPARE(app.name, u"web"_s);
        QCOMPARE(app.script, u"/srv/web.js"_s);
        QCOMPARE(app.cwd, u"/srv"_s);
        QCOMPARE(app.args, QStringList{u"-v"_s});
        QVERIFY(!app.interpreter);
        QCOMPARE(app.killSignal, SIGINT);
        QCOMPARE(app.env, (QMap<QString, QString>{{u"EDITOR"_s, u"emacs"_s}, {u"N"_s, u"5"_s}}));
        QCOMPARE(app.outFile, QString()); // PM2's own place
        QCOMPARE(app.errorFile, u"/var/log/web.err"_s);
    }

    void countsInstances()
    {
        const QByteArray cluster = QByteArray(web).replace("fork_mode", "cluster_mode");
        const Pm2Dump dump = read(cluster + ',' + cluster + ',' + cluster);
        QCOMPARE(dump.apps.size(), 1);
        QCOMPARE(dump.apps.first().instances, 3);
        QCOMPARE(dump.notices.size(), 1);
        QVERIFY2(
            dump.notices[0].startsWith(u"web: in PM2's cluster mode all instances share a port"_s),
            qPrintable(dump.notices[0]));
        QVERIFY(dump.notices[0].contains(u"\"3000-3002\""_s));
    }

    void tellsWhatItLeavesOut()
    {
        const Pm2Dump dump =
            read(QByteArray(web)
                     .replace("\"watch\": false", "\"watch\": [\"src\"]")
                     .replace("\"web\", \"pm_exec", "\"my web!\", \"pm_exec") +
                 ',' + QByteArray(web).replace("online", "stopped").replace("\"web\"", "\"old\"") +
                 R"(,{"name": "odd", "pm_exec_path": "/x", "kill_timeout": "soon"})");
        QCOMPARE(dump.apps.size(), 1);
        QCOMPARE(dump.apps.first().name, u"my-web-"_s);
        QCOMPARE(dump.notices.size(), 4);
        QCOMPARE(dump.notices[0], u"my-web-: this is what “my web!” is called here"_s);
        QCOMPARE(dump.notices[1], u"my-web-: watch is not possible in this version"_s);
        QCOMPARE(dump.notices[2], u"old: it is stopped in PM2, and left out"_s);
        QVERIFY(dump.notices[3].startsWith(u"odd: it is left out: kill_timeout: expected"_s));
    }

    void refusesWhatIsNoDump()
    {
        QCOMPARE(readPm2Dump("{}", ours()).error().code, ErrorCode::InvalidConfig);
        QVERIFY(readPm2Dump("[", ours()).error().message.contains(u"pm2 save"_s));
    }
};

QTEST_GUILESS_MAIN(TestPm2Dump)
#include "tst_pm2dump.moc"
