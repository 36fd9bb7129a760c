// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/commandwords.h"

#include <QProcess>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

class TestCommandWords : public QObject
{
    Q_OBJECT

private slots:
    void splitsAsAShellDoes_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QStringList>("words");
        QTest::newRow("nothing") << u"  \t "_s << QStringList{};
        QTest::newRow("words") << u"  node  server.js\t--fast "_s
                               << QStringList{u"node"_s, u"server.js"_s, u"--fast"_s};
        QTest::newRow("single quotes") << u"sh -c 'sleep 1; exit \"3\"'"_s
                                       << QStringList{u"sh"_s, u"-c"_s, u"sleep 1; exit \"3\""_s};
        QTest::newRow("double quotes") << u"a \"b 'c' \\\"d\\\" \\\\ \\$ \\n\""_s
                                       << QStringList{u"a"_s, u"b 'c' \"d\" \\ $ \\n"_s};
        QTest::newRow("within a word") << u"--name='a b'c"_s << QStringList{u"--name=a bc"_s};
        QTest::newRow("empty ones")
            << u"a '' \"\" b"_s << QStringList{u"a"_s, QString(), QString(), u"b"_s};
        QTest::newRow("a backslash")
            << u"my\\ file \\'x\\' \\\\"_s << QStringList{u"my file"_s, u"'x'"_s, u"\\"_s};
        QTest::newRow("none in single quotes") << u"'a\\b'"_s << QStringList{u"a\\b"_s};
    }
    void splitsAsAShellDoes()
    {
        QFETCH(QString, text);
        QFETCH(QStringList, words);
        QCOMPARE(commandWords(text), words);
        QProcess shell;
        shell.start(u"/bin/sh"_s,
                    {u"-c"_s, u"for w in "_s + text + u"; do printf '%s\\n' \"$w\"; done"_s});
        QVERIFY(shell.waitForFinished());
        QCOMPARE(QString::fromUtf8(shell.readAllStandardOutput()),
                 words.isEmpty() ? QString() : words.join(u'\n') + u'\n');
    }

    void whatIsNotClosedReachesToTheEnd()
    {
        QCOMPARE(commandWords(u"a 'b c"), (QStringList{u"a"_s, u"b c"_s}));
        QCOMPARE(commandWords(u"a \\"), (QStringList{u"a"_s, u"\\"_s}));
    }
};

QTEST_GUILESS_MAIN(TestCommandWords)
#include "tst_commandwords.moc"
