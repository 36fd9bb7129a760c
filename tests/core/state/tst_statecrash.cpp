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
    void aSnapshotIsWholeOrNotThere_data();
    void aSnapshotIsWholeOrNotThere();

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

void TestStateCrash::aSnapshotIsWholeOrNotThere_data()
{
    QTest::addColumn<QString>("call");
    QTest::addColumn<QString>("fault");
    for (const char *call : {"pwrite64", "fdatasync"}) {
        for (const char *fault : {"signal=KILL", "error=EIO"})
            QTest::addRow("%s %s", call, fault)
                << QString::fromLatin1(call) << QString::fromLatin1(fault);
    }
}

/// Whichever of the calls by which it is stored is its writer's last, or fails.
void TestStateCrash::aSnapshotIsWholeOrNotThere()
{
    QFETCH(QString, call);
    QFETCH(QString, fault);
    const QString base = m_home->filePath(u"base"_s);
    QVERIFY(QDir().mkpath(base));
    QList<StoredProcess> processes;
    {
        StateChange change;
        for (int id = 0; id < 20; ++id) {
            processes.append(process(id));
            change.put(processes.last());
        }
        QVERIFY(answer(openStore(base)->save(change)));
    }
    int point = 1;
    for (bool isReached = true; isReached; ++point) {
        const QString home = m_home->filePath(QString::number(point));
        QVERIFY(QDir().mkpath(home));
        QVERIFY(QFile::copy(base + "/state.db"_L1, home + "/state.db"_L1));
        QProcess writer;
        writer.start(u"strace"_s, {u"-f"_s, u"-qq"_s, u"-e"_s, u"trace="_s + call, u"-e"_s,
                                   u"inject=%1:%2:when=%3"_s.arg(call, fault).arg(point),
                                   QStringLiteral(PMDAEMON_STATEWRITER), home, u"it"_s});
        QVERIFY(writer.waitForFinished());
        const QByteArray report = writer.readAllStandardError();
        isReached = report.contains("INJECTED") || report.contains("SIGKILL");
        const bool isAcknowledged =
            writer.exitStatus() == QProcess::NormalExit && writer.exitCode() == 0;

        const auto store = openStore(home);
        QVERIFY(!store->safeMode());
        QCOMPARE(store->load().processes, processes);
        const Result<QList<StoredProcess>> snapshot = answer(store->snapshot(u"it"_s));
        QVERIFY(snapshot || !isAcknowledged);
        if (snapshot)
            QCOMPARE(*snapshot, processes);
        else
            QVERIFY(snapshot.error().code == ErrorCode::NotFound);
    }
    QVERIFY2(point > 3, "no call was reached");
}

QTEST_GUILESS_MAIN(TestStateCrash)
#include "tst_statecrash.moc"
