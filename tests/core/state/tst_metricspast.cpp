// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/state/metricspast.h"
#include "tests/core/state/stateexamples.h"

#include <QTemporaryDir>

using namespace pmdaemon;
using namespace pmdaemon::stateexamples;
using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {

const ProcessId web{7};

} // namespace

/// Stored are three hours that ended when the daemon was restarted, in memory is what came after.
class TestMetricsPast : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(m_home.isValid());
        m_store = openStore(m_home.path());
        StateChange change;
        for (WallTime end = m_restart - 3h; end <= m_restart; end += 1min) {
            MetricsMinute minute;
            minute.time = end;
            minute.system.cpu = {1, 2, 3};
            minute.processes = {{web, {10, 20, 30}, {100, 200, 300}}};
            change.metrics.append(minute);
        }
        QVERIFY(answer(m_store->save(change)));
    }
    void init() { m_recent = std::make_unique<MetricsHistory>(); }

    void secondsAreThoseInMemory()
    {
        run(90s);
        const History seconds = past(web, m_restart - 1h, now(), 1s);
        QCOMPARE(seconds.step, milliseconds(1s));
        QCOMPARE(seconds.time.size(), 90);
    }

    void asFineAsReachesBack()
    {
        run(90s);
        QCOMPARE(past(web, m_restart + 10s, now(), 0s).step, milliseconds(1s));
        QCOMPARE(past(web, m_restart - 5min, now(), 0s).step, milliseconds(1min));
    }

    void beforeTheRestartAreStoredMinutesAndTheCurrentOne()
    {
        run(30s);
        const History minutes = past(web, m_restart - 10min, now(), 0s);
        QCOMPARE(minutes.step, milliseconds(1min));
        QCOMPARE(minutes.cpu, QList<double>(10, 20) + QList<double>{50});
        QCOMPARE(minutes.memory.last(), 4096);
        QCOMPARE(minutes.time.first(), count(m_restart - 9min));
        QCOMPARE(minutes.time.last(), count(m_restart + 1min));
        QVERIFY(minutes.load.isEmpty());

        const History system = past({}, m_restart - 10min, now(), 0s);
        QCOMPARE(system.cpu, QList<double>(10, 2) + QList<double>{5});
        QCOMPARE(system.load.size(), system.time.size());
        QCOMPARE(system.networkTx.size(), system.time.size());
    }

    void minutesCanBeAskedFor()
    {
        run(30s);
        QCOMPARE(past(web, m_restart - 1min, now(), 1min).cpu, (QList<double>{20, 50}));
        QCOMPARE(past(web, m_restart + 5s, m_restart + 20s, 1min).cpu, (QList<double>{50}));
        QCOMPARE(past(web, m_restart - 2min, m_restart - 61s, 1h).cpu, (QList<double>{20}));
        QVERIFY(past(web, now() + 2min, now() + 3min, 1min).time.isEmpty());
    }

    void whatIsNewIsAsFineAsItCanBe()
    {
        run(30s);
        m_recent->add(now(), {ProcessId(8), 1, 1});
        const History seconds = past(ProcessId(8), m_restart - 1h, now() + 1s, 0s);
        QCOMPARE(seconds.step, milliseconds(1s));
        QCOMPARE(seconds.time.size(), 1);
        QVERIFY(past(ProcessId(9), m_restart - 1h, now(), 0s).time.isEmpty());
    }

    void nothingIsSampledYet()
    {
        QCOMPARE(past(web, m_restart - 10min, m_restart, 0s).cpu, QList<double>(10, 20));
    }

    void withoutAStoreThereIsWhatIsInMemory()
    {
        run(30s);
        const auto history =
            answer(readPast(*m_recent, nullptr, {web, m_restart - 1h, now()}, 1min));
        QCOMPARE(history->step, milliseconds(10s));
        QCOMPARE(history->time.size(), 3);
    }

    void allOfTimeCanBeAskedFor()
    {
        run(30s);
        QCOMPARE(past(web, WallTime::min(), WallTime::max(), 0s).time.size(), 182);
    }

private:
    static qint64 count(WallTime time) { return time.time_since_epoch().count(); }
    WallTime now() const { return m_restart + m_ran; }

    /// Samples each second from the restart on.
    void run(std::chrono::seconds duration)
    {
        m_ran = duration;
        for (WallTime time = m_restart; time < now(); time += 1s) {
            m_recent->moveTo(time);
            m_recent->add(time, {web, 50, 4096});
            SystemMetrics metrics;
            metrics.cpuUsage = 5;
            m_recent->add(time, metrics);
        }
    }
    History past(std::optional<ProcessId> process, WallTime from, WallTime to, milliseconds step)
    {
        return *answer(readPast(*m_recent, m_store.get(), {process, from, to}, step));
    }

    QTemporaryDir m_home;
    std::unique_ptr<StateStore> m_store;
    std::unique_ptr<MetricsHistory> m_recent;
    // Not older than the store keeps it.
    const WallTime m_restart{std::chrono::floor<std::chrono::minutes>(wallNow())};
    milliseconds m_ran{0};
};

QTEST_GUILESS_MAIN(TestMetricsPast)
#include "tst_metricspast.moc"
