// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "tests/core/state/stateexamples.h"

#include <QProcess>
#include <QRandomGenerator>
#include <QTemporaryDir>

using namespace pmdaemon;
using namespace pmdaemon::stateexamples;
using namespace Qt::Literals::StringLiterals;

class TestStateCrash : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_home = std::make_unique<QTemporaryDir>();
        QVERIFY(m_home->isValid());
    }

    void keepsWhatWasAcknowledgedBeforeAKill();

private:
    /// Starts the writer, kills it somewhere after `acks` acknowledgements, and returns the last.
    int lastAcknowledged(int acks, unsigned microseconds);
    /// Everything up to the number that was stored last is there, once and whole.
    void verifyWhole(int &stored);

    std::unique_ptr<QTemporaryDir> m_home;
};

int TestStateCrash::lastAcknowledged(int acks, unsigned microseconds)
{
    QProcess writer;
    writer.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    writer.start(QStringLiteral(PMDAEMON_STATEWRITER), {m_home->path()});
    QByteArray output;
    while (output.count('\n') < acks && writer.waitForReadyRead())
        output += writer.readAllStandardOutput();
    QThread::usleep(microseconds); // what is random here is the moment of the kill
    writer.kill();
    writer.waitForFinished();
    output += writer.readAllStandardOutput();
    if (writer.exitStatus() != QProcess::CrashExit || output.contains("failed"))
        return -1;
    return output.first(output.lastIndexOf('\n')).split('\n').constLast().toInt();
}

void TestStateCrash::verifyWhole(int &stored)
{
    const auto store = StateStore::open(m_home->path());
    QVERIFY2(store, qPrintable(errorOf(store)));
    QVERIFY(!(*store)->safeMode());
    const StoredState state = (*store)->load();
    QVERIFY(!state.processes.isEmpty());
    stored = state.processes[0].restarts;
    EventQuery query;
    query.limit = 1'000'000;
    const EventPage page = *answer((*store)->events(query));
    QCOMPARE(page.events.size(), stored);
    for (int i = 0; i < stored; ++i)
        QCOMPARE(page.events[i].details["number"_L1].toInt(), stored - i);
}

void TestStateCrash::keepsWhatWasAcknowledgedBeforeAKill()
{
    const quint32 seed = QRandomGenerator::global()->generate();
    QRandomGenerator random(seed);
    int before = 0;
    for (int round = 0; round < 50; ++round) {
        const QByteArray where =
            "seed " + QByteArray::number(seed) + ", round " + QByteArray::number(round);
        const int acknowledged = lastAcknowledged(random.bounded(1, 12), random.bounded(8'000));
        QVERIFY2(acknowledged > before, where.constData());
        int stored = 0;
        verifyWhole(stored);
        if (QTest::currentTestFailed())
            QFAIL(where.constData());
        QVERIFY2(stored >= acknowledged, where.constData());
        before = stored;
    }
    qInfo("%d changes, 50 kills", before);
}

QTEST_GUILESS_MAIN(TestStateCrash)
#include "tst_statecrash.moc"
