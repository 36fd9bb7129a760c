// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "tests/core/state/stateexamples.h"

#include <QSignalSpy>
#include <QTemporaryDir>

#include <sys/stat.h>

using namespace pmdaemon;
using namespace pmdaemon::stateexamples;
using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

class TestStateStore : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_home = std::make_unique<QTemporaryDir>();
        QVERIFY(m_home->isValid());
        reopen();
    }
    void cleanup() { m_store.reset(); }

    void beginsEmpty();
    void keepsEveryPartOfAProcess();
    void replacesAndForgetsProcesses();
    void neverGivesAnIdAgain();
    void keepsWhatNoTextCanHold();
    void leavesADefinitionThatItDoesNotAccept();
    void keepsEventsNewestFirst();
    void pagesThroughEvents();
    void forgetsOldEvents();
    void keepsSevenDaysAndSoManyEvents();
    void keepsFiguresOfAMinute();
    void forgetsFiguresAfterADay();
    void keepsSnapshots();
    void answersInTheOrderOfAsking();
    void keepsOneOfTwoFiguresOfAMinute();
    void storesWhatWaitsWhenItIsClosed();
    void isReadByItsOwnerOnly();
    void refusesASecondStore();
    void loadsFiveThousandProcessesInNoTime();
    void worksWithoutLibraryPaths();

private:
    void reopen()
    {
        m_store.reset();
        QVERIFY(QDir().mkpath(home()));
        m_store = openStore(home());
        QVERIFY(!m_store->safeMode());
    }
    StoredState reloaded()
    {
        reopen();
        return m_store ? m_store->load() : StoredState();
    }
    void save(const StateChange &change)
    {
        const Result<void> saved = answer(m_store->save(change));
        QVERIFY2(saved, qPrintable(errorOf(saved)));
    }
    void saveProcesses(const QList<StoredProcess> &processes)
    {
        StateChange change;
        for (const StoredProcess &process : processes)
            change.put(process);
        save(change);
    }
    QList<int> eventNumbers(const EventQuery &query, const QList<ProcessId> &ids = {})
    {
        QList<int> numbers;
        const EventPage page = *answer(m_store->events(query, ids));
        for (const ProcessEvent &event : page.events)
            numbers.append(event.details["number"_L1].toInt());
        return numbers;
    }
    QString home() const { return m_home->path() + "/home"_L1; }

    std::unique_ptr<QTemporaryDir> m_home;
    std::unique_ptr<StateStore> m_store;
};

void TestStateStore::beginsEmpty()
{
    QCOMPARE(m_store->load(), StoredState());
    QCOMPARE(*answer(m_store->events({})), EventPage());
    QCOMPARE(*answer(m_store->snapshots()), QList<SnapshotInfo>());
    const auto metrics = answer(m_store->metrics({.process = {}, .from = at(0), .to = wallNow()}));
    QCOMPARE(metrics->mean.time, QList<qint64>());
}

void TestStateStore::keepsEveryPartOfAProcess()
{
    const QList<StoredProcess> processes{process(0), fullProcess(1), process(2)};
    saveProcesses(processes);
    const StoredState state = reloaded();
    QCOMPARE(state.processes, processes);
    QCOMPARE(state.nextId, 3);
    QVERIFY(state.rejected.isEmpty());
    QCOMPARE(m_store->load(), StoredState()); // given away once
}

void TestStateStore::replacesAndForgetsProcesses()
{
    saveProcesses({process(0), process(1), process(2)});
    StateChange change;
    StoredProcess changed = process(1);
    changed.wanted = Wanted::Gone;
    changed.restarts = 12;
    change.put(changed);
    change.remove(ProcessId(0));
    save(change);
    const QList<StoredProcess> expected{changed, process(2)};
    QCOMPARE(reloaded().processes, expected);
}

void TestStateStore::neverGivesAnIdAgain()
{
    saveProcesses({process(4)});
    StateChange change;
    change.remove(ProcessId(4));
    save(change);
    saveProcesses({process(1)});
    QCOMPARE(reloaded().nextId, 5);
}

void TestStateStore::keepsWhatNoTextCanHold()
{
    StoredProcess odd = process(0);
    odd.reason = u"half a pair: "_s + QChar(0xd800) + u" and nul: "_s + QChar(0);
    odd.signal = QString();
    saveProcesses({odd});
    const StoredState state = reloaded(); // no damage: the sum is that of what was stored
    QCOMPARE(state.processes.size(), 1);
    QCOMPARE(state.processes[0].reason, QString::fromUtf8(odd.reason->toUtf8()));
    QCOMPARE(state.processes[0].signal, QString());
}

void TestStateStore::leavesADefinitionThatItDoesNotAccept()
{
    StoredProcess refused = process(1);
    refused.spec.script.clear();
    saveProcesses({process(0), refused, process(2)});
    for (int round = 0; round < 2; ++round) {
        const StoredState state = reloaded();
        const QList<StoredProcess> expected{process(0), process(2)};
        QCOMPARE(state.processes, expected);
        QCOMPARE(state.rejected.size(), 1);
        QCOMPARE(toString(state.rejected[0].code), toString(ErrorCode::InvalidConfig));
        QVERIFY(state.rejected[0].message.contains("app-1"_L1));
        QVERIFY(state.rejected[0].message.contains("script"_L1));
        QCOMPARE(state.rejected[0].details["id"_L1].toInt(), 1);
        QCOMPARE(state.nextId, 3);
    }
}

void TestStateStore::keepsEventsNewestFirst()
{
    StateChange change;
    change.events = {crash(1, 1), crash(2, 2), crash(3, 1)};
    save(change);
    reopen();
    const QList<ProcessEvent> events = answer(m_store->events({}))->events;
    const QList<ProcessEvent> expected{change.events[2], change.events[1], change.events[0]};
    QCOMPARE(events, expected);
    EventQuery query;
    QCOMPARE(eventNumbers({}, {ProcessId(1)}), (QList<int>{3, 1}));
    QCOMPARE(eventNumbers({}, {ProcessId(1), ProcessId(2)}), (QList<int>{3, 2, 1}));
    query.process = u"nobody"_s;
    QVERIFY(eventNumbers(query).isEmpty());
    QCOMPARE(eventNumbers(query, {ProcessId(2)}), QList<int>{2});
    query.process = u"app-1"_s;
    QCOMPARE(eventNumbers(query), (QList<int>{3, 1}));
    query = {};
    query.since = change.events[1].time;
    QCOMPARE(eventNumbers(query), (QList<int>{3, 2}));
    query.until = change.events[1].time;
    QCOMPARE(eventNumbers(query), QList<int>{2});
}

void TestStateStore::pagesThroughEvents()
{
    StateChange change;
    for (int i = 0; i < 25; ++i)
        change.events.append(crash(i));
    // What happened while no daemon was there is told late.
    std::rotate(change.events.begin(), change.events.begin() + 7, change.events.end());
    save(change);
    EventQuery query;
    query.limit = 10;
    QList<int> sizes;
    QList<int> numbers;
    do {
        const EventPage page = *answer(m_store->events(query));
        numbers += eventNumbers(query);
        sizes.append(int(page.events.size()));
        query.before = page.cursor;
    } while (query.before);
    QCOMPARE(sizes, (QList<int>{10, 10, 5}));
    QCOMPARE(numbers.size(), 25);
    QVERIFY(std::is_sorted(numbers.crbegin(), numbers.crend()));
}

void TestStateStore::forgetsOldEvents()
{
    StateChange change;
    change.events = {crash(1), crash(2)};
    change.events[0].time = WallTime(wallNow() - 24h * 7 - 1min);
    change.events[1].time = WallTime(wallNow() - 24h * 7 + 1min);
    save(change);
    reopen();
    QCOMPARE(eventNumbers({}), QList<int>{2});
}

void TestStateStore::keepsSevenDaysAndSoManyEvents()
{
    StateChange change;
    for (int i = 0; i < 100'500; ++i)
        change.events.append(crash(i));
    save(change);
    EventQuery query;
    query.limit = 200'000;
    const QList<int> numbers = eventNumbers(query);
    QCOMPARE(numbers.size(), 100'000);
    QCOMPARE(numbers.constFirst(), 100'499);
}

void TestStateStore::keepsFiguresOfAMinute()
{
    const WallTime start(std::chrono::floor<std::chrono::minutes>(wallNow()) - 10min);
    for (int i = 0; i < 3; ++i) {
        StateChange change;
        MetricsMinute minute;
        minute.time = start + std::chrono::minutes(i);
        minute.system = {.cpu = {1.25, 2.5, 99.75 + i},
                         .memory = {1e9, 2e9, 3e9 + i},
                         .load = 0.75,
                         .networkRx = 1000.0 + i,
                         .networkTx = 2000};
        minute.processes = {{ProcessId(0), {0, 0.5, 100.25}, {4096, 8192, 16384}}};
        if (i > 0)
            minute.processes.append({ProcessId(7), {double(i), double(i), double(i)}, {1, 2, 3}});
        change.metrics.append(minute);
        save(change);
    }
    reopen();
    const auto series = [&](std::optional<ProcessId> id, WallTime from) {
        return *answer(m_store->metrics({.process = id, .from = from, .to = start + 10min}));
    };
    const qint64 first = start.time_since_epoch().count();
    const MetricsSeries system = series({}, start);
    QCOMPARE(system.mean.step, milliseconds(1min));
    QCOMPARE(system.mean.time, (QList<qint64>{first, first + 60'000, first + 120'000}));
    QCOMPARE(system.mean.cpu, (QList<double>{2.5, 2.5, 2.5}));
    QCOMPARE(system.cpuLow, (QList<double>{1.25, 1.25, 1.25}));
    QCOMPARE(system.cpuHigh, (QList<double>{99.75, 100.75, 101.75}));
    QCOMPARE(system.memoryHigh, (QList<qint64>{3'000'000'000, 3'000'000'001, 3'000'000'002}));
    QCOMPARE(system.mean.load, (QList<double>{0.75, 0.75, 0.75}));
    QCOMPARE(system.mean.networkRx, (QList<qint64>{1000, 1001, 1002}));
    const MetricsSeries process = series(ProcessId(7), start);
    QCOMPARE(process.mean.time, (QList<qint64>{first + 60'000, first + 120'000}));
    QCOMPARE(process.mean.cpu, (QList<double>{1, 2}));
    QCOMPARE(process.memoryLow, (QList<qint64>{1, 1}));
    QVERIFY(process.mean.load.isEmpty());
    QCOMPARE(series(ProcessId(7), start + 2min).mean.time, QList<qint64>{first + 120'000});
}

void TestStateStore::forgetsFiguresAfterADay()
{
    StateChange change;
    for (const auto age : {24h + 1min, 24h - 1min}) {
        MetricsMinute minute;
        minute.time = WallTime(wallNow() - age);
        minute.processes = {{ProcessId(0), {}, {}}};
        change.metrics.append(minute);
    }
    save(change);
    reopen();
    for (const auto &id : {std::optional<ProcessId>(), std::optional(ProcessId(0))}) {
        const auto series =
            answer(m_store->metrics({.process = id, .from = at(0), .to = wallNow()}));
        QCOMPARE(series->mean.time.size(), 1);
    }
}

void TestStateStore::keepsSnapshots()
{
    const QList<StoredProcess> before{process(0), fullProcess(1)};
    StoredProcess gone = process(2);
    gone.wanted = Wanted::Gone;
    saveProcesses(before + QList{gone});
    QVERIFY(answer(m_store->takeSnapshot(u"before"_s, at(5))));
    StateChange change;
    change.remove(ProcessId(1));
    change.remove(ProcessId(2));
    save(change);
    QVERIFY(answer(m_store->takeSnapshot(u"after"_s, at(6))));
    reopen();
    const QList<SnapshotInfo> expected{{u"before"_s, at(5), 2}, {u"after"_s, at(6), 1}};
    QCOMPARE(*answer(m_store->snapshots()), expected);
    QCOMPARE(*answer(m_store->snapshot(u"before"_s)), before);
    QCOMPARE(*answer(m_store->snapshot(u"after"_s)), QList<StoredProcess>{process(0)});

    QVERIFY(answer(m_store->takeSnapshot(u"before"_s, at(7)))); // in its place
    QCOMPARE(*answer(m_store->snapshot(u"before"_s)), QList<StoredProcess>{process(0)});
    QVERIFY(answer(m_store->removeSnapshot(u"after"_s)));
    QCOMPARE(answer(m_store->snapshots())->size(), 1);
    QCOMPARE(toString(answer(m_store->snapshot(u"after"_s)).error().code),
             toString(ErrorCode::NotFound));
    QCOMPARE(toString(answer(m_store->removeSnapshot(u"after"_s)).error().code),
             toString(ErrorCode::NotFound));
}

void TestStateStore::answersInTheOrderOfAsking()
{
    QList<Reply<void>> replies;
    QMutex mutex;
    QList<int> finished;
    for (int i = 0; i < 1'000; ++i) {
        StateChange change;
        StoredProcess same = process(3);
        same.restarts = i;
        change.put(same);
        change.events.append(crash(i));
        replies.append(m_store->save(change));
        replies.last().then([&mutex, &finished, i](const Result<void> &) {
            const QMutexLocker locker(&mutex);
            finished.append(i);
        });
    }
    QVERIFY(answer(replies.last()));
    for (const Reply<void> &reply : replies)
        QVERIFY(reply.isFinished() && reply.result());
    reopen(); // the thread is gone, and with it what it called
    QCOMPARE(finished.size(), 1'000);
    QVERIFY(std::is_sorted(finished.cbegin(), finished.cend()));
    EventQuery query;
    query.limit = 2'000;
    const QList<int> numbers = eventNumbers(query);
    QCOMPARE(numbers.size(), 1'000);
    QVERIFY(std::is_sorted(numbers.crbegin(), numbers.crend()));
    QCOMPARE(m_store->load().processes[0].restarts, 999);
}

void TestStateStore::keepsOneOfTwoFiguresOfAMinute()
{
    StateChange change;
    MetricsMinute minute;
    minute.time = wallNow();
    minute.system.load = 1;
    change.metrics = {minute, minute};
    change.metrics[1].system.load = 2;
    save(change);
    QCOMPARE(answer(m_store->metrics({.process = {}, .from = at(0), .to = wallNow()}))->mean.load,
             QList<double>{2});
}

void TestStateStore::storesWhatWaitsWhenItIsClosed()
{
    Reply<void> last;
    for (int i = 0; i < 100; ++i) {
        StateChange change;
        change.put(process(i));
        last = m_store->save(change);
    }
    m_store.reset();
    QVERIFY(last.isFinished());
    QVERIFY(last.result());
    QCOMPARE(reloaded().processes.size(), 100);
}

void TestStateStore::isReadByItsOwnerOnly()
{
    m_store.reset();
    QVERIFY(QDir(home()).removeRecursively());
    const mode_t before = ::umask(0);
    reopen();
    saveProcesses({process(0)});
    ::umask(before);
    QVERIFY(answer(m_store->events({}))); // the backup is made by now
    const QStringList names = filesIn(home());
    QVERIFY2(names.contains("state.db.backup"_L1), qPrintable(names.join(u' ')));
    QVERIFY2(names.contains("state.db-wal"_L1), qPrintable(names.join(u' ')));
    QCOMPARE(names.size(), 3);
    for (const QString &name : names) {
        struct stat info;
        QCOMPARE(::stat(QFile::encodeName(home() + u'/' + name).constData(), &info), 0);
        QCOMPARE(info.st_mode & 0777, 0600U);
    }
}

void TestStateStore::refusesASecondStore()
{
    saveProcesses({process(0)});
    const auto second = StateStore::open(home());
    QVERIFY(!second);
    QCOMPARE(toString(second.error().code), toString(ErrorCode::AlreadyRunning));
    QVERIFY2(second.error().message.contains("state.db"_L1), qPrintable(second.error().message));
    saveProcesses({process(1)}); // and leaves the first one alone
    QCOMPARE(reloaded().processes.size(), 2);
}

void TestStateStore::loadsFiveThousandProcessesInNoTime()
{
    QList<StoredProcess> processes;
    for (int i = 0; i < 5'000; ++i)
        processes.append(i % 2 == 0 ? process(i) : fullProcess(i));
    saveProcesses(processes);
    m_store.reset();
    QElapsedTimer timer;
    timer.start();
    reopen();
    const StoredState state = m_store->load();
    qInfo("5,000 processes: %lld ms", static_cast<long long>(timer.elapsed()));
    QCOMPARE(state.processes, processes);
}

/// The daemon has none, to keep OpenSSL out.
void TestStateStore::worksWithoutLibraryPaths()
{
    const QStringList paths = QCoreApplication::libraryPaths();
    QCoreApplication::setLibraryPaths({});
    reopen();
    QCoreApplication::setLibraryPaths(paths);
    saveProcesses({process(0)});
}

QTEST_GUILESS_MAIN(TestStateStore)
#include "tst_statestore.moc"
