// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/dotenv.h"
#include "tests/support/comparenames.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

using Variables = QMap<QString, QString>;

class TestDotenv : public QObject
{
    Q_OBJECT

private slots:
    void readsVariables_data();
    void readsVariables();
    void namesTheLineOfAProblem_data();
    void namesTheLineOfAProblem();
    void laterFilesWin();
};

void TestDotenv::readsVariables_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<Variables>("expected");
    const auto row = [](const char *name, const QByteArray &text, const Variables &expected) {
        QTest::newRow(name) << text << expected;
    };
    row("nothing", "", {});
    row("plain", "A=1\nB = two words \n\n", {{u"A"_s, u"1"_s}, {u"B"_s, u"two words"_s}});
    row("no newline at the end", "A=1", {{u"A"_s, u"1"_s}});
    row("empty values", "A=\nB=''\n", {{u"A"_s, u""_s}, {u"B"_s, u""_s}});
    row("comments", "# A=1\n  # B=2\nC=3 # three\nD=a#b\n", {{u"C"_s, u"3"_s}, {u"D"_s, u"a#b"_s}});
    row("export", "export A=1\nexport=2\n", {{u"A"_s, u"1"_s}, {u"export"_s, u"2"_s}});
    row("quotes", R"(A='a "b" \n $c'
B="a 'b' \n\t\"\\\$c" # comment
)",
        {{u"A"_s, uR"(a "b" \n $c)"_s}, {u"B"_s, u"a 'b' \n\t\"\\$c"_s}});
    row("several lines", "A=\"one\ntwo\"\nB=3\n", {{u"A"_s, u"one\ntwo"_s}, {u"B"_s, u"3"_s}});
    row("carriage returns", "A=1\r\nB='2'\r\n", {{u"A"_s, u"1"_s}, {u"B"_s, u"2"_s}});
    row("the last one counts", "A=1\nA=2\n", {{u"A"_s, u"2"_s}});
    row("blanks alone", "A=1\n   ", {{u"A"_s, u"1"_s}});
}

void TestDotenv::readsVariables()
{
    QFETCH(QByteArray, text);
    QFETCH(Variables, expected);
    const auto variables = parseDotenv(text);
    QVERIFY2(variables.has_value(), variables ? "" : qPrintable(variables.error().message));
    QCOMPARE(*variables, expected);
}

void TestDotenv::namesTheLineOfAProblem_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("message");
    QTest::newRow("no =") << "A=1\nB\n"_ba << u"2: expected NAME=value"_s;
    QTest::newRow("no name") << "=1\n"_ba << u"1: expected NAME=value"_s;
    QTest::newRow("open") << "A=1\nB='x\n\n"_ba << u"2: B: the quotation is not closed"_s;
    QTest::newRow("more")
        << "A='x' y\n"_ba
        << u"1: A: something follows the quotation; put all of it between quotes"_s;
}

void TestDotenv::namesTheLineOfAProblem()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, message);
    const auto variables = parseDotenv(text);
    QVERIFY(!variables);
    QCOMPARE(variables.error().message, message);
}

void TestDotenv::laterFilesWin()
{
    const QTemporaryDir home;
    const auto write = [&](const QString &name, const QByteArray &text) {
        QFile file(home.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qFatal("cannot write");
        return home.filePath(name);
    };
    const QString first = write(u"a"_s, "A=1\nB=1\n");
    const QString second = write(u"b"_s, "B=2\n");
    QCOMPARE(*readDotenv({first, second}), (Variables{{u"A"_s, u"1"_s}, {u"B"_s, u"2"_s}}));
    const QString gone = home.filePath(u"gone"_s);
    QCOMPARE(readDotenv({first, gone}).error().code, ErrorCode::NotFound);
    const QString wrong = write(u"c"_s, "A\n");
    QCOMPARE(readDotenv({wrong}).error().message, wrong + u":1: expected NAME=value"_s);
}

QTEST_GUILESS_MAIN(TestDotenv)
#include "tst_dotenv.moc"
