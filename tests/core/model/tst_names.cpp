// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/model/command.h"
#include "core/model/error.h"
#include "core/model/logline.h"
#include "core/model/nearestname.h"
#include "core/model/processevent.h"
#include "core/model/signalname.h"
#include "tests/support/comparenames.h"

#include <QTest>

#include <csignal>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

/// Each word stands for its value, both ways, and nothing else does.
template <typename E, typename Parse>
void checkWords(Parse parse, const QStringList &words)
{
    for (int i = 0; i < words.size(); ++i) {
        QCOMPARE(QString(toString(E(i))), words[i]);
        QVERIFY2(parse(words[i]) == E(i), qPrintable(words[i]));
        QVERIFY(!parse(words[i].toUpper()));
        QVERIFY(!parse(QString(words[i] + u' ')));
    }
    QVERIFY(!parse(u""_s));
    QVERIFY(!parse(u"nonsense"_s));
}

} // namespace

class TestNames : public QObject
{
    Q_OBJECT

private slots:
    void statuses();
    void healths();
    void events();
    void restartReasons();
    void checks();
    void logWords();
    void actions();
    void roles();
    void errorCodes();
    void signalsBothWays();
    void refusesWhatIsNoSignal();
    void findsTheNearestName_data();
    void findsTheNearestName();
    void quotesForMessages();
};

void TestNames::statuses()
{
    checkWords<ProcessStatus>(
        processStatusFromString,
        {u"stopped"_s, u"starting"_s, u"online"_s, u"stopping"_s, u"errored"_s, u"restarting"_s});
}

void TestNames::healths()
{
    checkWords<HealthStatus>(healthStatusFromString, {u"unknown"_s, u"healthy"_s, u"unhealthy"_s});
}

void TestNames::events()
{
    checkWords<ProcessEvent::Kind>(processEventKindFromString,
                                   {u"started"_s, u"stopped"_s, u"crashed"_s, u"restarted"_s,
                                    u"health_check_failed"_s, u"memory_limit_exceeded"_s,
                                    u"deleted"_s, u"reloaded"_s});
}

void TestNames::restartReasons()
{
    const QStringList words{u"manual"_s, u"crash"_s, u"memory"_s, u"health"_s,
                            u"watch"_s,  u"cron"_s,  u"reload"_s};
    for (int i = 0; i < words.size(); ++i)
        QCOMPARE(QString(toString(RestartReason(i))), words[i]);
}

void TestNames::checks()
{
    checkWords<CheckType>(checkTypeFromString, {u"http"_s, u"tcp"_s, u"script"_s});
}

void TestNames::logWords()
{
    checkWords<LogStream>(logStreamFromString, {u"stdout"_s, u"stderr"_s});
    checkWords<LogLevel>(logLevelFromString,
                         {u"trace"_s, u"debug"_s, u"info"_s, u"warn"_s, u"error"_s, u"fatal"_s});
}

void TestNames::actions()
{
    checkWords<Action>(actionFromString,
                       {u"start"_s, u"stop"_s, u"restart"_s, u"delete"_s, u"reload"_s, u"scale"_s,
                        u"signal"_s, u"reset"_s, u"flush"_s});
}

void TestNames::roles()
{
    checkWords<Role>(roleFromString, {u"none"_s, u"read"_s, u"control"_s, u"admin"_s});
}

void TestNames::errorCodes()
{
    checkWords<ErrorCode>(
        errorCodeFromString,
        {u"invalid_json"_s,   u"invalid_message"_s, u"unknown_type"_s,   u"unknown_event"_s,
         u"unknown_action"_s, u"not_found"_s,       u"already_exists"_s, u"already_running"_s,
         u"not_running"_s,    u"invalid_config"_s,  u"port_in_use"_s,    u"start_failed"_s,
         u"stop_failed"_s,    u"timeout"_s,         u"read_only"_s,      u"unauthorized"_s,
         u"rate_limited"_s,   u"too_large"_s,       u"shutting_down"_s,  u"storage_full"_s,
         u"internal"_s,       u"unreachable"_s});
}

void TestNames::signalsBothWays()
{
    QCOMPARE(signalName(SIGTERM), u"SIGTERM"_s);
    for (int number = 1; number <= SIGRTMAX; ++number)
        QCOMPARE(signalFromString(signalName(number)), number);
    for (const QString &text : {u"SIGHUP"_s, u"HUP"_s, u"sighup"_s, u"hup"_s, u"1"_s})
        QCOMPARE(signalFromString(text), SIGHUP);
}

void TestNames::refusesWhatIsNoSignal()
{
    for (const QString &text : {u""_s, u"SIG"_s, u"0"_s, u"-1"_s, u"65"_s, u"SIG65"_s, u"SIG-1"_s,
                                u"SIGSIGHUP"_s, u"HUP "_s, u"99999999999"_s, u"SIGFOO"_s})
        QVERIFY2(!signalFromString(text), qPrintable(text));
}

void TestNames::findsTheNearestName_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("nearest");
    QTest::newRow("the same") << u"instances"_s << u"instances"_s;
    QTest::newRow("one letter") << u"instanses"_s << u"instances"_s;
    QTest::newRow("swapped") << u"scirpt"_s << u"script"_s;
    QTest::newRow("letter case") << u"SCRIPT"_s << u"script"_s;
    QTest::newRow("missing end") << u"inst"_s << u"instances"_s;
    QTest::newRow("too long") << u"scripts"_s << u"script"_s;
    QTest::newRow("short") << u"cw"_s << u"cwd"_s;
    QTest::newRow("another word") << u"umbrella"_s << QString();
    QTest::newRow("empty") << QString() << QString();
    QTest::newRow("endless") << QString(100'000, u's') << QString();
}

void TestNames::findsTheNearestName()
{
    QFETCH(QString, text);
    QFETCH(QString, nearest);
    constexpr std::array names{"script"_L1, "instances"_L1, "cwd"_L1, "env"_L1};
    QCOMPARE(QString(nearestName(text, names)), nearest);
    QCOMPARE(didYouMean(text, names).isEmpty(), nearest.isEmpty());
}

void TestNames::quotesForMessages()
{
    QCOMPARE(quoted(u"a\nb\x1b["_s), u"\"a\uFFFDb\uFFFD[\""_s);
    QCOMPARE(quoted(QString(1'000, u'x')), u'"' + QString(40, u'x') + u"…\""_s);
    QVERIFY(quoted(QString(QString(39, u'x') + u"😀"_s)).isValidUtf16());
}

QTEST_GUILESS_MAIN(TestNames)
#include "tst_names.moc"
