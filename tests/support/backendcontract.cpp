// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "tests/support/backendcontract.h"

#include "tests/support/comparenames.h"

#include <QJsonArray>
#include <QSignalSpy>
#include <QTest>

namespace pmdaemon::test {

using namespace Qt::Literals::StringLiterals;

namespace {

QJsonObject trueConfig(int instances)
{
    QJsonObject config{{u"script"_s, u"/bin/true"_s}};
    if (instances > 1)
        config.insert(u"instances"_s, instances);
    return config;
}

template <typename T>
QString codeOf(const Result<T> &result)
{
    return result ? QString() : QString(toString(result.error().code));
}

/// Statuses and events in the order of their signals.
struct Journal
{
    explicit Journal(Backend &backend)
    {
        QObject::connect(
            &backend, &Backend::statusChanged, &context, [this](const StatusChange &change) {
                lines.append(change.process.name + u' ' + toString(change.process.status));
            });
        QObject::connect(&backend, &Backend::processEvent, &context,
                         [this](const ProcessEvent &event) {
                             lines.append(event.name + u" !" + toString(event.kind));
                             last = event;
                         });
    }

    QStringList take() { return std::exchange(lines, {}); }

    QStringList lines;
    ProcessEvent last;
    QObject context;
};

/// All log messages that arrive, by process.
struct LogJournal
{
    explicit LogJournal(Backend &backend)
    {
        QObject::connect(&backend, &Backend::logLines, &context, [this](const LogBatch &batch) {
            for (const LogLine &line : batch.lines) {
                messages[batch.name].append(QString::fromUtf8(line.message));
                seqs[batch.name].append(line.seq);
            }
        });
    }

    QHash<QString, QStringList> messages;
    QHash<QString, QList<qint64>> seqs;
    QObject context;
};

QList<ProcessId> idsOf(const QList<ProcessEntry> &entries)
{
    QList<ProcessId> ids;
    for (const ProcessEntry &entry : entries)
        ids.append(entry.id);
    return ids;
}

} // namespace

BackendContract::BackendContract(BackendFactory make)
    : m_make(std::move(make))
{}

void BackendContract::init()
{
    m_subject = m_make();
    QTRY_COMPARE_WITH_TIMEOUT(backend().connectionState() == ConnectionState::Live, true, 20'000);
}

void BackendContract::cleanup()
{
    m_subject.reset();
}

template <typename T>
Result<T> BackendContract::answer(const Reply<T> &reply)
{
    if (!QTest::qWaitFor([&] { return reply.isFinished(); }, 20'000))
        return fail(ErrorCode::Timeout, u"the reply did not come"_s);
    return reply.result();
}

Result<CommandResult> BackendContract::run(Action action, const QString &target,
                                           std::optional<QJsonObject> config)
{
    Command command;
    command.action = action;
    command.target = target;
    command.config = std::move(config);
    return answer(backend().command(command));
}

Result<CommandResult> BackendContract::start(const QString &name, int instances)
{
    return run(Action::Start, name, trueConfig(instances));
}

void BackendContract::becomesLiveWithTheMirror()
{
    QVERIFY(backend().processes().isEmpty());
    QCOMPARE(backend().role(), Role::Admin);
}

void BackendContract::startIsAnsweredWhenTheMirrorShowsIt()
{
    const Result<CommandResult> started = start(u"web"_s);
    QVERIFY2(started, started ? "" : qPrintable(started.error().message));
    QCOMPARE(backend().processes().size(), 1);
    const ProcessEntry &entry = backend().processes().first();
    QCOMPARE(entry.status, ProcessStatus::Online);
    QCOMPARE(entry.name, u"web"_s);
    QCOMPARE(idsOf(started->processes), QList{entry.id});
    QCOMPARE(started->processes.first().status, ProcessStatus::Online);
    QVERIFY(!started->message.isEmpty());
}

void BackendContract::statusesAndEventsComeInOrder()
{
    Journal journal(backend());
    QVERIFY(start(u"web"_s));
    QVERIFY(run(Action::Restart, u"web"_s));
    QVERIFY(run(Action::Stop, u"web"_s));
    QVERIFY(run(Action::Delete, u"web"_s));
    QTRY_COMPARE(journal.lines.size(), 11);
    QCOMPARE(journal.take(), (QStringList{u"web starting"_s, u"web online"_s, u"web !started"_s,
                                          u"web restarting"_s, u"web starting"_s, u"web online"_s,
                                          u"web !restarted"_s, u"web stopping"_s, u"web stopped"_s,
                                          u"web !stopped"_s, u"web !deleted"_s}));
}

void BackendContract::crashIsTold()
{
    QVERIFY(start(u"web"_s));
    Journal journal(backend());
    house().runner(u"web"_s)->crashWith(11, FakeProcessRunner::restartLater());
    house().runner(u"web"_s)->respawn();
    QTRY_COMPARE(journal.lines.size(), 5);
    QCOMPARE(journal.take(), (QStringList{u"web restarting"_s, u"web !crashed"_s, u"web starting"_s,
                                          u"web online"_s, u"web !restarted"_s}));
    QCOMPARE(journal.last.details["reason"_L1], QJsonValue(u"crash"_s));
    QCOMPARE(backend().processes().first().restarts, 1);
    QCOMPARE(backend().processes().first().signal, std::optional(u"SIGSEGV"_s));
}

void BackendContract::mirrorIsCurrentInEverySlot()
{
    int wrong = 0;
    QObject context;
    connect(&backend(), &Backend::statusChanged, &context, [&](const StatusChange &change) {
        const ProcessEntry *mirrored = backend().process(change.process.id);
        wrong += mirrored && *mirrored == change.process ? 0 : 1;
    });
    connect(&backend(), &Backend::processRemoved, &context,
            [&](ProcessId id, const QString &) { wrong += backend().process(id) ? 1 : 0; });
    QVERIFY(start(u"web"_s, 3));
    QVERIFY(run(Action::Restart, u"web"_s));
    QVERIFY(run(Action::Delete, u"web"_s));
    QTRY_VERIFY(backend().processes().isEmpty());
    QCOMPARE(wrong, 0);
}

void BackendContract::mirrorEqualsTheTruth()
{
    QVERIFY(start(u"web"_s, 3));
    QVERIFY(start(u"db"_s));
    QVERIFY(start(u"job"_s));
    QVERIFY(run(Action::Stop, u"web-1"_s));
    house().runner(u"job"_s)->exitWith(3, FakeProcessRunner::giveUp());
    QTRY_VERIFY(backend().processes() == house().backend.processes());
    QCOMPARE(backend().processes().size(), 5);
    QCOMPARE(backend().resolve(u"job").first().status, ProcessStatus::Errored);
    QVERIFY(backend().resolve(u"job").first().reason);
    QCOMPARE(backend().resolve(u"job").first().exitCode, std::optional(3));
}

void BackendContract::resolvesTargets()
{
    QVERIFY(start(u"web"_s, 2));
    QVERIFY(start(u"db"_s));
    const auto names = [&](QStringView target) {
        QStringList found;
        for (const ProcessEntry &entry : backend().resolve(target))
            found.append(entry.name);
        return found;
    };
    QCOMPARE(names(u"web"), (QStringList{u"web-0"_s, u"web-1"_s}));
    QCOMPARE(names(u"web-1"), QStringList{u"web-1"_s});
    QCOMPARE(names(QString::number(toInt(backend().processes()[2].id))), QStringList{u"db"_s});
    QCOMPARE(names(u"all").size(), 3);
    QCOMPARE(names(u"namespace:default").size(), 3);
    QCOMPARE(names(u"namespace:other"), QStringList());
    QCOMPARE(names(u"nobody"), QStringList());
    QCOMPARE(names(u""), QStringList());
}

void BackendContract::refusals_data()
{
    QTest::addColumn<int>("action");
    QTest::addColumn<QString>("target");
    QTest::addColumn<QJsonObject>("config");
    QTest::addColumn<QString>("code");
    const auto row = [](const char *tag, Action action, QStringView target,
                        const QJsonObject &config, const QString &code) {
        QTest::newRow(tag) << int(action) << target.toString() << config << code;
    };
    row("start unknown", Action::Start, u"nobody", {}, u"not_found"_s);
    row("stop unknown", Action::Stop, u"nobody", {}, u"not_found"_s);
    row("unknown namespace", Action::Restart, u"namespace:x", {}, u"not_found"_s);
    row("start running", Action::Start, u"web", {}, u"already_running"_s);
    row("stop stopped", Action::Stop, u"idle", {}, u"not_running"_s);
    row("another config", Action::Start, u"web", {{u"script"_s, u"/bin/false"_s}},
        u"already_exists"_s);
    row("bad config", Action::Start, u"new", {{u"script"_s, 5}}, u"invalid_config"_s);
    row("unknown key", Action::Start, u"new",
        {{u"script"_s, u"/bin/true"_s}, {u"no_such_key"_s, 1}}, u"invalid_config"_s);
    row("two names", Action::Start, u"new",
        {{u"script"_s, u"/bin/true"_s}, {u"name"_s, u"other"_s}}, u"invalid_config"_s);
    row("bad name", Action::Start, u"../x", {{u"script"_s, u"/bin/true"_s}}, u"invalid_config"_s);
    row("no program", Action::Start, u"new", {{u"script"_s, u"/no/such/program"_s}},
        u"start_failed"_s);
}

void BackendContract::refusals()
{
    QFETCH(const int, action);
    QFETCH(const QString, target);
    QFETCH(const QJsonObject, config);
    QFETCH(const QString, code);
    QVERIFY(start(u"web"_s));
    QVERIFY(start(u"idle"_s));
    QVERIFY(run(Action::Stop, u"idle"_s));
    const Result<CommandResult> refused =
        run(static_cast<Action>(action), target,
            config.isEmpty() ? std::nullopt : std::optional(config));
    QCOMPARE(codeOf(refused), code);
    QVERIFY(!refused.error().message.isEmpty());
    QTRY_VERIFY(backend().processes() == house().backend.processes());
    QCOMPARE(backend().processes().size(), code == "start_failed"_L1 ? 3 : 2);
}

void BackendContract::failuresOfSeveralAreNamed()
{
    QVERIFY(start(u"a"_s));
    QVERIFY(start(u"b"_s));
    house().runner(u"b"_s)->startError = Error{ErrorCode::StartFailed, u"no luck"_s};
    const Result<CommandResult> failed = run(Action::Restart, u"all"_s);
    QCOMPARE(codeOf(failed), u"start_failed"_s);
    const QJsonObject details = failed.error().details;
    QCOMPARE(details["done"_L1], QJsonValue(QJsonArray{u"a"_s}));
    QCOMPARE(details["failed"_L1].toArray().size(), 1);
    QCOMPARE(details["failed"_L1][0]["process"_L1], QJsonValue(u"b"_s));
}

void BackendContract::openCommandsWait()
{
    QVERIFY(start(u"web"_s));
    house().runner(u"web"_s)->mode = FakeProcessRunner::Mode::Manual;
    Command stop;
    stop.action = Action::Stop;
    stop.target = u"web"_s;
    const Reply<CommandResult> reply = backend().command(stop);
    QTRY_COMPARE(backend().processes().first().status, ProcessStatus::Stopping);
    QVERIFY(answer(backend().systemInfo())); // others are answered meanwhile
    QVERIFY(!reply.isFinished());
    house().runner(u"web"_s)->finishStop();
    QVERIFY(answer(reply));
    QCOMPARE(backend().processes().first().status, ProcessStatus::Stopped);
}

void BackendContract::deletedOnesLeaveTheMirror()
{
    QVERIFY(start(u"web"_s));
    const ProcessId id = backend().processes().first().id;
    QSignalSpy removed(&backend(), &Backend::processRemoved);
    const Result<CommandResult> deleted = run(Action::Delete, u"web"_s);
    QCOMPARE(idsOf(deleted->processes), QList{id});
    QTRY_COMPARE(removed.size(), 1);
    QCOMPARE(removed[0][1].toString(), u"web"_s);
    QVERIFY(!backend().process(id));
    QVERIFY(start(u"web"_s));
    QVERIFY(backend().processes().first().id != id);
}

void BackendContract::changesWithoutAStatusArrive()
{
    QVERIFY(start(u"web"_s));
    QVERIFY(run(Action::Restart, u"web"_s));
    QSignalSpy updated(&backend(), &Backend::processUpdated);
    QVERIFY(run(Action::Reset, u"web"_s));
    QTRY_COMPARE(backend().processes().first().restarts, 0);
    QVERIFY(!updated.isEmpty());
    Command scale;
    scale.action = Action::Scale;
    scale.target = u"web"_s;
    scale.instances = 2;
    QVERIFY(answer(backend().command(scale)));
    QTRY_COMPARE(backend().processes().size(), 2);
    QTRY_COMPARE(backend().processes().first().name, u"web-0"_s);
}

void BackendContract::framesComeAtOnceAndAgain()
{
    QVERIFY(start(u"web"_s, 2));
    QVERIFY(start(u"db"_s));
    QSignalSpy frames(&backend(), &Backend::processMetrics);
    const Watch watch =
        backend().watchProcessMetrics({QStringList{u"web"_s}, {}}, milliseconds{100});
    QTRY_VERIFY(frames.size() >= 3);
    const auto frame = frames[0][0].value<MetricsFrame>();
    QCOMPARE(frame.interval, milliseconds{100});
    QList<ProcessId> ids;
    for (const ProcessSample &sample : frame.processes)
        ids.append(sample.id);
    for (const ProcessEntry &entry : backend().resolve(u"web"))
        QVERIFY(ids.contains(entry.id));
}

void BackendContract::whoJoinsAnIntervalGetsAFrameAtOnce()
{
    // An hour: only the frames that come at once can come.
    constexpr milliseconds interval{3'600'000};
    QVERIFY(start(u"web"_s));
    QVERIFY(start(u"db"_s));
    QSignalSpy frames(&backend(), &Backend::processMetrics);
    const Watch first = backend().watchProcessMetrics({QStringList{u"web"_s}, {}}, interval);
    QTRY_COMPARE(frames.size(), 1);
    const Watch second = backend().watchProcessMetrics({}, interval);
    const auto holdsBoth = [&] {
        return frames.last()[0].value<MetricsFrame>().processes.size() == 2;
    };
    QTRY_VERIFY(frames.size() >= 2 && holdsBoth());
}

void BackendContract::framesEndWithTheWatch()
{
    QVERIFY(start(u"web"_s));
    QSignalSpy frames(&backend(), &Backend::processMetrics);
    {
        const Watch watch = backend().watchProcessMetrics({}, milliseconds{100});
        QTRY_VERIFY(!frames.isEmpty());
    }
    QVERIFY(answer(backend().systemInfo())); // what was under way has arrived
    frames.clear();
    QVERIFY(!frames.wait(500));
}

void BackendContract::systemFramesComeAtOnceAndEndWithTheWatch()
{
    QSignalSpy frames(&backend(), &Backend::systemMetrics);
    {
        const Watch watch = backend().watchSystemMetrics(milliseconds{100});
        QTRY_VERIFY(frames.size() >= 2);
    }
    QVERIFY(frames[0][0].value<SystemMetrics>().memoryTotal > 0);
    QVERIFY(answer(backend().systemInfo()));
    frames.clear();
    QVERIFY(!frames.wait(500));
}

void BackendContract::logLinesArriveInOrder()
{
    QVERIFY(start(u"web"_s));
    house().writeOutput(u"web"_s, "before\n");
    LogJournal journal(backend());
    const Watch watch = backend().watchLogs({});
    QVERIFY(answer(backend().systemInfo())); // the watch has got to where the files are
    QStringList written;
    for (int i = 0; i < 500; ++i) {
        written.append(u"line %1 \u00e4"_s.arg(i));
        house().writeOutput(u"web"_s, written.last().toUtf8() + '\n');
    }
    QTRY_VERIFY(journal.messages[u"web"_s].size() >= 500);
    QCOMPARE(journal.messages[u"web"_s], written);
    const QList<qint64> seqs = journal.seqs[u"web"_s];
    QVERIFY(std::is_sorted(seqs.begin(), seqs.end()));
    QCOMPARE(seqs.last() - seqs.first(), 499);
}

void BackendContract::logLinesAreOfWhoIsWatched()
{
    QVERIFY(start(u"web"_s));
    QVERIFY(start(u"db"_s));
    LogJournal journal(backend());
    Watch watch = backend().watchLogs({QStringList{u"db"_s}, {}});
    QVERIFY(answer(backend().systemInfo()));
    house().writeOutput(u"web"_s, "not this\n");
    house().writeOutput(u"db"_s, "this\n");
    QTRY_COMPARE(journal.messages[u"db"_s], QStringList{u"this"_s});
    QVERIFY(!journal.messages.contains(u"web"_s));
    watch = {};
    QVERIFY(answer(backend().systemInfo()));
    house().writeOutput(u"db"_s, "nor this\n");
    QTest::qWait(300);
    QCOMPARE(journal.messages[u"db"_s].size(), 1);
}

void BackendContract::logsGiveTheNewestPage()
{
    QVERIFY(start(u"web"_s));
    for (int i = 0; i < 30; ++i)
        house().writeOutput(u"web"_s, "line " + QByteArray::number(i) + '\n');
    LogQuery query;
    query.process = u"web"_s;
    query.lines = 10;
    const Result<LogPage> newest = answer(backend().logs(query));
    QVERIFY2(newest, newest ? "" : qPrintable(newest.error().message));
    QCOMPARE(newest->lines.size(), 10);
    QCOMPARE(newest->lines.last().message, QByteArray("line 29"));
    QVERIFY(!newest->cursor.isEmpty());
    query.before = newest->cursor;
    QCOMPARE(answer(backend().logs(query))->lines.last().message, QByteArray("line 19"));
    query = {};
    query.process = u"nobody"_s;
    QCOMPARE(codeOf(answer(backend().logs(query))), u"not_found"_s);
}

void BackendContract::infoShowsOneOrAll()
{
    QVERIFY(run(Action::Start, u"web"_s,
                QJsonObject{{u"script"_s, u"/bin/true"_s},
                            {u"port"_s, u"3000-3001"_s},
                            {u"instances"_s, 2},
                            {u"env"_s, QJsonObject{{u"KEY"_s, u"value"_s}}}}));
    QVERIFY(start(u"db"_s));
    const auto one = answer(backend().processInfo(u"web-1"_s));
    QVERIFY2(one, one ? "" : qPrintable(one.error().message));
    QCOMPARE(one->size(), 1);
    const ProcessDetail &detail = one->first();
    QCOMPARE(detail.entry, backend().resolve(u"web-1").first());
    QCOMPARE(detail.ports, QList<int>{3001});
    QCOMPARE(detail.outFile, house().home() + u"/logs/web-1-out.log"_s);
    QCOMPARE(detail.errorFile, house().home() + u"/logs/web-1-error.log"_s);
    QCOMPARE(detail.config["script"_L1], QJsonValue(u"/bin/true"_s));
    QCOMPARE(detail.config["env"_L1]["KEY"_L1], QJsonValue(u"value"_s));
    QVERIFY(!detail.health);
    QCOMPARE(answer(backend().processInfo(u"web"_s))->size(), 2);
    QCOMPARE(answer(backend().processInfo(QString()))->size(), 3);
    QCOMPARE(codeOf(answer(backend().processInfo(u"nobody"_s))), u"not_found"_s);
}

void BackendContract::systemInfoShowsTheHost()
{
    const Result<SystemInfo> info = answer(backend().systemInfo());
    QVERIFY2(info, info ? "" : qPrintable(info.error().message));
    QVERIFY(!info->hostname.isEmpty());
    QCOMPARE(info->platform, u"linux"_s);
    QVERIFY(!info->arch.isEmpty());
    QCOMPARE(info->version, u"" PMDAEMON_VERSION ""_s);
    QCOMPARE(info->protocol, 1);
    QVERIFY(info->capabilities.contains(u"scale"_s));
    QCOMPARE(info->hostId.size(), 32);
    QCOMPARE(info->role, Role::Admin);
    QVERIFY(info->metrics.memoryTotal > 0);
}

void BackendContract::historyAnswers()
{
    QVERIFY(start(u"web"_s));
    const WallTime now = wallNow();
    const auto past =
        answer(backend().history(u"web"_s, now - milliseconds{60'000}, now, milliseconds{0}));
    QVERIFY2(past, past ? "" : qPrintable(past.error().message));
    QCOMPARE(past->time.size(), past->cpu.size());
    QVERIFY(answer(backend().history({}, now - milliseconds{60'000}, now, milliseconds{1'000})));
    QCOMPARE(codeOf(answer(backend().history(u"nobody"_s, now, now, milliseconds{0}))),
             u"not_found"_s);
}

} // namespace pmdaemon::test
