// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/localbackend.h"
#include "core/state/statestore.h"
#include "tests/support/comparenames.h"
#include "tests/support/fakeprocessrunner.h"

#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <sys/resource.h>

using namespace pmdaemon;
using namespace pmdaemon::test;
using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr int patience = 30'000; // ms, on a loaded machine
const ResumedRun running{.phase = ResumedRun::Phase::Running, .pid = 4'242, .startedAt = {}};

class PassingProbe : public HealthProbe
{
public:
    void start() override
    {
        emit finished({.outcome = ProbeOutcome::Passed, .details = {}, .error = {}});
    }
    void abort() override {}
    QJsonObject subject() const override { return {}; }
};

/// One life of a daemon over the state of a home; no process is started.
struct Life
{
    Life(const QString &home, FakeProcessRunner::Mode mode)
        : backend(
              {.launch = {home, QProcessEnvironment::systemEnvironment()},
               .makeRunner = runners.factory(),
               .isPortFree = [](int) { return true; },
               .makeProbe = [](const HealthCheckSpec &, const LaunchSpec &,
                               std::optional<int>) { return std::make_unique<PassingProbe>(); }},
              u"/proc"_s)
    {
        runners.mode = mode;
        auto opened = StateStore::open(home);
        if (!opened)
            qFatal("%ls", qUtf16Printable(opened.error().message));
        store = std::move(*opened);
        backend.restore(*store);
    }

    template <typename T>
    static Result<T> answer(const Reply<T> &reply)
    {
        if (!QTest::qWaitFor([&] { return reply.isFinished(); }, patience))
            return fail(ErrorCode::Timeout, u"the reply did not come"_s);
        return reply.result();
    }

    std::unique_ptr<StateStore> store;
    FakeRunners runners;
    LocalBackend backend;
};

} // namespace

/// LocalBackend over the state that an earlier one has stored.
class TestRestore : public QObject
{
    Q_OBJECT

    std::optional<QTemporaryDir> m_home; ///< of one test

    /// In which web is online.
    std::unique_ptr<Life> lifeWithWeb(milliseconds interval = 1h, int instances = 1,
                                      std::optional<PortSpec> port = {})
    {
        auto life = std::make_unique<Life>(m_home->path(), FakeProcessRunner::Mode::Obedient);
        ProcessSpec spec;
        spec.name = u"web"_s;
        spec.script = u"/bin/true"_s;
        spec.instances = instances;
        spec.port = port;
        spec.healthCheck = HealthCheckSpec();
        spec.healthCheck->url = u"http://127.0.0.1/"_s;
        spec.healthCheck->interval = interval;
        return Life::answer(life->backend.apply(spec)) ? std::move(life) : nullptr;
    }

private slots:
    void init() { m_home.emplace(); }

    void eventsOutliveTheDaemonAndTheirProcess()
    {
        const auto ask = [](Life &life, const QString &process) {
            EventQuery query;
            query.process = process;
            return Life::answer(life.backend.events(query));
        };
        const auto eventsOf = [&ask](Life &life, const QString &process) {
            QStringList names;
            const auto page = ask(life, process);
            for (const ProcessEvent &event : page ? page->events : QList<ProcessEvent>())
                names.append(toString(event.kind));
            return names.join(u' ');
        };
        {
            const auto life = lifeWithWeb();
            QVERIFY(life);
            QCOMPARE(eventsOf(*life, u"web"_s), u"started"_s);
            Command stop;
            stop.action = Action::Stop;
            stop.target = u"web"_s;
            QVERIFY(Life::answer(life->backend.command(stop)));
            // What has happened just before a question is in its answer.
            QCOMPARE(eventsOf(*life, u"all"_s), u"stopped started"_s);
            Command remove = stop;
            remove.action = Action::Delete;
            QVERIFY(Life::answer(life->backend.command(remove)));
        }
        Life life(m_home->path(), FakeProcessRunner::Mode::Obedient);
        const QString all = u"deleted stopped started"_s;
        QCOMPARE(eventsOf(life, u"web"_s), all);
        QCOMPARE(eventsOf(life, u"0"_s), all);
        QCOMPARE(eventsOf(life, {}), all);
        QCOMPARE(ask(life, u"nobody"_s).error().code, ErrorCode::NotFound);
    }

    void questionsWaitUntilEachProcessHasTold()
    {
        QVERIFY(lifeWithWeb());
        Life life(m_home->path(), FakeProcessRunner::Mode::Manual);
        const Reply<QList<ProcessDetail>> details = life.backend.processInfo(u"web"_s);
        const Reply<SystemInfo> system = life.backend.systemInfo();
        QCoreApplication::processEvents();
        QVERIFY(!details.isFinished() && !system.isFinished());
        life.runners.all().first()->finishResume(running);
        const Result<QList<ProcessDetail>> told = Life::answer(details);
        QVERIFY(told);
        QCOMPARE(told->first().entry.pid, running.pid);
        QVERIFY(Life::answer(system));
    }

    void asksAFewInEachTurnAndAllBeforeItAnswers()
    {
        QVERIFY(lifeWithWeb(1h, 100));
        Life life(m_home->path(), FakeProcessRunner::Mode::Manual);
        const auto asked = [&life] {
            const auto runners = life.runners.all();
            return std::count_if(runners.begin(), runners.end(),
                                 [](const FakeProcessRunner *each) { return each->resumes == 1; });
        };
        const Reply<SystemInfo> system = life.backend.systemInfo();
        QVERIFY(asked() < 100);
        QTRY_COMPARE(asked(), 100);
        for (FakeProcessRunner *runner : life.runners.all()) {
            QVERIFY(!system.isFinished());
            runner->finishResume(running);
        }
        QVERIFY(Life::answer(system));
    }

    void whatIsLateIsStartedWhenItHasTold_data()
    {
        QTest::addColumn<bool>("isRestarted");
        QTest::newRow("by itself") << false;
        QTest::newRow("by a command") << true;
    }

    /// The earlier daemon had stopped it to start it again, and did not live to do so.
    void whatIsLateIsStartedWhenItHasTold()
    {
        QFETCH(bool, isRestarted);
        QVERIFY(lifeWithWeb());
        Life life(m_home->path(), FakeProcessRunner::Mode::Manual);
        FakeProcessRunner &runner = *life.runners.all().first();
        QVERIFY(Life::answer(life.backend.systemInfo())); // others do not wait for ever
        Command command;
        command.action = Action::Restart;
        command.target = u"web"_s;
        if (isRestarted)
            life.backend.command(command);
        runner.finishStop();
        QCoreApplication::processEvents();
        QCOMPARE(runner.starts, 0);
        runner.finishResume({});
        QTRY_COMPARE(runner.starts, 1);
        runner.comeUp();
        QCOMPARE(life.backend.processes().first().status, ProcessStatus::Online);
        QCOMPARE(runner.misuse, QString());
    }

    void aRestartWhoseStopIsStillUnderWayIsFinished()
    {
        QVERIFY(lifeWithWeb());
        Life life(m_home->path(), FakeProcessRunner::Mode::Manual);
        FakeProcessRunner &runner = *life.runners.all().first();
        ResumedRun stopping = running;
        stopping.stopping = true;
        runner.finishResume(stopping);
        QVERIFY(Life::answer(life.backend.systemInfo()));
        QCOMPARE(runner.starts, 0);
        runner.finishStop();
        QTRY_COMPARE(runner.starts, 1);
        QCOMPARE(life.backend.processes().first().restarts, 1);
    }

    void nothingIsAcknowledgedThatIsNotStored()
    {
        const auto life = lifeWithWeb();
        QVERIFY(life);
        QVERIFY(Life::answer(life->backend.persisted()));
        ::signal(SIGXFSZ, SIG_IGN);
        rlimit before{};
        QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
        const rlimit small{rlim_t(QFileInfo(m_home->path() + "/state.db-wal"_L1).size()),
                           before.rlim_max};
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);
        int acknowledged = 0;
        Command command;
        command.target = u"web"_s;
        for (int i = 0; i < 50; ++i) {
            command.action = i % 2 == 0 ? Action::Stop : Action::Start;
            acknowledged += Life::answer(life->backend.command(command)).has_value();
        }
        const bool isStored = Life::answer(life->backend.persisted()).has_value();
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &before), 0);
        QCOMPARE(acknowledged, 0);
        QVERIFY(!isStored);
        QTRY_VERIFY(Life::answer(life->backend.persisted()));
    }

    /// The daemon is gone as soon as it has answered.
    void whatIsAnsweredIsKnownWithItsPortAndItsRestarts()
    {
        const PortSpec port{PortSpec::Kind::Single, 9000, 9000};
        QVERIFY(lifeWithWeb(1h, 1, port));
        {
            Life life(m_home->path(), FakeProcessRunner::Mode::Obedient);
            life.runners.all().first()->finishResume(running);
            QCOMPARE(life.backend.processes().first().port, std::optional(9000));
            Command command;
            command.action = Action::Restart;
            command.target = u"web"_s;
            QVERIFY(Life::answer(life.backend.command(command)));
        }
        Life life(m_home->path(), FakeProcessRunner::Mode::Manual);
        life.runners.all().first()->finishResume(running);
        QCOMPARE(life.backend.processes().first().port, std::optional(9000));
        QCOMPARE(life.backend.processes().first().restarts, 1);
    }

    void healthGoesOnWithItsRunAndEndsWithIt()
    {
        {
            const auto life = lifeWithWeb(1ms);
            QVERIFY(life);
            QTRY_COMPARE(life->backend.processes().first().health, HealthStatus::Healthy);
            QVERIFY(Life::answer(life->backend.persisted()));
        }
        for (const ResumedRun &run : {running, ResumedRun()}) {
            Life life(m_home->path(), FakeProcessRunner::Mode::Manual);
            const auto health = [&life] { return life.backend.processes().first().health; };
            QCOMPARE(health(), HealthStatus::Healthy);
            life.runners.all().first()->finishResume(run);
            const bool goesOn = run.phase == ResumedRun::Phase::Running;
            QCOMPARE(health(), goesOn ? HealthStatus::Healthy : HealthStatus::Unknown);
        }
    }

    void aDeletionThatHadBegunIsFinished()
    {
        QVERIFY(lifeWithWeb());
        {
            Life life(m_home->path(), FakeProcessRunner::Mode::Manual);
            life.runners.all().first()->finishResume(running);
            Command command;
            command.action = Action::Delete;
            command.target = u"web"_s;
            const Reply<CommandResult> deleted = life.backend.command(command);
            QTRY_COMPARE(life.runners.all().first()->stops, 1); // and does not end
            QVERIFY(Life::answer(life.backend.persisted()));
            QVERIFY(!deleted.isFinished());
        }
        Life life(m_home->path(), FakeProcessRunner::Mode::Manual);
        QCOMPARE(life.backend.processes().size(), 1);
        FakeProcessRunner &runner = *life.runners.all().first();
        runner.finishResume(running);
        QTRY_COMPARE(runner.stops, 1);
        runner.finishStop();
        QTRY_VERIFY(life.backend.processes().isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestRestore)
#include "tst_restore.moc"
