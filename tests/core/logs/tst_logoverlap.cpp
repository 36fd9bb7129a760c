// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/logoverlap.h"

#include <QTest>

using namespace pmdaemon;

namespace {

QList<LogLine> linesOf(int from, int to)
{
    QList<LogLine> lines;
    for (int i = from; i < to; ++i) {
        LogLine line;
        line.seq = 100 * (from + 1) + i; // another numbering each time
        line.message = "line " + QByteArray::number(i);
        lines.append(line);
    }
    return lines;
}

} // namespace

class TestLogOverlap : public QObject
{
    Q_OBJECT

private slots:
    void findsWhereLaterLinesJoin()
    {
        const QList<LogLine> page = linesOf(0, 10);
        QCOMPARE(overlap(page, linesOf(10, 20)), 0);
        QCOMPARE(overlap(page, linesOf(7, 15)), 3);
        QCOMPARE(overlap(page, linesOf(7, 10)), 3);
        QCOMPARE(overlap(linesOf(5, 10), linesOf(0, 20)), 10);
        QCOMPARE(overlap({}, linesOf(0, 3)), 0);
    }

    void tellsStreamsApart()
    {
        QList<LogLine> errors = linesOf(7, 10);
        for (LogLine &line : errors)
            line.stream = LogStream::Err;
        QCOMPARE(overlap(linesOf(0, 10), errors), 0);
    }
};

QTEST_GUILESS_MAIN(TestLogOverlap)
#include "tst_logoverlap.moc"
