// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/localbackend.h"
#include "core/state/statestore.h"
#include "tests/support/fakeprocessrunner.h"

#include <QTemporaryDir>
#include <QTest>

using namespace pmdaemon;
using namespace pmdaemon::test;
using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int patience = 30'000; // ms, on a loaded machine
const ResumedRun running{.phase = ResumedRun::Phase::Running, .pid = 4'242, .startedAt = {}};

/// One life of a daemon over the state of a home; no process is started.
struct Life
{
    Life(const QString &home, FakeProcessRunner::Mode mode)
        : backend({.launch = {home, QProcessEnvironment::systemEnvironment()},
                   .makeRunner = runners.factory(),
                   .isPortFree = [](int) { return true; }},
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

    QTemporaryDir m_home;

    void startWeb()
    {
        Life life(m_home.path(), FakeProcessRunner::Mode::Obedient);
        ProcessSpec spec;
        spec.name = u"web"_s;
        spec.script = u"/bin/true"_s;
        QVERIFY(Life::answer(life.backend.apply(spec)));
    }

private slots:
    void questionsWaitUntilEachProcessHasTold()
    {
        startWeb();
        Life life(m_home.path(), FakeProcessRunner::Mode::Manual);
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

    void aDeletionThatHadBegunIsFinished()
    {
        startWeb();
        {
            Life life(m_home.path(), FakeProcessRunner::Mode::Manual);
            life.runners.all().first()->finishResume(running);
            Command command;
            command.action = Action::Delete;
            command.target = u"web"_s;
            const Reply<CommandResult> deleted = life.backend.command(command);
            QTRY_COMPARE(life.runners.all().first()->stops, 1); // and does not end
            QVERIFY(Life::answer(life.backend.persisted()));
            QVERIFY(!deleted.isFinished());
        }
        Life life(m_home.path(), FakeProcessRunner::Mode::Manual);
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
