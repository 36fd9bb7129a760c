// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/qprocessrunner.h"
#include "tests/core/process/runnercontract.h"

#include <QSignalSpy>
#include <QTest>

#include <cerrno>
#include <signal.h>
#include <sys/resource.h>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

class TestQProcessRunner : public RunnerContract
{
    Q_OBJECT

protected:
    std::unique_ptr<ProcessRunner> makeRunner() override
    {
        return std::make_unique<QProcessRunner>(m_subreaper);
    }

private slots:
    void startsBeforeStartReturns();
    void reportsExhaustedDescriptors();
    void putsOffARestartWhileDescriptorsAreExhausted();
    void killsTheTreeWhenDestroyed();
    void givesTheProgramItsOwnLimitOfOpenFiles();

private:
    Subreaper m_subreaper;
};

namespace {

/// Leaves `spare` descriptors free.
class DescriptorLimit
{
public:
    explicit DescriptorLimit(int spare)
    {
        ::getrlimit(RLIMIT_NOFILE, &m_before);
        const rlimit limit{rlim_t(openDescriptors() + spare), m_before.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &m_before); }

private:
    rlimit m_before = {};
};

} // namespace

void TestQProcessRunner::startsBeforeStartReturns()
{
    auto r = record();
    r.runner->start(child({u"wait"_s}));
    QCOMPARE(r.started.size(), 1u);
    QCOMPARE(r.runner->pid(), r.started[0]);
}

void TestQProcessRunner::reportsExhaustedDescriptors()
{
    auto r = record();
    r.runner->start(child({u"exit"_s, u"0"_s}));
    QTRY_COMPARE(r.exits.size(), 1u);
    int failures = 0;
    for (int spare = 0; spare < 20; ++spare) {
        {
            const DescriptorLimit limit(spare);
            r.runner->start(child({u"exit"_s, u"0"_s}));
        }
        if (r.failures.empty()) {
            QTRY_COMPARE_WITH_TIMEOUT(r.exits.size(), 2u, 20'000);
            break;
        }
        ++failures;
        QVERIFY(r.failures[0].code == ErrorCode::StartFailed);
        QVERIFY2(r.failures[0].details.value("errno"_L1) == EMFILE,
                 qPrintable(r.failures[0].message));
        r.failures.clear();
    }
    QVERIFY(failures >= 5);
    QCOMPARE(r.exits.size(), 2u);
}

void TestQProcessRunner::putsOffARestartWhileDescriptorsAreExhausted()
{
    auto r = record();
    LaunchSpec spec = child({u"wait"_s});
    spec.restart.autorestart = true;
    r.runner->start(spec);
    QTRY_COMPARE(out(), "ready\n"_ba);
    {
        const DescriptorLimit limit(0);
        QVERIFY(r.runner->sendSignal(SIGKILL));
        while (r.exits.empty())
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        QCOMPARE(r.started.size(), 1u);
    }
    QTRY_COMPARE_WITH_TIMEOUT(r.started.size(), 2u, 20'000);
    QCOMPARE(r.failures.size(), 0u);
}

void TestQProcessRunner::killsTheTreeWhenDestroyed()
{
    qint64 pid = 0;
    {
        auto r = record();
        r.runner->start(child({u"five-processes"_s, u"ignore"_s}));
        QTRY_VERIFY_WITH_TIMEOUT(out().endsWith('\n'), 20'000);
        pid = r.runner->pid();
    }
    QVERIFY(!exists(pid));
    const QList<QByteArray> pids = out().trimmed().split(' ');
    for (const QByteArray &member : pids.sliced(1))
        QTRY_VERIFY(!isAlive(member.toLongLong()));
}

void TestQProcessRunner::givesTheProgramItsOwnLimitOfOpenFiles()
{
    rlimit limit{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = 123;
    QProcessRunner runner(m_subreaper, limit);
    QSignalSpy exited(&runner, &ProcessRunner::exited);
    LaunchSpec spec = child({});
    spec.program = u"/bin/sh"_s;
    spec.arguments = {u"-c"_s, u"ulimit -Sn"_s};
    runner.start(spec);
    QVERIFY(exited.wait());
    QCOMPARE(out(), "123\n");
}

QTEST_GUILESS_MAIN(TestQProcessRunner)
#include "tst_qprocessrunner.moc"
