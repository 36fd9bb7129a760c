// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/keypress.h"

#include <QTest>

using namespace pmdaemon;

class TestKeyPress : public QObject
{
    Q_OBJECT

    using Kind = KeyPress::Kind;

private slots:
    void readsWhatATerminalSends_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QList<KeyPress>>("keys");
        const auto row = [](const char *name, const QByteArray &bytes,
                            const QList<KeyPress> &keys) { QTest::newRow(name) << bytes << keys; };
        row("nothing", "", {});
        row("letters", "jq", {{Kind::Character, u'j'}, {Kind::Character, u'q'}});
        row("UTF-8", "ä", {{Kind::Character, u'\u00e4'}});
        row("arrows", "\x1b[A\x1b[B", {{Kind::Up}, {Kind::Down}});
        row("arrows of an application", "\x1bOA", {{Kind::Up}});
        row("pages", "\x1b[5~\x1b[6~", {{Kind::PageUp}, {Kind::PageDown}});
        row("ends", "\x1b[H\x1b[F\x1b[1~\x1b[4~",
            {{Kind::Home}, {Kind::End}, {Kind::Home}, {Kind::End}});
        row("a letter behind an arrow", "\x1b[Aq", {{Kind::Up}, {Kind::Character, u'q'}});
        row("an arrow behind a letter", "q\x1b[A", {{Kind::Character, u'q'}, {Kind::Up}});
        row("others", "\x1b[1;5A\x1b[200~x", {{Kind::Character, u'x'}});
        row("escape alone", "\x1b", {});
        row("an unfinished sequence", "\x1b[", {});
        row("control characters", QByteArray("\0\r\t\x7f", 4), {});
    }

    void readsWhatATerminalSends()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QList<KeyPress>, keys);
        QCOMPARE(keyPresses(bytes), keys);
    }

    void keysMoveAmongRows_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<qsizetype>("to"); // from 10 of 48, 20 to a page; -1: nowhere
        const auto row = [](const char *bytes, qsizetype to) {
            QTest::newRow(bytes) << QByteArray(bytes) << to;
        };
        row("j", 11);
        row("\x1b[A", 9);
        row("\x1b[6~", 30);
        row("\x1b[5~", 0);
        row("g", 0);
        row("G", 47);
        row("x", -1);
    }

    void keysMoveAmongRows()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(qsizetype, to);
        const KeyPress key = keyPresses(bytes).constFirst();
        QCOMPARE(moved(key, 10, 48, 20).value_or(-1), to);
        QVERIFY(moved(key, 0, 0, 20).value_or(0) == 0);
    }
};

QTEST_GUILESS_MAIN(TestKeyPress)
#include "tst_keypress.moc"
