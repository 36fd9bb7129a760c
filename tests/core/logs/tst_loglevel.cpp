// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/loglevel.h"

#include <QTest>

using namespace pmdaemon;

class TestLogLevel : public QObject
{
    Q_OBJECT

private slots:
    void findsTheLevelThatALineStates_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QString>("level"); // empty = none: the stream decides
        const auto row = [](const char *line, const char *level) {
            QTest::newRow(line) << QByteArray(line) << QString::fromLatin1(level);
        };
        row("INFO ready", "info");
        row("info: ready", "info");
        row("[error] broken", "error");
        row("[ERROR]: broken", "error");
        row("<warn> hot", "warn");
        row("WARNING:root:hot", "warn");
        row("  DEBUG x", "debug");
        row("FATAL", "fatal");
        row("TRACE|a|b", "trace");
        row("(CRITICAL) x", "fatal");
        row("2026-01-15T14:30:25.123Z ERROR boom", "error");
        row("2026-01-15T14:30:25+01:00 WARN boom", "warn");
        row("2026-01-15 14:30:25,123 INFO boom", "info");
        row("[2026-01-15 14:30:25] [DEBUG] boom", "debug");
        row("2026/01/15 14:30:25 [error] 31#31: *1 open() failed", "error");
        row("14:30:25 | warn | boom", "warn");
        row("[12] notice: boom", "info");
        row("\x1b[31mERROR\x1b[0m boom", "error");
        row("\x1b[2m2026-01-15T14:30:25Z\x1b[0m \x1b[32m INFO\x1b[0m boom", "info");
        row("", "");
        row(" ", "");
        row("errors were found", "");
        row("information_schema", "");
        row("informational", "");
        row("the ERROR is here", "");
        row("2026-01-15 server ERROR", "");
        row("\x1b[", "");
        row("\x1b", "");
        row("0x1f ERROR", "error");
        row("{\"level\":\"error\",\"msg\":\"x\"}", "error");
        row("{ \"msg\" : \"level\" , \"level\" : \"WARN\" }", "warn");
        row("{\"severity\":\"CRITICAL\"}", "fatal");
        row("{\"level\":30,\"time\":1}", "info");
        row("{\"time\":1,\"level\":50}", "error");
        row("{\"level\":10}", "trace");
        row("{\"level\":60}", "fatal");
        row("{\"level\":35}", "info");
        row("{\"level\":0}", "");
        row("{\"level\":700}", "");
        row("{\"level\":99999999999999999999}", "");
        row("{\"level\":null,\"severity\":\"debug\"}", "debug");
        row("{\"a\":{\"level\":\"error\"},\"b\":[1,{\"level\":10}],\"level\":\"info\"}", "info");
        row("{\"a\":{\"level\":\"error\"}}", "");
        row("{\"msg\":\"\\\"level\\\":\\\"error\\\"\"}", "");
        row("{\"msg\":\"a\\\\\",\"level\":\"warn\"}", "warn");
        row("{\"level\":\"\"}", "");
        row("{\"level\":", "");
        row("{\"level\"", "");
        row("{\"lev", "");
        row("{\"a\\", "");
        row("{", "");
        row("{]}]}", "");
        row("{ERROR", "");
    }
    void findsTheLevelThatALineStates()
    {
        QFETCH(QByteArray, line);
        QFETCH(QString, level);
        const std::optional<LogLevel> stated = logLevelFromString(level);
        QCOMPARE(toString(detectLogLevel(line, LogStream::Out)),
                 toString(stated.value_or(LogLevel::Info)));
        QCOMPARE(toString(detectLogLevel(line, LogStream::Err)),
                 toString(stated.value_or(LogLevel::Error)));
    }

    void anyBytesAreALine()
    {
        quint32 state = 7;
        const QByteArrayView alphabet("{}[]\":,\\ \t0129aeEINFOlv\x1b\x00\xff", 26);
        for (int i = 0; i < 20'000; ++i) {
            QByteArray line(i % 3 == 0 ? "{" : "");
            for (int length = i % 40; length > 0; --length) {
                state = state * 1'664'525 + 1'013'904'223;
                line.append(alphabet[qsizetype(state >> 16) % alphabet.size()]);
            }
            // Exactly as long as its bytes: reading beyond them shows under a sanitizer.
            const std::vector<char> exact(line.begin(), line.end());
            const LogLevel level = detectLogLevel({exact.data(), line.size()}, LogStream::Out);
            QVERIFY(level >= LogLevel::Trace && level <= LogLevel::Fatal);
        }
    }
};

QTEST_GUILESS_MAIN(TestLogLevel)
#include "tst_loglevel.moc"
