// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/eventtext.h"
#include "app/cli/exitcode.h"
#include "app/cli/table.h"
#include "app/cli/units.h"

#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

class TestCliFormat : public QObject
{
    Q_OBJECT

private slots:
    void tellsUptimeInTwoUnits();
    void tellsBytes();
    void readsDurations_data();
    void readsDurations();
    void tellsEvents_data();
    void tellsEvents();
    void alignsColumns();
    void fitsTheWidth();
    void colourTakesNoRoom();
    void givesEachErrorItsCode_data();
    void givesEachErrorItsCode();
};

void TestCliFormat::tellsUptimeInTwoUnits()
{
    QCOMPARE(uptimeText(0ms), u"0ms"_s);
    QCOMPARE(uptimeText(999ms), u"999ms"_s);
    QCOMPARE(uptimeText(1s), u"1s"_s);
    QCOMPARE(uptimeText(59'999ms), u"59s"_s);
    QCOMPARE(uptimeText(3min + 4s), u"3m 4s"_s);
    QCOMPARE(uptimeText(5h + 12min + 59s), u"5h 12m"_s);
    QCOMPARE(uptimeText(24h * 8 + 3h), u"8d 3h"_s);
}

void TestCliFormat::tellsBytes()
{
    QCOMPARE(sizeText(0), u"0 B"_s);
    QCOMPARE(sizeText(1'023), u"1023 B"_s);
    QCOMPARE(sizeText(1'536), u"1.5 KiB"_s);
    QCOMPARE(sizeText(1'048'575), u"1.0 MiB"_s);
    QCOMPARE(sizeText(3LL << 30), u"3.0 GiB"_s);
}

void TestCliFormat::readsDurations_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("milliseconds"); // -1: none
    const auto row = [](const char *text, qint64 value) {
        QTest::newRow(text) << QString::fromLatin1(text) << value;
    };
    row("5", 5'000);
    row("0", 0);
    row("500ms", 500);
    row("1m30s", 90'000);
    row("2h", 7'200'000);
    row("1d", 86'400'000);
    for (const char *wrong : {"", "-1", "1.5s", "5 s", "s", "1x", "1s2", "5S",
                              "99999999999999999999", "99999999999999d", "9223372036854775807"})
        row(wrong, -1);
}

void TestCliFormat::readsDurations()
{
    QFETCH(QString, text);
    QFETCH(qint64, milliseconds);
    const auto read = durationFromString(text, std::chrono::milliseconds{1'000});
    QCOMPARE(read ? read->count() : -1, milliseconds);
}

namespace {
const QList<TableColumn> columns = {{.title = u"id"_s, .alignRight = true},
                                    {.title = u"name"_s, .shortestWidth = 6},
                                    {.title = u"extra"_s, .dropRank = 2},
                                    {.title = u"note"_s, .dropRank = 1}};
const QList<QList<TableCell>> rows = {{{u"1"_s}, {u"alphabetical"_s}, {u"x"_s}, {u"yes"_s}},
                                      {{u"100"_s}, {u"b"_s}, {u"y"_s}, {u"no"_s}}};
} // namespace

void TestCliFormat::tellsEvents_data()
{
    QTest::addColumn<ProcessEvent>("event");
    QTest::addColumn<QString>("text");
    const auto row = [](ProcessEvent::Kind kind, const QJsonObject &details, const QString &text) {
        QTest::newRow(qPrintable(text)) << ProcessEvent{kind, {}, {}, {}, details} << text;
    };
    using enum ProcessEvent::Kind;
    const QJsonValue null;
    row(Started, {{u"pid"_s, 7}, {u"port"_s, 3'000}, {u"startup_time"_s, 1'250}},
        u"started: pid 7, port 3000, took 1s"_s);
    row(Restarted, {{u"pid"_s, 7}, {u"port"_s, null}, {u"reason"_s, u"crash"_s}},
        u"restarted: crash, pid 7"_s);
    row(Stopped, {{u"exit_code"_s, 0}, {u"signal"_s, null}, {u"reason"_s, u"exited"_s}},
        u"stopped: exit code 0, exited"_s);
    row(Crashed, {{u"exit_code"_s, null}, {u"signal"_s, u"SIGSEGV"_s}, {u"uptime"_s, 65'000}},
        u"crashed: SIGSEGV, ran for 1m 5s"_s);
    row(Crashed, {{u"signal"_s, u"SIGKILL"_s}, {u"oom"_s, true}}, u"crashed: out of memory"_s);
    row(Crashed, {}, u"crashed: exit code unknown"_s);
    row(HealthCheckFailed,
        {{u"consecutive_failures"_s, 2}, {u"retries"_s, 3}, {u"error"_s, u"%1 refused"_s}},
        u"check failed: 2 of 3: %1 refused"_s);
    row(MemoryLimitExceeded, {{u"memory"_s, 3 << 20}, {u"limit"_s, 2 << 20}},
        u"memory limit: 3.0 MiB of 2.0 MiB"_s);
    row(LogGap, {{u"lines"_s, 3}, {u"bytes"_s, 1'536}}, u"log gap: 3 lines (1.5 KiB) are lost"_s);
    row(Deleted, {}, u"deleted: "_s);
    row(Reloaded, {{u"pid"_s, 7}}, u"reloaded: "_s);
}

void TestCliFormat::tellsEvents()
{
    QFETCH(ProcessEvent, event);
    const QString told = eventTitle(event.kind) + u": "_s + eventStory(event);
    QTEST(told, "text");
}

void TestCliFormat::alignsColumns()
{
    QCOMPARE(renderTable(columns, rows, 0), QByteArray(" id  name          extra  note\n"
                                                       "  1  alphabetical  x      yes\n"
                                                       "100  b             y      no\n"));
    QCOMPARE(renderTable({columns[0], columns[1]}, {}, 0), QByteArray("id  name\n"));
}

void TestCliFormat::fitsTheWidth()
{
    for (int width = 60; width >= 10; --width) {
        for (const QByteArray &line : renderTable(columns, rows, width).split('\n'))
            QVERIFY2(QString::fromUtf8(line).size() <= std::max(width, 11), line.constData());
    }
    QVERIFY(renderTable(columns, rows, 26).contains("alphabe…"));
    QVERIFY(!renderTable(columns, rows, 20).contains("extra"));
    QVERIFY(renderTable(columns, rows, 20).contains("note"));
    // Narrower than it gets: nothing that must be there goes.
    QCOMPARE(renderTable(columns, rows, 1), QByteArray(" id  name\n"
                                                       "  1  alpha…\n"
                                                       "100  b\n"));
}

void TestCliFormat::colourTakesNoRoom()
{
    const QByteArray table =
        renderTable({columns[1], columns[3]}, {{{u"ab"_s, "\x1b[31m"}, {u"c\x1b[2J"_s}}}, 0);
    QCOMPARE(table, QByteArray("name  note\n\x1b[31mab\x1b[0m    c␛[2J\n"));
}

void TestCliFormat::givesEachErrorItsCode_data()
{
    QTest::addColumn<int>("error");
    QTest::addColumn<int>("action"); // -1: none
    QTest::addColumn<int>("code");
    const auto row = [](const char *name, ErrorCode error, int action, int code) {
        QTest::newRow(name) << int(error) << action << code;
    };
    row("not found", ErrorCode::NotFound, int(Action::Stop), 10);
    row("exists", ErrorCode::AlreadyExists, int(Action::Start), 11);
    row("runs", ErrorCode::AlreadyRunning, int(Action::Start), 11);
    row("start", ErrorCode::StartFailed, int(Action::Start), 12);
    row("start while restarting", ErrorCode::StartFailed, int(Action::Restart), 14);
    row("start while reloading", ErrorCode::StartFailed, int(Action::Reload), 14);
    row("start timed out", ErrorCode::Timeout, int(Action::Start), 12);
    row("stop", ErrorCode::StopFailed, int(Action::Stop), 13);
    row("stop timed out", ErrorCode::Timeout, int(Action::Stop), 13);
    row("not running", ErrorCode::NotRunning, int(Action::Stop), 13);
    row("stop while deleting", ErrorCode::StopFailed, int(Action::Delete), 13);
    row("config", ErrorCode::InvalidConfig, int(Action::Start), 22);
    row("port", ErrorCode::PortInUse, int(Action::Start), 30);
    row("lost", ErrorCode::Unreachable, int(Action::Start), 51);
    row("shutting down", ErrorCode::ShuttingDown, -1, 51);
    row("read only", ErrorCode::ReadOnly, int(Action::Stop), 60);
    row("unauthorized", ErrorCode::Unauthorized, -1, 60);
    row("rate", ErrorCode::RateLimited, -1, 70);
    row("disk full", ErrorCode::StorageFull, int(Action::Start), 70);
    row("internal", ErrorCode::Internal, -1, 1);
    row("not understood", ErrorCode::InvalidMessage, int(Action::Start), 1);
}

void TestCliFormat::givesEachErrorItsCode()
{
    QFETCH(int, error);
    QFETCH(int, action);
    QFETCH(int, code);
    const auto what = action < 0 ? std::nullopt : std::optional(Action(action));
    QCOMPARE(int(exitCodeFor({ErrorCode(error), {}, {}}, what)), code);
}

QTEST_GUILESS_MAIN(TestCliFormat)
#include "tst_cliformat.moc"
