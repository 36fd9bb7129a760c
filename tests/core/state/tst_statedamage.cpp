// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/state/schema.h"
#include "tests/core/state/stateexamples.h"

#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTemporaryDir>

using namespace pmdaemon;
using namespace pmdaemon::stateexamples;
using namespace Qt::Literals::StringLiterals;

class TestStateDamage : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();

    void opensEachReleasedVersion_data();
    void opensEachReleasedVersion();
    void makesWhatTheNewestFixtureHolds();
    void keepsADatabaseFromTheFutureAside();
    void keepsADamagedDatabaseAsideAndStaysInSafeMode();
    void restoresTheBackup();
    void theBackupHasWhatWasSavedLast();
    void restoresNoBackupUnderARunningStore();
    void restoresNoBackupThatIsDamaged();
    void isInSafeModeWhenTheDatabaseIsGone();
    void keepsALogWithoutItsDatabaseAside();
    void inspectingChangesNothing_data();
    void inspectingChangesNothing();
    void keepsProcessesWhenThePastIsDamaged();
    void losesNothingToAnyDamage();

private:
    void putDatabase(const QByteArray &bytes);
    void tryDamage(const QByteArray &bytes);
    QString home() const { return m_home->path(); }
    QString database() const { return home() + "/state.db"_L1; }

    std::unique_ptr<QTemporaryDir> m_home;
    QList<StoredProcess> m_processes;
    QByteArray m_sound; ///< a database that holds them
    QMap<QByteArray, int> m_outcomes;
};

void TestStateDamage::initTestCase()
{
    init();
    auto store = openStore(home());
    StateChange change;
    for (int i = 0; i < 12; ++i)
        change.put(i == 5 ? fullProcess(i) : process(i));
    m_processes.clear();
    for (const auto &process : std::as_const(change.processes))
        m_processes.append(*process);
    for (int i = 0; i < 60; ++i)
        change.events.append(crash(i, i % 5));
    for (int i = 0; i < 20; ++i) {
        MetricsMinute minute;
        minute.time = WallTime(wallNow() - std::chrono::minutes(i));
        for (int id = 0; id < 12; ++id)
            minute.processes.append({ProcessId(id), {1, 2, 3}, {4'000'000, 5'000'000, 6'000'000}});
        change.metrics.append(minute);
    }
    QVERIFY(answer(store->save(change)));
    QVERIFY(answer(store->takeSnapshot(u"one"_s, at(1))));
    store.reset();
    m_sound = contents(database());
    QVERIFY(m_sound.size() > 10 * 4096);
}

void TestStateDamage::init()
{
    // In memory where that is possible: thousands of stores are made here, each on the disk at
    // once.
    const QString shared = u"/dev/shm"_s;
    const QString folder = QFileInfo(shared).isWritable() ? shared : QDir::tempPath();
    m_home = std::make_unique<QTemporaryDir>(folder + "/tst_statedamage-XXXXXX"_L1);
    QVERIFY(m_home->isValid());
}

/// Nothing but this one.
void TestStateDamage::putDatabase(const QByteArray &bytes)
{
    for (const QString &name : filesIn(home()))
        QVERIFY(QFile::remove(home() + u'/' + name));
    QVERIFY(write(database(), bytes));
}

void TestStateDamage::opensEachReleasedVersion_data()
{
    QTest::addColumn<int>("version");
    for (int version = 1; version <= schemaVersion(); ++version)
        QTest::addRow("%d", version) << version;
}

namespace {

/// What `sqlite3 state.db .dump` printed, as a database.
Result<void> restoreDump(const QString &dump, const QString &path)
{
    return Database::open(path).and_then([&dump](std::unique_ptr<Database> &&database) {
        Result<void> done = database->settle();
        const QStringList statements = QString::fromUtf8(contents(dump)).split(u";\n"_s);
        for (int i = 0; i < statements.size() && done; ++i) {
            if (!statements[i].isEmpty())
                done = database->run(statements[i]);
        }
        return done;
    });
}

QString fixture(int version)
{
    return QStringLiteral(PMDAEMON_STATE_FIXTURES "/state-v%1.sql").arg(version);
}

/// What sqlite_schema says.
QStringList tables(const QString &path)
{
    QStringList statements;
    const auto database = Database::open(path);
    const Result<void> read = (*database)->settle().and_then([&] {
        return (*database)->forEach(u"SELECT sql FROM sqlite_schema ORDER BY name"_s, {},
                                    [&](const Statement &row) { statements.append(row.text(0)); });
    });
    return read ? statements : QStringList(read.error().message);
}

} // namespace

void TestStateDamage::opensEachReleasedVersion()
{
    QFETCH(int, version);
    const Result<void> restored = restoreDump(fixture(version), database());
    QVERIFY2(restored, qPrintable(errorOf(restored)));
    const auto store = openStore(home());
    QVERIFY(store);
    QCOMPARE(safeModeOf(*store), QString());
    const StoredState state = store->load();
    QList<StoredProcess> expected{process(0), fullProcess(1)};
    if (version < 2)
        expected[1].health = HealthStatus::Unknown;
    QCOMPARE(state.processes, expected);
    QCOMPARE(state.nextId, 9);
    QCOMPARE(*answer(store->snapshot(u"first"_s)), expected);
    QVERIFY(answer(store->save(removal(1))));
}

void TestStateDamage::makesWhatTheNewestFixtureHolds()
{
    QVERIFY(openStore(home()));
    const QStringList made = tables(database());
    const QString other = home() + "/fixture.db"_L1;
    QVERIFY(restoreDump(fixture(schemaVersion()), other));
    QCOMPARE(made, tables(other));
}

void TestStateDamage::keepsADatabaseFromTheFutureAside()
{
    putDatabase(m_sound);
    {
        const auto newer = Database::open(database());
        QVERIFY((*newer)->settle());
        QVERIFY((*newer)->run(u"PRAGMA user_version = 99"_s));
    }
    const QByteArray bytes = contents(database());
    const auto store = openStore(home());
    QVERIFY(store->safeMode());
    QCOMPARE(toString(store->safeMode()->why), toString(SafeMode::Why::Future));
    QVERIFY(store->safeMode()->detail.contains("99"_L1));
    QVERIFY(store->safeMode()->file.startsWith(database() + ".future-"_L1));
    QCOMPARE(contents(store->safeMode()->file), bytes);
}

void TestStateDamage::keepsADamagedDatabaseAsideAndStaysInSafeMode()
{
    putDatabase(m_sound);
    QVERIFY(answer(openStore(home())->events({}))); // sound: it is backed up
    const QByteArray backup = contents(database() + ".backup"_L1);
    QVERIFY(!backup.isEmpty());
    QVERIFY(write(database(), m_sound.first(5'000)));
    QString file;
    for (int round = 0; round < 3; ++round) {
        const auto store = openStore(home());
        QVERIFY(store->safeMode());
        QCOMPARE(store->load().processes.size(), round); // it is a store all the same
        StateChange change;
        change.put(process(round));
        QVERIFY(answer(store->save(change)));
        file = store->safeMode()->file;
        QVERIFY(file.startsWith(database() + ".damaged-"_L1));
        QCOMPARE(contents(file), m_sound.first(5'000));
        const QString words = describe(*store->safeMode());
        QVERIFY2(words.contains(file), qPrintable(words));
        QVERIFY2(words.contains(database() + ".backup"_L1), qPrintable(words));
        QVERIFY(store->safeMode()->backupTime);
    }
    QCOMPARE(contents(database() + ".backup"_L1), backup);
    {
        const auto store = openStore(home());
        QVERIFY(answer(store->leaveSafeMode()));
        QVERIFY(!store->safeMode());
    }
    QVERIFY(!openStore(home())->safeMode());
    QVERIFY(QFile::exists(file));
}

void TestStateDamage::restoresTheBackup()
{
    putDatabase(m_sound);
    QVERIFY(answer(openStore(home())->events({})));
    QVERIFY(write(database(), m_sound.first(5'000)));
    QVERIFY(openStore(home())->safeMode());
    const Result<void> restored = StateStore::restoreBackup(home());
    QVERIFY2(restored, qPrintable(errorOf(restored)));
    const auto store = openStore(home());
    QVERIFY(!store->safeMode());
    const StoredState state = store->load();
    QCOMPARE(state.processes, m_processes);
    QCOMPARE(state.nextId, 12);
    QCOMPARE(*answer(store->snapshot(u"one"_s)), m_processes);
    QCOMPARE(filesIn(home()).filter(u"replaced-"_s).size(), 1);
    QCOMPARE(filesIn(home()).filter(u"new"_s), QStringList());
}

void TestStateDamage::theBackupHasWhatWasSavedLast()
{
    {
        const auto store = openStore(home());
        QVERIFY(answer(store->events({}))); // its first backup is made, of nothing
        StateChange change;
        change.put(process(3));
        QVERIFY(answer(store->save(change)));
    }
    QVERIFY(write(database(), "no database"));
    QVERIFY(StateStore::restoreBackup(home()));
    QCOMPARE(openStore(home())->load().processes, QList<StoredProcess>{process(3)});
}

void TestStateDamage::restoresNoBackupUnderARunningStore()
{
    QCOMPARE(toString(StateStore::restoreBackup(home()).error().code),
             toString(ErrorCode::NotFound));
    const auto store = openStore(home());
    QVERIFY(answer(store->events({})));
    QCOMPARE(toString(StateStore::restoreBackup(home()).error().code),
             toString(ErrorCode::AlreadyRunning));
}

void TestStateDamage::restoresNoBackupThatIsDamaged()
{
    putDatabase(m_sound);
    QVERIFY(write(database() + ".backup"_L1, m_sound.first(5'000)));
    QVERIFY(!StateStore::restoreBackup(home()));
    const auto store = openStore(home());
    QVERIFY(!store->safeMode());
    QCOMPARE(store->load().processes, m_processes);
}

void TestStateDamage::isInSafeModeWhenTheDatabaseIsGone()
{
    putDatabase(m_sound);
    QVERIFY(answer(openStore(home())->events({})));
    const QByteArray backup = contents(database() + ".backup"_L1);
    QVERIFY(QFile::remove(database()));
    const auto store = openStore(home());
    QVERIFY(store->safeMode());
    QCOMPARE(toString(store->safeMode()->why), toString(SafeMode::Why::Missing));
    QVERIFY(answer(store->events({})));
    QCOMPARE(contents(database() + ".backup"_L1), backup);
}

void TestStateDamage::inspectingChangesNothing_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("why"); // empty = sound
    QTest::newRow("sound") << m_sound << QString();
    QTest::newRow("cut") << m_sound.first(5'000) << u"damaged"_s;
    QTest::newRow("no database") << "no database"_ba << u"damaged"_s;
    QTest::newRow("gone") << QByteArray() << u"missing"_s;
}

void TestStateDamage::inspectingChangesNothing()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, why);
    QVERIFY(!*StateStore::inspect(home())); // there never was anything
    QCOMPARE(filesIn(home()), QStringList());
    putDatabase(m_sound);
    QVERIFY(answer(openStore(home())->events({}))); // it is backed up
    QVERIFY(QFile::remove(database()));
    if (!bytes.isEmpty())
        QVERIFY(write(database(), bytes));
    const QStringList before = filesIn(home());

    const Result<std::optional<SafeMode>> found = StateStore::inspect(home());
    QVERIFY2(found, qPrintable(errorOf(found)));
    QCOMPARE(*found ? QString(toString((*found)->why)) : QString(), why);
    QCOMPARE(filesIn(home()), before);
    QCOMPARE(bytes.isEmpty() ? QByteArray() : contents(database()), bytes);
    if (!why.isEmpty())
        QCOMPARE((*found)->backup, database() + ".backup"_L1);
}

void TestStateDamage::keepsALogWithoutItsDatabaseAside()
{
    QVERIFY(write(database() + "-wal"_L1, "committed, once"));
    const auto store = openStore(home());
    QVERIFY(store->safeMode());
    QCOMPARE(contents(store->safeMode()->file + "-wal"_L1), QByteArray("committed, once"));
}

void TestStateDamage::keepsProcessesWhenThePastIsDamaged()
{
    putDatabase(m_sound);
    QByteArray bytes = m_sound;
    // The figures fill the last pages.
    for (qsizetype i = bytes.size() - 4096; i < bytes.size(); i += 7)
        bytes[i] = 'x';
    QVERIFY(write(database(), bytes));
    {
        const auto store = openStore(home());
        QSignalSpy lost(store.get(), &StateStore::historyLost);
        QVERIFY(!store->safeMode());
        QCOMPARE(store->load().processes, m_processes);
        QVERIFY(lost.wait());
        const Error error = lost.constFirst().constFirst().value<Error>();
        QCOMPARE(contents(error.details["file"_L1].toString()), bytes);
        QVERIFY(answer(store->save(removal(0))));
    }
    const auto store = openStore(home());
    QSignalSpy lost(store.get(), &StateStore::historyLost);
    QVERIFY(!store->safeMode());
    QCOMPARE(store->load().processes, m_processes.mid(1));
    QVERIFY(answer(store->events({})));
    QCoreApplication::processEvents();
    QVERIFY(lost.isEmpty());
}

/// Either all that was acknowledged is there, or the file is, as it was, under another name.
void TestStateDamage::tryDamage(const QByteArray &bytes)
{
    putDatabase(bytes);
    const auto store = openStore(home());
    QVERIFY(store);
    bool lost = false;
    QObject::connect(store.get(), &StateStore::historyLost, [&lost](const Error &error) {
        lost = QFile::exists(error.details["file"_L1].toString());
    });
    const StoredState state = store->load();
    if (store->safeMode()) {
        QVERIFY(state.processes.isEmpty());
        QCOMPARE(contents(store->safeMode()->file), bytes);
    } else {
        QCOMPARE(state.processes, m_processes);
        QCOMPARE(state.nextId, 12);
    }
    StateChange change;
    change.put(process(12));
    change.events.append(crash(1));
    const Result<void> saved = answer(store->save(change));
    QVERIFY2(saved, qPrintable(errorOf(saved)));
    QCoreApplication::processEvents();
    ++m_outcomes[store->safeMode() ? "safe mode" : lost ? "past lost" : "sound"];
}

void TestStateDamage::losesNothingToAnyDamage()
{
    const quint32 seed = QRandomGenerator::global()->generate();
    QRandomGenerator random(seed);
    for (int variant = 0; variant < 2'000; ++variant) {
        QByteArray bytes = m_sound;
        const qsizetype size = bytes.size();
        switch (variant % 4) {
        case 0: // cut at each page, or anywhere
            bytes.truncate(variant % 8 == 0 ? variant / 8 % (size / 4096) * 4096
                                            : random.bounded(size) + 1);
            break;
        case 1: // one bit, anywhere
            bytes[random.bounded(size)] ^= char(1 << random.bounded(8));
            break;
        case 2: // five bits of each byte of the header
            bytes[variant / 4 % 100] ^= char(1 << variant / 400);
            break;
        default: // a stretch of zeros
            const qsizetype from = random.bounded(size - 600);
            std::fill_n(bytes.data() + from, random.bounded(1, 600), '\0');
        }
        if (bytes.isEmpty())
            bytes = "x";
        tryDamage(bytes);
        if (QTest::currentTestFailed()) {
            qWarning("seed %u, variant %d", seed, variant);
            return;
        }
    }
    for (auto it = m_outcomes.cbegin(); it != m_outcomes.cend(); ++it)
        qInfo("%s: %d", it.key().constData(), it.value());
}

QTEST_GUILESS_MAIN(TestStateDamage)
#include "tst_statedamage.moc"
