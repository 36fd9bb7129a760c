// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/processes/processfilterproxy.h"
#include "gui/processes/processmodel.h"
#include "gui/processes/rowranges.h"
#include "tests/support/fakebackend.h"

#include <QAbstractItemModelTester>
#include <QItemSelectionModel>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTest>
#include <QTextDocument>

#include <limits>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

constexpr milliseconds second{1'000};

MetricsFrame frameOf(const QList<ProcessSample> &samples)
{
    return {.time = WallTime{milliseconds{1'700'000'100'000}},
            .interval = second,
            .processes = samples};
}

QString textAt(const QAbstractItemModel &model, int row, int column)
{
    return model.index(row, column).data().toString();
}

} // namespace

class TestProcessModel : public QObject
{
    Q_OBJECT

private slots:
    void mergesNeighboursAndNeverSendsManyRanges()
    {
        QCOMPARE(mergedRanges({}, 10), QList<RowRange>{});
        QCOMPARE(mergedRanges({1, 2, 5}, 100), (QList<RowRange>{{1, 2}, {5, 5}}));
        QCOMPARE(mergedRanges({0, 2, 4, 6}, 7), (QList<RowRange>{{0, 6}}));
        QList<int> scattered;
        for (int row = 0; row < 200; row += 2)
            scattered.append(row);
        QCOMPARE(mergedRanges(scattered, 1'000), (QList<RowRange>{{0, 198}}));
    }

    void survivesChurnWithoutEverResetting()
    {
        FakeBackend backend;
        ProcessModel model(backend);
        ProcessFilterProxy proxy(model);
        QAbstractItemModelTester modelTester(
            &model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QAbstractItemModelTester proxyTester(
            &proxy, QAbstractItemModelTester::FailureReportingMode::QtTest);
        proxy.sort(ProcessModel::Cpu, Qt::DescendingOrder);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
        QRandomGenerator random(7);
        int nextId = 0;
        for (int step = 0; step < 400; ++step) {
            const int count = int(backend.processes().size());
            const int pick = count > 0 ? toInt(backend.processes()[random.bounded(count)].id) : -1;
            switch (random.bounded(5)) {
            case 0:
            case 1:
                backend.add(FakeBackend::entry(nextId, u"app-%1"_s.arg(nextId)));
                ++nextId;
                break;
            case 2:
                if (pick >= 0)
                    backend.applyRemoval(ProcessId{pick});
                break;
            case 3:
                if (pick >= 0)
                    backend.setStatus(pick, ProcessStatus(random.bounded(6)));
                break;
            default: {
                changes.clear();
                QList<ProcessSample> samples;
                for (const ProcessEntry &entry : backend.processes())
                    samples.append({entry.id, random.bounded(100.0), 1'000, second});
                backend.applyMetrics(frameOf(samples));
                QVERIFY(changes.count() <= 64);
                proxy.setFilterText(random.bounded(2) ? u"app-1"_s : QString());
                proxy.reorder();
            }
            }
            QCOMPARE(model.rowCount(), int(backend.processes().size()));
        }
        QCOMPARE(resets.count(), 0);
        for (int row = 0; row < model.rowCount(); ++row)
            QCOMPARE(model.entry(row), backend.processes()[row]);
    }

    void showsMarkupInToolTipsAsText()
    {
        FakeBackend backend;
        ProcessEntry entry = FakeBackend::entry(1, u"<img src=x>"_s, ProcessStatus::Errored);
        entry.nameSpace = u"<b>space</b>"_s;
        entry.reason = u"<a href=x>why</a>"_s;
        backend.add(entry);
        const ProcessModel model(backend);
        QTextDocument shown;
        shown.setHtml(model.index(0, ProcessModel::Status).data(Qt::ToolTipRole).toString());
        QVERIFY2(shown.toPlainText().contains(u"<img src=x>"), qPrintable(shown.toPlainText()));
        QVERIFY2(shown.toPlainText().contains(u"<a href=x>why</a>"),
                 qPrintable(shown.toPlainText()));
        shown.setHtml(model.index(0, ProcessModel::Name).data(Qt::ToolTipRole).toString());
        QVERIFY(shown.toPlainText().contains(u"<b>space</b>"));
    }

    void showsWhatWouldTurnANameAround()
    {
        FakeBackend backend;
        backend.add(FakeBackend::entry(1, u"\u202elive\u202c\n\u2066x\x1b"_s));
        const ProcessModel model(backend);
        QCOMPARE(textAt(model, 0, ProcessModel::Name), u"\ufffdlive\ufffd\ufffd\ufffdx\ufffd"_s);
    }

    void tellsOneTickAsOneRangeOfTheFiguresOnly()
    {
        FakeBackend backend;
        for (int id = 0; id < 1'000; ++id)
            backend.add(FakeBackend::entry(id, u"app-%1"_s.arg(id)));
        ProcessModel model(backend);
        QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
        backend.tick(second);
        QCOMPARE(changes.count(), 1);
        const auto topLeft = changes[0][0].toModelIndex();
        const auto bottomRight = changes[0][1].toModelIndex();
        QCOMPARE(topLeft.row(), 0);
        QCOMPARE(bottomRight.row(), 999);
        QCOMPARE(topLeft.column(), int(ProcessModel::Cpu));
        QCOMPARE(bottomRight.column(), int(ProcessModel::Memory));
        QVERIFY(!changes[0][2].value<QList<int>>().isEmpty());
        backend.tick(milliseconds{250});
        QCOMPARE(changes.count(), 1);
    }

    void staysSilentWhenNoFigureMoves()
    {
        FakeBackend backend;
        backend.add(FakeBackend::entry(1, u"idle"_s, ProcessStatus::Stopped));
        ProcessModel model(backend);
        backend.applyMetrics(frameOf({{ProcessId{1}, 0, 0, milliseconds{0}}}));
        QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
        backend.applyMetrics(frameOf({{ProcessId{1}, 0, 0, milliseconds{0}}}));
        QCOMPARE(changes.count(), 0);
    }

    void countsUptimeByTheDaemonsClock()
    {
        FakeBackend backend;
        backend.add(FakeBackend::entry(1, u"web"_s)); // started at 1,700,000,000
        // This end's clock is an hour behind the daemon's.
        const auto behind = [] { return WallTime{milliseconds{1'699'996'500'000}}; };
        ProcessModel model(backend, behind);
        backend.applyMetrics(frameOf({{ProcessId{1}, 1, 1, second}}));
        QCOMPARE(textAt(model, 0, ProcessModel::Uptime), u"1 min 40 s"_s);
    }

    void showsNoFiguresOfWhatDoesNotRun()
    {
        FakeBackend backend;
        backend.add(FakeBackend::entry(1, u"web"_s, ProcessStatus::Stopped));
        ProcessModel model(backend);
        for (const int column : {ProcessModel::Cpu, ProcessModel::Memory, ProcessModel::Uptime,
                                 ProcessModel::Pid, ProcessModel::Port})
            QCOMPARE(textAt(model, 0, column), u"–"_s);
    }

    void speaksStatusExitCodeAndRestarts()
    {
        FakeBackend backend;
        ProcessEntry entry = FakeBackend::entry(2, u"worker-2"_s, ProcessStatus::Errored);
        entry.exitCode = 1;
        entry.restarts = 4;
        backend.add(entry);
        ProcessModel model(backend);
        const QString spoken = model.index(0, 0).data(Qt::AccessibleTextRole).toString();
        QVERIFY2(spoken.startsWith(u"worker-2, errored, exit code 1, 4 restart"_s),
                 qPrintable(spoken));
    }

    void marksAllRowsStaleWhileTheConnectionIsLost()
    {
        FakeBackend backend;
        backend.add(FakeBackend::entry(1, u"web"_s));
        ProcessModel model(backend);
        QVERIFY(!model.index(0, 0).data(ProcessModel::StaleRole).toBool());
        backend.setConnectionState(ConnectionState::Lost, u"gone"_s);
        QVERIFY(model.index(0, 0).data(ProcessModel::StaleRole).toBool());
        QVERIFY(model.index(0, 0).data(Qt::AccessibleTextRole).toString().contains(u"unknown"));
        backend.setConnectionState(ConnectionState::Live);
        QVERIFY(!model.index(0, 0).data(ProcessModel::StaleRole).toBool());
    }

    void watchesOnlyWhileToldTo()
    {
        FakeBackend backend;
        ProcessModel model(backend);
        QVERIFY(backend.interest().processMetrics.empty());
        model.setWatching(true);
        QVERIFY(backend.interest().processMetrics.contains(second));
        model.setWatching(false);
        QVERIFY(backend.interest().processMetrics.empty());
    }

    void filtersByNameNamespaceAndStatus()
    {
        FakeBackend backend;
        ProcessEntry api = FakeBackend::entry(1, u"api"_s);
        api.nameSpace = u"Shop"_s;
        backend.add(api);
        backend.add(FakeBackend::entry(2, u"worker"_s, ProcessStatus::Errored));
        ProcessModel model(backend);
        ProcessFilterProxy proxy(model);
        const std::pair<QString, int> cases[] = {
            {u""_s, 2},        {u"AP"_s, 1},          {u"shop"_s, 1},
            {u"errored"_s, 1}, {u"api errored"_s, 0}, {u"api online"_s, 1},
            {u"(["_s, 0}};
        for (const auto &[text, rows] : cases) {
            proxy.setFilterText(text);
            QCOMPARE(proxy.rowCount(), rows);
        }
    }

    void ordersNamesByNumberAndKeepsTheSelection()
    {
        FakeBackend backend;
        for (const int id : {10, 9, 2})
            backend.add(FakeBackend::entry(id, u"worker-%1"_s.arg(id)));
        ProcessModel model(backend);
        ProcessFilterProxy proxy(model);
        proxy.sort(ProcessModel::Name);
        QCOMPARE(textAt(proxy, 0, ProcessModel::Name), u"worker-2"_s);
        QCOMPARE(textAt(proxy, 2, ProcessModel::Name), u"worker-10"_s);
        QItemSelectionModel selection(&proxy);
        selection.setCurrentIndex(proxy.index(0, 0),
                                  QItemSelectionModel::SelectCurrent | QItemSelectionModel::Rows);
        proxy.sort(ProcessModel::Name, Qt::DescendingOrder);
        QCOMPARE(selection.selectedRows(ProcessModel::Name).value(0).data().toString(),
                 u"worker-2"_s);
    }

    void movesNothingWhileTheOrderIsHeld()
    {
        FakeBackend backend;
        backend.add(FakeBackend::entry(1, u"a"_s));
        backend.add(FakeBackend::entry(2, u"b"_s));
        ProcessModel model(backend);
        ProcessFilterProxy proxy(model);
        proxy.sort(ProcessModel::Cpu, Qt::DescendingOrder);
        const QString first = textAt(proxy, 0, ProcessModel::Name);
        const int other = first == u"a" ? 2 : 1;
        proxy.setOrderHeld(true);
        backend.applyMetrics(frameOf({{ProcessId{1}, other == 1 ? 90.0 : 1.0, 1, second},
                                      {ProcessId{2}, other == 2 ? 90.0 : 1.0, 1, second}}));
        proxy.reorder();
        QCOMPARE(textAt(proxy, 0, ProcessModel::Name), first);
        proxy.setOrderHeld(false);
        proxy.reorder();
        QVERIFY(textAt(proxy, 0, ProcessModel::Name) != first);
    }

    void leavesAnOrderThatIsRightAlone()
    {
        FakeBackend backend;
        for (int id = 0; id < 20; ++id)
            backend.add(FakeBackend::entry(id, u"same"_s));
        ProcessModel model(backend);
        ProcessFilterProxy proxy(model);
        proxy.sort(ProcessModel::Restarts);
        QSignalSpy layouts(&proxy, &QAbstractItemModel::layoutChanged);
        proxy.reorder();
        QCOMPARE(layouts.count(), 0);
    }
};

QTEST_MAIN(TestProcessModel)
#include "tst_processmodel.moc"
