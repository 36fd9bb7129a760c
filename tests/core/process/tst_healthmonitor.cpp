// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "tests/support/comparenames.h"
#include "tests/support/supervisorstage.h"

using namespace pmdaemon;
using namespace pmdaemon::test;
using namespace Qt::Literals::StringLiterals;

namespace {

/// A probe whose result the test makes.
class FakeProbe : public HealthProbe
{
public:
    explicit FakeProbe(QList<FakeProbe *> &all)
        : m_all(all)
    {
        m_all.append(this);
    }
    ~FakeProbe() override { m_all.removeOne(this); }

    void start() override
    {
        ++starts;
        overlapped = overlapped || running;
        running = true;
        if (automatic)
            answer(*automatic);
    }
    void abort() override
    {
        aborts += running ? 1 : 0;
        running = false;
    }
    QJsonObject subject() const override { return {{u"url"_s, u"http://x"_s}}; }

    void answer(const ProbeResult &result)
    {
        running = false;
        emit finished(result);
    }

    /// This look and all that follow.
    void keepAnswering(const ProbeResult &result)
    {
        automatic = result;
        if (running)
            answer(result);
    }

    int starts = 0;
    int aborts = 0;
    bool running = false;
    bool overlapped = false;
    std::optional<ProbeResult> automatic;

private:
    QList<FakeProbe *> &m_all;
};

const ProbeResult passed{ProbeOutcome::Passed, {{u"status_code"_s, 200}}, {}};
const ProbeResult failed{ProbeOutcome::Failed, {{u"status_code"_s, 500}}, u"status 500"_s};

} // namespace

class TestHealthMonitor : public QObject
{
    Q_OBJECT

    QList<FakeProbe *> m_probes;
    std::unique_ptr<SupervisorStage> m_stage;

    /// A process that is online and probed with that result; none = no answer.
    void begin(std::optional<ProbeResult> result, milliseconds timeout = milliseconds{10'000})
    {
        m_stage = std::make_unique<SupervisorStage>();
        m_stage->useProbes([this, result](const HealthCheckSpec &, const LaunchSpec &,
                                          std::optional<int>) -> std::unique_ptr<HealthProbe> {
            auto probe = std::make_unique<FakeProbe>(m_probes);
            probe->automatic = result;
            return probe;
        });
        ProcessSpec spec = m_stage->spec(u"web"_s);
        spec.healthCheck.emplace();
        spec.healthCheck->interval = milliseconds{1};
        spec.healthCheck->retries = 2;
        spec.healthCheck->timeout = timeout;
        QVERIFY(m_stage->answer(m_stage->executor.apply(spec)));
        QCOMPARE(m_probes.size(), 1);
    }

    Reply<CommandResult> m_reply;

    static HealthCheckSpec scriptCheck()
    {
        HealthCheckSpec check;
        check.interval = milliseconds{1};
        check.retries = 2;
        return check;
    }

    /// A process that is being started, and probed without an answer.
    template <typename Change>
    void beginWith(Change change)
    {
        m_stage = std::make_unique<SupervisorStage>();
        m_stage->useProbes([this](const HealthCheckSpec &, const LaunchSpec &,
                                  std::optional<int>) -> std::unique_ptr<HealthProbe> {
            return std::make_unique<FakeProbe>(m_probes);
        });
        ProcessSpec spec = m_stage->spec(u"web"_s);
        change(spec);
        m_reply = m_stage->executor.apply(spec);
    }

private slots:
    void cleanup()
    {
        m_stage.reset();
        QTRY_VERIFY(m_probes.isEmpty());
    }

    void tellsWhatChanges()
    {
        begin(passed);
        QTRY_VERIFY(m_probes.first()->starts >= 3);
        QCOMPARE(m_stage->journal.of(u"web"_s).mid(3), (QStringList{u"="_s, u"~healthy"_s}));
        const HealthUpdate update = m_stage->journal.health.first();
        QCOMPARE(update.previous, HealthStatus::Unknown);
        QCOMPARE(update.type, CheckType::Http);
        QCOMPARE(update.details["url"_L1], QJsonValue(u"http://x"_s));
        QCOMPARE(update.details["status_code"_L1], QJsonValue(200));
        QVERIFY(update.details["response_time"_L1].isDouble());
        QVERIFY(!update.details.contains("error"_L1));
    }

    void restartsWhatIsUnhealthy()
    {
        begin(passed);
        QTRY_VERIFY(!m_stage->journal.health.isEmpty());
        m_stage->journal.take();
        m_probes.first()->automatic = failed;
        QTRY_COMPARE(m_stage->runners.of(u"web"_s)->starts, 2);
        QCOMPARE(m_stage->journal.take().mid(0, 9),
                 (QStringList{u"!health_check_failed"_s, u"!health_check_failed"_s, u"="_s,
                              u"~unhealthy"_s, u"restarting"_s, u"~unknown"_s, u"starting"_s,
                              u"online"_s, u"!restarted"_s}));
        QCOMPARE(m_stage->journal.events[3].details["reason"_L1], QJsonValue(u"health"_s));
        const ProcessEvent &second = m_stage->journal.events[2];
        QCOMPARE(second.details["consecutive_failures"_L1], QJsonValue(2));
        QCOMPARE(second.details["retries"_L1], QJsonValue(2));
        QCOMPARE(second.details["error"_L1], QJsonValue(u"status 500"_s));
    }

    void aProbeThatCannotBeMadeIsToldOnce()
    {
        begin(ProbeResult{ProbeOutcome::NotRun, {}, u"no such script"_s});
        QTRY_VERIFY(m_probes.first()->starts >= 5);
        QCOMPARE(m_stage->journal.of(u"web"_s).count(u"!health_check_failed"_s), 1);
        QCOMPARE(m_stage->journal.lastDetails()["error"_L1], QJsonValue(u"no such script"_s));
        const ProcessEntry &entry = m_stage->supervisor.resolve(u"web"_s).first()->entry();
        QCOMPARE(entry.health, HealthStatus::Unknown);
        QCOMPARE(entry.reason, u"its health is not known: no such script"_s);
    }

    void oneLookAtATime()
    {
        begin({});
        QTRY_COMPARE(m_probes.first()->starts, 1);
        QTest::qWait(30); // many intervals
        QCOMPARE(m_probes.first()->starts, 1);
        m_probes.first()->answer(passed);
        QTRY_COMPARE(m_probes.first()->starts, 2);
        QVERIFY(!m_probes.first()->overlapped);
    }

    void aLookThatTakesTooLongFails()
    {
        begin({}, milliseconds{20});
        QTRY_VERIFY(!m_stage->journal.events.isEmpty() &&
                    m_stage->journal.events.last().kind == ProcessEvent::Kind::HealthCheckFailed);
        QVERIFY(m_probes.first()->aborts >= 1);
        QVERIFY(m_stage->journal.lastDetails()["error"_L1].toString().contains("20 ms"_L1));
    }

    void looksOnlyWhileOnline()
    {
        begin({});
        QTRY_COMPARE(m_probes.first()->starts, 1);
        const QPointer<FakeProbe> probe = m_probes.first();
        QVERIFY(m_stage->answer(Action::Stop, u"web"_s));
        QTRY_VERIFY(!probe);
        QVERIFY(m_probes.isEmpty());
    }

    void isOnlineWhenItsStartupProbeHasPassed()
    {
        beginWith([](ProcessSpec &spec) {
            spec.startup = scriptCheck();
            spec.startup->retries = 100'000; // it is not given up here
            spec.readiness = scriptCheck();
        });
        QTRY_COMPARE(m_probes.size(), 1); // the others wait for it
        QCOMPARE(m_stage->status(u"web"_s), ProcessStatus::Starting);
        QVERIFY(!m_reply.isFinished());
        m_probes[0]->keepAnswering(failed);
        QTRY_VERIFY(m_stage->journal.of(u"web"_s).contains(u"!health_check_failed"_s));
        QCOMPARE(m_stage->status(u"web"_s), ProcessStatus::Starting);
        m_probes[0]->keepAnswering(passed);
        QVERIFY(m_stage->answer(m_reply));
        QCOMPARE(m_stage->status(u"web"_s), ProcessStatus::Online);
        QTRY_COMPARE(m_probes.size(), 1); // readiness now
        QCOMPARE(m_stage->supervisor.processes()[0]->entry().health, HealthStatus::Unknown);
        m_probes[0]->keepAnswering(passed);
        QTRY_VERIFY(m_stage->journal.of(u"web"_s).contains(u"~healthy"_s));
    }

    void startsAnewWhatDoesNotComeUp()
    {
        beginWith([](ProcessSpec &spec) { spec.startup = scriptCheck(); });
        QTRY_COMPARE(m_probes.size(), 1);
        m_probes[0]->keepAnswering(failed);
        const auto started = m_stage->answer(m_reply);
        QCOMPARE(started.error().details["step"_L1], QJsonValue(u"startup"_s));
        QTRY_COMPARE(m_stage->runners.of(u"web"_s)->starts, 2);
        QTRY_COMPARE(m_probes.size(), 1);
        m_probes[0]->keepAnswering(passed);
        QTRY_COMPARE(m_stage->status(u"web"_s), ProcessStatus::Online);
        QCOMPARE(m_stage->supervisor.processes()[0]->entry().health, HealthStatus::Healthy);
    }

    void readinessTellsTheHealthAndLivenessRestarts()
    {
        beginWith([](ProcessSpec &spec) {
            spec.readiness = scriptCheck();
            spec.liveness = scriptCheck();
        });
        QVERIFY(m_stage->answer(m_reply));
        QCOMPARE(m_probes.size(), 2);
        FakeProbe *readiness = m_probes[0];
        readiness->keepAnswering(passed);
        m_probes[1]->keepAnswering(passed);
        QTRY_VERIFY(m_stage->journal.of(u"web"_s).contains(u"~healthy"_s));
        readiness->keepAnswering(failed);
        QTRY_VERIFY(m_stage->journal.of(u"web"_s).contains(u"~unhealthy"_s));
        QTRY_VERIFY(readiness->starts > 5);
        QCOMPARE(m_stage->runners.of(u"web"_s)->starts, 1); // which restarts nothing
        m_probes[1]->keepAnswering(failed);
        QTRY_COMPARE(m_stage->runners.of(u"web"_s)->starts, 2);
    }

    void survivesASlotThatStopsTheProcess()
    {
        begin({});
        connect(&m_stage->supervisor, &Supervisor::happened, this,
                [this](const ProcessEvent &event) {
                    if (event.kind == ProcessEvent::Kind::HealthCheckFailed)
                        m_stage->run(Action::Stop, u"web"_s);
                });
        m_probes.first()->automatic = failed;
        QTRY_VERIFY(m_probes.first()->starts > 0);
        m_probes.first()->answer(failed);
        QTRY_COMPARE(m_stage->status(u"web"_s), ProcessStatus::Stopped);
        QCOMPARE(m_stage->runners.of(u"web"_s)->starts, 1);
    }
};

QTEST_GUILESS_MAIN(TestHealthMonitor)
#include "tst_healthmonitor.moc"
