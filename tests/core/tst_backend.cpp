// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/backend.h"
#include "tests/support/comparenames.h"

#include <QSignalSpy>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// The mirror and the watches alone, with no processes behind them.
class MirrorOnly : public Backend
{
public:
    using Backend::applyMetrics;
    using Backend::applyRemoval;
    using Backend::applyStatus;
    using Backend::applyUpdate;
    using Backend::interest;
    using Backend::setConnectionState;

    Reply<CommandResult> command(Command) override { return nothing<CommandResult>(); }
    Reply<QList<ProcessDetail>> processInfo(QString) override
    {
        return nothing<QList<ProcessDetail>>();
    }
    Reply<SystemInfo> systemInfo() override { return nothing<SystemInfo>(); }
    Reply<History> history(QString, WallTime, WallTime, milliseconds) override
    {
        return nothing<History>();
    }
    Reply<LogPage> logs(LogQuery) override { return nothing<LogPage>(); }
    Reply<ApplyReport> apply(ApplyRequest) override { return nothing<ApplyReport>(); }
    Reply<EventPage> events(EventQuery) override { return nothing<EventPage>(); }

    int interestChanges = 0;

protected:
    void interestChanged() override { ++interestChanges; }

private:
    template <typename T>
    Reply<T> nothing()
    {
        return readyReply<T>(fail(ErrorCode::Internal, u"not here"_s));
    }
};

ProcessEntry entry(int id, const QString &name, const QString &app = {},
                   ProcessStatus status = ProcessStatus::Online)
{
    ProcessEntry made;
    made.id = ProcessId(id);
    made.name = name;
    made.app = app.isEmpty() ? name : app;
    made.nameSpace = id % 2 ? u"odd"_s : u"even"_s;
    made.status = status;
    return made;
}

QStringList namesOf(const QList<ProcessEntry> &entries)
{
    QStringList names;
    for (const ProcessEntry &found : entries)
        names.append(found.name);
    return names;
}

} // namespace

class TestBackend : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_backend = std::make_unique<MirrorOnly>();
        for (const ProcessEntry &known :
             {entry(5, u"web-1"_s, u"web"_s), entry(2, u"api"_s), entry(4, u"web-0"_s, u"web"_s)})
            m_backend->applyStatus({known, ProcessStatus::Stopped});
    }

    void keepsProcessesByAscendingId();
    void changesTheMirrorBeforeTheSignal();
    void tellsStatusAndOtherChangesApart();
    void ignoresUpdatesOfTheUnknown();
    void forgetsWhatWasRemoved();
    void resolves_data();
    void resolves();
    void keepsTheNewestSample();
    void emitsChangesOfStateOnce();
    void sumsUpWhatIsWatched();
    void watchesEqualThingsOnce();
    void endsAWatchWithItsObject();
    void replacesAWatchWithoutAGap();
    void outlivesItsBackendHarmlessly();

private:
    std::unique_ptr<MirrorOnly> m_backend;
};

void TestBackend::keepsProcessesByAscendingId()
{
    QCOMPARE(namesOf(m_backend->processes()), (QStringList{u"api"_s, u"web-0"_s, u"web-1"_s}));
    QCOMPARE(m_backend->process(ProcessId{4})->name, u"web-0"_s);
    QVERIFY(!m_backend->process(ProcessId{3}));
    QVERIFY(!m_backend->process(ProcessId{9}));
}

void TestBackend::changesTheMirrorBeforeTheSignal()
{
    ProcessStatus seen = ProcessStatus::Stopped;
    connect(m_backend.get(), &Backend::statusChanged, this, [&](const StatusChange &change) {
        seen = m_backend->process(change.process.id)->status;
    });
    m_backend->applyStatus({entry(2, u"api"_s, {}, ProcessStatus::Errored), ProcessStatus::Online});
    QCOMPARE(seen, ProcessStatus::Errored);
    QCOMPARE(m_backend->processes().size(), 3);

    bool stillThere = true;
    connect(m_backend.get(), &Backend::processRemoved, this,
            [&](ProcessId id) { stillThere = m_backend->process(id) != nullptr; });
    m_backend->applyRemoval(ProcessId{2});
    QVERIFY(!stillThere);
}

void TestBackend::tellsStatusAndOtherChangesApart()
{
    QSignalSpy statuses(m_backend.get(), &Backend::statusChanged);
    QSignalSpy updates(m_backend.get(), &Backend::processUpdated);
    ProcessEntry changed = entry(2, u"api"_s);
    m_backend->applyUpdate(changed);
    QCOMPARE(updates.size(), 0); // the same as before
    changed.restarts = 3;
    m_backend->applyUpdate(changed);
    QCOMPARE(updates.size(), 1);
    QCOMPARE(statuses.size(), 0);
    QCOMPARE(m_backend->process(ProcessId{2})->restarts, 3);
}

void TestBackend::ignoresUpdatesOfTheUnknown()
{
    QSignalSpy updates(m_backend.get(), &Backend::processUpdated);
    QSignalSpy removals(m_backend.get(), &Backend::processRemoved);
    m_backend->applyUpdate(entry(77, u"late"_s));
    m_backend->applyRemoval(ProcessId{77});
    QCOMPARE(updates.size() + removals.size(), 0);
    QCOMPARE(m_backend->processes().size(), 3);
}

void TestBackend::forgetsWhatWasRemoved()
{
    QSignalSpy removals(m_backend.get(), &Backend::processRemoved);
    m_backend->applyMetrics({{}, 1s, {{ProcessId{4}, 1.5, 100, 5ms}}});
    m_backend->applyRemoval(ProcessId{4});
    QCOMPARE(removals.size(), 1);
    QCOMPARE(removals[0][1].toString(), u"web-0"_s);
    QCOMPARE(m_backend->lastSample(ProcessId{4}), ProcessSample());
    m_backend->applyRemoval(ProcessId{4});
    QCOMPARE(removals.size(), 1);
}

void TestBackend::resolves_data()
{
    QTest::addColumn<QString>("target");
    QTest::addColumn<QStringList>("names");
    QTest::newRow("name") << u"web-1"_s << QStringList{u"web-1"_s};
    QTest::newRow("app") << u"web"_s << QStringList{u"web-0"_s, u"web-1"_s};
    QTest::newRow("id") << u"2"_s << QStringList{u"api"_s};
    QTest::newRow("all") << u"all"_s << QStringList{u"api"_s, u"web-0"_s, u"web-1"_s};
    QTest::newRow("namespace") << u"namespace:even"_s << QStringList{u"api"_s, u"web-0"_s};
    QTest::newRow("no namespace") << u"namespace:"_s << QStringList{};
    QTest::newRow("unknown") << u"db"_s << QStringList{};
    QTest::newRow("unknown id") << u"3"_s << QStringList{};
    QTest::newRow("empty") << u""_s << QStringList{};
}

void TestBackend::resolves()
{
    QFETCH(QString, target);
    QFETCH(QStringList, names);
    QCOMPARE(namesOf(m_backend->resolve(target)), names);
}

void TestBackend::keepsTheNewestSample()
{
    QCOMPARE(m_backend->lastSample(ProcessId{2}), ProcessSample());
    QSignalSpy frames(m_backend.get(), &Backend::processMetrics);
    m_backend->applyMetrics({{}, 1s, {{ProcessId{2}, 1, 10, 5ms}, {ProcessId{4}, 2, 20, 5ms}}});
    m_backend->applyMetrics({{}, 1s, {{ProcessId{2}, 3, 30, 6ms}}});
    QCOMPARE(frames.size(), 2);
    QCOMPARE(m_backend->lastSample(ProcessId{2}).memory, 30);
    QCOMPARE(m_backend->lastSample(ProcessId{4}).memory, 20);
}

void TestBackend::emitsChangesOfStateOnce()
{
    QSignalSpy states(m_backend.get(), &Backend::connectionStateChanged);
    m_backend->setConnectionState(ConnectionState::Live);
    m_backend->setConnectionState(ConnectionState::Live);
    QCOMPARE(states.size(), 1);
    m_backend->setConnectionState(ConnectionState::Lost, u"gone"_s);
    QCOMPARE(states.size(), 2);
    QCOMPARE(states[1][1].toString(), u"gone"_s);
}

void TestBackend::sumsUpWhatIsWatched()
{
    const ProcessFilter web{QStringList{u"web"_s}, {}};
    const Watch a = m_backend->watchProcessMetrics({}, 1s);
    const Watch b = m_backend->watchProcessMetrics(web, 1s);
    const Watch c = m_backend->watchProcessMetrics(web, 5s);
    const Watch d = m_backend->watchSystemMetrics(2s);
    const Watch e = m_backend->watchSystemMetrics(1s);
    const Watch f = m_backend->watchLogs(web);
    QCOMPARE(m_backend->interestChanges, 6);
    const Interest &interest = m_backend->interest();
    QCOMPARE(interest.processMetrics.at(1s), (QList<ProcessFilter>{{}, web}));
    QCOMPARE(interest.processMetrics.at(5s), QList<ProcessFilter>{web});
    QCOMPARE(interest.systemMetrics, (QList<milliseconds>{1s, 2s}));
    QCOMPARE(interest.logs, QList<ProcessFilter>{web});
}

void TestBackend::watchesEqualThingsOnce()
{
    Watch first = m_backend->watchSystemMetrics(1s);
    Watch second = m_backend->watchSystemMetrics(1s);
    QCOMPARE(m_backend->interestChanges, 1);
    QCOMPARE(m_backend->interest().systemMetrics.size(), 1);
    first = {};
    QCOMPARE(m_backend->interestChanges, 1);
    second = {};
    QCOMPARE(m_backend->interestChanges, 2);
    QCOMPARE(m_backend->interest(), Interest());
}

void TestBackend::endsAWatchWithItsObject()
{
    {
        Watch watch = m_backend->watchLogs({});
        const Watch moved = std::move(watch);
        QCOMPARE(m_backend->interest().logs.size(), 1);
    }
    QVERIFY(m_backend->interest().logs.isEmpty());
    QCOMPARE(m_backend->interestChanges, 2);
}

void TestBackend::replacesAWatchWithoutAGap()
{
    Watch watch = m_backend->watchSystemMetrics(1s);
    watch = m_backend->watchSystemMetrics(1s);
    QCOMPARE(m_backend->interestChanges, 1);
    QCOMPARE(m_backend->interest().systemMetrics.size(), 1);
}

void TestBackend::outlivesItsBackendHarmlessly()
{
    Watch watch = m_backend->watchSystemMetrics(1s);
    m_backend.reset();
    watch = {};
}

QTEST_GUILESS_MAIN(TestBackend)
#include "tst_backend.moc"
