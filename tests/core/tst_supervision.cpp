// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/localbackend.h"
#include "core/process/qprocessrunner.h"
#include "tests/support/comparenames.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int patience = 30'000; // ms, on a loaded machine

bool exists(qint64 pid)
{
    return ::kill(static_cast<pid_t>(pid), 0) == 0;
}

} // namespace

/// LocalBackend with QProcessRunner: the first version of the real thing.
class TestSupervision : public QObject
{
    Q_OBJECT

    Subreaper m_subreaper;
    std::unique_ptr<QTemporaryDir> m_home;
    std::unique_ptr<LocalBackend> m_backend;
    QList<ProcessEvent> m_events;

    template <typename T>
    Result<T> answer(const Reply<T> &reply)
    {
        if (!QTest::qWaitFor([&] { return reply.isFinished(); }, patience))
            return fail(ErrorCode::Timeout, u"the reply did not come"_s);
        return reply.result();
    }

    Result<CommandResult> run(Action action, const QString &target)
    {
        Command command;
        command.action = action;
        command.target = target;
        return answer(m_backend->command(command));
    }

    static ProcessSpec shell(const QString &script)
    {
        ProcessSpec spec;
        spec.name = u"app"_s;
        spec.script = u"/bin/sh"_s;
        spec.args = {u"-c"_s, script};
        spec.expBackoffRestartDelay = milliseconds{1};
        return spec;
    }

    const ProcessEntry &entry() const { return m_backend->processes().first(); }

    int count(ProcessEvent::Kind kind) const
    {
        return int(std::count_if(m_events.begin(), m_events.end(),
                                 [kind](const ProcessEvent &event) { return event.kind == kind; }));
    }

private slots:
    void init()
    {
        m_home = std::make_unique<QTemporaryDir>();
        m_backend = std::make_unique<LocalBackend>(
            m_home->path(), [this] { return std::make_unique<QProcessRunner>(m_subreaper); });
        m_events.clear();
        connect(m_backend.get(), &Backend::processEvent, this,
                [this](const ProcessEvent &event) { m_events.append(event); });
    }

    void cleanup()
    {
        const QFuture<void> stopped = m_backend->stopAll();
        QTRY_VERIFY_WITH_TIMEOUT(stopped.isFinished(), patience);
        m_backend.reset();
    }

    void aHundredStartAndStop()
    {
        ProcessSpec spec = shell(u"exec sleep 60"_s);
        spec.instances = 100;
        const Result<CommandResult> started = answer(m_backend->apply(spec));
        QVERIFY2(started, started ? "" : qPrintable(started.error().message));
        QList<qint64> pids;
        for (const ProcessEntry &each : m_backend->processes()) {
            QCOMPARE(each.status, ProcessStatus::Online);
            QVERIFY(exists(each.pid.value_or(-1)));
            pids.append(*each.pid);
        }
        QCOMPARE(pids.size(), 100);
        QVERIFY(run(Action::Stop, u"all"_s));
        for (const qint64 pid : pids)
            QVERIFY(!exists(pid));
    }

    void shutdownLeavesNothing()
    {
        QVERIFY(answer(m_backend->apply(shell(u"sleep 60 & sleep 60"_s))));
        const qint64 pid = *entry().pid;
        m_backend->close();
        const QFuture<void> stopped = m_backend->stopAll();
        QTRY_VERIFY_WITH_TIMEOUT(stopped.isFinished(), patience);
        QVERIFY(!exists(pid));
        const Result<CommandResult> refused = run(Action::Start, u"app"_s);
        QVERIFY(!refused && refused.error().code == ErrorCode::ShuttingDown);
    }

    void givesUpAfterMaxRestarts()
    {
        ProcessSpec spec = shell(u"exit 3"_s);
        spec.maxRestarts = 3;
        m_backend->apply(spec);
        QTRY_VERIFY_WITH_TIMEOUT(!m_backend->processes().isEmpty() &&
                                     entry().status == ProcessStatus::Errored,
                                 patience);
        QCOMPARE(entry().restarts, 3);
        QCOMPARE(entry().exitCode, std::optional(3));
        QVERIFY(entry().reason->contains("gave up"_L1));
        QCOMPARE(count(ProcessEvent::Kind::Crashed), 4);
        QCOMPARE(count(ProcessEvent::Kind::Restarted), 3);
    }

    void finishesWhereOnceIsEnough()
    {
        ProcessSpec spec = shell(u"exit 0"_s);
        spec.autorestart = false;
        QVERIFY(answer(m_backend->apply(spec)));
        QTRY_COMPARE_WITH_TIMEOUT(entry().status, ProcessStatus::Stopped, patience);
        QCOMPARE(count(ProcessEvent::Kind::Crashed), 0);
        QCOMPARE(entry().exitCode, std::optional(0));
    }

    void whatMayNotBeExecutedIsErrored()
    {
        QFile file(m_home->filePath(u"program"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        ProcessSpec spec;
        spec.name = u"app"_s;
        spec.script = file.fileName();
        const Result<CommandResult> failed = answer(m_backend->apply(spec));
        QVERIFY(!failed && failed.error().code == ErrorCode::StartFailed);
        QVERIFY2(failed.error().message.contains("Permission denied"_L1),
                 qPrintable(failed.error().message));
        QCOMPARE(entry().status, ProcessStatus::Errored);
        QCOMPARE(entry().restarts, 0);
    }

    void logLinesArriveFromTheFirstOn()
    {
        QStringList lines;
        QObject context;
        connect(m_backend.get(), &Backend::logLines, &context, [&](const LogBatch &batch) {
            for (const LogLine &line : batch.lines)
                lines.append(QString::fromUtf8(line.message));
        });
        const Watch watch = m_backend->watchLogs({});
        QVERIFY(
            answer(m_backend->apply(shell(u"echo one; echo two; echo three; exec sleep 60"_s))));
        QTRY_COMPARE_WITH_TIMEOUT(lines, (QStringList{u"one"_s, u"two"_s, u"three"_s}), patience);
        LogQuery query;
        query.process = u"app"_s;
        QCOMPARE(answer(m_backend->logs(query))->lines.size(), 3);
        QVERIFY(run(Action::Flush, u"app"_s));
        QCOMPARE(answer(m_backend->logs(query))->lines.size(), 0);
    }

    void anExceededMemoryLimitRestarts()
    {
        ProcessSpec spec = shell(u"exec sleep 60"_s);
        spec.maxMemoryRestart = 1;
        QSignalSpy frames(m_backend.get(), &Backend::processMetrics);
        QVERIFY(answer(m_backend->apply(spec)));
        QTRY_VERIFY_WITH_TIMEOUT(count(ProcessEvent::Kind::Restarted) > 0, patience);
        const auto exceeded = std::find_if(m_events.begin(), m_events.end(), [](const auto &event) {
            return event.kind == ProcessEvent::Kind::MemoryLimitExceeded;
        });
        QVERIFY(exceeded != m_events.end());
        QCOMPARE(exceeded->details["limit"_L1], QJsonValue(1));
        QVERIFY(exceeded->details["memory"_L1].toInteger() > 4'096);
        QCOMPARE(frames.size(), 0); // nobody watches
    }

    void scriptProbesRunBesideTheReaper()
    {
        ProcessSpec spec = shell(u"exec sleep 60"_s);
        spec.healthCheck.emplace();
        spec.healthCheck->type = CheckType::Script;
        spec.healthCheck->script = u"sh -c \"exit 0\""_s;
        spec.healthCheck->interval = milliseconds{20};
        QList<HealthUpdate> updates;
        QObject context;
        connect(m_backend.get(), &Backend::healthChanged, &context,
                [&](const HealthUpdate &update) { updates.append(update); });
        QVERIFY(answer(m_backend->apply(spec)));
        QTRY_COMPARE_WITH_TIMEOUT(entry().health, HealthStatus::Healthy, patience);
        QTest::qWait(500); // about twenty probes: none may lose its exit status to the reaper
        QCOMPARE(updates.size(), 1);
        const auto info = answer(m_backend->processInfo(u"app"_s));
        QCOMPARE(info->first().health->details["exit_code"_L1], QJsonValue(0));
    }
};

QTEST_GUILESS_MAIN(TestSupervision)
#include "tst_supervision.moc"
