// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "client/remotebackend.h"
#include "tests/client/scripteddaemon.h"
#include "tests/support/comparenames.h"
#include "tests/support/fakebackend.h"

#include <QSignalSpy>
#include <QTcpServer>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr int patience = 20'000;

const Command stopWeb{.action = Action::Stop,
                      .target = QStringLiteral("web"),
                      .config = {},
                      .instances = {},
                      .signal = {}};

ProcessEntry entry(int id, const QString &name, ProcessStatus status = ProcessStatus::Online)
{
    return FakeBackend::entry(id, name, status);
}

QStringList namesIn(const Backend &backend)
{
    QStringList names;
    for (const ProcessEntry &each : backend.processes())
        names.append(each.name);
    return names;
}

} // namespace

class TestRemoteBackend : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();

    void isLiveOnceTheSnapshotIsComplete();
    void connectsAgainAndAppliesTheDifference();
    void takesAnotherStoresEntriesForNewOnes();
    void keepsAnEntryThatWasCreatedAnew();
    void tellsWhenItHappened();
    void forgetsWhatIsDeleted();
    void keepsHealthInTheMirror();
    void refusesAnotherProtocol();
    void refusesWhenTheDaemonDoes();
    void takesADaemonThatSaysNothingForLost();
    void failsCommandsAtOnceUnlessLive();
    void failsWhatIsPendingOnALoss();
    void answersCommandsWithATimeout();
    void asksNoMoreAtOnceThanADaemonTakes();
    void ignoresGarbageAndUnknownTypes();
    void survivesMessagesOfWrongShape();
    void triesAgainWhereNobodyListens();
    void givesUpWithoutReconnect();
    void subscribesToWhatIsWatched();
    void changesSubscriptionsOncePerTurn();
    void thinsOutForCoarserWatchers();
    void watchesAgainAfterAReconnect();
    void watchesBeforeItAsks();

private:
    void goLive();
    void loseAndComeBack();

    std::unique_ptr<ScriptedDaemon> m_daemon;
    std::unique_ptr<RemoteBackend> m_backend;
};

void TestRemoteBackend::initTestCase()
{
    qRegisterMetaType<ConnectionState>();
}

void TestRemoteBackend::init()
{
    m_daemon = std::make_unique<ScriptedDaemon>();
    m_daemon->processes = {entry(0, u"web"_s), entry(2, u"worker"_s, ProcessStatus::Stopped)};
    m_backend = std::make_unique<RemoteBackend>(Endpoint{.url = m_daemon->url()});
}

void TestRemoteBackend::cleanup()
{
    m_backend.reset();
    m_daemon.reset();
}

void TestRemoteBackend::goLive()
{
    m_backend->open();
    QTRY_COMPARE_WITH_TIMEOUT(m_backend->connectionState(), ConnectionState::Live, patience);
}

void TestRemoteBackend::loseAndComeBack()
{
    const quint16 port = m_daemon->vanish();
    QTRY_COMPARE_WITH_TIMEOUT(m_backend->connectionState(), ConnectionState::Lost, patience);
    m_daemon->listen(port);
    goLive();
}

void TestRemoteBackend::isLiveOnceTheSnapshotIsComplete()
{
    QStringList known;
    connect(m_backend.get(), &Backend::connectionStateChanged, this, [&](ConnectionState state) {
        if (state == ConnectionState::Live)
            known = namesIn(*m_backend);
    });
    m_daemon->info.role = Role::Control;
    QSignalSpy changed(m_backend.get(), &Backend::statusChanged);
    goLive();
    QCOMPARE(known, (QStringList{u"web"_s, u"worker"_s}));
    QCOMPARE(m_backend->processes(), m_daemon->processes);
    QVERIFY(m_backend->role() == Role::Control);
    QCOMPARE(changed.size(), 2);
    QVERIFY(changed.at(0).at(0).value<StatusChange>().previous == ProcessStatus::Stopped);
}

void TestRemoteBackend::connectsAgainAndAppliesTheDifference()
{
    goLive();
    QSignalSpy changed(m_backend.get(), &Backend::statusChanged);
    QSignalSpy updated(m_backend.get(), &Backend::processUpdated);
    QSignalSpy removed(m_backend.get(), &Backend::processRemoved);
    ProcessEntry restarted = entry(0, u"web"_s);
    restarted.restarts = 3;
    m_daemon->processes = {restarted, entry(5, u"api"_s)};
    loseAndComeBack();
    QCOMPARE(m_backend->processes(), m_daemon->processes);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed.at(0).at(0).value<StatusChange>().process.name, u"api"_s);
    QCOMPARE(updated.size(), 1);
    QCOMPARE(removed.size(), 1);
    QCOMPARE(removed.at(0).at(1).toString(), u"worker"_s);
}

void TestRemoteBackend::takesAnotherStoresEntriesForNewOnes()
{
    goLive();
    QSignalSpy removed(m_backend.get(), &Backend::processRemoved);
    QSignalSpy changed(m_backend.get(), &Backend::statusChanged);
    m_daemon->processes = {entry(0, u"api"_s)};
    loseAndComeBack();
    QCOMPARE(m_backend->processes(), m_daemon->processes);
    QCOMPARE(removed.size(), 2);
    QCOMPARE(changed.size(), 1);
}

void TestRemoteBackend::keepsAnEntryThatWasCreatedAnew()
{
    goLive();
    QSignalSpy removed(m_backend.get(), &Backend::processRemoved);
    QSignalSpy updated(m_backend.get(), &Backend::processUpdated);
    m_daemon->processes.first().createdAt += 1s;
    loseAndComeBack();
    QCOMPARE(m_backend->processes(), m_daemon->processes);
    QCOMPARE(removed.size(), 0);
    QCOMPARE(updated.size(), 1);
}

/// Which is not when it is told: a daemon tells what happened before it began.
void TestRemoteBackend::tellsWhenItHappened()
{
    goLive();
    QSignalSpy events(m_backend.get(), &Backend::processEvent);
    const ProcessEvent event{.kind = ProcessEvent::Kind::Crashed,
                             .id = ProcessId{2},
                             .name = u"worker"_s,
                             .time = WallTime(wallNow() - 1h),
                             .details = {{u"exit_code"_s, 3}}};
    m_daemon->send(m_daemon->encode.processEvent(event));
    QVERIFY(events.wait(patience));
    QCOMPARE(events[0][0].value<ProcessEvent>(), event);
}

void TestRemoteBackend::forgetsWhatIsDeleted()
{
    goLive();
    QSignalSpy events(m_backend.get(), &Backend::processEvent);
    m_daemon->send(m_daemon->encode.processEvent({.kind = ProcessEvent::Kind::Deleted,
                                                  .id = ProcessId{2},
                                                  .name = u"worker"_s,
                                                  .time = wallNow(),
                                                  .details = {}}));
    QVERIFY(events.wait(patience));
    QCOMPARE(namesIn(*m_backend), QStringList{u"web"_s});
}

void TestRemoteBackend::keepsHealthInTheMirror()
{
    goLive();
    QSignalSpy updated(m_backend.get(), &Backend::processUpdated);
    QSignalSpy health(m_backend.get(), &Backend::healthChanged);
    m_daemon->send(m_daemon->encode.healthUpdate({.id = ProcessId{0},
                                                  .name = u"web"_s,
                                                  .status = HealthStatus::Unhealthy,
                                                  .previous = HealthStatus::Unknown,
                                                  .type = CheckType::Http,
                                                  .details = {}}));
    QVERIFY(health.wait(patience));
    QCOMPARE(updated.size(), 1);
    QVERIFY(m_backend->process(ProcessId{0})->health == HealthStatus::Unhealthy);
}

void TestRemoteBackend::refusesAnotherProtocol()
{
    m_daemon->info.protocol = 2;
    QSignalSpy state(m_backend.get(), &Backend::connectionStateChanged);
    m_backend->open();
    QTRY_COMPARE_WITH_TIMEOUT(m_backend->connectionState(), ConnectionState::Refused, patience);
    QVERIFY(state.last().at(1).toString().contains(u"protocol 2"_s));
}

void TestRemoteBackend::refusesWhenTheDaemonDoes()
{
    m_daemon->onRequest = [this](const Request &request) {
        m_daemon->send(
            m_daemon->encode.error({ErrorCode::Unauthorized, u"who are you?"_s}, request.id));
        return true;
    };
    QSignalSpy state(m_backend.get(), &Backend::connectionStateChanged);
    m_backend->open();
    QTRY_COMPARE_WITH_TIMEOUT(m_backend->connectionState(), ConnectionState::Refused, patience);
    QCOMPARE(state.last().at(1).toString(), u"who are you?"_s);
}

void TestRemoteBackend::takesADaemonThatSaysNothingForLost()
{
    m_daemon->onRequest = [](const Request &) { return true; };
    m_backend = std::make_unique<RemoteBackend>(
        Endpoint{.url = m_daemon->url()},
        RemoteBackend::Options{.queryTimeout = 50ms, .reconnect = false, .timing = {}});
    m_backend->open();
    QTRY_COMPARE_WITH_TIMEOUT(m_backend->connectionState(), ConnectionState::Disconnected,
                              patience);
}

void TestRemoteBackend::failsCommandsAtOnceUnlessLive()
{
    const auto reply = m_backend->command(stopWeb);
    QVERIFY(reply.isFinished());
    QVERIFY(reply.result().error().code == ErrorCode::Unreachable);
    QVERIFY(m_backend->processInfo(u"web"_s).isFinished());
    QVERIFY(m_backend->logs({}).isFinished());
}

void TestRemoteBackend::failsWhatIsPendingOnALoss()
{
    goLive();
    m_daemon->onRequest = [](const Request &) { return true; };
    const auto stop = m_backend->command(stopWeb);
    const auto info = m_backend->systemInfo();
    QVERIFY(QSignalSpy(m_daemon.get(), &ScriptedDaemon::requested).wait(patience));
    QVERIFY(!stop.isFinished());
    m_daemon->vanish();
    QTRY_VERIFY_WITH_TIMEOUT(stop.isFinished() && info.isFinished(), patience);
    QVERIFY(stop.result().error().code == ErrorCode::Unreachable);
    QCOMPARE(m_backend->connectionState(), ConnectionState::Lost);
    QCOMPARE(namesIn(*m_backend), (QStringList{u"web"_s, u"worker"_s}));
}

void TestRemoteBackend::answersCommandsWithATimeout()
{
    m_backend = std::make_unique<RemoteBackend>(
        Endpoint{.url = m_daemon->url()},
        RemoteBackend::Options{.commandTimeout = 30ms, .timing = {}});
    goLive();
    m_daemon->onRequest = [](const Request &) { return true; };
    const auto stop = m_backend->command(stopWeb);
    QTRY_VERIFY_WITH_TIMEOUT(stop.isFinished(), patience);
    QVERIFY(stop.result().error().code == ErrorCode::Timeout);
    QCOMPARE(m_backend->connectionState(), ConnectionState::Live);
}

void TestRemoteBackend::asksNoMoreAtOnceThanADaemonTakes()
{
    goLive();
    QList<Request> held;
    m_daemon->onRequest = [&](const Request &request) {
        held.append(request);
        return true;
    };
    QList<Reply<CommandResult>> replies;
    for (int i = 0; i < 200; ++i)
        replies.append(m_backend->command(stopWeb));
    for (int answered = 0; answered < 150; ++answered) {
        QTRY_VERIFY_WITH_TIMEOUT(!held.isEmpty(), patience);
        QVERIFY(held.size() <= 64);
        m_daemon->send(m_daemon->encode.reply("command_result"_L1, toJson(CommandResult{}, stopWeb),
                                              held.takeFirst().id));
    }
    QTRY_VERIFY_WITH_TIMEOUT(replies[149].isFinished(), patience);
    m_daemon->vanish();
    for (const auto &reply : replies)
        QTRY_VERIFY_WITH_TIMEOUT(reply.isFinished(), patience);
    QVERIFY(replies[149].result());
    QVERIFY(replies[199].result().error().code == ErrorCode::Unreachable);
}

void TestRemoteBackend::ignoresGarbageAndUnknownTypes()
{
    goLive();
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"ignored a message"_s));
    for (const char *text :
         {"", "{", "[]", "null", "\x01\x02", R"({"type":5})", R"({"type":"process_status"})",
          R"({"type":"process_status","data":[]})", R"({"type":"tomorrow","data":{"a":1}})",
          R"({"type":"command_result","data":{},"reply_to":"x"})"})
        m_daemon->send(text);
    ProcessEntry stopped = entry(0, u"web"_s, ProcessStatus::Stopped);
    QSignalSpy changed(m_backend.get(), &Backend::statusChanged);
    m_daemon->send(m_daemon->encode.processStatus({stopped, ProcessStatus::Online}));
    QVERIFY(changed.wait(patience));
    QCOMPARE(changed.size(), 1);
    QCOMPARE(m_backend->connectionState(), ConnectionState::Live);
}

void TestRemoteBackend::survivesMessagesOfWrongShape()
{
    goLive();
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"ignored a message"_s));
    const Watch metrics = m_backend->watchProcessMetrics({}, 1s);
    for (const auto type : {"process_status", "process_metrics", "system_metrics", "health_update",
                            "process_event", "log_batch"}) {
        for (const char *data : {"{}", R"({"id":-1,"name":7})", R"({"processes":{}})",
                                 R"({"processes":[{"id":1e99}]})", R"({"process_id":null})"})
            m_daemon->send(QStringLiteral(R"({"type":"%1","data":%2,"id":"x",)"
                                          R"("timestamp":"2026-01-01T00:00:00.000Z"})")
                               .arg(QLatin1StringView(type), QLatin1StringView(data))
                               .toUtf8());
    }
    const auto info = m_backend->systemInfo(); // answered after all of them
    QTRY_VERIFY_WITH_TIMEOUT(info.isFinished(), patience);
    QVERIFY(info.result());
    QCOMPARE(m_backend->processes(), m_daemon->processes);
}

void TestRemoteBackend::triesAgainWhereNobodyListens()
{
    const quint16 port = m_daemon->vanish();
    QSignalSpy retrying(m_backend.get(), &RemoteBackend::retrying);
    m_backend->open();
    QCOMPARE(m_backend->connectionState(), ConnectionState::Connecting);
    QVERIFY(retrying.wait(patience));
    QCOMPARE(m_backend->connectionState(), ConnectionState::Lost);
    QVERIFY(retrying.wait(patience));
    QVERIFY(retrying.at(1).at(1).value<std::chrono::milliseconds>() >
            retrying.at(0).at(1).value<std::chrono::milliseconds>());
    m_daemon->listen(port);
    QTRY_COMPARE_WITH_TIMEOUT(m_backend->connectionState(), ConnectionState::Live, patience);
}

void TestRemoteBackend::givesUpWithoutReconnect()
{
    m_daemon->vanish();
    m_backend =
        std::make_unique<RemoteBackend>(Endpoint{.url = QUrl(u"ws://127.0.0.1:1/ws"_s)},
                                        RemoteBackend::Options{.reconnect = false, .timing = {}});
    QSignalSpy state(m_backend.get(), &Backend::connectionStateChanged);
    m_backend->open();
    QTRY_COMPARE_WITH_TIMEOUT(m_backend->connectionState(), ConnectionState::Disconnected,
                              patience);
    QVERIFY(!state.last().at(1).toString().isEmpty());
}

void TestRemoteBackend::subscribesToWhatIsWatched()
{
    goLive();
    const auto before = m_daemon->received<Subscribe>().size();
    QSignalSpy requested(m_daemon.get(), &ScriptedDaemon::requested);
    {
        const Watch watch = m_backend->watchSystemMetrics(2s);
        QVERIFY(requested.wait(patience));
        const Subscribe subscribe = m_daemon->received<Subscribe>().last();
        QVERIFY(subscribe.events == QList{EventType::SystemMetrics});
        QCOMPARE(subscribe.interval, 2s);
        QSignalSpy metrics(m_backend.get(), &Backend::systemMetrics);
        m_daemon->send(m_daemon->encode.systemMetrics({.cpuUsage = 12.5, .cpuCores = 4}));
        QVERIFY(metrics.wait(patience));
        const auto got = metrics.at(0).at(0).value<SystemMetrics>();
        QCOMPARE(got.cpuCores, 4);
        QCOMPARE(got.interval, 2s);
    }
    QVERIFY(requested.wait(patience));
    QVERIFY(m_daemon->received<Unsubscribe>().last().events == QList{EventType::SystemMetrics});
    QCOMPARE(m_daemon->received<Subscribe>().size(), before + 1);
}

void TestRemoteBackend::changesSubscriptionsOncePerTurn()
{
    goLive();
    const auto before = m_daemon->requests.size();
    Watch watch = m_backend->watchProcessMetrics({}, 1s);
    watch = m_backend->watchProcessMetrics({.names = QStringList{u"web"_s}, .nameSpaces = {}}, 2s);
    const Watch passing = m_backend->watchLogs({});
    watch = Watch();
    const auto info = m_backend->systemInfo();
    QTRY_VERIFY_WITH_TIMEOUT(info.isFinished(), patience);
    QCOMPARE(m_daemon->requests.size(), before + 2);
    QVERIFY(m_daemon->received<Subscribe>().last().batch);
}

void TestRemoteBackend::thinsOutForCoarserWatchers()
{
    goLive();
    const Watch fine = m_backend->watchProcessMetrics({}, 1s);
    const Watch coarse = m_backend->watchProcessMetrics({}, 1h);
    QList<milliseconds> intervals;
    connect(m_backend.get(), &Backend::processMetrics, this,
            [&](const MetricsFrame &frame) { intervals.append(frame.interval); });
    const ProcessEntry &web = m_daemon->processes.first();
    const MetricsRow row{&web, {web.id, 2.5, 4096, 10s}};
    for (int i = 0; i < 3; ++i)
        m_daemon->send(m_daemon->encode.processMetrics(std::span(&row, 1)));
    QTRY_COMPARE_WITH_TIMEOUT(intervals.size(), 4, patience);
    QCOMPARE(intervals.count(1h), 1);
    QCOMPARE(m_backend->lastSample(web.id), row.sample);
    QCOMPARE(m_daemon->received<Subscribe>().last().interval, 1s);
}

void TestRemoteBackend::watchesAgainAfterAReconnect()
{
    const Watch watch = m_backend->watchLogs({.names = QStringList{u"web"_s}, .nameSpaces = {}});
    goLive();
    m_daemon->requests.clear();
    loseAndComeBack();
    const Subscribe again = m_daemon->received<Subscribe>().last();
    QVERIFY(again.events == QList{EventType::LogMessage});
    QCOMPARE(again.filter.names, QStringList{u"web"_s});
    QSignalSpy lines(m_backend.get(), &Backend::logLines);
    LogBatch batch;
    batch.name = u"web"_s;
    batch.lines = {{.seq = 7, .time = {}, .message = "hello"}};
    for (const QByteArray &message : m_daemon->encode.logBatch(batch))
        m_daemon->send(message);
    QVERIFY(lines.wait(patience));
    QCOMPARE(lines.at(0).at(0).value<LogBatch>(), batch);
}

void TestRemoteBackend::watchesBeforeItAsks()
{
    goLive();
    m_daemon->requests.clear();
    const Watch watch = m_backend->watchLogs({});
    const auto reply = m_backend->systemInfo();
    QTRY_VERIFY_WITH_TIMEOUT(reply.isFinished(), patience);
    QVERIFY(std::holds_alternative<Subscribe>(m_daemon->requests.at(0).message));
    QVERIFY(std::holds_alternative<GetSystem>(m_daemon->requests.at(1).message));
}

QTEST_GUILESS_MAIN(TestRemoteBackend)
#include "tst_remotebackend.moc"
