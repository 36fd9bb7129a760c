// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "tests/core/state/stateexamples.h"

#include <QSignalSpy>
#include <QTemporaryDir>

#include <cerrno>
#include <cstring>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

using namespace pmdaemon;
using namespace pmdaemon::stateexamples;
using namespace Qt::Literals::StringLiterals;

/// On a small file system of its own, in a mount namespace of its own.
class TestStateFull : public QObject
{
    Q_OBJECT

public:
    /// Nothing, or why there is no namespace.
    static QByteArray enterNamespace();
    QByteArray whyNot;

private slots:
    void init();
    void cleanup();

    void keepsTheOldStateAndStoresTheNewOneWhenThereIsRoom();
    void opensAndReadsOnAFullDisk();
    void tellsThatThereIsNoRoomForANewStore();
    void makesAWholeStoreOrNone_data();
    void makesAWholeStoreOrNone();
    void keepsADamagedDatabaseOnAFullDisk();

private:
    void fill();
    void makeRoom() { QVERIFY(QFile::remove(home() + "/ballast"_L1)); }
    QString home() const { return m_home->path(); }

    std::unique_ptr<QTemporaryDir> m_home;
};

QByteArray TestStateFull::enterNamespace()
{
    const int flags = ::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER;
    if (::unshare(flags) != 0)
        return QByteArray("no mount namespace: ") + std::strerror(errno);
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        return QByteArray("no private mounts: ") + std::strerror(errno);
    return {};
}

void TestStateFull::init()
{
    if (!whyNot.isEmpty())
        QSKIP(whyNot.constData());
    m_home = std::make_unique<QTemporaryDir>();
    const QByteArray path = QFile::encodeName(home());
    QCOMPARE(::mount("none", path.constData(), "tmpfs", 0, "size=256k"), 0);
}

void TestStateFull::cleanup()
{
    if (m_home)
        ::umount2(QFile::encodeName(home()).constData(), MNT_DETACH);
}

/// To the last byte.
void TestStateFull::fill()
{
    QFile ballast(home() + "/ballast"_L1);
    QVERIFY(ballast.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    while (ballast.write(QByteArray(4096, 'b')) > 0) {
    }
}

void TestStateFull::keepsTheOldStateAndStoresTheNewOneWhenThereIsRoom()
{
    auto store = openStore(home());
    QSignalSpy failed(store.get(), &StateStore::failed);
    QSignalSpy recovered(store.get(), &StateStore::recovered);
    StateChange first;
    first.put(process(0));
    first.events.append(crash(0));
    QVERIFY(answer(store->save(first)));
    fill();

    QList<Reply<void>> replies;
    for (int i = 1; i <= 200; ++i) {
        StateChange change;
        StoredProcess big = process(i);
        big.spec.env.insert(u"BIG"_s, QString(200, u'x'));
        change.put(big);
        change.events.append(crash(i));
        replies.append(store->save(change));
    }
    const Result<void> full = answer(replies.last());
    QVERIFY(!full);
    QCOMPARE(toString(full.error().code), toString(ErrorCode::StorageFull));
    QVERIFY2(full.error().message.contains("make room"_L1), qPrintable(full.error().message));
    QTRY_COMPARE(failed.size(), 1);
    QCOMPARE(answer(store->events({}))->events.last(), first.events[0]); // still readable
    QCOMPARE(toString(answer(store->takeSnapshot(u"x"_s, at(0))).error().code),
             toString(ErrorCode::StorageFull));
    QVERIFY(recovered.isEmpty());

    makeRoom();
    QVERIFY(recovered.wait(10'000)); // by itself
    QCOMPARE(failed.size(), 1);
    EventQuery query;
    query.limit = 1'000;
    const QList<ProcessEvent> events = answer(store->events(query))->events;
    QCOMPARE(events.size(), 201);
    QCOMPARE(events.constFirst().details["number"_L1].toInt(), 200);
    store.reset();
    store = openStore(home());
    QVERIFY(!store->safeMode());
    QCOMPARE(store->load().processes.size(), 201);
}

void TestStateFull::opensAndReadsOnAFullDisk()
{
    StateChange change;
    change.put(process(0));
    QVERIFY(answer(openStore(home())->save(change)));
    fill();
    const auto store = StateStore::open(home());
    QVERIFY2(store, qPrintable(errorOf(store)));
    QVERIFY(!(*store)->safeMode());
    QCOMPARE((*store)->load().processes, QList<StoredProcess>{process(0)});
    QVERIFY(answer((*store)->events({})));
}

void TestStateFull::tellsThatThereIsNoRoomForANewStore()
{
    fill();
    const auto store = StateStore::open(home());
    QVERIFY(!store);
    QCOMPARE(toString(store.error().code), toString(ErrorCode::StorageFull));
    makeRoom();
    const auto later = StateStore::open(home());
    QVERIFY2(later, qPrintable(errorOf(later)));
    QVERIFY(!(*later)->safeMode());
}

void TestStateFull::makesAWholeStoreOrNone_data()
{
    QTest::addColumn<int>("room");
    for (int room = 4; room <= 160; room += 4)
        QTest::addRow("%d KiB", room) << room;
}

void TestStateFull::makesAWholeStoreOrNone()
{
    QFETCH(int, room);
    fill();
    QFile ballast(home() + "/ballast"_L1);
    QVERIFY(ballast.resize(ballast.size() - room * 1'024));
    {
        const auto store = StateStore::open(home());
        QVERIFY(store || store.error().code == ErrorCode::StorageFull);
        if (store)
            answer((*store)->events({})); // with or without a backup
    }
    QCOMPARE(filesIn(home()).filter(u"new"_s), QStringList());
    makeRoom();
    const auto store = openStore(home());
    QCOMPARE(safeModeOf(*store), QString());
}

void TestStateFull::keepsADamagedDatabaseOnAFullDisk()
{
    const QByteArray damaged(5'000, 'd');
    QVERIFY(write(home() + "/state.db"_L1, damaged));
    fill();
    QVERIFY(!StateStore::open(home()));
    makeRoom();
    const auto store = StateStore::open(home());
    QVERIFY2(store, qPrintable(errorOf(store)));
    QVERIFY((*store)->safeMode());
    const QStringList kept = filesIn(home()).filter(u"damaged-"_s);
    QCOMPARE(kept.size(), 1);
    QCOMPARE(contents(home() + u'/' + kept[0]), damaged);
}

int main(int argc, char **argv)
{
    // Before there is a second thread.
    const QByteArray whyNot = TestStateFull::enterNamespace();
    QCoreApplication app(argc, argv);
    TestStateFull test;
    test.whyNot = whyNot;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_statefull.moc"
