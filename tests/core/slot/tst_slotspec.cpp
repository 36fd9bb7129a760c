// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/crc32c.h"
#include "core/slot/slotspec.h"

#include <QByteArrayList>
#include <QTest>

#include <sys/resource.h>
#include <vector>

using namespace pmdaemon;

namespace {

QByteArray sealed(QByteArray bytes)
{
    const uint32_t crc = crc32c(bytes.constData(), std::size_t(bytes.size()));
    return bytes.append(reinterpret_cast<const char *>(&crc), sizeof crc);
}

QByteArray specOf(const QByteArrayList &entries)
{
    QByteArray bytes = "PMDSPEC1";
    for (const QByteArray &entry : entries)
        bytes += entry + '\0';
    return sealed(bytes);
}

bool parse(const QByteArray &bytes, SlotSpec &spec)
{
    return parseSlotSpec(bytes.constData(), std::size_t(bytes.size()), spec);
}

QByteArrayList listOf(const std::vector<char *> &pointers)
{
    QByteArrayList list;
    for (const char *const *text = pointers.data(); *text; ++text)
        list << *text;
    return list;
}

} // namespace

class TestSlotSpec : public QObject
{
    Q_OBJECT

private slots:
    void readsEveryKey();
    void missingKeysHaveDefaults();
    void keepsArgumentsAndEnvironmentInOrder();
    void knowsWhatTheProgramIsHanded();
    void refusesWhatCannotBe_data();
    void refusesWhatCannotBe();
    void refusesEveryTruncation();
    void refusesEveryFlippedBit();
};

void TestSlotSpec::readsEveryKey()
{
    const QByteArray bytes = specOf({"program=/bin/x",
                                     "cwd=/tmp",
                                     "out=/tmp/o",
                                     "err=/tmp/o",
                                     "max_size=5",
                                     "max_files=2",
                                     "autorestart=0",
                                     "max_restarts=-1",
                                     "min_uptime=7",
                                     "restart_delay=8",
                                     "backoff_base=9",
                                     "backoff_cap=10",
                                     "stop_signal=2",
                                     "stop_timeout=11",
                                     "stop_tree=0",
                                     "nofile_soft=12",
                                     "nofile_hard=13",
                                     "core=0",
                                     "umask=18",
                                     "budget=/tmp/b",
                                     "on_failure=1",
                                     "stop_code=0",
                                     "stop_code=255",
                                     "nice=-5",
                                     "oom_score_adj=-100",
                                     "cpu=0",
                                     "cpu=65",
                                     "uid=1000",
                                     "gid=100",
                                     "group=4",
                                     "group=24",
                                     "no_new_privileges=1",
                                     "rlimit=nofile:10:20",
                                     "rlimit=core:0:-1",
                                     "of another version=1"});
    SlotSpec spec;
    QVERIFY(parse(bytes, spec));
    QCOMPARE(QByteArray(spec.program), "/bin/x");
    QCOMPARE(QByteArray(spec.folder), "/tmp");
    QVERIFY(spec.isShared());
    QCOMPARE(spec.maxSize, 5);
    QCOMPARE(spec.maxFiles, 2);
    RestartPolicy restart;
    restart.autorestart = false;
    restart.onlyAfterFailure = true;
    restart.maxRestarts = RestartPolicy::Unlimited;
    restart.minUptime = 7;
    restart.restartDelay = 8;
    restart.backoffBase = 9;
    restart.backoffCap = 10;
    restart.addStopCode(0);
    restart.addStopCode(255);
    QVERIFY(spec.restart == restart);
    QCOMPARE(spec.stopSignal, 2);
    QCOMPARE(spec.stopTimeout, 11);
    QVERIFY(!spec.stopTree);
    QCOMPARE(spec.softFiles, 12);
    QCOMPARE(spec.hardFiles, 13);
    QCOMPARE(spec.core, 0);
    LaunchLimits limits;
    spec.fillLimits(limits);
    LaunchLimits expected;
    expected.umask = 18;
    expected.hasNice = true;
    expected.nice = -5;
    expected.hasOomScore = true;
    expected.oomScore = -100;
    expected.hasCpus = true;
    expected.cpus[0] = 1;
    expected.cpus[1] = 2;
    expected.hasCredentials = true;
    expected.user = 1'000;
    expected.group = 100;
    expected.groupCount = 2;
    expected.groups[0] = 4;
    expected.groups[1] = 24;
    expected.noNewPrivileges = true;
    expected.resourceCount = 2;
    expected.resources[0] = {RLIMIT_NOFILE, 10, 20};
    expected.resources[1] = {RLIMIT_CORE, 0, ResourceLimit::Unlimited};
    QVERIFY(limits == expected);
    QCOMPARE(QByteArray(spec.budget), "/tmp/b");
}

void TestSlotSpec::missingKeysHaveDefaults()
{
    const QByteArray bytes = specOf({"program=/bin/x", "out=/dev/null"});
    SlotSpec spec;
    QVERIFY(parse(bytes, spec));
    QVERIFY(spec.restart == RestartPolicy());
    QVERIFY(!spec.folder && !spec.logs[0] && !spec.logs[1] && !spec.budget);
    QCOMPARE(spec.maxSize, 10 * 1024 * 1024);
    QCOMPARE(spec.stopTimeout, 1'600);
    QCOMPARE(spec.softFiles, -1);
}

void TestSlotSpec::keepsArgumentsAndEnvironmentInOrder()
{
    const QByteArray bytes = specOf({"arg=", "env=A=1=2", "program=/bin/x", "arg=env=B",
                                     "env=PMDAEMON_COOKIE=other", "arg=two\nlines", "env=B="});
    SlotSpec spec;
    QVERIFY(parse(bytes, spec));
    std::vector<char *> argv(spec.argumentCount + 2);
    std::vector<char *> envp(spec.environmentCount + 1);
    spec.fillArguments(argv.data());
    spec.fillEnvironment(envp.data());
    QCOMPARE(listOf(argv), QByteArrayList({"/bin/x", "", "env=B", "two\nlines"}));
    QCOMPARE(listOf(envp), QByteArrayList({"A=1=2", "B="})); // the cookie is the shim's
}

void TestSlotSpec::knowsWhatTheProgramIsHanded()
{
    const QByteArray bytes = specOf({"program=/bin/x", "stdin=1", "tells_ready=1", "socket=3000",
                                     "stop_by_message=0", "socket=web.sock"});
    SlotSpec spec;
    QVERIFY(parse(bytes, spec));
    QVERIFY(spec.hasInput && spec.tellsReady && !spec.stopByMessage && spec.hasChannel());
    QCOMPARE(spec.socketCount, 2u);
    SlotSpec::SocketNames names;
    names.add("LISTEN_FDNAMES=");
    spec.addSocketNames(names);
    QCOMPARE(names.text(), "LISTEN_FDNAMES=3000:web.sock");
    QVERIFY(names.isWhole());
}

void TestSlotSpec::refusesWhatCannotBe_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const QByteArray program = "program=/bin/x";
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("no entries") << specOf({});
    QTest::newRow("no program") << specOf({"cwd=/"});
    QTest::newRow("relative program") << specOf({"program=x"});
    QTest::newRow("relative log") << specOf({program, "out=x"});
    QTest::newRow("no equals sign") << specOf({program, "word"});
    QTest::newRow("no key") << specOf({program, "=word"});
    QTest::newRow("a socket's long name") << specOf({program, "socket=" + QByteArray(80, 'x')});
    QTest::newRow("too many sockets") << specOf(QByteArrayList(17, "socket=x") << program);
    QTest::newRow("not a number") << specOf({program, "max_size=1x"});
    QTest::newRow("no number") << specOf({program, "max_size="});
    QTest::newRow("too large") << specOf({program, "max_size=99999999999999999999"});
    QTest::newRow("out of range") << specOf({program, "stop_signal=65"});
    QTest::newRow("negative") << specOf({program, "restart_delay=-1"});
    QTest::newRow("overlong path") << specOf({program, "out=/" + QByteArray(5'000, 'x')});
    QTest::newRow("unknown resource") << specOf({program, "rlimit=files:1:2"});
    QTest::newRow("half a resource limit") << specOf({program, "rlimit=nofile:1"});
    QTest::newRow("nice out of range") << specOf({program, "nice=20"});
    QTest::newRow("no such CPU") << specOf({program, "cpu=1024"});
    QTest::newRow("no user") << specOf({program, "uid=4294967295"});
    QTest::newRow("not ended") << sealed("PMDSPEC1program=/bin/x");
    QTest::newRow("other version") << sealed("PMDSPEC2program=/bin/x" + QByteArray(1, '\0'));
}

void TestSlotSpec::refusesWhatCannotBe()
{
    QFETCH(QByteArray, bytes);
    SlotSpec spec;
    spec.stopSignal = 42;
    QVERIFY(!parse(bytes, spec));
    QCOMPARE(spec.stopSignal, 42);
}

void TestSlotSpec::refusesEveryTruncation()
{
    const QByteArray whole = specOf({"program=/bin/x", "arg=1", "env=A=B", "max_size=100"});
    SlotSpec spec;
    for (qsizetype size = 0; size < whole.size(); ++size) {
        // A copy of its own, so that a sanitizer sees what is read past its end.
        const std::vector<char> bytes(whole.begin(), whole.begin() + size);
        QVERIFY(!parseSlotSpec(bytes.data(), bytes.size(), spec));
    }
    QVERIFY(parse(whole, spec));
}

void TestSlotSpec::refusesEveryFlippedBit()
{
    const QByteArray whole = specOf({"program=/bin/x", "arg=1", "env=A=B", "max_size=100"});
    SlotSpec spec;
    for (qsizetype bit = 0; bit < whole.size() * 8; ++bit) {
        QByteArray damaged = whole;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
        QVERIFY(!parse(damaged, spec));
    }
}

QTEST_GUILESS_MAIN(TestSlotSpec)
#include "tst_slotspec.moc"
