// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/processtable.h"
#include "app/cli/screen.h"
#include "tests/support/fakebackend.h"

#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

QStringList namesOf(const QList<ProcessRow> &rows)
{
    QStringList names;
    for (const ProcessRow &row : rows)
        names.append(row.entry.name);
    return names;
}

ProcessRow rowOf(double cpu, qint64 memory, milliseconds uptime)
{
    ProcessRow row;
    row.entry = FakeBackend::entry(1, u"web"_s);
    row.entry.pid = 7;
    row.sample = {row.entry.id, cpu, memory, uptime};
    return row;
}

} // namespace

class TestProcessTable : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void sortsByEachKey_data();
    void sortsByEachKey();
    void showsWhatIsAskedFor();
    void columnsStandStillWhileItIsRedrawn();
    void sparklinesHaveEightSteps();
    void framesReplaceWhatIsThere();
    void sparklinesAreMeasuredByTheirHighest();
    void countsWhatIsShown();
    void namesKeepTheirEnds();

private:
    std::unique_ptr<FakeBackend> m_backend;
};

/// c: 0, errored, 3 restarts; a: 1, online, other namespace; b: 2, online, busy.
void TestProcessTable::init()
{
    m_backend = std::make_unique<FakeBackend>();
    ProcessEntry c = FakeBackend::entry(0, u"c"_s);
    c.status = ProcessStatus::Errored;
    c.restarts = 3;
    c.pid.reset();
    ProcessEntry a = FakeBackend::entry(1, u"a"_s);
    a.status = ProcessStatus::Online;
    a.nameSpace = u"jobs"_s;
    a.pid = 900;
    ProcessEntry b = FakeBackend::entry(2, u"b"_s);
    b.status = ProcessStatus::Online;
    b.pid = 800;
    for (const ProcessEntry &entry : {c, a, b})
        m_backend->add(entry);
    m_backend->applyMetrics({.time = wallNow(),
                             .interval = milliseconds{1'000},
                             .processes = {{ProcessId{0}, 0, 0, milliseconds{0}},
                                           {ProcessId{1}, 1, 500, milliseconds{9'000}},
                                           {ProcessId{2}, 70, 400, milliseconds{5'000}}}});
}

void TestProcessTable::sortsByEachKey_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("order");
    const auto row = [](const char *key, const char *order) {
        QTest::newRow(key) << QString::fromLatin1(key) << QString::fromLatin1(order);
    };
    row("", "cab");
    row("id", "cab");
    row("name", "abc");
    row("namespace", "cba");
    row("status", "cab");
    row("pid", "cba");
    row("uptime", "abc");
    row("restarts", "cab");
    row("cpu", "bac");
    row("memory", "abc");
}

void TestProcessTable::sortsByEachKey()
{
    QFETCH(QString, key);
    QFETCH(QString, order);
    ListOptions options;
    options.sort = key;
    QCOMPARE(namesOf(chosenRows(*m_backend, options)).join(QString()), order);
}

void TestProcessTable::showsWhatIsAskedFor()
{
    ListOptions options;
    options.nameSpace = u"jobs"_s;
    QCOMPARE(namesOf(chosenRows(*m_backend, options)), QStringList{u"a"_s});
    options.nameSpace.clear();
    options.statuses = {ProcessStatus::Errored, ProcessStatus::Stopped};
    QCOMPARE(namesOf(chosenRows(*m_backend, options)), QStringList{u"c"_s});
}

void TestProcessTable::columnsStandStillWhileItIsRedrawn()
{
    const Output output({});
    const auto headOf = [&output](const ProcessRow &row) {
        const QByteArray table = renderProcesses({row}, output, 0, true);
        return table.left(table.indexOf('\n'));
    };
    const QByteArray calm = headOf(rowOf(0, 1'000, milliseconds{900}));
    const QByteArray busy = headOf(rowOf(399.9, 900LL << 20, milliseconds{59'000'000}));
    QCOMPARE(busy, calm);
}

void TestProcessTable::sparklinesHaveEightSteps()
{
    QCOMPARE(sparkline({0, 13, 99, 100, 800}, 100), u"▁▂███"_s);
    QCOMPARE(sparkline({}, 100), QString());
}

void TestProcessTable::framesReplaceWhatIsThere()
{
    // Each line is followed by the end of what stood there, nothing is cleared before.
    const QByteArray frame = frameOf({"one", "two"}, {10, 4});
    QVERIFY(frame.contains("\x1b[Hone\x1b[K\r\ntwo\x1b[K\r\n\x1b[J"));
    // No end of line at the bottom, where it would scroll.
    const QByteArray full = frameOf({"one", "two", "three"}, {10, 2});
    QVERIFY(full.contains("two\x1b[K\x1b[?2026l"));
    QVERIFY(!full.contains("three"));
    // Where the line is full the cursor is still on its last cell.
    QVERIFY(frameOf({"one", "three"}, {3, 2}).contains("\x1b[Hone\r\nthr\x1b[?2026l"));
}

void TestProcessTable::sparklinesAreMeasuredByTheirHighest()
{
    const Output output({});
    if (!output.unicode())
        QSKIP("needs a UTF-8 locale");
    const auto barsOf = [&output](ProcessRow row, const QList<double> &past) {
        row.cpuPast = past;
        return QString::fromUtf8(renderProcesses({row}, output, 0, true));
    };
    ProcessRow row = rowOf(0, 1'000, milliseconds{900});
    QVERIFY(barsOf(row, {0, 5, 10}).contains(u"▁▅█"_s));
    QVERIFY(barsOf(row, {0, 200, 400}).contains(u"▁▅█"_s));
    QVERIFY(barsOf(row, {0, 0.1, 0}).contains(u"▁▁▁"_s)); // noise
    row.entry.pid.reset();
    QVERIFY(!barsOf(row, {0, 0, 0}).contains(u"▁"_s));
}

void TestProcessTable::countsWhatIsShown()
{
    ListOptions options;
    const auto counts = [&] { return statusCounts(chosenRows(*m_backend, options), 3); };
    QCOMPARE(counts(), u"2 online, 1 errored"_s);
    options.nameSpace = u"jobs"_s;
    QCOMPARE(counts(), u"1 of 3: 1 online"_s);
    QCOMPARE(hiddenRows(2, 5), u"2 above, 5 below"_s);
    QCOMPARE(hiddenRows(0, 5), u"5 below"_s);
    QCOMPARE(hiddenRows(0, -3), QString());
}

void TestProcessTable::namesKeepTheirEnds()
{
    ProcessRow row = rowOf(0, 1'000, milliseconds{900});
    row.entry.name = u"a-gateway-with-a-rather-long-name-17"_s;
    const QByteArray table = renderProcesses({row}, Output({}), 78, true);
    QVERIFY2(table.contains("a-gateway-with") && table.contains("-long-name-17 "),
             table.constData());
    QVERIFY2(!table.contains("namespace") && table.contains("memory"), table.constData());
}

QTEST_APPLESS_MAIN(TestProcessTable)
#include "tst_processtable.moc"
